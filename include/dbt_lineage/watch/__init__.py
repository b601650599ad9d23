"""Checks of the lineage, alerts about broken promises, and the health of all parts."""
