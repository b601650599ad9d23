"""What the relay keeps of events that went on without their columns, and which events need columns at all."""

import json
import random
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dbt_lineage.columns.facet import PRODUCER as OURS
from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.settings import CheckSettings, SpoolSettings
from dbt_lineage.events.run_event import FACT, RUN, parsed, says
from dbt_lineage.relay.completion import Completion, Database, follow_up_of, subject_of
from dbt_lineage.relay.salvage import salvage
from dbt_lineage.relay.validation import validated
from dbt_lineage.spool.errors import SpoolFull
from dbt_lineage.spool.facts import event_facts
from dbt_lineage.spool.follow_ups import FollowUp, FollowUps
from dbt_lineage.spool.spool import Receipt, Spool, Waiting, entry, taken
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from dbt_lineage.watch.checks.validity import Arrived, problems_of
from dbt_lineage.watch.checks.waiting import columns_age
from tests.openlineage_events import PRODUCER, body, run_event
from tests.spools import of_version_0, set_aside

MIB = 1 << 20
FACET = {"_producer": PRODUCER, "_schemaURL": f"{PRODUCER}/schema.json"}
TABLE = {"namespace": "postgres://127.0.0.1:5432", "name": "db.s.Orders"}
HERE = Database("postgres://127.0.0.1:5432", "jaffle_db")
MODEL = {"namespace": "tests", "name": "job", "facets": {"jobType": {**FACET, "jobType": "MODEL"}}}


@pytest.fixture
def completion(tmp_path: Path) -> Completion:
    return Completion([PostgresWarehouse(settings.warehouse())], SpoolSettings(dir=tmp_path))


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", 1 << 30)


def made_at(second: int, job: str = "job") -> Waiting:
    return entry(body(second, job, outputs=[TABLE], eventTime=f"2026-11-22T14:12:{second:02}+01:00"))


def keep(follow_ups: FollowUps, *events: Waiting) -> int:
    made = [follow_up for event in events if (follow_up := follow_up_of(event)) is not None]
    assert len(made) == len(events)
    return follow_ups.keep(made, [subject_of(event) for event in events])


def runs(events: list[Waiting]) -> list[str]:
    return [json.loads(each.body)["run"]["runId"][-2:] for each in events]


def described(facet_producer: str, **more: Any) -> dict[str, Any]:
    signed = {"_producer": facet_producer, "_schemaURL": FACET["_schemaURL"]}
    fields = {"schema": [{"name": "id"}], "columnLineage": {"id": {"inputFields": []}}}
    return {**TABLE, "facets": {name: {**signed, "fields": each} for name, each in fields.items()} | more}


@pytest.mark.parametrize(
    ("event", "needed"),
    [
        (run_event(1, outputs=[TABLE]), {"db.s.Orders"}),
        (run_event(1, outputs=[TABLE], inputs=[{**TABLE, "name": "db.s.raw"}]), {"db.s.Orders", "db.s.raw"}),
        (run_event(1, outputs=[{**TABLE, "namespace": "bigquery"}]), set()),
        (run_event(1, outputs=[]), set()),
        (run_event(1, outputs=None, inputs=[TABLE]), set()),
        (run_event(1, outputs=[TABLE], eventType="START"), set()),
        (run_event(1, outputs=[TABLE], eventType="FAIL"), set()),
        (run_event(1, outputs=[TABLE], eventType="OTHER"), set()),
        (run_event(1, outputs=[described(OURS)]), set()),
        (run_event(1, outputs=[described(OURS, lineageUnresolved=FACET)]), {"db.s.Orders"}),
        (run_event(1, outputs=[described(OURS), TABLE]), {"db.s.Orders"}),
        (run_event(1, outputs=[described(PRODUCER)]), set()),
        (
            run_event(1, outputs=[described(PRODUCER)])
            | {"job": {**MODEL, "facets": {"sql": {**FACET, "query": "select 1"}}}},
            {"db.s.Orders"},
        ),
        (run_event(1, outputs=[{**TABLE, "facets": {"schema": 5, "columnLineage": [1]}}]), {"db.s.Orders"}),
    ],
)
def test_only_what_wrote_something_and_lacks_columns_needs_the_warehouse(
    completion: Completion, event: dict[str, Any], needed: set[str]
) -> None:
    assert completion.needs(event) == ({HERE: needed} if needed else {})


def test_a_follow_up_adds_to_the_run_and_is_the_same_whenever_it_is_made(completion: Completion) -> None:
    first = made_at(7)
    follow_up, again = follow_up_of(first), follow_up_of(first)
    assert follow_up is not None
    assert again is not None
    assert follow_up.event.body == again.event.body
    assert (follow_up.follows, follow_up.event.event_id != first.event_id) == (first.event_id, True)
    document = validated(follow_up.event.body)
    # One COMPLETE a run, and OTHER for what is told of it after its end: OpenLineage's RunEvent.
    assert document["eventType"] == "OTHER"
    assert document["eventTime"] == "2026-11-22T14:12:07.000001+01:00"
    assert completion.needs(document) == {HERE: {"db.s.Orders"}}
    completed = json.loads(completion.of(follow_up.event.body, {HERE: {"db.s.orders": {"id": "integer"}}}))
    assert completed["outputs"][0]["facets"]["schema"]["fields"] == [{"name": "id", "type": "integer"}]
    assert completed["eventType"] == "OTHER"


def test_a_follow_up_says_lineage_and_other_events_of_its_type_do_not() -> None:
    first = entry(
        body(1, outputs=[TABLE]).replace(b'"name": "job", "facets": {}', b'"name": "job", "facets": ' + _model())
    )
    follow_up = follow_up_of(first)
    assert follow_up is not None
    other = {**run_event(1, outputs=[TABLE]), "job": MODEL, "eventType": "OTHER"}
    assert says(json.loads(follow_up.event.body)) == FACT
    assert parsed(follow_up.event.body).says_lineage
    assert says(other) == RUN
    assert not parsed(json.dumps(other).encode()).says_lineage


def _model() -> bytes:
    return json.dumps(MODEL["facets"]).encode()


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59.999999Z", "2026-11-22t14:12:07.123456789z"])
def test_whatever_time_an_event_has_its_follow_up_stops_nothing(moment: str) -> None:
    follow_up = follow_up_of(entry(body(1, outputs=[TABLE], eventTime=moment)))
    assert (follow_up is None) == moment.startswith("9999")


def test_of_one_subject_the_newest_is_kept_whatever_comes_first(spool: Spool) -> None:
    follow_ups = FollowUps(spool)
    keep(follow_ups, made_at(2), made_at(3), made_at(1), made_at(1, "another"))
    assert runs(follow_ups.due(10)) == ["03", "01"]
    keep(follow_ups, made_at(2), made_at(3))
    assert runs(follow_ups.due(10)) == ["03", "01"]
    # A newer one that had its columns makes it untrue.
    follow_ups.keep([], [subject_of(made_at(4))])
    assert runs(follow_ups.due(10)) == ["01"]


def test_it_is_due_once_the_event_before_it_has_left_the_spool(spool: Spool) -> None:
    follow_ups, event = FollowUps(spool), made_at(1)
    spool.put(event.body)
    keep(follow_ups, event)
    assert follow_ups.due(10) == []
    spool.settle([event.event_id], [])
    [due] = follow_ups.due(10)
    assert spool.usage().follow_ups == 1
    spool.settle([due.event_id], [])
    assert (follow_ups.any(), spool.usage().follow_ups) == (False, 0)


def test_the_room_is_bounded_and_the_oldest_go_first(tmp_path: Path) -> None:
    events = [made_at(second, f"job{second}") for second in range(10)]
    small = Spool(tmp_path / "small", 1 << 16)
    let_go = keep(FollowUps(small), *events)
    left = runs(FollowUps(small).due(10))
    assert 0 < let_go < 10
    assert left == [f"0{number}" for number in range(let_go, 10)]


@pytest.mark.parametrize("sizes", [(40,), (600,), (1300,), (2100,), (4100,), (40, 500, 3900, 9000)])
def test_follow_ups_of_any_size_take_no_room_of_events_and_receipts_and_get_theirs(
    tmp_path: Path, sizes: Sequence[int]
) -> None:
    room = filled(Spool(tmp_path / "another", MIB))
    relay = Spool(tmp_path / "spool", MIB, bounded=False)
    follow_ups, dice = FollowUps(relay), random.Random(3)  # noqa: S311 - no secret
    let_go = 0
    # They leave in any order, so pages are left half empty.
    while not let_go:
        new = [of_size(dice.choice(sizes), dice) for _ in range(50)]
        let_go = follow_ups.keep(new, [])
        relay.settle([each.event.event_id for each in new if dice.random() < 0.5], [])
    kept = relay.usage().follow_ups
    for offset in range(0, 1000, 50):
        relay.settle([], [receipt(number) for number in range(offset, offset + 50)])
    usage = relay.usage()
    assert usage.receipts_limit * 0.9 < usage.receipts_used <= usage.receipts_limit
    assert filled(Spool(tmp_path / "spool", MIB)) >= room > 100
    assert relay.usage().follow_ups == kept > 0
    assert relay.file.stat().st_size <= 1.5 * MIB


def test_what_leaves_gives_all_of_its_room_back(tmp_path: Path) -> None:
    relay = Spool(tmp_path / "spool", MIB, bounded=False)
    before = relay.run(taken)
    for _ in range(5):
        keep(FollowUps(relay), *(made_at(second, f"job{second}") for second in range(60)))
        assert relay.run(taken)[1] > 0
        relay.settle([each.event_id for each in FollowUps(relay).due(100)], [])
    assert relay.run(taken) == before == (0, 0)


def of_size(size: int, dice: random.Random) -> FollowUp:
    name = f"{dice.getrandbits(256):064x}"
    event = Waiting(0, name, datetime.now(UTC), "host 1", b"x" * size)
    return FollowUp(event, "earlier", name, "2026")


def receipt(offset: int) -> Receipt:
    return Receipt(f"id-{offset}", "x" * 500, "events", 0, offset, "2026", None)


def filled(spool: Spool) -> int:
    """How many events it takes until it is full."""
    for number in range(10_000):
        try:
            spool.put(json.dumps({"number": number, "text": "x" * 4000}).encode())
        except SpoolFull:
            return number
    raise AssertionError("it is never full")


def test_a_spool_of_before_versions_takes_follow_ups(spool: Spool) -> None:
    spool.prepare()
    of_version_0(spool.folder, [body(1)], [])
    assert keep(FollowUps(spool), made_at(2)) == 0
    assert (spool.usage().waiting, spool.usage().follow_ups, spool.set_aside_files()) == (1, 1, [])


def test_those_of_a_file_that_was_set_aside_come_before_those_of_the_new_one(spool: Spool) -> None:
    follow_ups = FollowUps(spool)
    keep(follow_ups, *(made_at(second, f"job{second}") for second in (1, 2, 3)))
    set_aside(spool)
    # Of job 2 there is a newer one, of job 3 an older one.
    keep(follow_ups, made_at(5, "job2"), made_at(0, "job3"), made_at(4, "job4"))
    assert salvage(spool) == 0
    assert runs(follow_ups.due(10)) == ["01", "03", "05", "04"]
    oldest, before = spool.usage().oldest_follow_up, follow_ups.due(1)[0].emitted_at
    assert oldest == before


def test_those_that_cannot_be_read_stop_nothing(spool: Spool) -> None:
    keep(FollowUps(spool), *(made_at(second, f"job{second}") for second in (1, 2, 3)))
    spool.close()
    with closing(sqlite3.connect(spool.file)) as connection, connection:
        connection.execute("UPDATE follow_ups SET emitted_at = 'x' WHERE id = 2")
    set_aside(spool)
    assert salvage(spool) == 0
    assert runs(FollowUps(spool).due(10)) == ["01"]


def test_the_check_names_how_many_wait_for_their_columns_and_why(spool: Spool) -> None:
    keep(FollowUps(spool), made_at(1), made_at(2, "another"))
    usage = spool.usage()
    assert usage.oldest_follow_up is not None
    later = usage.oldest_follow_up + timedelta(hours=1)
    result = columns_age(usage, "PostgreSQL at db:5432: no", CheckSettings(), later)
    assert result.level is Level.FAIL
    assert result.seen.startswith("2 waiting")
    assert result.seen.endswith("PostgreSQL at db:5432: no")


def test_a_follow_up_that_comes_long_after_its_run_is_no_problem() -> None:
    first = made_at(1)
    follow_up = follow_up_of(first)
    assert follow_up is not None
    happened = event_facts(first.event_id, first.body, first.emitted_at).event_time

    def found(each: Waiting) -> Mapping[str, Any] | list[str]:
        arrived = Arrived("events[0]@1", each.body, datetime.fromisoformat(happened) + timedelta(days=8))
        return [result.seen for result in problems_of([arrived], timedelta(0), timedelta(days=7))]

    assert len(found(first)) == 1
    assert found(follow_up.event) == []


def test_a_namespace_that_is_not_the_settings_is_said_where_columns_could_not_be_told(completion: Completion) -> None:
    table = {"namespace": "postgres://localhost:5432", "name": "db.s.orders"}
    job = {**MODEL, "facets": {**MODEL["facets"], "sql": {**FACET, "query": "select * from db.s.raw"}}}
    event = run_event(1, job=job["name"], outputs=[table], inputs=[{**table, "name": "db.s.raw"}]) | {"job": job}
    assert completion.needs(event) == {}
    told = json.loads(completion.of(json.dumps(event).encode(), {}))
    reasons = [field["reason"] for field in told["outputs"][0]["facets"]["lineageUnresolved"]["fields"]]
    assert reasons[-1] == (
        "the warehouse was not asked for the columns of datasets in postgres://localhost:5432: it is "
        "postgres://127.0.0.1:5432 (WAREHOUSE_HOST=127.0.0.1, WAREHOUSE_PORT=5432)"
    )


def test_two_relations_that_differ_in_case_alone_are_both_asked_for(completion: Completion) -> None:
    datasets = [{**TABLE, "name": name} for name in ("db.s.Sale", "db.s.sale")]
    event = run_event(1, outputs=datasets[:1], inputs=datasets[1:])
    assert completion.needs(event) == {HERE: {"db.s.Sale", "db.s.sale"}}
    long = run_event(1, outputs=[{**TABLE, "name": f"db.s.{'n' * 70}"}])
    assert completion.needs(long) == {HERE: {f"db.s.{'n' * 63}"}}
    columns = {"db.s.Sale": {"a": "integer"}, "db.s.sale": {"b": "integer"}}
    told = json.loads(completion.of(json.dumps(event).encode(), {HERE: columns}))
    assert [field["name"] for field in told["outputs"][0]["facets"]["schema"]["fields"]] == ["a"]
