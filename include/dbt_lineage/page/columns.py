"""Column edges of the graph: from which column each is made, how, and what was seen in the data."""

import json
import logging
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dbt_lineage.ledger.job_lineage import JobLineage
from dbt_lineage.page.nodes import ColumnText, Node

DIRECT_WAYS = ("IDENTITY", "TRANSFORMATION", "AGGREGATION", "DIRECT")
CHART = "DIRECT/CHART"
PROVED, SQL, CODE = "proved", "sql", "code"
PROOFS = (PROVED, SQL, CODE)
EVERY_COLUMN = "*"

log = logging.getLogger(__name__)


class Following:
    """What follows each number, in two arrays.

    A dictionary of lists would be tens of thousands of objects, which the garbage collector looks through.

    Args:
        pairs: a number, and one that follows it.
    """

    def __init__(self, pairs: Iterable[tuple[int, int]]) -> None:
        in_order = sorted(pairs)
        self._before = array("L", (before for before, _ in in_order))
        self._after = array("L", (after for _, after in in_order))

    def __getitem__(self, number: int) -> "array[int]":
        """What follows a number; empty where nothing does."""
        return self._after[bisect_left(self._before, number) : bisect_right(self._before, number)]


@dataclass
class Columns:
    """The columns of the graph's nodes, as lists of numbers: a project may have tens of thousands.

    Args:
        names: the node's place and the column's name.
        edges: from column to column: both places, that of the kind, that of the proof.
        node_edges: from a column to a whole node: one that decides which rows it has, or that a chart shows.
        unresolved: the node's place, the column's place or None for all, and the reason.
        kinds: such as ``DIRECT/IDENTITY``.
    """

    names: list[tuple[int, str]] = field(default_factory=list)
    edges: list[tuple[int, int, int, int]] = field(default_factory=list)
    node_edges: list[tuple[int, int, int, int]] = field(default_factory=list)
    unresolved: list[tuple[int, int | None, str]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    @cached_property
    def of_node(self) -> Following:
        """The columns of each node."""
        return Following((node, place) for place, (node, _) in enumerate(self.names))

    @cached_property
    def value_targets(self) -> Following:
        """The columns that a column's values flow into."""
        return self._following(self.edges, "DIRECT")

    @cached_property
    def condition_targets(self) -> Following:
        """The columns whose values a column decides."""
        return self._following(self.edges, "INDIRECT")

    @cached_property
    def charts(self) -> Following:
        """The charts that show a column."""
        return self._following(self.node_edges, "DIRECT")

    @cached_property
    def row_targets(self) -> Following:
        """The nodes whose rows a column decides."""
        return self._following(self.node_edges, "INDIRECT")

    def _following(self, edges: Iterable[tuple[int, int, int, int]], kind: str) -> Following:
        wanted = {place for place, name in enumerate(self.kinds) if name.startswith(kind)}
        return Following((start, end) for start, end, place, _ in edges if place in wanted)

    def as_json(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "columns": self.names,
            "edges": self.edges,
            "node_edges": self.node_edges,
            "kinds": self.kinds,
            "proofs": PROOFS,
            "unresolved": self.unresolved,
        }


class ColumnsOfGraph:
    """Collects the columns and their edges.

    Args:
        nodes: the nodes of the graph, in its order.
        proved: pairs of columns that were seen in the data, as ``database.schema.table.column``.
    """

    def __init__(self, nodes: Sequence[Node], proved: Collection[tuple[str, str]] = ()) -> None:
        self.found = Columns()
        self._nodes = nodes
        self._proved = proved
        self._places: list[dict[str, int]] = [{} for _ in nodes]
        self._kinds: dict[str, int] = {}
        for place, node in enumerate(nodes):
            for name in node.columns:
                self._add(place, name)

    def add_lineage(self, lineage: JobLineage, output: int, inputs: Sequence[int | None]) -> None:
        """Add what an event says of an output.

        Args:
            lineage: what it says.
            output: place of the output's node.
            inputs: place of the node of each input; None for one that is not in the graph.
        """
        said = lineage.said
        for place, source, target, ways in said.links:
            if (start := inputs[place]) is not None:
                ends = self.column(start, source), self.column(output, target)
                for way in ways:
                    self.found.edges.append((*ends, self._kind(way), self._proof(*ends)))
        for place, way, columns in said.deciding:
            if (start := inputs[place]) is not None:
                for name in columns:
                    end = (output, self._kind(way), PROOFS.index(SQL))
                    self.found.node_edges.append((self.column(start, name), *end))
        for name, reason in said.unresolved:
            column = None if name == EVERY_COLUMN else self.column(output, name)
            self.found.unresolved.append((output, column, reason))

    def add_chart(self, relation: int, chart: int, names: Iterable[str]) -> None:
        """Add the columns that a chart shows."""
        for name in sorted(names):
            end = (chart, self._place_of_kind(CHART), PROOFS.index(CODE))
            self.found.node_edges.append((self.column(relation, name), *end))

    def column(self, node: int, name: str) -> int:
        """The place of a column; one that the node was not known to have is added to it."""
        place = self._places[node].get(name)
        if place is not None:
            return place
        self._nodes[node].columns[name] = ColumnText()
        return self._add(node, name)

    def _add(self, node: int, name: str) -> int:
        self._places[node][name] = len(self.found.names)
        self.found.names.append((node, name))
        return self._places[node][name]

    def _kind(self, way: str) -> int:
        return self._place_of_kind(f"{'DIRECT' if way in DIRECT_WAYS else 'INDIRECT'}/{way}")

    def _place_of_kind(self, kind: str) -> int:
        if kind not in self._kinds:
            self._kinds[kind] = len(self._kinds)
            self.found.kinds.append(kind)
        return self._kinds[kind]

    def _proof(self, start: int, end: int) -> int:
        return PROOFS.index(PROVED if (self._full(start), self._full(end)) in self._proved else SQL)

    def _full(self, column: int) -> str:
        node, name = self.found.names[column]
        return f"{self._nodes[node].id}.{name}"


def with_types(known: Mapping[str, ColumnText], told: Iterable[Sequence[str]]) -> dict[str, ColumnText]:
    """The columns that an event tells, in its order, with what the project says of them.

    Args:
        known: what the project says, by name as it is written there.
        told: name, type and description of each column that the event tells.
    """
    by_name = {name.lower(): text for name, text in known.items()}
    return dict(_with_types(by_name, told)) or dict(known)


def _with_types(known: Mapping[str, ColumnText], told: Iterable[Sequence[str]]) -> Iterator[tuple[str, ColumnText]]:
    for name, type_, description in told:
        said = known.get(name.lower(), ColumnText())
        yield name, ColumnText(type_ or said.type, said.description or description)


def proved_edges(file: Path | None) -> frozenset[tuple[str, str]]:
    """The pairs of columns that ``make prove`` saw in the data; none where there is no such file.

    Args:
        file: what it wrote, ``build/proof.json`` in a checkout.
    """
    if file is None or not file.is_file():
        return frozenset()
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        pairs = [edge.split(" -> ") for edge in told.get("proved", [])]
        return frozenset((start, end) for start, end in pairs)
    except (OSError, ValueError, AttributeError) as error:
        log.warning("%s does not tell what was proved: %s", file, error)
        return frozenset()
