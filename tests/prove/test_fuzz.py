"""Our column lineage, and wrong ones, against PostgreSQL for statements at random."""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from dbt_lineage.columns.model import IDENTITY, INDIRECT, Column, ColumnEdge, ColumnLineage, Unresolved
from dbt_lineage.core.settings import WarehouseSettings
from prove.fuzz.__main__ import figures, main, told
from prove.fuzz.property import Examined, examine
from prove.fuzz.run import run
from prove.fuzz.states import States
from prove.lineage import claims as own_claims
from prove.relations import Statement

# Others are tried by hand: FUZZ_SEED=7 FUZZ_COUNT=2000 make test-services.
SEED = int(os.environ.get("FUZZ_SEED", "1"))
COUNT = int(os.environ.get("FUZZ_COUNT", "300"))
MADE = "fuzz.base.made"


@pytest.fixture(scope="module")
def states(warehouse: WarehouseSettings) -> Iterator[States]:
    """The tables that the statements read, in a database of their own."""
    password = warehouse.password.get_secret_value()
    where = {"host": warehouse.host, "port": warehouse.port, "user": warehouse.user, "password": password}
    server = psycopg2.connect(**where, dbname=warehouse.database)
    server.autocommit = True
    server.cursor().execute("CREATE DATABASE fuzzed")
    connection = psycopg2.connect(**where, dbname="fuzzed")
    yield States(connection, seed=1)
    connection.close()
    server.cursor().execute("DROP DATABASE fuzzed")
    server.close()


def chance() -> random.Random:
    return random.Random(1)  # noqa: S311 - no secret


def source(name: str) -> Column:
    return Column(f"fuzz.base.{name.split('.')[0]}", name.split(".")[1])


def examined(states: States, text: str, wrong: Any) -> Examined:
    """What is found of a statement when our claim is changed."""
    return examine(states, text, chance(), lambda statement: wrong(own_claims(statement)))


def test_no_claim_is_contradicted(warehouse: WarehouseSettings, at_the_end: Callable[[str], None]) -> None:
    started = time.monotonic()
    summary = run(warehouse, SEED, range(COUNT), workers=2)
    at_the_end(figures(summary, SEED, round(time.monotonic() - started, 1)))
    assert not summary.failures, "\n".join(told(failure, SEED) for failure in summary.failures)
    assert summary.statements == COUNT
    assert sum(summary.refused.values()) <= 0.03 * COUNT
    assert summary.named <= 0.1 * COUNT
    assert summary.columns > COUNT
    assert summary.unseen < summary.direct / 3


def test_a_dependency_that_nobody_claims_is_noticed(states: States) -> None:
    def wrong(claim: ColumnLineage) -> ColumnLineage:
        return replace(claim, edges=frozenset(edge for edge in claim.edges if edge.source != source("sale.fee")))

    found = examined(states, "select id, amt + coalesce(fee, 0) as total from sale", wrong).disagreements
    assert [(one.kind, one.source) for one in found] == [("not claimed", "sale.fee")]
    assert "total" in found[0].detail


def test_rows_that_nobody_claims_are_noticed(states: States) -> None:
    def wrong(claim: ColumnLineage) -> ColumnLineage:
        return replace(claim, dataset_edges=frozenset())

    found = examined(states, "select id from sale where state = 'a'", wrong).disagreements
    assert [(one.kind, one.source) for one in found] == [("not claimed", "sale.state")]


def test_rows_that_come_together_otherwise_are_noticed(states: States) -> None:
    def wrong(claim: ColumnLineage) -> ColumnLineage:
        return replace(claim, dataset_edges=frozenset())

    text = "select a.id, b.id as next from acct a join acct b on a.boss_id = b.id"
    assert ("not claimed", "acct.boss_id") in {
        (one.kind, one.source) for one in examined(states, text, wrong).disagreements
    }


def test_a_value_that_is_carried_is_not_only_indirect(states: States) -> None:
    def wrong(claim: ColumnLineage) -> ColumnLineage:
        return replace(claim, edges=frozenset(replace(edge, kind=INDIRECT, subtype="SORT") for edge in claim.edges))

    found = examined(states, "select state from sale", wrong).disagreements
    assert {(one.kind, one.source) for one in found} == {("carried", "sale.state")}


@pytest.mark.parametrize("expression", ["upper(state)", "amt * 2", "state || 'x'", "coalesce(amt, 0) + 1"])
def test_a_value_that_is_changed_is_no_identity(states: States, expression: str) -> None:
    def wrong(claim: ColumnLineage) -> ColumnLineage:
        return replace(claim, edges=frozenset(replace(edge, subtype=IDENTITY) for edge in claim.edges))

    found = examined(states, f"select {expression} as v from sale", wrong).disagreements
    assert {one.kind for one in found} == {"not as it is"}


def test_a_column_that_is_called_otherwise_is_noticed(states: States) -> None:
    def wrong(claim: ColumnLineage) -> ColumnLineage:
        return replace(claim, columns=("other",))

    assert [one.kind for one in examined(states, "select id from sale", wrong).disagreements] == ["names"]


def test_what_nothing_shows_is_counted_and_is_no_contradiction(states: States) -> None:
    def wrong(claim: ColumnLineage) -> ColumnLineage:
        edge = ColumnEdge(source("acct.name"), Column(MADE, "id"), "DIRECT", "TRANSFORMATION")
        return replace(claim, edges=claim.edges | {edge})

    found = examined(states, "select s.id from sale s cross join acct", wrong)
    assert not found.disagreements
    assert found.unseen == ["acct.name -> id ['TRANSFORMATION']"]


def test_what_is_named_as_not_understood_is_not_judged(states: States) -> None:
    def wrong(claim: ColumnLineage) -> ColumnLineage:
        return replace(claim, edges=frozenset(), columns=(), unresolved=(Unresolved("*", "too hard"),))

    found = examined(states, "select id from sale", wrong)
    assert (found.named, found.disagreements) == (("too hard",), [])


def test_an_order_that_a_statement_leaves_open_is_no_dependency(states: States) -> None:
    found = examine(states, "select array_agg(id) as ids, max(fee) as fee from sale", chance())
    assert (found.columns, found.unstable, found.disagreements) == (2, 1, [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [("select 1 / (id - id) as x from sale", "division by zero"), ("select nothing from sale", "does not exist")],
)
def test_what_postgresql_refuses_is_counted(states: States, text: str, reason: str) -> None:
    assert reason in examine(states, text, chance()).refused


def nothing(statement: Statement) -> ColumnLineage:
    """Claims that no column depends on anything."""
    return replace(own_claims(statement), edges=frozenset(), dataset_edges=frozenset())


def test_the_command_ends_badly_with_the_smallest_statement_and_its_seed(
    warehouse: WarehouseSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WAREHOUSE_HOST", warehouse.host)
    monkeypatch.setenv("WAREHOUSE_PORT", str(warehouse.port))
    monkeypatch.setenv("WAREHOUSE_DATABASE", warehouse.database)
    monkeypatch.setenv("WAREHOUSE_USER", warehouse.user)
    monkeypatch.setenv("WAREHOUSE_PASSWORD", warehouse.password.get_secret_value())
    monkeypatch.setenv("WAREHOUSE_READER_PASSWORD", "not used")
    file = tmp_path / "fuzz.json"
    words = ["--seed", "5", "--first", "20", "--count", "1", "--workers", "1", "--output", str(file)]
    assert main(words) == 0
    assert json.loads(file.read_text())["statements"] == 1
    assert main([*words, "--claims", "tests.prove.test_fuzz:nothing"]) == 1
    failures = json.loads(file.read_text())["failures"]
    assert failures
    assert all(len(failure["text"]) <= len(failure["whole"]) for failure in failures)
    assert min(len(failure["text"]) for failure in failures) < 60
    assert f"--seed 5 --first {failures[0]['number']} --count 1" in capfd.readouterr().out
    databases = psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname=warehouse.database,
        user=warehouse.user,
        password=warehouse.password.get_secret_value(),
    )
    with databases.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE '%\\_fuzz\\_%'")
        assert cursor.fetchone() == (0,)
    databases.close()
