"""The ingestion, as the operator runs it: ``python -m stack.chaos.ingestion``, a process to be killed.

Each line of its input asks for a pass; each line of its output says how one ended.
"""

import logging
import os
import sys

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.ingest.from_settings import project_ingestion

DONE = 0
# sysexits.h: a temporary failure; the task would fail and be tried again.
AGAIN = 75


def main() -> None:
    """Serve until the input ends."""
    # What is logged must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for _ in sys.stdin:
        answers.write(f"{one_pass()}\n")


def one_pass() -> int:
    """One pass: ``DONE`` when all is settled, ``AGAIN`` when there is more to do."""
    try:
        logging.info("%s", project_ingestion().run())
    except ExpectedError as error:
        logging.warning("again: %s", error)
        return AGAIN
    return DONE


if __name__ == "__main__":
    main()
