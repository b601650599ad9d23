"""Superset: dashboards as code, and a refresh that proves what people see."""
