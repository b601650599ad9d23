"""The routes of the lineage page."""
