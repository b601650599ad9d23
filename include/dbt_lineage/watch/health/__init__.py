"""Probe the health of every part, within seconds: ``dbt-lineage health``."""
