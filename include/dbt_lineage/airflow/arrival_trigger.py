"""Starting ingestions by what arrives in Kafka, in the triggerer."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from dbt_lineage.core import settings

if TYPE_CHECKING:
    from dbt_lineage.ingest.arrivals import Arrivals

# How often is looked for what has arrived, and how long a broker that is away is left alone.
LOOK_SECONDS = 0.2
PAUSE_SECONDS = 1.0


class LineageArrivesTrigger(BaseEventTrigger):
    """Tells of each burst of lineage events in the events topic once, and of what an ingestion has left.

    The Kafka trigger of Airflow's provider tells of each message, ends with it and joins its consumer group anew. And
    it commits before the event is stored, so that what is told as the triggerer dies is never told again. This one
    keeps no offsets of its own: it looks at those of the ingestion. After a restart, and ``retry_seconds`` after the
    last burst, it looks anew.

    Args:
        quiet_seconds: a burst is over when nothing has come for so long.
        max_wait_seconds: or when its first event has waited so long.
        retry_seconds: after how long it looks anew for what was left.
    """

    def __init__(self, quiet_seconds: float, max_wait_seconds: float, retry_seconds: float) -> None:
        super().__init__()
        self.quiet_seconds = quiet_seconds
        self.max_wait_seconds = max_wait_seconds
        self.retry_seconds = retry_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Path of this class and its arguments."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "quiet_seconds": self.quiet_seconds,
                "max_wait_seconds": self.max_wait_seconds,
                "retry_seconds": self.retry_seconds,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Tell of bursts without end; while the broker is away there are none."""
        from dbt_lineage.ingest.arrivals import Arrivals
        from dbt_lineage.kafka.topics import BrokerError

        kafka, group = settings.kafka(), settings.ingestion().consumer_group
        told = ""
        while True:
            try:
                # Threads of its own: the one that asgiref shares must be free for the tasks of dbt's nodes.
                arrivals = await asyncio.to_thread(Arrivals, kafka, group)
                try:
                    async for count in self._bursts(arrivals):
                        told = ""
                        yield TriggerEvent({"events": count})
                finally:
                    await asyncio.to_thread(arrivals.close)
            except BrokerError as error:
                if str(error) != told:
                    self.log.warning("no lineage can arrive: %s", error)
                told = str(error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _bursts(self, arrivals: "Arrivals") -> AsyncIterator[int]:
        """How many events each burst has, until none has come for as long as an ingestion is given."""
        from dbt_lineage.ingest.arrivals import Burst

        burst = Burst(self.quiet_seconds, self.max_wait_seconds)
        since = time.monotonic()
        while time.monotonic() - since < self.retry_seconds:
            burst.add(await asyncio.to_thread(arrivals.take))
            if burst.is_over(time.monotonic()):
                yield burst.count
                burst, since = Burst(self.quiet_seconds, self.max_wait_seconds), time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)
