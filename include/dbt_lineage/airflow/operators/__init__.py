"""Operators, one file for each service."""
