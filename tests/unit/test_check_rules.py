"""What each check makes of what it sees, without a service."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dbt_lineage.catalogue.ours import OurLineage, StoredLineage
from dbt_lineage.catalogue.stored import StoredEdge, StoredPipeline
from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level, worst
from dbt_lineage.core.settings import CheckSettings
from dbt_lineage.ledger.history import DoubleRun, LastEvent, Latency
from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.spool.spool import Usage
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from dbt_lineage.watch.checks import CHECKS, accuracy, duplicates, latency, stale, timeliness, validity
from dbt_lineage.watch.checks import runner as run
from dbt_lineage.watch.checks import waiting as lag
from dbt_lineage.watch.checks.groups import reason
from dbt_lineage.watch.checks.report import as_text
from dbt_lineage.watch.checks.results import Result
from tests.openlineage_events import body

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NAMESPACE = "shop"
RAW, A, B, GONE = "db.raw.r", "db.dev.a", "db.dev.b", "db.dev.gone"
CHECK = CheckSettings()


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def node(name: str, **more: Any) -> dict[str, Any]:
    return {
        "database": "db",
        "schema": "dev",
        "alias": name,
        "resource_type": "model",
        "config": {"materialized": "table"},
        **more,
    }


@pytest.fixture
def manifest() -> Manifest:
    """A source, and two models, one made from the other."""
    return Manifest(
        {
            "metadata": {"project_name": "p"},
            "nodes": {"model.p.a": node("a"), "model.p.b": node("b")},
            "sources": {"source.p.r": {"database": "db", "schema": "raw", "identifier": "r"}},
            "parent_map": {"model.p.a": ["source.p.r"], "model.p.b": ["model.p.a"], "source.p.r": []},
        }
    )


@pytest.fixture
def ours(manifest: Manifest) -> OurLineage:
    return OurLineage(manifest, NAMESPACE)


def edge(
    upstream: str, downstream: str, source: str = "OpenLineage", model: str = "b", columns: str = "", project: str = "p"
) -> StoredEdge:
    pairs = frozenset((f"{upstream}.{name}", f"{downstream}.{name}") for name in columns.split())
    return StoredEdge(
        Edge(upstream, downstream), (upstream, downstream), source, f"{NAMESPACE}-model.{project}.{model}", pairs
    )


RIGHT = (edge(RAW, A, model="a"), edge(A, B))


def stored(*edges: StoredEdge, tables: tuple[str, ...] = (RAW, A, B), pipelines: str = "a b") -> StoredLineage:
    made = tuple(pipeline(f"{NAMESPACE}-model.p.{name}") for name in pipelines.split())
    return StoredLineage(tables, edges, made)


def pipeline(name: str, service: str = "lineage") -> StoredPipeline:
    return StoredPipeline(name, service, f"{service}.{name}", name)


def broken(results: list[Result]) -> dict[str, str]:
    return {result.subject: result.seen for result in results if result.level is Level.FAIL}


# --- coverage and freshness


@pytest.mark.parametrize(
    ("schedule", "now", "grace_hours", "due"),
    [
        pytest.param("0 5 * * *", NOW, 1, NOW.replace(hour=5), id="today's run"),
        pytest.param(
            "0 5 * * *", NOW.replace(hour=5, minute=59), 1, datetime(2026, 11, 21, 5, tzinfo=UTC), id="in its grace"
        ),
        pytest.param("0 5 * * *", NOW.replace(hour=6, minute=1), 1, NOW.replace(hour=5), id="after its grace"),
        pytest.param("0 0 1 * *", NOW, 1, datetime(2026, 11, 1, tzinfo=UTC), id="monthly"),
        pytest.param("*/15 * * * *", NOW.replace(minute=10), 0, NOW, id="every quarter of an hour"),
    ],
)
def test_the_run_that_is_due_follows_from_the_schedule(
    schedule: str, now: datetime, grace_hours: float, due: datetime
) -> None:
    assert timeliness.due_at(schedule, now, 3600 * grace_hours) == due


def test_a_model_that_completed_since_it_was_due_is_covered() -> None:
    last = LastEvent(NOW, "COMPLETE", NOW)
    assert timeliness.covered("model.p.a", last, NOW - hours(1), 0).level is Level.OK


@pytest.mark.parametrize(
    ("last", "seen"),
    [
        pytest.param(LastEvent(), "no COMPLETE event ever", id="never"),
        pytest.param(
            LastEvent(NOW - hours(9), "COMPLETE", NOW - hours(9)),
            "not completed since it was due: last completed 2026-11-22 03:00 UTC",
            id="too long ago",
        ),
        pytest.param(
            LastEvent(NOW, "FAIL", NOW - hours(9)),
            "not completed since it was due: last completed 2026-11-22 03:00 UTC; its last event is FAIL at 2026-11-22 12:00 UTC",
            id="failed since",
        ),
    ],
)
def test_a_model_that_has_not_completed_since_it_was_due_is_not_covered(last: LastEvent, seen: str) -> None:
    due = NOW - hours(7)
    result = timeliness.covered("model.p.a", last, due, 3600)
    assert (result.level, result.seen, result.since) == (Level.FAIL, seen, due)


def test_ages_follow_from_the_schedule_unless_the_settings_say_so() -> None:
    assert timeliness.default_ages("0 5 * * *", NOW, CHECK) == (25 * 3600, 49 * 3600)
    chosen = CheckSettings(freshness_warn_hours=2, freshness_fail_hours=3)
    assert timeliness.default_ages("0 5 * * *", NOW, chosen) == (2 * 3600, 3 * 3600)


def test_a_warning_that_is_late_makes_the_failure_as_late() -> None:
    chosen = CheckSettings(freshness_warn_hours=100)
    assert timeliness.default_ages("0 5 * * *", NOW, chosen) == (100 * 3600, 100 * 3600)


@pytest.mark.parametrize(
    ("age", "level", "since"),
    [
        (hours(1), Level.OK, None),
        (hours(3), Level.WARN, NOW - hours(1)),
        (hours(5), Level.FAIL, NOW - hours(1)),
    ],
)
def test_a_models_age_is_held_against_both_thresholds(
    manifest: Manifest, age: timedelta, level: Level, since: datetime | None
) -> None:
    result = timeliness.fresh(manifest, "model.p.a", LastEvent(NOW - age, "COMPLETE"), (2 * 3600, 4 * 3600), NOW)
    assert (result.level, result.since, result.value) == (level, since, age.total_seconds())


@pytest.mark.parametrize("place", ["config", "node"])
def test_a_model_may_say_itself_how_old_it_may_be(manifest: Manifest, place: str) -> None:
    meta = {
        "lineage_freshness": {
            "warn_after": {"count": 30, "period": "minute"},
            "error_after": {"count": 2, "period": "day"},
        }
    }
    content = manifest.content["nodes"]["model.p.a"]
    (content["config"] if place == "config" else content)["meta"] = meta
    result = timeliness.fresh(manifest, "model.p.a", LastEvent(NOW - hours(1), "COMPLETE"), (9e9, 9e9), NOW)
    assert (result.level, result.allowed) == (Level.WARN, "30 min, 2 d")


def test_a_threshold_that_is_not_readable_is_named(manifest: Manifest) -> None:
    manifest.content["nodes"]["model.p.a"]["config"]["meta"] = {"lineage_freshness": {"warn_after": {"count": 1}}}
    result = timeliness.fresh(manifest, "model.p.a", LastEvent(NOW, "COMPLETE"), (1, 1), NOW)
    assert result.level is Level.FAIL
    assert result.seen == "meta.lineage_freshness is not readable: warn_after.period: Field required"


def test_a_model_without_any_event_is_not_fresh(manifest: Manifest) -> None:
    assert timeliness.fresh(manifest, "model.p.a", LastEvent(), (1, 1), NOW).seen == "no event ever"


# --- accuracy


def test_the_catalogue_as_it_should_be_is_accurate(manifest: Manifest, ours: OurLineage) -> None:
    results = accuracy.of_tables(manifest, stored(*RIGHT), ours, CHECK)
    assert [(result.subject, result.value, result.level) for result in results] == [
        ("recall of tables", 1.0, Level.OK),
        ("precision of tables", 1.0, Level.OK),
    ]


def test_a_missing_edge_lowers_recall_and_is_named(manifest: Manifest, ours: OurLineage) -> None:
    results = accuracy.of_tables(manifest, stored(RIGHT[0]), ours, CHECK)
    assert broken(results) == {"recall of tables": "0.5, 1 of 2", f"{A} -> {B}": "not in the catalogue"}


def test_a_source_that_is_not_in_the_warehouse_is_a_warning_and_no_missing_edge(
    manifest: Manifest, ours: OurLineage
) -> None:
    results = accuracy.of_tables(manifest, stored(RIGHT[1]), ours, CHECK, absent={RAW})
    assert broken(results) == {}
    assert {result.subject: result.seen for result in results if result.level is Level.WARN} == {
        RAW: "source is not in the warehouse: models are built without it"
    }


def test_an_expected_edge_that_no_event_made_is_missing(manifest: Manifest, ours: OurLineage) -> None:
    results = accuracy.of_tables(manifest, stored(RIGHT[0], edge(A, B, source="DbtLineage")), ours, CHECK)
    assert broken(results)[f"{A} -> {B}"] == "not in the catalogue from events: it has one from DbtLineage"


def test_a_false_edge_lowers_precision_and_is_named(manifest: Manifest, ours: OurLineage) -> None:
    results = accuracy.of_tables(manifest, stored(*RIGHT, edge(RAW, B, source="DbtLineage")), ours, CHECK)
    assert broken(results) == {
        "precision of tables": "0.6667, 2 of 3",
        f"{RAW} -> {B}": "not in the manifest: it is from DbtLineage",
    }


def test_an_edge_of_ours_that_leads_elsewhere_lowers_precision(manifest: Manifest, ours: OurLineage) -> None:
    results = accuracy.of_tables(manifest, stored(*RIGHT, edge(B, RAW, model="b")), ours, CHECK)
    assert f"{B} -> {RAW}" in broken(results)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(edge(RAW, B, source="Manual"), id="drawn by hand"),
        pytest.param(edge(GONE, B, model="gone"), id="stale"),
        pytest.param(edge("db.other.x", "db.other.y"), id="another schema's"),
        pytest.param(edge(RAW, "db.prod.a", model="a"), id="another target's"),
        pytest.param(edge(B, "dashboardDataModel:superset.1"), id="to a dashboard"),
        # OpenMetadata's connector draws it if the catalogue has none of the job's inputs.
        pytest.param(edge(f'pipeline:kafka."{NAMESPACE}-model.p.a"', A), id="from the job's own pipeline"),
        pytest.param(edge(B, "db.dev.theirs", project="another"), id="what others make of a table of ours"),
        pytest.param(edge("db.load.x", RAW, project="another"), id="what others make a source from"),
    ],
)
def test_what_is_not_wrong_does_not_lower_precision(manifest: Manifest, ours: OurLineage, other: StoredEdge) -> None:
    assert broken(accuracy.of_tables(manifest, stored(*RIGHT, other), ours, CHECK)) == {}


@pytest.mark.parametrize("job", [f"{NAMESPACE}-model.p.b", "theirs"])
def test_another_pipeline_that_writes_a_models_table_lowers_precision(
    manifest: Manifest, ours: OurLineage, job: str
) -> None:
    results = accuracy.of_tables(manifest, stored(*RIGHT, edge(f'pipeline:kafka."{job}"', A)), ours, CHECK)
    assert broken(results)["precision of tables"] == "0.6667, 2 of 3"


def test_an_allowed_share_is_enough(manifest: Manifest, ours: OurLineage) -> None:
    results = accuracy.of_tables(manifest, stored(RIGHT[0]), ours, CheckSettings(min_recall=0.5))
    assert broken(results) == {}


def test_columns_are_held_against_the_newest_events() -> None:
    wanted = edge(A, B, columns="id name")
    there = stored(edge(A, B, columns="id price"))
    assert broken(accuracy.of_columns(accuracy.ExpectedColumns({wanted.edge: wanted.columns}), there, CHECK)) == {
        "recall of columns": "0.5, 1 of 2",
        "precision of columns": "0.5, 1 of 2",
        f"{A}.name -> {B}.name": "column not in the catalogue",
        f"{A}.price -> {B}.price": "column in the catalogue, and not in the newest event",
    }


def test_without_column_lineage_in_events_there_is_nothing_to_hold_columns_against() -> None:
    [result] = accuracy.of_columns(accuracy.ExpectedColumns({}), stored(*RIGHT), CHECK)
    assert (result.level, result.seen) == (Level.OK, "no event has columns")


# --- duplicates


def test_what_is_there_once_is_no_duplicate(ours: OurLineage) -> None:
    assert list(duplicates.of_catalogue(stored(*RIGHT), ours)) == []


def test_what_is_there_twice_is_named(ours: OurLineage) -> None:
    twice = StoredLineage(
        (A, "db.dev.A"),
        (*RIGHT, RIGHT[1]),
        (pipeline("shop-model.p.a"), pipeline("shop-model.p.A", "dbt_openlineage"), pipeline("x"), pipeline("X")),
    )
    assert broken(list(duplicates.of_catalogue(twice, ours))) == {
        f"{A} -> {B}": "2 edges",
        f"table {A}": f"2 tables: db.dev.A, {A}",
        "pipeline shop-model.p.a": "2 pipelines: dbt_openlineage.shop-model.p.A, lineage.shop-model.p.a",
    }


def test_a_run_that_ended_twice_is_named() -> None:
    [result] = duplicates.of_runs([DoubleRun("model.p.a", "r1", 2)])
    assert (result.subject, result.seen, result.level) == ("model.p.a run r1", "ended 2 times", Level.FAIL)


# --- stale


def test_what_the_manifest_has_is_not_stale(ours: OurLineage) -> None:
    assert list(stale.problems_of(stored(*RIGHT), ours, "lineage")) == []


def test_a_dropped_models_edges_table_and_pipeline_are_stale(ours: OurLineage) -> None:
    there = stored(*RIGHT, edge(A, GONE, model="gone"), edge(GONE, B), pipelines="a b gone")
    assert list(broken(list(stale.problems_of(there, ours, "lineage")))) == [
        f"{A} -> {GONE}",
        f"{GONE} -> {B}",
        f"table {GONE}",
        "pipeline shop-model.p.gone",
    ]


def test_what_others_made_is_never_stale(ours: OurLineage) -> None:
    others = StoredLineage(
        (A, B, GONE),
        (
            edge(A, GONE, source="Manual", model="gone"),
            edge(A, GONE, project="another", model="gone"),
            edge("db.other.x", "db.other.y"),
            edge(RAW, "db.prod.gone", model="gone"),
        ),
        (pipeline("shop-model.another.gone"), pipeline("shop-model.p.gone", "another_service"), pipeline("nightly")),
    )
    assert list(stale.problems_of(others, ours, "lineage")) == []


def test_tables_that_differ_in_case_alone_and_are_two_are_no_duplicates() -> None:
    content = {
        "metadata": {"project_name": "p"},
        "nodes": {"model.p.Sale": node("Sale"), "model.p.sale": node("sale")},
        "sources": {},
        "parent_map": {},
    }
    ours = OurLineage(Manifest(content), NAMESPACE)
    there = StoredLineage(("db.dev.Sale", "db.dev.sale", "db.dev.Other", "db.dev.other"), (), ())
    assert list(broken(list(duplicates.of_catalogue(there, ours)))) == ["table db.dev.other"]


# --- validity


def arrived(number: int, **changes: Any) -> validity.Arrived:
    told = {"eventTime": "2026-11-22T11:59:30Z", **changes}
    return validity.Arrived(f"events[0]@{number}", body(number, **told), NOW)


def problems(*events: validity.Arrived) -> dict[str, str]:
    return broken(list(validity.problems_of(events, timedelta(minutes=5), timedelta(days=7))))


def test_valid_events_with_times_that_can_be_are_no_problem() -> None:
    run_of_both = {"runId": "0190a1f6-0000-7000-8000-000000000001"}
    start = arrived(1, eventType="START", eventTime="2026-11-22T11:59:00Z", run=run_of_both)
    end = arrived(2, eventType="COMPLETE", eventTime="2026-11-22T13:59:01.123456789+02:00", run=run_of_both)
    assert problems(start, end) == {}


def test_an_event_of_a_job_alone_is_no_problem() -> None:
    event = arrived(1)
    document = {key: value for key, value in json.loads(event.body).items() if key not in ("run", "eventType")}
    assert problems(validity.Arrived("events[0]@1", json.dumps(document).encode(), NOW)) == {}


def test_a_leap_second_is_a_time() -> None:
    late = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    event = validity.Arrived("events[0]@1", body(1, eventTime="2016-12-31T23:59:60Z"), late)
    assert list(validity.problems_of([event], timedelta(minutes=5), timedelta(days=7))) == []


def test_events_that_name_the_warehouse_otherwise_than_the_settings_are_a_warning_with_both() -> None:
    warehouse = PostgresWarehouse(settings.warehouse())
    elsewhere = validity.Elsewhere([warehouse], {"tests"})
    names = ["postgres://localhost:5432", "postgres://localhost:5432", warehouse.namespace, "s3://lake"]
    events = [arrived(n, outputs=[{"namespace": name, "name": "a.b.c"}]) for n, name in enumerate(names)]
    other = json.loads(arrived(9, outputs=[{"namespace": "postgres://other:1", "name": "a.b.c"}]).body)
    other["job"]["namespace"] = "others"
    events.append(validity.Arrived("events[0]@9", json.dumps(other).encode(), NOW))
    assert list(validity.problems_of(events, timedelta(minutes=5), timedelta(days=7), elsewhere)) == []
    [result] = elsewhere.results()
    assert (result.level, result.subject) == (Level.WARN, "postgres://localhost:5432")
    assert result.seen.endswith(": 2 events")
    assert result.allowed == "postgres://127.0.0.1:5432 (WAREHOUSE_HOST=127.0.0.1, WAREHOUSE_PORT=5432)"


def test_an_event_that_the_schema_refuses_is_named_with_the_reason() -> None:
    assert problems(arrived(3, eventTime="yesterday")) == {
        "events[0]@3": "not valid: $.eventTime: 'yesterday' is not a 'date-time'"
    }


@pytest.mark.parametrize(
    ("time", "seen"),
    [
        ("2026-11-22T14:00:00Z", "happened after it was sent: COMPLETE of job, 2 h"),
        ("2026-11-12T12:00:00Z", "happened long before it was sent: COMPLETE of job, 10 d"),
    ],
)
def test_an_event_from_the_future_or_from_long_ago_is_named(time: str, seen: str) -> None:
    assert list(problems(arrived(4, eventTime=time)).values()) == [seen]


def test_clocks_may_differ_a_little() -> None:
    assert problems(arrived(5, eventTime="2026-11-22T12:04:59Z")) == {}


def test_a_run_that_ended_before_it_started_is_named() -> None:
    run_of_both = {"runId": "0190a1f6-0000-7000-8000-000000000002"}
    end = arrived(6, eventType="COMPLETE", eventTime="2026-11-22T11:58:00Z", run=run_of_both)
    start = arrived(7, eventType="START", eventTime="2026-11-22T11:59:00Z", run=run_of_both)
    [(position, seen)] = problems(end, start).items()
    assert position == "events[0]@6"
    assert (
        seen == "ended before it started: run 0190a1f6-0000-7000-8000-000000000002 has COMPLETE 1 min before its START"
    )


# --- lag and latency


@pytest.mark.parametrize(
    ("used", "level"), [(10, Level.OK), (50, Level.OK), (51, Level.WARN), (90, Level.WARN), (91, Level.FAIL)]
)
def test_the_spools_use_is_held_against_both_thresholds(used: int, level: Level) -> None:
    assert lag.spool_use(Usage(0, 0, None, used, 100, 0, 25, 0), CHECK).level is level


@pytest.mark.parametrize(
    ("minutes", "level"), [(0, Level.OK), (5, Level.OK), (6, Level.WARN), (30, Level.WARN), (31, Level.FAIL)]
)
def test_an_event_may_not_wait_too_long(minutes: int, level: Level) -> None:
    oldest = NOW - timedelta(minutes=minutes)
    result = lag.spool_age(Usage(3, 0, oldest, 1, 100, 0, 25, 0), CHECK, NOW)
    assert (result.level, result.value) == (level, minutes * 60)
    assert result.since == (None if level is Level.OK else oldest)


@pytest.mark.parametrize(
    ("p95", "level"), [(9.0, Level.OK), (11.0, Level.WARN), (901.0, Level.FAIL)], ids=["soon", "late", "far too late"]
)
def test_a_latency_is_judged_by_its_95th_percentile(p95: float, level: Level) -> None:
    [result] = latency.judged({"acknowledged": Latency(15, 1.0, p95, 1000.0)}, CHECK)
    assert (result.subject, result.level, result.value) == ("model end to topic", level, p95)


def test_without_a_completed_model_there_is_no_latency() -> None:
    assert [result.level for result in latency.judged({}, CHECK)] == [Level.OK]


# --- all of them


def test_what_breaks_alike_has_one_reason_whatever_it_is_about(manifest: Manifest, ours: OurLineage) -> None:
    """Names, times and figures stand behind the reason."""
    late = [
        timeliness.covered(m, LastEvent(NOW - hours(d), "COMPLETE", NOW - hours(d)), NOW, 0)
        for m, d in (("a", 9), ("b", 8))
    ]
    old = [timeliness.fresh(manifest, "model.p.a", LastEvent(NOW - hours(d), "COMPLETE"), (1, 1), NOW) for d in (8, 9)]
    times = [problems(arrived(n, eventTime=f"2026-11-22T1{n}:00:00Z")) for n in (4, 5)]
    there = stored(*RIGHT, edge(A, GONE, model="gone"), edge(GONE, B), pipelines="a b gone")
    assert {reason(each.seen) for each in late} == {"not completed since it was due"}
    assert {reason(each.seen) for each in old} == {"its last event is too old"}
    assert {reason(seen) for found in times for seen in found.values()} == {"happened after it was sent"}
    assert [reason(each.seen) for each in stale.problems_of(there, ours, "lineage")] == [
        "an edge of what the manifest no longer has",
        "an edge of what the manifest no longer has",
        "no model of the manifest makes it",
        "the manifest has no such node",
    ]


def test_all_that_is_wrong_is_a_result(manifest: Manifest, ours: OurLineage) -> None:
    expected = {Edge(A, B): frozenset((f"{A}.c{each}", f"{B}.c{each}") for each in range(1000))}
    found = accuracy.of_columns(accuracy.ExpectedColumns(expected), stored(edge(A, B)), CHECK)
    assert len(broken(found)) == 1001


def test_every_check_can_be_made_and_has_a_section_in_the_runbook() -> None:
    from stack.checkout import PROJECT_ROOT

    headings = {
        line.lstrip("#").strip()
        for line in (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
    }
    assert set(run._CHECKS) == set(CHECKS)
    assert set(CHECKS) - headings == set()


def test_the_worst_level_counts() -> None:
    assert worst([Level.OK, Level.FAIL, Level.WARN]) is Level.FAIL
    assert worst([Level.OK, Level.WARN]) is Level.WARN
    assert worst([]) is Level.OK


def test_names_that_differ_at_their_end_are_told_apart_on_a_narrow_screen() -> None:
    names = [f"model.a_project_with_a_long_name.the_same_words_{number}" for number in (1, 2)]
    shown = as_text([Result("coverage", name, Level.FAIL, "no COMPLETE event ever") for name in names], width=80)
    subjects = "".join(line.split("│")[2].strip() for line in shown.splitlines() if line.startswith("│"))
    assert subjects == "".join(names)
