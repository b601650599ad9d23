"""What Airflow sees: operators and callbacks that adapt ``include`` to it."""
