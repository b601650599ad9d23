"""The ledger: how far each event has come, from the spool to the catalogue. Losing it loses no lineage."""
