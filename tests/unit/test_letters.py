"""Which dead letters the ingestion tells the ledger of."""

import pytest
from confluent_kafka import Message

from include.openmetadata.letters import _reason


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("openlineage.events[0]@17", True),
        # The events topic had it no more, so that its letter was written from the curated one.
        ("openlineage.lineage[2]@3", True),
        ("spool worker-1 4711", False),
        ("", False),
    ],
)
def test_those_that_were_in_a_topic(source: str, told: bool) -> None:
    headers = [("event_id", b"an id"), ("reason", b"why"), ("source", source.encode())]
    letter = Message(topic="openlineage.events.dlq", partition=0, offset=0, value=b"{}", headers=headers)
    assert _reason(letter) == (("an id", "why") if told else None)
