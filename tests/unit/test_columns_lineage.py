"""``column_lineage`` where a statement's size or form is the point; what statements mean is the corpus' business."""

import pytest
from sqlglot.dialects.postgres import Postgres

from dbt_lineage.columns.dialects import sqlglot_name
from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import DIRECT, IDENTITY, TRANSFORMATION, Column, ColumnEdge
from dbt_lineage.columns.postgres_dialect import WITH_WORDS, PostgresAsWritten
from dbt_lineage.columns.postgres_functions import SQL_FUNCTIONS

SCHEMA = {"db.s.t": {"a": "int", "b": "int"}}
OUTPUT = "db.s.output"


def sources(sql: str, column: str, dialect: str = "postgres") -> set[tuple[str, str]]:
    """The DIRECT sources of a column, and how."""
    lineage = column_lineage(sql, OUTPUT, SCHEMA, dialect)
    assert lineage.unresolved == ()
    return {
        (edge.source.name, edge.subtype) for edge in lineage.edges if edge.target.name == column and edge.kind == DIRECT
    }


def test_a_chain_of_hundreds_of_queries() -> None:
    steps = ", ".join(f"q{i} as (select a + 1 as a from q{i - 1})" for i in range(1, 400))
    assert sources(f"with q0 as (select * from t), {steps} select a from q399", "a") == {("a", TRANSFORMATION)}


def test_a_recursion_around_hundreds_of_queries() -> None:
    steps = ", ".join(f"q{i} as (select a from q{i - 1})" for i in range(1, 300))
    sql = f"with recursive q0 as (select a from t union all select a from q0), {steps} select a from q299"
    assert sources(sql, "a") == {("a", IDENTITY)}


def test_what_is_nested_too_deeply_is_named() -> None:
    sql = "select a from " + "(select a from " * 3000 + "t" + ") x" * 3000
    lineage = column_lineage(sql, OUTPUT, SCHEMA, "postgres")
    assert (lineage.columns, lineage.edges) == ((), frozenset())
    assert [problem.column for problem in lineage.unresolved] == ["*"]


def test_the_columns_are_in_their_order() -> None:
    assert column_lineage("select b, *, 1 as c from t as x (d)", OUTPUT, SCHEMA, "postgres").columns == ("b", "d", "c")


def test_the_output_that_is_read_is_a_source_of_itself() -> None:
    schema = {OUTPUT: {"a": "int"}}
    lineage = column_lineage("select a from db.s.output", OUTPUT, schema, "postgres")
    assert lineage.edges == {ColumnEdge(Column(OUTPUT, "a"), Column(OUTPUT, "a"), DIRECT, IDENTITY)}


def test_a_short_name_means_an_input_before_the_output() -> None:
    schema = {"db.raw.output": {"a": "int"}, OUTPUT: {"a": "int"}}
    lineage = column_lineage("select a from output", OUTPUT, schema, "postgres")
    assert {edge.source.relation for edge in lineage.edges} == {"db.raw.output"}


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("postgres", "select a::text as x from t"),
        ("postgresql", "select a::text as x from t"),
        ("PostgreSQL", "select a::text as x from t"),
        ("sqlserver", "select cast([a] as varchar) as x from t"),
        ("mssql", "select cast([a] as varchar) as x from t"),
        ("ansi", "select cast(a as varchar) as x from t"),
        ("trino", "select cast(a as varchar) as x from t"),
    ],
)
def test_a_dialect_goes_by_any_of_the_fields_names_for_it(name: str, sql: str) -> None:
    assert sources(sql, "x", name) == {("a", TRANSFORMATION)}


@pytest.mark.parametrize("dialect", ["postgres", "clickhouse"])
def test_a_byte_order_mark_before_the_statement_is_no_part_of_it(dialect: str) -> None:
    assert sources("\n\ufeff-- a note\nselect a as x from t", "x", dialect) == {("a", IDENTITY)}


def test_a_chain_of_unions_names_the_reason_once() -> None:
    schema = {"db.s.t": {"a": "int"}, "db.s.u": {}}
    sql = "select * from u" + " union all select a from t" * 9
    lineage = column_lineage(sql, OUTPUT, schema, "snowflake")
    reason = "the columns of db.s.u are not known, so the columns of UNION cannot be matched"
    assert [(problem.column, problem.reason) for problem in lineage.unresolved] == [("*", reason)]


def test_sqlglot_still_reads_the_functions_with_words_that_are_left_to_it() -> None:
    """A function that sqlglot no longer parses by its words would be read as if it had none."""
    assert set(Postgres.Parser.FUNCTION_PARSERS) >= WITH_WORDS
    assert set(PostgresAsWritten.Parser.FUNCTION_PARSERS) == WITH_WORDS | set(SQL_FUNCTIONS)


def test_no_function_loses_an_argument() -> None:
    """Whatever sqlglot makes of a function's name elsewhere: the columns in its arguments are its sources."""
    words = {"AND", "OR", "CASE", "APPLY", "GROUPING"}
    for name in sorted(set(Postgres.Parser.FUNCTIONS) - WITH_WORDS - set(SQL_FUNCTIONS) - words):
        lineage = column_lineage(f"select {name.lower()}(a, b) as x from t", OUTPUT, SCHEMA, "postgres")
        assert (name, {edge.source.name for edge in lineage.edges}) == (name, {"a", "b"})


def test_a_reason_is_one_line_for_any_reader() -> None:
    lineage = column_lineage("select a,\n from t where\n", OUTPUT, SCHEMA, "postgres")
    (problem,) = lineage.unresolved
    assert problem.reason.isprintable()
    assert "line" in problem.reason.lower()


def test_adapters_without_another_name_keep_theirs() -> None:
    assert sqlglot_name("Snowflake") == "snowflake"
