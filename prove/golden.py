"""Column edges written by hand, with precision and recall of a claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dbt_lineage.columns.model import (
    DIRECT,
    DIRECT_SUBTYPES,
    INDIRECT,
    INDIRECT_SUBTYPES,
    Column,
    ColumnEdge,
    ColumnLineage,
)
from dbt_lineage.core.errors import ExpectedError


class GoldenError(ExpectedError, ValueError):
    """The list is missing or has an entry of another form; the message names it."""


@dataclass(frozen=True, order=True)
class Claim:
    """One dependency, of a single column or, with the target ``*``, of all columns at once."""

    source: Column
    target: Column
    kind: str
    subtype: str

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} ({self.kind} {self.subtype})"


@dataclass(frozen=True)
class Agreement:
    """Two sets of claims of one kind.

    Args:
        expected: what is right.
        found: what was claimed.
    """

    expected: frozenset[Claim]
    found: frozenset[Claim]

    @property
    def precision(self) -> float:
        """The share of the found ones that are right."""
        return len(self.expected & self.found) / len(self.found) if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the right ones that were found."""
        return len(self.expected & self.found) / len(self.expected) if self.expected else 1.0

    @property
    def missing(self) -> list[Claim]:
        """Right and not found."""
        return sorted(self.expected - self.found)

    @property
    def wrong(self) -> list[Claim]:
        """Found and not right."""
        return sorted(self.found - self.expected)


def load_golden(path: Path, section: str = "models") -> dict[str, ColumnLineage]:
    """Read a list of edges.

    Args:
        path: the YAML file; see tests/data/golden_columns.yml.
        section: which of its lists.

    Returns:
        The lineage of each relation, by its name.

    Raises:
        GoldenError: the file is missing, or an entry is not understood.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        prefixes, relations = content["prefixes"], content[section]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise GoldenError(f"{path}: {section} cannot be read: {error!r}") from None
    return {
        name: lineage
        for relation, entry in relations.items()
        for name, lineage in [(_full(relation, prefixes), written_down(_full(relation, prefixes), entry, prefixes))]
    }


def written_down(relation: str, entry: Mapping[str, Any], prefixes: Mapping[str, str]) -> ColumnLineage:
    """The lineage of one relation as it is written down: ``{columns: {name: [SUBTYPE column]}, dataset: [...]}``.

    Raises:
        GoldenError: an entry is not understood.
    """
    edges: set[ColumnEdge] = set()
    for name, sources in entry["columns"].items():
        for written in sources:
            subtype, source = _source(written, prefixes)
            kind = DIRECT if subtype in DIRECT_SUBTYPES else INDIRECT
            edges.add(ColumnEdge(source, Column(relation, name), kind, subtype))
    dataset: set[tuple[Column, str]] = set()
    for written in entry.get("dataset", []):
        subtype, source = _source(written, prefixes)
        if subtype not in INDIRECT_SUBTYPES:
            raise GoldenError(f"{relation}: dataset: {written}: a whole relation has INDIRECT sources only")
        dataset.add((source, subtype))
    return ColumnLineage(relation, tuple(entry["columns"]), frozenset(edges), frozenset(dataset), ())


def claims(lineage: ColumnLineage) -> frozenset[Claim]:
    """Every dependency of a relation, those of all columns with ``*`` as their target."""
    whole = Column(lineage.relation, "*")
    return frozenset(
        {Claim(edge.source, edge.target, edge.kind, edge.subtype) for edge in lineage.edges}
        | {Claim(source, whole, INDIRECT, subtype) for source, subtype in lineage.dataset_edges}
    )


def agreement(expected: Mapping[str, ColumnLineage], found: Mapping[str, ColumnLineage], kind: str) -> Agreement:
    """Compare the dependencies of one kind, DIRECT or INDIRECT, over all relations."""
    of_kind = [
        frozenset(claim for lineage in side.values() for claim in claims(lineage) if claim.kind == kind)
        for side in (expected, found)
    ]
    return Agreement(*of_kind)


def _source(written: str, prefixes: Mapping[str, str]) -> tuple[str, Column]:
    subtype, _, column = written.partition(" ")
    relation, _, name = column.rpartition(".")
    if subtype not in (*DIRECT_SUBTYPES, *INDIRECT_SUBTYPES) or not relation or not name:
        raise GoldenError(f"{written!r} is not a subtype and a column, such as 'IDENTITY raw.orders.id'")
    return subtype, Column(_full(relation, prefixes), name)


def _full(relation: str, prefixes: Mapping[str, str]) -> str:
    prefix, dot, rest = relation.partition(".")
    return f"{prefixes[prefix]}{dot}{rest}" if prefix in prefixes else relation
