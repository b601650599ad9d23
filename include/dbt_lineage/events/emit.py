"""Emit events with OpenLineage's own client and its configured transport."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import RunEvent

from dbt_lineage.spool.transport import SpoolTransport


def emit_all(events: Iterable[RunEvent]) -> None:
    """Emit events, with one write to disk where the transport is the spool's.

    Args:
        events: the events, in the order in which they happened.

    Raises:
        SpoolError: the disk refused. None of them is in the spool then.
    """
    client = OpenLineageClient()
    with together(client):
        for event in events:
            client.emit(event)


def together(client: OpenLineageClient) -> AbstractContextManager[None]:
    """Make all events that the client emits inside durable with one write to disk, where it emits into the spool.

    Args:
        client: the client.
    """
    return client.transport.together() if isinstance(client.transport, SpoolTransport) else nullcontext()
