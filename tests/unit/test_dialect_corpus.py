"""What each statement of the dialects' corpus means, against what ``column_lineage`` tells of it."""

from collections import Counter

import pytest

from dbt_lineage.columns.lineage import column_lineage
from prove.dialects import Statement, is_right, statements, table
from prove.golden import claims

CORPUS = statements()


@pytest.mark.parametrize("statement", CORPUS, ids=str)
def test_the_edges_are_those_of_the_manual(statement: Statement) -> None:
    found = statement.lineage
    assert sorted(map(str, claims(found))) == sorted(map(str, claims(statement.expected)))
    assert found.columns == statement.expected.columns
    assert {problem.column for problem in found.unresolved} == set(statement.unresolved), found.unresolved
    for problem in found.unresolved:
        assert statement.unresolved[problem.column] in problem.reason
    assert is_right(statement)


@pytest.mark.parametrize("dialect", ["bigquery", "databricks", "mysql", "oracle", "postgres", "snowflake", "tsql"])
def test_a_statement_of_another_dialect_is_read_or_named_and_raises_nothing(dialect: str) -> None:
    for statement in CORPUS:
        unknown: dict[str, dict[str, str]] = {relation: {} for relation in statement.schema}
        lineage = column_lineage(statement.sql, statement.expected.relation, unknown, dialect)
        assert all(problem.reason.isprintable() for problem in lineage.unresolved), statement


def test_each_dialect_has_many_statements_and_each_is_one_of_its_kind() -> None:
    for dialect, count in Counter(statement.dialect for statement in CORPUS).items():
        assert count >= 60, dialect
    assert len({str(statement) for statement in CORPUS}) == len(CORPUS)
    assert len({(statement.dialect, statement.sql) for statement in CORPUS}) == len(CORPUS)
    assert all(statement.manual for statement in CORPUS)


def test_the_table_has_a_line_for_each_dialect() -> None:
    lines = table(CORPUS[:2]).splitlines()
    assert len(lines) == 4
    assert lines[2].startswith(f"| {CORPUS[0].dialect} | 2 | 2 |")
