"""The ingestion as a service: a pass for each burst of lineage that arrives, for those who have lineage all day long."""

import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.liveness import SignOfLife
from dbt_lineage.core.settings import IngestionSettings
from dbt_lineage.ingest.arrivals import Arrivals, Burst
from dbt_lineage.kafka.topics import BrokerError

if TYPE_CHECKING:
    from dbt_lineage.ingest.ingestion import Ingestion

# Where the service says that it is at work, in the folder of the spool.
SIGN_OF_LIFE = "ingestion.json"
_LOOK_SECONDS = 0.2
# A pass that failed is tried again after so long.
_PAUSE_SECONDS = 5.0
# A broker that is away, or has no topics yet, is looked for again after so long.
_BROKER_PAUSE_SECONDS = 1.0

log = logging.getLogger(__name__)


def follow(ingestion: "Ingestion", timing: IngestionSettings, folder: Path, stop: threading.Event) -> None:
    """Ingest bursts until told to stop. What fails is logged, once while it stays the same, and tried again.

    Args:
        ingestion: what is run for each burst.
        timing: what a burst is, and when what a pass has left is tried again.
        folder: where it says that it is at work.
        stop: once set, it returns after the pass under way.
    """
    told = ""
    with SignOfLife(folder / SIGN_OF_LIFE):
        while not stop.is_set():
            try:
                _one_pass(ingestion, timing, stop)
                told = ""
            except ExpectedError as error:
                if str(error) != told:
                    log.error("%s", error)
                told = str(error)
                stop.wait(_BROKER_PAUSE_SECONDS if isinstance(error, BrokerError) else _PAUSE_SECONDS)


def _one_pass(ingestion: "Ingestion", timing: IngestionSettings, stop: threading.Event) -> None:
    """Wait for a burst, or for the time to look anew, and run a pass. Raises what a pass raises, and BrokerError."""
    arrivals = Arrivals(ingestion.kafka, ingestion.group)
    try:
        burst, since = Burst(timing.quiet_seconds, timing.max_wait_seconds), time.monotonic()
        while time.monotonic() - since < timing.retry_seconds and not burst.is_over(time.monotonic()):
            burst.add(arrivals.take())
            if stop.wait(_LOOK_SECONDS):
                return
    finally:
        arrivals.close()
    if burst.count:
        log.info("%s", ingestion.run())
