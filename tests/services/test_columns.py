"""The columns of the warehouse's relations, and PostgreSQL itself as a judge of the corpus of statements."""

import socket
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection, cursor

from dbt_lineage.catalogue.absent import absent_sources
from dbt_lineage.core import settings
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.port import WarehouseError
from dbt_lineage.warehouse.postgres import COLUMNS, PostgresWarehouse
from stack.config import StackConfig
from tests.column_corpus import Case, cases, relations

SCHEMA = "columns_of_every_kind"
# Parts of what the corpus' own database is called here.
CORPUS_DATABASE = '"shop"'


def connect(user: str, password: str) -> connection:
    warehouse = settings.warehouse()
    return psycopg2.connect(
        host=warehouse.host, port=warehouse.port, dbname=warehouse.database, user=user, password=password
    )


@pytest.fixture
def as_dbt(stack: StackConfig) -> Iterator[connection]:
    warehouse = settings.warehouse()
    connected = connect(warehouse.user, warehouse.password.get_secret_value())
    yield connected
    connected.close()


@pytest.fixture
def every_kind(stack: StackConfig) -> Iterator[str]:
    """A schema with a relation of every kind that has columns; its name with the database's."""
    connected = connect("postgres", stack.credentials.postgres_password)
    connected.autocommit = True
    with connected.cursor() as database:
        database.execute(
            f"""
            create schema {SCHEMA};
            set search_path to {SCHEMA};
            create table plain (b numeric(16, 2), gone int, a text[], "Mixed Case" timestamptz);
            alter table plain drop column gone, add column c varchar(7);
            create view seen as select a, b from plain;
            create materialized view kept as select c from plain;
            create table parted (day date, n int) partition by range (day);
            create table part partition of parted for values from ('2020-01-01') to ('2021-01-01');
            create foreign data wrapper nowhere;
            create server far_away foreign data wrapper nowhere;
            create foreign table distant (x int) server far_away;
            create table "Upper" (one int);
            create table "Twice" (one int);
            create table "with.dot" (one int);
            create table twice (two int);
            create table no_columns ();
            create index on plain (b);
            create type pair as (left_side int, right_side int);
            """
        )
        yield f"{settings.warehouse().database}.{SCHEMA}"
        database.execute(f"drop schema {SCHEMA} cascade; drop foreign data wrapper nowhere cascade")
    connected.close()


def test_the_columns_of_relations_of_every_kind_are_read_in_their_order(every_kind: str) -> None:
    columns = PostgresWarehouse(settings.warehouse()).columns(
        f"{every_kind}.{name}"
        for name in ("plain", "seen", "kept", "parted", "part", "distant", "upper", "no_columns", "not_there", "pair")
    )
    expected = {
        "plain": {
            "b": "numeric(16,2)",
            "a": "text[]",
            "Mixed Case": "timestamp with time zone",
            "c": "character varying(7)",
        },
        "seen": {"a": "text[]", "b": "numeric(16,2)"},
        "kept": {"c": "character varying(7)"},
        "parted": {"day": "date", "n": "integer"},
        "part": {"day": "date", "n": "integer"},
        "distant": {"x": "integer"},
        "Upper": {"one": "integer"},
        "no_columns": {},
    }
    assert {name.rsplit(".", 1)[1]: list(found.items()) for name, found in columns.items()} == {
        name: list(found.items()) for name, found in expected.items()
    }


def test_a_source_is_absent_only_where_none_differs_from_it_in_case_alone(every_kind: str) -> None:
    database, schema = every_kind.split(".")
    names = ("Upper", "Twice", "twice", "plain", "no_columns", "not_there")
    sources = {
        f"source.p.{name}": {"database": database, "schema": schema, "name": name, "identifier": name} for name in names
    }
    model = {
        "unique_id": "model.p.made",
        "resource_type": "model",
        "name": "made",
        "alias": "made",
        "database": database,
        "schema": schema,
        "path": "made.sql",
        "original_file_path": "models/made.sql",
        "config": {"materialized": "table"},
        "depends_on": {"nodes": list(sources)},
    }
    manifest = Manifest(
        {"nodes": {"model.p.made": model}, "sources": sources, "parent_map": {"model.p.made": list(sources)}}
    )
    assert len(manifest.edges()) == len(names)
    assert absent_sources(manifest, manifest.edges(), PostgresWarehouse(settings.warehouse())) == {
        f"{every_kind}.not_there"
    }


@pytest.mark.parametrize("asked", ["twice", "Twice", "TWICE"])
def test_two_relations_that_differ_in_case_alone_stay_two(every_kind: str, asked: str) -> None:
    columns = PostgresWarehouse(settings.warehouse()).columns([f"{every_kind}.{asked}"])
    assert columns == {f"{every_kind}.Twice": {"one": "integer"}, f"{every_kind}.twice": {"two": "integer"}}


@pytest.mark.parametrize("asked", ["UPPER", "upper", "Upper"])
def test_a_name_may_be_asked_for_in_any_case_and_comes_back_as_it_is_spelled(every_kind: str, asked: str) -> None:
    columns = PostgresWarehouse(settings.warehouse()).columns([f"{every_kind}.{asked}"])
    assert columns == {f"{every_kind}.Upper": {"one": "integer"}}


@pytest.mark.parametrize("schema", ["pr-123", "a.b", "größe", "GRÖSSE", "with blank", "50%", "it's"])
def test_a_schema_may_have_any_name(every_kind: str, stack: StackConfig, schema: str) -> None:
    warehouse = settings.warehouse()
    with closing(connect("postgres", stack.credentials.postgres_password)) as connected, connected.cursor() as database:
        database.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        database.execute(sql.SQL("create table {}.{} (one int)").format(sql.Identifier(schema), sql.Identifier(schema)))
        connected.commit()
        name = f"{warehouse.database}.{schema}.{schema}"
        try:
            assert PostgresWarehouse(warehouse).columns([name]) == {name: {"one": "integer"}}
        finally:
            database.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
            connected.commit()


def test_names_that_no_relation_can_have_spoil_no_question(every_kind: str) -> None:
    odd = ["a\0b", "\ud800", "no_dot", "x" * 70, "with.dot"]
    asked = [*(f"{every_kind}.{name}" for name in odd), "another.schema.upper", f"{every_kind}.plain"]
    assert PostgresWarehouse(settings.warehouse()).columns(asked).keys() == {
        f"{every_kind}.plain",
        f"{every_kind}.with.dot",
    }


def test_a_name_is_not_cut_to_the_length_of_an_identifier(every_kind: str, stack: StackConfig) -> None:
    longest = "n" * 63
    with closing(connect("postgres", stack.credentials.postgres_password)) as connected, connected.cursor() as database:
        database.execute(f"create table {SCHEMA}.{longest} (one int)")
        connected.commit()
    assert PostgresWarehouse(settings.warehouse()).columns([f"{every_kind}.{longest}x"]) == {}


def test_a_question_about_many_relations_reads_no_other_columns(every_kind: str, stack: StackConfig) -> None:
    """It goes by the catalogue's indexes: the columns of ten thousand relations would take a second."""
    with closing(connect("postgres", stack.credentials.postgres_password)) as connected, connected.cursor() as database:
        parts = {"schemas": [SCHEMA] * 2, "names": ["plain", "seen"]}
        # A small catalogue is read whole, since that is cheaper.
        database.execute("set enable_seqscan = off")
        database.execute(f"explain {COLUMNS}", parts)
        plan = "\n".join(line for (line,) in database.fetchall())
    assert "pg_class_relname_nsp_index" in plan
    assert "pg_attribute_relid_attnum_index" in plan


def test_a_connection_that_the_server_has_ended_is_no_trouble(every_kind: str, stack: StackConfig) -> None:
    warehouse = PostgresWarehouse(settings.warehouse())
    assert warehouse.columns([f"{every_kind}.upper"])
    with closing(connect("postgres", stack.credentials.postgres_password)) as connected, connected.cursor() as database:
        reader = settings.warehouse().reader_user
        database.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [reader])
    assert warehouse.columns([f"{every_kind}.upper"])


def test_a_server_that_hangs_is_named_in_time(stack: StackConfig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        elsewhere = settings.warehouse().model_copy(update={"port": hanging.getsockname()[1]})
        with pytest.raises(WarehouseError, match=r"no answer within 0\.5 s"):
            PostgresWarehouse(elsewhere, seconds=0.5).columns([f"{elsewhere.database}.s.t"])


def test_a_warehouse_that_is_not_there_is_named(stack: StackConfig) -> None:
    elsewhere = settings.warehouse().model_copy(update={"port": 1})
    with pytest.raises(WarehouseError, match=f"PostgreSQL at {elsewhere.host}:1 "):
        PostgresWarehouse(elsewhere).columns([f"{elsewhere.database}.s.t"])


def make_relations(database: cursor) -> None:
    database.execute("create schema archive; create schema mixed; set search_path to public")
    for relation, columns in relations().items():
        _, schema, table = relation.split(".")
        if columns:
            listed = sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(type_)) for name, type_ in columns.items()
            )
            name = sql.Identifier(schema, table)
            database.execute(sql.SQL("create table {} ({})").format(name, listed))


def columns_made(database: cursor, case: Case) -> tuple[str, ...] | None:
    """The columns that PostgreSQL gives a statement's result, or the relation that it made; None when it has none."""
    database.execute(case.sql.replace(CORPUS_DATABASE, f'"{settings.warehouse().database}"'))
    if database.description is not None:
        return tuple(column.name for column in database.description)
    if not case.sql.lstrip().lower().startswith("create") or not case.expected.columns:
        return None
    table = "output__dbt_tmp" if "output__dbt_tmp" in case.sql else "output"
    database.execute(f"select * from {table}")
    return tuple(column.name for column in database.description or ())


def test_postgresql_runs_the_corpus_and_names_its_columns_so(as_dbt: connection) -> None:
    """In a transaction that is rolled back: what a case says of names and what is valid SQL is not our own opinion."""
    judged = [case for case in cases() if case.dialect == "postgres" and case.not_in_postgres is None]
    assert len(judged) >= 150
    with as_dbt.cursor() as database:
        make_relations(database)
        for case in judged:
            database.execute("savepoint before")
            made = columns_made(database, case)
            assert made in (None, case.expected.columns), case.name
            database.execute("rollback to savepoint before")
    as_dbt.rollback()
