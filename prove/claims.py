"""The lineage that is claimed of a statement, from a file or a function."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from dbt_lineage.columns.model import INDIRECT, Column, ColumnEdge, ColumnLineage, Unresolved
from prove.relations import ProveError, Statement

Claims = Callable[[Statement], ColumnLineage]


def load(where: str) -> Claims:
    """Claims by the name of their origin.

    Args:
        where: a file, ``.json`` or ``.yml``: by relation the columns' ``edges`` (source, target column, kind, subtype)
            and the ``dataset_edges`` (source, subtype); or ``module:function`` of a function that takes a
            ``Statement`` and returns its ``ColumnLineage``.

    Raises:
        ProveError: there is no such file or function, or the file says something else.
    """
    if Path(where).suffix in (".json", ".yml", ".yaml"):
        return _from_file(Path(where))
    module, _, function = where.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ProveError(f"no claims can be taken from {where}: {error}") from None


def _from_file(file: Path) -> Claims:
    try:
        text = file.read_text(encoding="utf-8")
        content = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
        claimed = {relation: _lineage(relation, said) for relation, said in content.items()}
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ProveError(f"{file} holds no claims: {error}") from None
    return lambda statement: claimed.get(
        statement.relation,
        ColumnLineage(statement.relation, (), frozenset(), frozenset(), (Unresolved("*", "nothing is claimed"),)),
    )


def _lineage(relation: str, said: dict[str, Any]) -> ColumnLineage:
    return ColumnLineage(
        relation=relation,
        columns=tuple(said.get("columns", ())),
        edges=frozenset(
            ColumnEdge(_column(source), Column(relation, target), kind, subtype)
            for source, target, kind, subtype in said.get("edges", ())
        ),
        dataset_edges=frozenset((_column(source), subtype) for source, subtype in said.get("dataset_edges", ())),
        unresolved=(),
    )


def _column(text: str) -> Column:
    relation, _, name = text.rpartition(".")
    return Column(relation, name)


def claimed_sources(claim: ColumnLineage, columns: tuple[str, ...]) -> dict[tuple[Column, str], set[tuple[str, str]]]:
    """What is claimed of each pair of source and target column: kinds and subtypes, those of all columns included.

    Args:
        claim: of one statement.
        columns: the columns that there are.
    """
    claimed: dict[tuple[Column, str], set[tuple[str, str]]] = {}
    for edge in claim.edges:
        claimed.setdefault((edge.source, edge.target.name), set()).add((edge.kind, edge.subtype))
    for source, subtype in claim.dataset_edges:
        for column in columns:
            claimed.setdefault((source, column), set()).add((INDIRECT, subtype))
    return claimed
