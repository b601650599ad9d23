"""The ledger: how far each event has come. Losing it loses no lineage."""
