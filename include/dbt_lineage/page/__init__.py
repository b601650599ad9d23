"""What the lineage page shows: graph, columns, health, receipts and effects, without Airflow."""
