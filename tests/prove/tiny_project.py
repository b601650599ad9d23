"""The tiny project's claims, and a proof of it."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from dbt_lineage.columns.model import DIRECT, INDIRECT, Column, ColumnEdge, ColumnLineage
from prove.observations import Observations
from prove.relations import Statement
from prove.run import Evidence
from prove.verdict import Verdict, judge

HERE = Path(__file__).parent
TINY = HERE / "tiny"
DATABASE = "jaffle_db"
# Models whose rows show only a part of what they are made from.
POOR = frozenset({"presents", "vouchers", "homes", "checked", "opened", "actives"})
SUBTYPES = {"D I": "IDENTITY", "D T": "TRANSFORMATION", "D A": "AGGREGATION"}

Pair = tuple[Observations, ColumnLineage]


def relation(table: str) -> str:
    """The full name of a relation of the project."""
    return f"{DATABASE}.{'tiny_history' if table == 'city_history' else 'tiny'}.{table}"


def poor(name: str) -> bool:
    """Whether a relation, by its full name, is one whose rows show only a part."""
    return name.rpartition(".")[2] in POOR


def column(short: str) -> Column:
    """A column by ``table.column``."""
    table, _, name = short.partition(".")
    return Column(relation(table), name)


def claims() -> dict[str, ColumnLineage]:
    """What tests/prove/claims.yml says, by relation."""
    written: dict[str, Any] = yaml.safe_load((HERE / "claims.yml").read_text(encoding="utf-8"))
    return {relation(table): _lineage(relation(table), said) for table, said in written.items()}


def _lineage(name: str, said: dict[str, dict[str, str]]) -> ColumnLineage:
    decides = said.pop("all", {})
    edges = (
        ColumnEdge(
            column(source), Column(name, target), DIRECT if how in SUBTYPES else INDIRECT, SUBTYPES.get(how, how)
        )
        for target, sources in said.items()
        for source, how in sources.items()
    )
    dataset_edges = frozenset((column(source), how) for source, how in decides.items())
    return ColumnLineage(name, tuple(said), frozenset(edges), dataset_edges, ())


def claimed(statement: Statement) -> ColumnLineage:
    """The claim of a statement, as the proof asks for it."""
    return claims()[statement.relation]


def pairs(evidence: Evidence, of: dict[str, ColumnLineage]) -> list[Pair]:
    """The observations of each statement with what is claimed of it."""
    return [(seen, of[statement.relation]) for statement, seen in evidence.observed]


def verdict(evidence: Evidence, of: dict[str, ColumnLineage]) -> Verdict:
    """What the data says of some claims."""
    return judge(pairs(evidence, of), evidence.chains)


def never_claimed(evidence: Evidence, of: dict[str, ColumnLineage]) -> Iterator[tuple[Column, Column]]:
    """Every pair of a column that a statement reads and one that it gives, without a direct edge between them."""
    direct = {(edge.source, edge.target) for claim in of.values() for edge in claim.edges if edge.kind == DIRECT}
    for statement, seen in evidence.observed:
        sources = [Column(parent.name, each.name) for parent in statement.parents for each in parent.columns]
        for source, name in product(sources, seen.columns):
            edge = (source, Column(statement.relation, name))
            if edge not in direct and source.relation != statement.relation:
                yield edge
