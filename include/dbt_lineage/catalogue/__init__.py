"""Station 5: the catalogue and its ingestion."""
