"""What Airflow calls a machine of ``celery.py``; several of them are one host."""

import os


def machine_name() -> str:
    """Its name."""
    return os.environ["MACHINE_NAME"]
