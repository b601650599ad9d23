"""The ledger's account of runs on a real PostgreSQL: how far each is, by the last end of each model."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ledger.run_events import Counted, RunLedger
from dbt_lineage.spool.facts import Acknowledgement, event_facts

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Told:
    """Events as an emitter and the relay tell the ledger of them; each is some seconds later than the one before."""

    def __init__(self, ledger: RunLedger) -> None:
        self._ledger = ledger
        self._topic = f"events-{uuid4()}"
        self._count = 0

    def event(self, root: str, job: str, kind: str, read_back: bool = False) -> str:
        """One event of a job; its id."""
        at = NOW + timedelta(seconds=self._count)
        run = {"runId": str(uuid4()), "facets": {"parent": {"root": {"run": {"runId": root}}}}}
        body = {
            "eventType": kind,
            "eventTime": at.isoformat(),
            "job": {"namespace": "jaffle_shop", "name": job},
            "run": run,
        }
        facts = event_facts(str(uuid4()), json.dumps(body).encode(), at)
        self._ledger.emitted([facts])
        self._ledger.acknowledged([Acknowledgement(facts.event_id, self._topic, self._count, 0, at, None)])
        if read_back:
            self._ledger.verified(self._topic, {self._count: 1})
        self._count += 1
        return facts.event_id


@pytest.fixture
def ledger(store: LedgerSettings) -> Iterator[RunLedger]:
    with RunLedger(store) as opened:
        yield opened


def test_a_run_is_counted_by_the_last_end_of_each_model(ledger: RunLedger) -> None:
    told = Told(ledger)
    first, again, other, empty = (str(uuid4()) for _ in range(4))
    told.event(first, "model.shop.orders", "START", read_back=True)
    told.event(first, "model.shop.orders", "COMPLETE", read_back=True)
    told.event(first, "seed.shop.raw", "COMPLETE", read_back=True)
    told.event(first, "snapshot.shop.kept", "FAIL", read_back=True)
    told.event(first, "test.shop.not_null", "COMPLETE", read_back=True)
    # Cleared, and built again under another root run: that is not read back yet.
    told.event(again, "model.shop.orders", "COMPLETE")
    told.event(other, "model.shop.orders", "COMPLETE", read_back=True)
    runs = {first: "monday", again: "monday", other: "tuesday", empty: "wednesday"}
    assert ledger.counted(runs) == {"monday": Counted(3, 2), "tuesday": Counted(1, 1)}


def test_no_run_is_counted_where_none_is_named(ledger: RunLedger) -> None:
    assert ledger.counted({}) == {}


def test_the_ends_of_nodes_are_by_time_and_without_tests(ledger: RunLedger) -> None:
    told, root = Told(ledger), str(uuid4())
    told.event(root, "model.shop.orders", "START")
    failed = told.event(root, "model.shop.orders", "FAIL")
    told.event(root, "test.shop.not_null", "COMPLETE")
    done = told.event(root, "model.shop.orders", "COMPLETE")
    assert [each.event_id for each in ledger.ends_of_nodes([root])] == [failed, done]
    assert len(ledger.of_runs([root])) == 4
