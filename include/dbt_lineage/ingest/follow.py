"""Run the ingestion as a service: one pass for each burst of lineage, for installations with lineage all day long."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.liveness import SignOfLife
from dbt_lineage.core.settings import IngestionSettings
from dbt_lineage.ingest.arrivals import Arrivals, Burst
from dbt_lineage.kafka.topics import BrokerError

if TYPE_CHECKING:
    from dbt_lineage.ingest.ingestion import Ingested, Ingestion

# The service's status file, in the spool's folder.
SIGN_OF_LIFE = "ingestion.json"
_LOOK_SECONDS = 0.2
# A failed pass is retried after this time.
_PAUSE_SECONDS = 5.0
# Between two passes the service rests this many times as long as the first one took, so that dbt has the machine.
_REST = 4
_MAX_REST_SECONDS = 5.0
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
                with closing(Arrivals(ingestion.kafka, ingestion.group, ingestion.progress)) as arrivals:
                    for done in _passes(ingestion, arrivals, timing, stop):
                        log.info("%s", done)
                        told = ""
            except ExpectedError as error:
                if str(error) != told:
                    log.error("%s", error)
                told = str(error)
                stop.wait(_BROKER_PAUSE_SECONDS if isinstance(error, BrokerError) else _PAUSE_SECONDS)


def _passes(
    ingestion: "Ingestion", arrivals: Arrivals, timing: IngestionSettings, stop: threading.Event
) -> "Iterator[Ingested]":
    """One pass for each burst, until it is time for a retry or ``stop`` is set. Raises what a pass raises, and BrokerError."""
    not_before = 0.0
    while _burst(arrivals, timing, not_before, stop):
        began = time.monotonic()
        yield ingestion.run()
        ended = time.monotonic()
        not_before = ended + min(_REST * (ended - began), _MAX_REST_SECONDS)
        arrivals.start_over()


def _burst(arrivals: Arrivals, timing: IngestionSettings, not_before: float, stop: threading.Event) -> int:
    """Wait for a burst. Raises BrokerError.

    Args:
        arrivals: what arrives.
        timing: the length of a burst, and when unverified events are retried.
        not_before: the end of the rest after the last pass, by ``time.monotonic``.
        stop: ends the wait.

    Returns:
        The number of its events; 0 when it is time for a retry, or ``stop`` is set.
    """
    burst, now = Burst(timing.quiet_seconds, timing.max_wait_seconds), time.monotonic()
    until = now + timing.retry_seconds
    while now < until and (now < not_before or not burst.is_over(now)):
        burst.add(arrivals.take())
        if stop.wait(_LOOK_SECONDS):
            return 0
        now = time.monotonic()
    return burst.count
