"""Column lineage beside the manuals of other databases: ``python -m prove.columns dialects``.

The corpus is a file for each dialect. Its statements are our own, and their edges are derived by hand from the dialect's
manual; each names the section.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from sqlglot import exp
from sqlglot import lineage as sqlglot_lineage
from sqlglot.errors import SqlglotError

from dbt_lineage.columns.dialects import sqlglot_name
from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import DIRECT, Column, ColumnLineage
from prove.golden import claims, written_down
from stack.checkout import PROJECT_ROOT

CORPUS = PROJECT_ROOT / "tests" / "data" / "dialect_corpus"
# Of these, names that differ in case only are different ones.
CASE_SENSITIVE = frozenset({"snowflake", "clickhouse"})


@dataclass(frozen=True)
class Statement:
    """One statement of the corpus.

    Args:
        dialect: its dialect, as sqlglot calls it.
        name: what it shows.
        manual: the section of the manual that its edges are derived from.
        sql: the statement.
        schema: the relations that it may read.
        expected: the lineage that it means.
        unresolved: what nobody can know: the column, and a part of the reason.
        not_run: why the engine does not run it as it stands; None when it does.
    """

    dialect: str
    name: str
    manual: str
    sql: str
    schema: dict[str, dict[str, str]]
    expected: ColumnLineage
    unresolved: dict[str, str]
    not_run: str | None

    def __str__(self) -> str:
        return f"{self.dialect}: {self.name}"

    @property
    def lineage(self) -> ColumnLineage:
        """What ours gives, the names of the output in the spelling of the expected one."""
        return self.spelled(column_lineage(self.sql, self.expected.relation, self.schema, self.dialect))

    def spelled(self, lineage: ColumnLineage) -> ColumnLineage:
        """A lineage with the names of the output in lower case, where the dialect ignores case."""
        if self.dialect in CASE_SENSITIVE:
            return lineage
        return replace(
            lineage,
            columns=tuple(name.lower() for name in lineage.columns),
            edges=frozenset(
                replace(edge, target=replace(edge.target, name=edge.target.name.lower())) for edge in lineage.edges
            ),
            unresolved=tuple(replace(problem, column=problem.column.lower()) for problem in lineage.unresolved),
        )


def statements(folder: Path = CORPUS) -> list[Statement]:
    """Every statement of the corpus, dialect by dialect."""
    return [statement for file in sorted(folder.glob("*.yml")) for statement in _of_file(file)]


def is_right(statement: Statement) -> bool:
    """Whether ours tells every edge, no other, and names what nobody can know."""
    found = statement.lineage
    return (
        claims(found) == claims(statement.expected)
        and found.columns == statement.expected.columns
        and {problem.column for problem in found.unresolved} == set(statement.unresolved)
        and all(statement.unresolved[problem.column] in problem.reason for problem in found.unresolved)
    )


def is_sqlglot_right(statement: Statement) -> bool:
    """Whether sqlglot's own ``lineage`` finds the sources of every column.

    It knows neither INDIRECT edges nor that something cannot be told. So it is right when of each column it finds all
    DIRECT sources and, beside them, at most INDIRECT ones.
    """
    schema = _nested(statement.schema)
    for name in statement.expected.columns:
        edges = [edge for edge in statement.expected.edges if edge.target.name == name]
        every = {_bare(edge.source) for edge in edges} | {
            _bare(source) for source, _ in statement.expected.dataset_edges
        }
        direct = {_bare(edge.source) for edge in edges if edge.kind == DIRECT}
        try:
            found = _of_sqlglot(name, statement.sql, schema, statement.dialect)
        except (SqlglotError, ValueError, AttributeError, KeyError, TypeError, AssertionError, RecursionError):
            # It has no answer, in one of many ways.
            return False
        if not direct <= found <= every | direct:
            return False
    return bool(statement.expected.columns)


def table(corpus: Iterable[Statement]) -> str:
    """Dialects, statements and how many are right, as a Markdown table."""
    rows: dict[str, list[Statement]] = {}
    for statement in corpus:
        rows.setdefault(statement.dialect, []).append(statement)
    lines = [
        "| Dialect | Statements | ours: right | that can be told | sqlglot's lineage: right |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, each in [*rows.items(), ("**all**", [statement for group in rows.values() for statement in group])]:
        told = [statement for statement in each if not statement.unresolved]
        counts = [len(each), sum(map(is_right, each)), len(told), sum(map(is_sqlglot_right, told))]
        lines.append(f"| {name} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def differences(corpus: Iterable[Statement]) -> Iterator[str]:
    """What is not right: of ours the edges, of sqlglot's the statement."""
    for statement in corpus:
        if not is_right(statement):
            found, expected = statement.lineage, statement.expected
            yield f"ours: {statement}: {statement.sql}"
            yield from (f"  missing {each}" for each in sorted(claims(expected) - claims(found)))
            yield from (f"  wrong {each}" for each in sorted(claims(found) - claims(expected)))
            yield f"  columns {', '.join(found.columns)}; unresolved {found.unresolved}"
        if not statement.unresolved and not is_sqlglot_right(statement):
            yield f"sqlglot: {statement}: {statement.sql}"


def _of_file(file: Path) -> list[Statement]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [_statement(entry, content) for entry in content["statements"]]


def _statement(entry: Mapping[str, Any], content: Mapping[str, Any]) -> Statement:
    known = {"name", "manual", "sql", "columns", "dataset", "unresolved", "output", "not_run"}
    if set(entry) - known:
        raise ValueError(f"{content['dialect']}: {entry['name']}: {set(entry) - known} is not understood")
    output = entry.get("output", content["prefixes"]["output"])
    return Statement(
        dialect=sqlglot_name(content["dialect"]),
        name=entry["name"],
        manual=entry["manual"],
        sql=entry["sql"],
        schema=content["relations"],
        expected=written_down(output, entry, content["prefixes"]),
        unresolved=entry.get("unresolved", {}),
        not_run=entry.get("not_run"),
    )


def _nested(schema: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for relation, columns in schema.items():
        if not columns:
            # sqlglot's schema has no relation of unknown columns.
            continue
        database, namespace, name = relation.split(".")
        nested.setdefault(database, {}).setdefault(namespace, {})[name] = dict(columns)
    return nested


def _of_sqlglot(name: str, sql: str, schema: dict[str, Any], dialect: str) -> set[tuple[str, str]]:
    """The columns of relations that sqlglot finds behind a column: table and name in lower case."""
    names = {table: table for database in schema.values() for tables in database.values() for table in tables}
    root = sqlglot_lineage.lineage(name, sql, schema=schema, dialect=dialect)
    found: set[tuple[str, str]] = set()
    for node in root.walk():
        if not node.downstream and isinstance(node.expression, exp.Table) and node.name != "*":
            found.add((names.get(node.expression.name.lower(), node.expression.name.lower()), _last(node.name)))
    return found


def _last(name: str) -> str:
    return name.rpartition(".")[2].strip('"`[]').lower()


def _bare(column: Column) -> tuple[str, str]:
    return column.relation.rpartition(".")[2].lower(), column.name.lower()
