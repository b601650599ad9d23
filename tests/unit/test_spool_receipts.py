"""Receipts have room of their own: a ledger that is away for days costs no event, and no receipt without a trace."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dbt_lineage.core.levels import Level
from dbt_lineage.core.settings import CheckSettings, SpoolSettings
from dbt_lineage.spool.errors import SpoolFull
from dbt_lineage.spool.spool import Receipt, Spool
from dbt_lineage.watch.checks import waiting as lag
from dbt_lineage.watch.checks.results import Result

MIB = 1 << 20
ALL = (1 << 30, 1 << 40)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def emitter(folder: Path) -> Spool:
    return Spool(folder, MIB)


@pytest.fixture
def relay(folder: Path) -> Spool:
    return Spool(folder, MIB, bounded=False)


def event(number: int) -> bytes:
    return json.dumps({"number": number, "text": "x" * 4000}).encode()


def receipt(offset: int, size: int = 500, topic: str = "events", partition: int = 0) -> Receipt:
    return Receipt(f"id-{topic}-{partition}-{offset}", "x" * size, topic, partition, offset, NOW.isoformat(), None)


def filled(spool: Spool, first: int = 0) -> int:
    """How many events it takes until it is full."""
    kept = 0
    while kept < 10_000:
        try:
            spool.put(event(first + kept))
        except SpoolFull:
            return kept
        kept += 1
    raise AssertionError("it is never full")


def results_of(folder: Path, **allowed: float) -> dict[str, Result]:
    settings = SpoolSettings(dir=folder, max_bytes=MIB)
    return {result.subject: result for result in lag.of_spool(settings, CheckSettings(**allowed), NOW)}


@pytest.mark.parametrize("sizes", [(40,), (500,), (2100,), (4100,), (22_000,), (40, 500, 3900, 9000)])
def test_receipts_of_any_size_take_no_room_of_the_events(
    folder: Path, tmp_path: Path, emitter: Spool, relay: Spool, sizes: Sequence[int]
) -> None:
    room = filled(Spool(tmp_path / "another", MIB))
    dice = random.Random(3)  # noqa: S311 - no secret
    for number in range(0, 5000, 50):
        relay.settle([], [receipt(offset, dice.choice(sizes)) for offset in range(number, number + 50)])
    assert filled(emitter) >= room > 100
    assert len(emitter.waiting(*ALL)) >= room


def test_a_ledger_that_is_away_for_days_never_stops_emit(emitter: Spool, relay: Spool) -> None:
    """Each event leaves with a receipt, many times more than all of the spool has room for."""
    for number in range(1500):
        name = emitter.put(json.dumps({"number": number}).encode())
        relay.settle([name], [receipt(number, 2000)])
    usage = relay.usage()
    assert 0 < usage.receipts_used <= usage.receipts_limit
    assert relay.file.stat().st_size <= MIB + usage.receipts_limit
    assert usage.used < MIB / 2


def test_the_oldest_receipts_make_room_and_where_their_events_are_is_kept(relay: Spool) -> None:
    for offset in range(2000):
        relay.settle([], [receipt(offset, partition=offset % 2), receipt(offset, topic="dead")])
    kept = [each for _, each in relay.receipts(10_000)]
    assert kept[-1] == receipt(1999, topic="dead")
    dropped = {(each.topic, each.partition): each for each in relay.dropped()}
    assert dropped.keys() == {("dead", 0), ("events", 0), ("events", 1)}
    assert len(kept) + sum(each.count for each in dropped.values()) == 4000
    for place, each in dropped.items():
        offsets = [one.offset for one in kept if (one.topic, one.partition) == place]
        assert 0 <= each.first < each.last < min(offsets)
    assert relay.usage().dropped == sum(each.count for each in dropped.values())


def test_what_was_dropped_is_forgotten_as_far_as_the_ledger_has_it(relay: Spool) -> None:
    relay.settle([], [receipt(offset) for offset in range(1000)])
    [before] = relay.dropped()
    relay.recovered(before, before.first + 10)
    [after] = relay.dropped()
    assert (after.first, after.last) == (before.first + 10, before.last)
    relay.settle([], [receipt(offset) for offset in range(1000, 1500)])
    relay.recovered(after, after.last + 1)
    [grown] = relay.dropped()
    assert (grown.first, grown.last > after.last) == (after.last + 1, True)
    relay.recovered(grown, grown.last + 1)
    assert relay.dropped() == []
    assert relay.usage().dropped == 0


def test_what_the_ledger_took_makes_room_again(relay: Spool) -> None:
    relay.settle([], [receipt(offset) for offset in range(100)])
    used = relay.usage().receipts_used
    relay.forget(relay.receipts(50))
    assert 0.4 * used < relay.usage().receipts_used < 0.6 * used
    relay.forget(relay.receipts(50))
    assert relay.usage().receipts_used == 0
    assert relay.dropped() == []


def test_the_checks_say_how_full_it_is_and_what_was_dropped(folder: Path, relay: Spool) -> None:
    relay.settle([], [receipt(offset) for offset in range(20)])
    assert results_of(folder)["receipts"].level is Level.OK
    assert results_of(folder, spool_warn_percent=1)["receipts"].level is Level.WARN
    relay.settle([], [receipt(offset) for offset in range(20, 2000)])
    result = results_of(folder)["receipts"]
    assert result.level is Level.WARN
    assert f"{relay.usage().dropped} dropped" in result.seen
    # Events have room: that is what the size of the spool is about.
    assert results_of(folder)["spool size"].level is Level.OK
