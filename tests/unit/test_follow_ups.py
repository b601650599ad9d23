"""What the relay keeps of events that went on without their columns, and which events need columns at all."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from include import settings
from include.checks.lag import columns_age
from include.checks.validity import Arrived, problems_of
from include.columns.facet import PRODUCER as OURS
from include.ledger.facts import facts_of
from include.levels import Level
from include.lineage.run_event import FACT, RUN, parsed, says
from include.relay.completion import Completion, follow_up_of, subject_of
from include.relay.validation import validated
from include.settings import CheckSettings, SpoolSettings
from include.spool.follow_ups import FollowUps
from include.spool.store import Spool, Waiting, entry
from tests.openlineage_events import PRODUCER, body, run_event

FACET = {"_producer": PRODUCER, "_schemaURL": f"{PRODUCER}/schema.json"}
TABLE = {"namespace": "postgres://127.0.0.1:5432", "name": "db.s.Orders"}
MODEL = {"namespace": "tests", "name": "job", "facets": {"jobType": {**FACET, "jobType": "MODEL"}}}


@pytest.fixture
def completion(tmp_path: Path) -> Completion:
    return Completion(settings.warehouse(), SpoolSettings(dir=tmp_path))


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
        (run_event(1, outputs=[TABLE]), {"db.s.orders"}),
        (run_event(1, outputs=[TABLE], inputs=[{**TABLE, "name": "db.s.raw"}]), {"db.s.orders", "db.s.raw"}),
        (run_event(1, outputs=[{**TABLE, "namespace": "bigquery"}]), set()),
        (run_event(1, outputs=[]), set()),
        (run_event(1, outputs=None, inputs=[TABLE]), set()),
        (run_event(1, outputs=[TABLE], eventType="START"), set()),
        (run_event(1, outputs=[TABLE], eventType="FAIL"), set()),
        (run_event(1, outputs=[TABLE], eventType="OTHER"), set()),
        (run_event(1, outputs=[described(OURS)]), set()),
        (run_event(1, outputs=[described(OURS, lineageUnresolved=FACET)]), {"db.s.orders"}),
        (run_event(1, outputs=[described(OURS), TABLE]), {"db.s.orders"}),
        (run_event(1, outputs=[described(PRODUCER)]), set()),
        (
            run_event(1, outputs=[described(PRODUCER)])
            | {"job": {**MODEL, "facets": {"sql": {**FACET, "query": "select 1"}}}},
            {"db.s.orders"},
        ),
        (run_event(1, outputs=[{**TABLE, "facets": {"schema": 5, "columnLineage": [1]}}]), {"db.s.orders"}),
    ],
)
def test_only_what_wrote_something_and_lacks_columns_needs_the_warehouse(
    completion: Completion, event: dict[str, Any], needed: set[str]
) -> None:
    assert completion.relations(event) == needed


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
    assert completion.relations(document) == {"db.s.orders"}
    completed = json.loads(completion.of(follow_up.event.body, {"db.s.orders": {"id": "integer"}}))
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
    follow_ups = FollowUps(spool, 1 << 20)
    keep(follow_ups, made_at(2), made_at(3), made_at(1), made_at(1, "another"))
    assert runs(follow_ups.due(10)) == ["03", "01"]
    keep(follow_ups, made_at(2), made_at(3))
    assert runs(follow_ups.due(10)) == ["03", "01"]
    # A newer one that had its columns makes it untrue.
    follow_ups.keep([], [subject_of(made_at(4))])
    assert runs(follow_ups.due(10)) == ["01"]


def test_it_is_due_once_the_event_before_it_has_left_the_spool(spool: Spool) -> None:
    follow_ups, event = FollowUps(spool, 1 << 20), made_at(1)
    spool.put(event.body)
    keep(follow_ups, event)
    assert follow_ups.due(10) == []
    spool.settle([event.event_id], [])
    [due] = follow_ups.due(10)
    assert spool.usage().follow_ups == 1
    spool.settle([due.event_id], [])
    assert (follow_ups.any(), spool.usage().follow_ups) == (False, 0)


def test_the_room_is_bounded_and_the_oldest_go_first(spool: Spool) -> None:
    events = [made_at(second, f"job{second}") for second in range(10)]
    follow_ups = FollowUps(spool, 3 * 1000)
    let_go = keep(follow_ups, *events)
    left = runs(follow_ups.due(10))
    assert 0 < let_go < 10
    assert left == [f"0{number}" for number in range(let_go, 10)]


def test_a_spool_of_an_earlier_version_takes_follow_ups(spool: Spool) -> None:
    spool.put(body(1))
    spool.close()
    with closing(sqlite3.connect(spool.file)) as connection, connection:
        connection.execute("DROP TABLE follow_ups")
    assert keep(FollowUps(spool, 1 << 20), made_at(2)) == 0
    assert (spool.usage().waiting, spool.usage().follow_ups, spool.set_aside_files()) == (1, 1, [])


def test_the_check_names_how_many_wait_for_their_columns_and_why(spool: Spool) -> None:
    keep(FollowUps(spool, 1 << 20), made_at(1), made_at(2, "another"))
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
    happened = facts_of(first.event_id, first.body, first.emitted_at).event_time

    def found(each: Waiting) -> Mapping[str, Any] | list[str]:
        from datetime import datetime

        arrived = Arrived("events[0]@1", each.body, datetime.fromisoformat(happened) + timedelta(days=8))
        return [result.seen for result in problems_of([arrived], timedelta(0), timedelta(days=7))]

    assert len(found(first)) == 1
    assert found(follow_up.event) == []
