"""SQL statements of many shapes with the column edges that they mean, written by hand: ``tests/data/column_corpus``."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dbt_lineage.columns.model import ColumnLineage
from prove.golden import written_down

CORPUS = Path(__file__).parent / "data" / "column_corpus"


@dataclass(frozen=True)
class Case:
    """One statement of the corpus.

    Args:
        name: what it shows.
        sql: the statement.
        dialect: its dialect.
        schema: the relations that it may read.
        expected: the lineage that it means.
        unresolved: what cannot be told: the column, and a pattern that the reason contains.
        not_in_postgres: why PostgreSQL would not run it as it stands; None when it does.
    """

    name: str
    sql: str
    dialect: str
    schema: dict[str, dict[str, str]]
    expected: ColumnLineage
    unresolved: dict[str, str]
    not_in_postgres: str | None

    def __str__(self) -> str:
        return self.name


def cases() -> Iterator[Case]:
    """Every statement of the corpus."""
    for file in sorted(CORPUS.glob("[0-9]*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield _case(entry)


def relations() -> dict[str, dict[str, str]]:
    """The relations that the corpus reads, and their columns."""
    return _schema()["relations"]


@cache
def _schema() -> dict[str, Any]:
    return yaml.safe_load((CORPUS / "schema.yml").read_text(encoding="utf-8"))


def _case(entry: dict[str, Any]) -> Case:
    known = set(Case.__dataclass_fields__) | {"columns", "dataset", "inputs", "inputs_also", "output", "sql_of"}
    assert set(entry) <= known, f"{entry['name']}: {set(entry) - known}"
    usual = [relation for relation in relations() if relation not in _schema()["only_when_asked"]]
    inputs = {relation: relations()[relation] for relation in entry.get("inputs", usual)}
    output = entry.get("output", "shop.public.output")
    return Case(
        name=entry["name"],
        sql=entry["sql"] if "sql" in entry else _long(**entry["sql_of"]),
        dialect=entry.get("dialect", "postgres"),
        schema={**inputs, **entry.get("inputs_also", {})},
        expected=written_down(output, entry, _schema()["prefixes"]),
        unresolved=entry.get("unresolved", {}),
        not_in_postgres=entry.get("not_in_postgres"),
    )


def _long(start: str, repeat: str, times: int, end: str) -> str:
    return start + repeat * times + end
