"""Lineage that can be proved: the library behind the DAGs. Plain Python, never imports airflow."""
