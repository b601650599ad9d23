"""Prints the seconds that Airflow takes to read one DAG file, once Airflow itself is imported: ``FILE``."""

import sys
import time

from airflow.dag_processing.dagbag import DagBag


def main(file: str) -> float:
    """Read the file; returns seconds. Raises RuntimeError with what went wrong when it holds no DAG."""
    started = time.monotonic()
    bag = DagBag(dag_folder=file)
    seconds = time.monotonic() - started
    if bag.import_errors or len(bag.dags) != 1:
        raise RuntimeError(f"{file} holds {len(bag.dags)} DAGs: {bag.import_errors}")
    return seconds


if __name__ == "__main__":
    print(main(sys.argv[1]))
