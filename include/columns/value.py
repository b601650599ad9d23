"""What a value depends on, and how dependencies compose along a chain of queries.

The rules of composition are those of OpenLineage's own Spark integration: along DIRECT steps the strongest subtype
stays (AGGREGATION over TRANSFORMATION over IDENTITY); an INDIRECT step makes all that lies behind it INDIRECT, and of
two INDIRECT steps the one nearer to the output names the subtype.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from include.columns.model import DIRECT, DIRECT_SUBTYPES, IDENTITY, INDIRECT, Column


class Source(NamedTuple):
    """A column that a value depends on, and how."""

    column: Column
    kind: str
    subtype: str


@dataclass(frozen=True)
class Value:
    """What a value, or the choice of a query's rows, depends on.

    Args:
        sources: the columns of real relations.
        unknown: why further sources could not be told; travels with the value to every output it reaches.
    """

    sources: frozenset[Source] = frozenset()
    unknown: frozenset[str] = frozenset()

    @classmethod
    def of_column(cls, column: Column) -> "Value":
        """The value of a column of a real relation."""
        return cls(frozenset({Source(column, DIRECT, IDENTITY)}))

    @classmethod
    def cannot_tell(cls, reason: str) -> "Value":
        """A value of which nothing is known."""
        return cls(unknown=frozenset({reason}))

    def __or__(self, other: "Value") -> "Value":
        if other is NOTHING or self is other:
            return self
        if self is NOTHING:
            return other
        return Value(self.sources | other.sources, self.unknown | other.unknown)

    def through(self, subtype: str) -> "Value":
        """This value after a step that changes it: a DIRECT dependency of the given subtype, or a stronger one."""
        if subtype == IDENTITY or not self.sources:
            return self
        return Value(frozenset(_after(source, subtype) for source in self.sources), self.unknown)

    def deciding(self, subtype: str) -> "Value":
        """What only influences another value or its rows, through this value."""
        return Value(frozenset(Source(source.column, INDIRECT, subtype) for source in self.sources), self.unknown)


NOTHING = Value()


def union(values: Iterable[Value]) -> Value:
    """What several values depend on together."""
    together = NOTHING
    for value in values:
        together |= value
    return together


def _after(source: Source, subtype: str) -> Source:
    if source.kind == INDIRECT or DIRECT_SUBTYPES.index(source.subtype) >= DIRECT_SUBTYPES.index(subtype):
        return source
    return Source(source.column, DIRECT, subtype)
