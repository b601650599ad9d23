"""The ingestion, as the operator runs it: ``python -m stack.chaos.ingestion``, a process to be killed.

Each line of its input asks for a pass; each line of its output says how one ended. The connector is a child of its own
child, which has the package imported: that saves most of the time of a trial.
"""

import logging
import os
import sys

from include import settings
from include.kafka.topics import BrokerError
from include.openmetadata.catalogue import CatalogueError
from include.openmetadata.ingest import LineageIngestion, LineageUnverified
from include.openmetadata.progress import LedgerProgress
from include.openmetadata.runs import WarmParent
from include.openmetadata.workflows import Workflows

DONE = 0
# sysexits.h: a temporary failure; the task would fail and be tried again.
AGAIN = 75


def main() -> None:
    """Serve until the input ends."""
    # What is logged, here and in the children, must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with WarmParent(settings.openmetadata().python) as parent:
        for _ in sys.stdin:
            answers.write(f"{one_pass(parent)}\n")


def one_pass(parent: WarmParent) -> int:
    """One pass: ``DONE`` when all is verified, ``AGAIN`` when there is more to do."""
    kafka, openmetadata, warehouse = settings.kafka(), settings.openmetadata(), settings.warehouse()
    connector = parent.connector(Workflows(openmetadata, warehouse, kafka, settings.dbt()))
    progress = LedgerProgress.from_environment()
    try:
        logging.info("%s", LineageIngestion(kafka, openmetadata, warehouse.database, connector, progress).run())
    except (LineageUnverified, CatalogueError, BrokerError) as error:
        logging.warning("again: %s", error)
        return AGAIN
    return DONE


if __name__ == "__main__":
    main()
