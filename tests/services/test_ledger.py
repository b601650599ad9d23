"""The ledger on a real PostgreSQL: it counts what it was told, once, and never keeps its caller waiting."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg2
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg2 import sql
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ledger import ledger as store
from dbt_lineage.ledger.ledger import Ledger, LedgerError, Totals
from dbt_lineage.ledger.migrations import _configuration, newest_version
from dbt_lineage.ledger.schema import VERSION_TABLE, Base
from dbt_lineage.spool.facts import Acknowledgement, EventFacts, event_facts
from stack import airflow, postgres
from stack.config import StackConfig, unused_ports

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DEAD_LETTERS = "the dead letters"


@pytest.fixture(scope="module")
def settings(stack: StackConfig) -> LedgerSettings:
    """The ledger's settings, as its users have them."""
    return LedgerSettings(url=SecretStr(airflow.environment(stack)["LEDGER_URL"]), timeout_seconds=5)


@pytest.fixture
def ledger(settings: LedgerSettings) -> Iterator[Ledger]:
    """The stack's ledger. Other events may be in it: each test counts those of a run of its own."""
    with Ledger(settings) as opened:
        yield opened


@pytest.fixture
def run() -> str:
    """A root run that no other test has."""
    return str(uuid4())


@pytest.fixture
def topic() -> str:
    """A topic that no other test has."""
    return f"events-{uuid4()}"


@pytest.fixture
def schema(settings: LedgerSettings) -> Iterator[LedgerSettings]:
    """The ledger's database with an empty schema in front of the real one."""
    name = f"empty_{uuid4().hex}"
    url = make_url(settings.url.get_secret_value())
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as database:
        database.execute(text(f"CREATE SCHEMA {name}"))
        moved = url.update_query_dict({"options": f"-c search_path={name}"})
        yield LedgerSettings(url=SecretStr(moved.render_as_string(hide_password=False)))
        database.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def events(run: str, count: int) -> list[EventFacts]:
    body = {"eventType": "COMPLETE", "job": {"namespace": "jaffle_shop", "name": "orders"}, "run": {"runId": run}}
    return [
        event_facts(str(uuid4()), json.dumps(body).encode(), NOW + timedelta(seconds=number)) for number in range(count)
    ]


def in_topic(topic: str, event: EventFacts, offset: int, partition: int = 0) -> Acknowledgement:
    return Acknowledgement(event.event_id, topic, partition, offset, NOW, None)


def in_dead_letters(event: EventFacts, offset: int = 0, reason: str = "no run") -> Acknowledgement:
    return Acknowledgement(event.event_id, DEAD_LETTERS, 0, offset, NOW, reason)


def row_of(settings: LedgerSettings, event: EventFacts) -> dict[str, object]:
    engine = create_engine(settings.url.get_secret_value())
    with engine.connect() as database:
        query = text("SELECT * FROM lineage_event WHERE event_id = :id")
        row = database.execute(query, {"id": event.event_id}).mappings().one()
    engine.dispose()
    return dict(row)


def run_command(settings: LedgerSettings, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dbt_lineage", "ledger", *arguments],
        env={**os.environ, "LEDGER_URL": settings.url.get_secret_value()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_events_are_counted_at_each_station(ledger: Ledger, run: str, topic: str) -> None:
    told = events(run, 6)
    ledger.emitted(told)
    ledger.acknowledged([in_topic(topic, event, offset) for offset, event in enumerate(told[:4])])
    ledger.acknowledged([in_dead_letters(told[4])])
    ledger.ingested(topic, {0: 3, 1: 100})
    ledger.verified(topic, {0: 2})
    assert ledger.totals(run) == Totals(emitted=6, acknowledged=4, dead=1, ingested=3, verified=2)
    everything = ledger.totals()
    assert all(vars(everything)[station] >= count for station, count in vars(ledger.totals(run)).items())


def test_what_is_verified_was_ingested(ledger: Ledger, run: str, topic: str) -> None:
    [event] = events(run, 1)
    ledger.ingested(topic, {0: 1})
    ledger.emitted([event])
    ledger.acknowledged([in_topic(topic, event, 0)])
    assert ledger.unverified(topic, {0: 1, 1: 5}) == 1
    assert ledger.unverified(topic, {0: 0, 1: 5}) == ledger.unverified(topic, {}) == 0
    ledger.verified(topic, {0: 1})
    assert ledger.totals(run) == Totals(emitted=1, acknowledged=1, dead=0, ingested=1, verified=1)
    assert ledger.unverified(topic, {0: 1}) == 0


def test_whatever_is_told_twice_changes_nothing(ledger: Ledger, settings: LedgerSettings, run: str, topic: str) -> None:
    told = events(run, 2)

    def tell() -> tuple[Totals, dict[str, object]]:
        ledger.emitted(told)
        ledger.acknowledged([in_topic(topic, told[0], 0), in_topic(topic, told[1], 1)])
        ledger.ingested(topic, {0: 2})
        ledger.verified(topic, {0: 2})
        return ledger.totals(run), row_of(settings, told[0])

    assert tell() == tell()


def test_the_first_acknowledgement_counts(ledger: Ledger, settings: LedgerSettings, run: str, topic: str) -> None:
    [event] = events(run, 1)
    ledger.emitted([event])
    ledger.acknowledged([in_topic(topic, event, 7), in_topic(topic, event, 8)])
    ledger.acknowledged([in_topic(topic, event, 9, partition=2), in_dead_letters(event)])
    row = row_of(settings, event)
    assert (row["topic"], row["partition"], row["offset"], row["reason"]) == (topic, 0, 7, None)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_dead_letter_that_is_replayed_is_dead_no_more(
    ledger: Ledger, settings: LedgerSettings, run: str, topic: str, at_once: bool
) -> None:
    [event] = events(run, 1)
    ledger.emitted([event])
    heard = [in_dead_letters(event), in_topic(topic, event, 3)]
    for part in [heard] if at_once else [[each] for each in heard]:
        ledger.acknowledged(part)
    ledger.acknowledged([in_dead_letters(event)])
    row = row_of(settings, event)
    assert (row["topic"], row["offset"], row["reason"]) == (topic, 3, None)
    assert ledger.totals(run) == Totals(emitted=1, acknowledged=1, dead=0, ingested=0, verified=0)


def test_an_event_that_the_ingestion_gave_up_is_dead_until_it_is_sent_again(
    ledger: Ledger, run: str, topic: str
) -> None:
    told = events(run, 2)
    ledger.emitted(told)
    ledger.acknowledged([in_topic(topic, event, offset) for offset, event in enumerate(told)])
    ledger.given_up({told[0].event_id: "not in the catalogue after 3 tries"})
    ledger.verified(topic, {0: 2})
    assert ledger.totals(run) == Totals(emitted=2, acknowledged=1, dead=1, ingested=1, verified=1)
    ledger.acknowledged([in_topic(topic, told[0], 5)])
    assert ledger.totals(run) == Totals(emitted=2, acknowledged=2, dead=0, ingested=1, verified=1)
    ledger.verified(topic, {0: 6})
    assert ledger.totals(run) == Totals(emitted=2, acknowledged=2, dead=0, ingested=2, verified=2)


def test_an_event_that_this_ledger_does_not_know_is_left_out(ledger: Ledger, run: str, topic: str) -> None:
    told = events(run, 2)
    ledger.emitted(told[:1])
    ledger.acknowledged([in_topic(topic, event, offset) for offset, event in enumerate(told)])
    assert ledger.totals(run) == Totals(emitted=1, acknowledged=1, dead=0, ingested=0, verified=0)


def test_a_reason_of_any_characters_and_length_is_kept(ledger: Ledger, settings: LedgerSettings, run: str) -> None:
    [event] = events(run, 1)
    ledger.emitted([event])
    ledger.acknowledged([in_dead_letters(event, reason="\0\ud800" + "x" * 10**5)])
    assert str(row_of(settings, event)["reason"]).strip("?�") == "x" * 1998


def test_more_events_than_one_statement_takes(ledger: Ledger, run: str, topic: str) -> None:
    told = events(run, 2 * store.BATCH + 1)
    ledger.emitted(told)
    ledger.acknowledged([in_topic(topic, event, offset) for offset, event in enumerate(told)])
    ledger.ingested(topic, {0: len(told)})
    ledger.verified(topic, {0: len(told) - 1})
    count = len(told)
    assert ledger.totals(run) == Totals(count, count, 0, ingested=count, verified=count - 1)


def test_pending_events_come_oldest_first(ledger: Ledger, run: str, topic: str) -> None:
    told = events(run, 5)
    ledger.emitted(told[::-1])
    ledger.acknowledged([in_topic(topic, told[1], 1), in_topic(topic, told[2], 2), in_dead_letters(told[4])])
    ledger.verified(topic, {0: 2})
    of_run = [each for each in ledger.pending(10**6) if each.facts.root_run_id == run]
    assert [each.facts for each in of_run] == [told[0], told[2], told[3]]
    assert [each.acknowledged_at for each in of_run] == [None, NOW, None]
    assert len(ledger.pending(2)) == 2


def test_the_command_line_tells_the_totals(settings: LedgerSettings, ledger: Ledger, run: str) -> None:
    ledger.emitted(events(run, 3))
    said, _ = run_command(settings, "totals", "--root-run-id", run, "--json").communicate(timeout=60)
    assert json.loads(said) == {"emitted": 3, "acknowledged": 0, "dead": 0, "ingested": 0, "verified": 0}


def test_two_migrations_at_once_make_one_schema(schema: LedgerSettings) -> None:
    both = [run_command(schema, "migrate") for _ in range(2)]
    ended = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    engine = create_engine(schema.url.get_secret_value())
    with engine.connect() as database:
        context = MigrationContext.configure(database, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_heads() == (newest_version(),)
    engine.dispose()


def test_what_a_ledger_kept_before_there_were_projects_stays_and_goes_back(schema: LedgerSettings) -> None:
    engine = create_engine(schema.url.get_secret_value())
    alert = "INSERT INTO alert (check_name, subject, since, seen, allowed) VALUES ('lag', 'relay', now(), '', '')"
    shown = "INSERT INTO dashboard_refresh VALUES ('shop', now(), 1, 1, 0, 1.0, '')"
    with engine.begin() as database:
        command.upgrade(_configuration(database), "0004_retention")
        database.execute(text(alert))
        database.execute(text(shown))
        command.upgrade(_configuration(database), "head")
        assert database.execute(text("SELECT project FROM alert")).scalars().all() == [""]
        # Now the same promise breaks for each project, and each has its dashboard.
        for project in ("one", "other"):
            database.execute(
                text(alert.replace("(check_name", "(project, check_name").replace("('lag", f"('{project}', 'lag"))
            )
            columns = "dashboard, refreshed_at, charts, charts_equal, recomputed, seconds, problem, project"
            database.execute(text(shown.replace(" VALUES", f" ({columns}) VALUES").replace("'')", f"'', '{project}')")))
        assert database.execute(text("SELECT count(*) FROM alert")).scalar_one() == 3
        command.downgrade(_configuration(database), "0004_retention")
        for name in ("alert", "dashboard_refresh"):
            assert database.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() == 1
    engine.dispose()


def test_the_pages_role_reads_every_table_of_the_ledger_and_writes_none(stack: StackConfig, ledger: Ledger) -> None:
    reader = psycopg2.connect(
        host="127.0.0.1",
        port=stack.ports["postgres"],
        dbname=postgres.LEDGER_DATABASE,
        user=postgres.LEDGER_READER_USER,
        password=stack.credentials.ledger_reader_password,
    )
    reader.autocommit = True
    with closing(reader), reader.cursor() as cursor:
        for table in Base.metadata.tables:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE public.of_the_page (id int)")


def test_the_ledgers_role_can_do_nothing_elsewhere(stack: StackConfig) -> None:
    login = {
        "host": "127.0.0.1",
        "port": stack.ports["postgres"],
        "user": postgres.LEDGER_USER,
        "password": stack.credentials.ledger_password,
        "connect_timeout": 5,
    }
    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        psycopg2.connect(dbname=postgres.AIRFLOW_DATABASE, **login)
    connection = psycopg2.connect(dbname=postgres.WAREHOUSE_DATABASE, **login)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE'), has_database_privilege('jaffle_db', 'CREATE')")
        assert cursor.fetchone() == (False, False)
        cursor.execute("SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)
    connection.close()


@pytest.fixture
def silent_server() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    return unused_ports(1)[0]


@pytest.mark.parametrize("where", ["silent_server", "unused_port"])
def test_a_database_that_is_away_is_named_without_its_password(request: pytest.FixtureRequest, where: str) -> None:
    port = request.getfixturevalue(where)
    away = LedgerSettings(url=SecretStr(f"postgresql+psycopg2://me:pass-word@127.0.0.1:{port}/db"), timeout_seconds=2)
    with pytest.raises(LedgerError) as refused, Ledger(away) as ledger:
        ledger.totals()
    assert str(refused.value).startswith(f"PostgreSQL at 127.0.0.1:{port} (database db): ")
    assert "pass-word" not in str(refused.value)


def test_a_database_that_hangs_in_the_middle_does_not_hang_its_caller(settings: LedgerSettings) -> None:
    name = f"ledger {uuid4()}"
    with Ledger(changed(settings, application_name=name)) as ledger:
        before = ledger.totals()
        [pid] = backends(settings, name)
        os.kill(pid, signal.SIGSTOP)
        try:
            # The pool notices, by its own question, that the connection is of no use, and takes another.
            assert ledger.totals().emitted >= before.emitted
            assert set(backends(settings, name)) > {pid}
        finally:
            os.kill(pid, signal.SIGCONT)


def test_a_statement_that_takes_too_long_is_ended(settings: LedgerSettings, ledger: Ledger, run: str) -> None:
    engine = create_engine(settings.url.get_secret_value())
    with engine.begin() as database, Ledger(changed(settings)) as impatient:
        database.execute(text("LOCK TABLE lineage_event"))
        with pytest.raises(LedgerError, match="timeout"):
            impatient.emitted(events(run, 1))
    engine.dispose()
    assert ledger.totals(run).emitted == 0


def changed(settings: LedgerSettings, **of_url: str) -> LedgerSettings:
    """The settings with a timeout of one second and something added to the address."""
    url = make_url(settings.url.get_secret_value()).update_query_dict(of_url)
    return LedgerSettings(url=SecretStr(url.render_as_string(hide_password=False)), timeout_seconds=1)


def backends(settings: LedgerSettings, name: str) -> list[int]:
    """The server's processes of the connections that go by a name."""
    engine = create_engine(settings.url.get_secret_value())
    with engine.connect() as database:
        query = text("SELECT pid FROM pg_stat_activity WHERE application_name = :name")
        pids = database.execute(query, {"name": name}).scalars().all()
    engine.dispose()
    return list(pids)
