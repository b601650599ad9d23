"""A query."""

ONE = "select 1"
