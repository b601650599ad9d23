"""The ledger after a year: its questions cost what they cost on the first day, and what is older goes."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ledger import ledger as store
from dbt_lineage.ledger import migrations
from dbt_lineage.ledger.history import History
from dbt_lineage.ledger.ledger import Ledger, Totals
from dbt_lineage.ledger.schema import VERSION_TABLE, Base
from dbt_lineage.spool.facts import Acknowledgement, EventFacts
from stack import airflow
from stack.config import StackConfig

TOPIC, DEAD_LETTERS = "events", "dead"
JOBS = [f"model.shop.model_{number}" for number in range(20)]
NEVER_COMPLETES = JOBS[7]
NOW = datetime.now(UTC)
# 2,400 runs of all jobs, one every four hours, each job with a START and an end; one event in a thousand is a dead letter,
# as many were given up, and those of the last hours are under way.
_A_YEAR = """
    INSERT INTO lineage_event
    SELECT 'event ' || n, 'shop', 'model.shop.model_' || job, 'run ' || run || ' ' || job, 'root ' || run,
        CASE WHEN n % 2 = 0 THEN 'START' WHEN job = 7 THEN 'FAIL' ELSE 'COMPLETE' END,
        to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00'), at,
        CASE WHEN n % 1000 = 3 THEN 'dead' ELSE 'events' END, job % 3, n,
        CASE WHEN n % 1000 = 3 THEN 'no event' WHEN n % 1000 = 5 THEN 'refused' END,
        at + interval '1 s',
        CASE WHEN n % 1000 <> 3 AND n < 95950 THEN at + interval '2 s' END,
        CASE WHEN n % 1000 NOT IN (3, 5) AND n < 95950 THEN at + interval '3 s' END
    FROM (
        SELECT n, n / 40 AS run, n % 40 / 2 AS job,
            now() - interval '400 days' + n / 40 * interval '4 hours' + n % 40 * interval '1 s' AS at
        FROM generate_series(0, 95999) AS n
    ) AS made ORDER BY n
"""


@pytest.fixture(scope="module")
def databases(stack: StackConfig) -> Iterator[Callable[[], LedgerSettings]]:
    """Makes schemas without tables in the ledger's database."""
    url = make_url(airflow.environment(stack)["LEDGER_URL"])
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    names: list[str] = []

    def make() -> LedgerSettings:
        names.append(f"size_{uuid4().hex}")
        with engine.connect() as database:
            database.execute(text(f"CREATE SCHEMA {names[-1]}"))
        moved = url.update_query_dict({"options": f"-c search_path={names[-1]}"})
        return LedgerSettings(url=SecretStr(moved.render_as_string(hide_password=False)), days=100)

    yield make
    with engine.connect() as database:
        for name in names:
            database.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture(scope="module")
def year(databases: Callable[[], LedgerSettings]) -> LedgerSettings:
    """A ledger with the events of 400 days."""
    settings = databases()
    migrations.migrate(settings)
    execute(settings, _A_YEAR)
    execute(settings, "VACUUM (ANALYZE) lineage_event")
    return settings


@pytest.fixture
def empty(databases: Callable[[], LedgerSettings]) -> LedgerSettings:
    """A ledger without events."""
    settings = databases()
    migrations.migrate(settings)
    return settings


def execute(settings: LedgerSettings, statement: str) -> list[Any]:
    engine = create_engine(settings.url.get_secret_value(), isolation_level="AUTOCOMMIT")
    with engine.connect() as database:
        done = database.execute(text(statement))
        rows = list(done.all()) if done.returns_rows else []
    engine.dispose()
    return rows


def plans(engine: Engine, ask: Callable[[], object]) -> list[dict[str, Any]]:
    """What PostgreSQL did for each statement of a question, which is asked again for it; nothing of that stays."""
    heard: list[tuple[str, Any]] = []

    def hear(_: Connection, __: object, statement: str, parameters: Any, *___: object) -> None:
        heard.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    ask()
    event.remove(engine, "before_cursor_execute", hear)
    raw = engine.raw_connection()
    try:
        found = []
        for statement, parameters in heard:
            cursor = raw.cursor()
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
            found.append(cursor.fetchone()[0][0]["Plan"])
        return found
    finally:
        raw.rollback()
        raw.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


# What the relay, the ingestion and the checks ask again and again.
ASKED: dict[str, Callable[[History], object]] = {
    "acknowledged": lambda ledger: ledger.acknowledged(
        [Acknowledgement(f"event {number}", TOPIC, 0, number, NOW, None) for number in range(50_000, 50_100)]
    ),
    "given up": lambda ledger: ledger.given_up({"no such event": "refused"}),
    "ingested": lambda ledger: ledger.ingested(TOPIC, {0: 95_000, 1: 95_000, 2: 95_000}),
    "verified": lambda ledger: ledger.verified(TOPIC, {0: 95_000, 1: 95_000, 2: 95_000}),
    "unverified": lambda ledger: ledger.unverified(TOPIC, {0: 95_000, 1: 95_000, 2: 95_000}),
    "pending": lambda ledger: ledger.pending(50),
    "totals of a run": lambda ledger: ledger.totals("root 1200"),
    "totals of a week": lambda ledger: ledger.totals(since=NOW - timedelta(days=7)),
    "last events": lambda ledger: ledger.last_events("shop", JOBS),
    "last events of one that never completes": lambda ledger: ledger.last_events("shop", [NEVER_COMPLETES]),
    "last events of nobody": lambda ledger: ledger.last_events("another", JOBS),
    "latencies": lambda ledger: ledger.latencies("shop", JOBS, NOW - timedelta(days=1)),
    "latencies of a run": lambda ledger: ledger.latencies("shop", JOBS, NOW - timedelta(days=400), "root 1200"),
    "double runs": lambda ledger: ledger.double_runs("shop", JOBS, NOW - timedelta(days=1)),
    "nothing to delete": lambda ledger: ledger.delete_old(),
}


@pytest.mark.parametrize("question", ASKED)
def test_a_question_reads_little_of_a_year(year: LedgerSettings, question: str) -> None:
    pages = execute(year, "SELECT pg_relation_size('lineage_event') / 8192")[0][0]
    with History(year.model_copy(update={"days": 500})) as ledger:
        found = plans(ledger._engine, lambda: ASKED[question](ledger))
    assert found
    for plan in found:
        assert [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"] == []
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < pages / 5


def test_totals_of_a_time_are_those_of_its_events(year: LedgerSettings) -> None:
    since = datetime.fromisoformat(
        execute(year, 'SELECT emitted_at::text FROM lineage_event WHERE "offset" = 95000')[0][0]
    )
    with Ledger(year) as ledger:
        totals = ledger.totals(since=since)
        assert totals == Totals(emitted=1000, acknowledged=998, dead=2, ingested=948, verified=948)
        assert ledger.totals().emitted == 96_000
        assert ledger.totals("root 2399", since) == ledger.totals("root 2399")


def told(ledger: Ledger, name: str, age: timedelta) -> str:
    """An event that was emitted so long ago."""
    at = NOW - age
    ledger.emitted([EventFacts(name, "shop", "model", "run", "root", "COMPLETE", at.isoformat(), at)])
    return name


def left(settings: LedgerSettings) -> set[str]:
    return {row[0] for row in execute(settings, "SELECT event_id FROM lineage_event")}


def test_what_is_old_is_deleted_and_what_is_under_way_or_young_is_not(empty: LedgerSettings) -> None:
    old, young = timedelta(days=empty.days, hours=1), timedelta(days=empty.days, hours=-1)
    with Ledger(empty) as ledger:
        for age, when in ((old, "old"), (young, "young")):
            verified, dead, given_up, arrived = (
                told(ledger, f"{when} {name}", age) for name in ("verified", "dead", "given up", "arrived")
            )
            told(ledger, f"{when} emitted", age)
            ledger.acknowledged(
                [
                    Acknowledgement(verified, f"{when} {TOPIC}", 0, 0, NOW, None),
                    Acknowledgement(arrived, f"{when} {TOPIC}", 0, 9, NOW, None),
                    Acknowledgement(given_up, f"{when} {TOPIC}", 0, 1, NOW, None),
                    Acknowledgement(dead, DEAD_LETTERS, 0, 0, NOW, "no event"),
                ]
            )
            ledger.given_up({given_up: "refused"})
            ledger.verified(f"{when} {TOPIC}", {0: 5})
        everything = left(empty)
        assert len(everything) == 10
        assert ledger.delete_old() == 3
        assert ledger.delete_old() == 0
    assert everything - left(empty) == {"old verified", "old dead", "old given up"}


def test_old_events_go_in_small_batches_the_oldest_first(databases: Callable[[], LedgerSettings]) -> None:
    settings = databases()
    migrations.migrate(settings)
    execute(settings, _A_YEAR)
    with Ledger(settings) as ledger:
        deleted = [ledger.delete_old()]
        assert deleted == [store.BATCH]
        assert execute(settings, 'SELECT min("offset") FROM lineage_event') == [(store.BATCH,)]
        while deleted[-1]:
            deleted.append(ledger.delete_old())
    assert max(deleted) == store.BATCH
    [(kept, age)] = execute(settings, "SELECT count(*), max(now() - emitted_at) FROM lineage_event")
    assert kept + sum(deleted) == 96_000
    assert timedelta(days=99) < age <= timedelta(days=100, minutes=5)


def test_who_deletes_waits_for_nobody(empty: LedgerSettings) -> None:
    engine = create_engine(empty.url.get_secret_value())
    with Ledger(empty) as ledger:
        for name in ("one", "two"):
            told(ledger, name, timedelta(days=empty.days + 1))
            ledger.acknowledged([Acknowledgement(name, DEAD_LETTERS, 0, 0, NOW, "no event")])
        with engine.begin() as another:
            another.execute(text("SELECT * FROM lineage_event WHERE event_id = 'one' FOR UPDATE"))
            assert ledger.delete_old() == 1
        assert left(empty) == {"one"}
        assert ledger.delete_old() == 1
    engine.dispose()


def test_a_ledger_of_before_gets_the_present_indexes_and_keeps_its_events(
    databases: Callable[[], LedgerSettings],
) -> None:
    settings = databases()
    with migrations._alone(settings) as database:
        command.upgrade(migrations._configuration(database), "0003_dashboards")
    execute(settings, _A_YEAR)
    migrations.migrate(settings)
    assert execute(settings, "SELECT count(*) FROM lineage_event") == [(96_000,)]
    engine = create_engine(settings.url.get_secret_value())
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_heads() == (migrations.newest_version(),)
    engine.dispose()
    with migrations._alone(settings) as database:
        command.downgrade(migrations._configuration(database), "0003_dashboards")
    migrations.migrate(settings)
