"""Run the ingestion as a service: one pass for each burst of lineage, for installations with lineage all day long."""

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

# The service's status file, in the spool's folder.
SIGN_OF_LIFE = "ingestion.json"
_LOOK_SECONDS = 0.2
# A failed pass is retried after this time.
_PAUSE_SECONDS = 5.0
# An unreachable broker, or one without topics, is retried after this time.
_BROKER_PAUSE_SECONDS = 1.0

log = logging.getLogger(__name__)


def follow(ingestion: "Ingestion", timing: IngestionSettings, folder: Path, stop: threading.Event) -> None:
    """Ingest bursts until ``stop`` is set. A failure is retried, and logged once while it stays the same.

    Args:
        ingestion: run for each burst.
        timing: the length of a burst, and when unverified events are retried.
        folder: the folder of the status file.
        stop: once set, the function returns after the pass under way.
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
    """Wait for a burst, or for the time of the next retry, and run a pass. Raises what a pass raises, and BrokerError."""
    arrivals = Arrivals(ingestion.kafka, ingestion.group, ingestion.progress)
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
