"""Start ingestions when lineage arrives in Kafka, from the triggerer."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from dbt_lineage.core import settings

if TYPE_CHECKING:
    from dbt_lineage.ingest.arrivals import Arrivals

# How often new events are looked for, and the pause before an unreachable broker is retried. Seconds.
LOOK_SECONDS = 0.2
PAUSE_SECONDS = 1.0


class LineageArrivesTrigger(BaseEventTrigger):
    """Fires once for each burst of lineage events in the events topic, and for what an ingestion has left over.

    The Kafka trigger of Airflow's provider fires for each message, then ends and joins its consumer group again. It also
    commits before the trigger event is stored, so an event is lost if the triggerer crashes in between. This trigger has
    no offsets of its own: it reads the ingestion's. After a restart, and ``retry_seconds`` after the last burst, it
    starts again at those offsets.

    Args:
        quiet_seconds: a burst is over when nothing has arrived for this long.
        max_wait_seconds: a burst is over when its first event has waited this long.
        retry_seconds: how long after the last burst the trigger looks for events that were left over.
    """

    def __init__(self, quiet_seconds: float, max_wait_seconds: float, retry_seconds: float) -> None:
        super().__init__()
        self.quiet_seconds = quiet_seconds
        self.max_wait_seconds = max_wait_seconds
        self.retry_seconds = retry_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The path of this class, and its arguments."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "quiet_seconds": self.quiet_seconds,
                "max_wait_seconds": self.max_wait_seconds,
                "retry_seconds": self.retry_seconds,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire for each burst, without end. While the broker is unreachable there are none."""
        from dbt_lineage.ingest.arrivals import Arrivals
        from dbt_lineage.ingest.ledger_updates import LedgerProgress
        from dbt_lineage.kafka.topics import BrokerError

        kafka, group = settings.kafka(), settings.ingestion().consumer_group
        progress = LedgerProgress.from_environment()
        told = ""
        while True:
            try:
                # A thread of its own, since asgiref's shared thread must be free for the tasks of dbt's nodes.
                arrivals = await asyncio.to_thread(Arrivals, kafka, group, progress)
                try:
                    async for count in self._bursts(arrivals):
                        told = ""
                        yield TriggerEvent({"events": count})
                finally:
                    await asyncio.to_thread(arrivals.close)
            except BrokerError as error:
                if str(error) != told:
                    self.log.warning("arriving lineage cannot be read from Kafka: %s", error)
                told = str(error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _bursts(self, arrivals: "Arrivals") -> AsyncIterator[int]:
        """The number of events in each burst, until no burst has come for ``retry_seconds``."""
        from dbt_lineage.ingest.arrivals import Burst

        burst = Burst(self.quiet_seconds, self.max_wait_seconds)
        since = time.monotonic()
        while time.monotonic() - since < self.retry_seconds:
            burst.add(await asyncio.to_thread(arrivals.take))
            if burst.is_over(time.monotonic()):
                yield burst.count
                burst, since = Burst(self.quiet_seconds, self.max_wait_seconds), time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)
