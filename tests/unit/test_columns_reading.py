"""Nothing of a statement is left out in silence: what nobody evaluated is named."""

import sqlglot

from dbt_lineage.columns.dialects import parsing
from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import EVERY_COLUMN, ColumnLineage
from dbt_lineage.columns.reading import Reading, lost_words

SCHEMA = {"db.s.t": {"a": "int", "b": "int", "year": "int"}}


def told(sql: str, dialect: str = "postgres") -> ColumnLineage:
    return column_lineage(sql, "db.s.output", SCHEMA, dialect)


def test_a_column_in_a_clause_that_no_rule_looks_at_is_named() -> None:
    lineage = told("select a from t order by a with fill from b", "clickhouse")
    (problem,) = lineage.unresolved
    assert problem.column == EVERY_COLUMN
    assert problem.reason.startswith("b is not understood where it stands: ")
    assert "with fill from b" in problem.reason
    assert lineage.columns == ("a",)


def test_a_column_that_the_parser_takes_for_a_word_is_named() -> None:
    (problem,) = told("select normalize(a, b) as x from t").unresolved
    assert problem.reason == "b is not understood where it stands: select normalize(a, b) as x from t"


def test_a_hint_to_the_planner_needs_no_look() -> None:
    assert told("select /*+ broadcast(t) */ a from t distribute by b", "spark").unresolved == ()
    assert told("select x from t, unnest([b]) as x with offset as o", "bigquery").unresolved == ()


def test_words_of_the_grammar_are_no_lost_columns() -> None:
    sql = "select extract(year from now()) as year, cast(a as year) as b, b::a as c, make_date(year => a) as d from t"
    assert told(sql).unresolved == ()


def test_an_alias_that_sqlglot_takes_for_a_part_of_something_is_found() -> None:
    sql = "select '1 day'::interval s from t"
    tokens = parsing("postgres").tokenize(sql)
    assert [token.text for token in lost_words(sqlglot.parse_one(sql, dialect="postgres"), tokens)] == ["s"]
    assert told(sql).columns == ("s",)


def test_every_part_counts_until_somebody_looks_at_it() -> None:
    statement = sqlglot.parse_one("select a, (select max(b) from t as u where u.a = t.a) from t", dialect="postgres")
    reading = Reading()
    assert {part.name for part in reading.overlooked(statement)} == {"a", "b", "t"}
    reading.needs_not(statement.expressions)
    assert [part.name for part in reading.overlooked(statement)] == ["t"]
    reading.saw(statement.args["from_"].this)
    assert list(reading.overlooked(statement)) == []


def test_an_operand_that_sqlglot_itself_loses_is_found() -> None:
    sql = 'select @ a as x, "b" from t where @ b > 1'
    tokens = parsing("postgres").tokenize(sql)
    by_sqlglot = sqlglot.parse_one(sql, dialect="postgres")
    assert [(token.text, token.start) for token in lost_words(by_sqlglot, tokens)] == [("a", 9), ("b", 36)]
    as_written = sqlglot.parse_one(sql, dialect=parsing("postgres"))
    assert list(lost_words(as_written, tokens)) == []
