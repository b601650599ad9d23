"""The terms of column lineage: columns, edges, and the result for an output."""

from dataclasses import dataclass, field

DIRECT = "DIRECT"
INDIRECT = "INDIRECT"

IDENTITY = "IDENTITY"
TRANSFORMATION = "TRANSFORMATION"
AGGREGATION = "AGGREGATION"
DIRECT_SUBTYPES = (IDENTITY, TRANSFORMATION, AGGREGATION)

FILTER = "FILTER"
JOIN = "JOIN"
GROUP_BY = "GROUP_BY"
SORT = "SORT"
WINDOW = "WINDOW"
CONDITIONAL = "CONDITIONAL"
INDIRECT_SUBTYPES = (FILTER, JOIN, GROUP_BY, SORT, WINDOW, CONDITIONAL)

EVERY_COLUMN = "*"


@dataclass(frozen=True, order=True)
class Column:
    """A column of a relation.

    Args:
        relation: ``database.schema.table`` in lower case.
        name: the column's name as the warehouse has it.
    """

    relation: str
    name: str

    def __str__(self) -> str:
        return f"{self.relation}.{self.name}"


@dataclass(frozen=True, order=True)
class ColumnEdge:
    """One column depends on another.

    Args:
        source: the column that is read.
        target: the column that is written.
        kind: DIRECT when the source's value flows into the target, INDIRECT when it only influences it.
        subtype: how, in the words of OpenLineage's columnLineage facet.
    """

    source: Column
    target: Column
    kind: str
    subtype: str

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} ({self.kind} {self.subtype})"


@dataclass(frozen=True, order=True)
class Unresolved:
    """A column that could not be resolved.

    Args:
        column: the output column, or ``*`` when it is about all of them.
        reason: why.
    """

    column: str
    reason: str


@dataclass(frozen=True)
class ColumnLineage:
    """What one output relation is made from.

    Args:
        relation: the output relation.
        columns: its columns that were resolved or named, in order.
        edges: the dependencies of single columns.
        dataset_edges: what all columns depend on at once, INDIRECT by nature: the source and the subtype.
        unresolved: the columns that could not be resolved. Their edges, if any, are true and not complete.
        expressions: the SQL expression of a column, shortened, by its name; of those that have one.
    """

    relation: str
    columns: tuple[str, ...]
    edges: frozenset[ColumnEdge]
    dataset_edges: frozenset[tuple[Column, str]]
    unresolved: tuple[Unresolved, ...]
    expressions: tuple[tuple[str, str], ...] = field(default=(), compare=False)
