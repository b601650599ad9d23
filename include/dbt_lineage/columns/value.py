"""What a value depends on, and how dependencies compose along a chain.

The rules of composition are those of OpenLineage's own Spark integration: along DIRECT steps the strongest subtype
stays (AGGREGATION over TRANSFORMATION over IDENTITY); an INDIRECT step makes all that lies behind it INDIRECT, and of
two INDIRECT steps the one nearer to the output names the subtype.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from dbt_lineage.columns.model import DIRECT, DIRECT_SUBTYPES, IDENTITY, INDIRECT, TRANSFORMATION, Column


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
        unknown: why further sources could not be resolved; propagates with the value to every output.
        fields: of a row, what each of its fields depends on; empty when it may be a row of unknown fields, None when it is none.
        is_list: whether it is a list for sure; its fields are then those of its elements.
    """

    sources: frozenset[Source] = frozenset()
    unknown: frozenset[str] = frozenset()
    fields: "tuple[tuple[str, Value], ...] | None" = field(default=None, compare=False)
    is_list: bool = field(default=False, compare=False)

    @classmethod
    def of_column(cls, column: Column) -> "Value":
        """The value of a column of a real relation."""
        return cls(frozenset({Source(column, DIRECT, IDENTITY)}))

    @classmethod
    def cannot_tell(cls, reason: str) -> "Value":
        """An unknown value."""
        return cls(unknown=frozenset({reason}))

    def __or__(self, other: "Value") -> "Value":
        if other is NOTHING or self is other:
            return self
        if self is NOTHING:
            return other
        is_row = self.fields is not None or other.fields is not None
        fields = _together(self, other) if is_row else None
        return Value(self.sources | other.sources, self.unknown | other.unknown, fields, self.is_list or other.is_list)

    def of_field(self, name: str) -> "Value | None":
        """A field of a row; None if it has no known field of that name."""
        found = next((value for field_name, value in self.fields or () if field_name == name), None)
        if found is not None or self.fields is None:
            return found
        folded = [value for field_name, value in self.fields if field_name.casefold() == name.casefold()]
        return folded[0] if len(folded) == 1 else None

    def at_path(self, names: "Iterable[str]") -> "Value":
        """A field of a field; the whole value, where its fields are not known."""
        value = self
        for name in names:
            field_value = value.of_field(name)
            if field_value is None:
                return value.through(TRANSFORMATION).without_fields()
            value = field_value
        return value

    def without_fields(self) -> "Value":
        """The same value with other or unknown fields, if it has any."""
        return self if self.fields is None and not self.is_list else replace(self, fields=None, is_list=False)

    def as_element(self) -> "Value":
        """An element of this list."""
        return replace(self, is_list=False) if self.is_list else self

    def of_unknown_fields(self) -> "Value":
        """The same value as a possible row, or array of rows, with unknown fields."""
        return replace(self, fields=())

    def in_list(self) -> "Value":
        """This value as an element of a list."""
        return replace(self, is_list=True)

    def through(self, subtype: str) -> "Value":
        """This value after a step that changes it: a DIRECT dependency of the given subtype, or a stronger one."""
        if subtype == IDENTITY or not self.sources:
            return self
        fields = self.fields and tuple((name, value.through(subtype)) for name, value in self.fields)
        return Value(frozenset(_after(source, subtype) for source in self.sources), self.unknown, fields, self.is_list)

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


def _together(one: Value, other: Value) -> tuple[tuple[str, Value], ...]:
    """The fields of a row that may be either of two, or that a value without fields influences."""
    if not (one.fields and other.fields):
        row, value = (one, other) if one.fields else (other, one)
        return tuple((name, field_value | value) for name, field_value in row.fields or ())
    # Rows of one type; a field with another name is unknown.
    names = [name for name, _ in one.fields if other.of_field(name) is not None]
    return tuple((name, (one.of_field(name) or NOTHING) | (other.of_field(name) or NOTHING)) for name in names)


def _after(source: Source, subtype: str) -> Source:
    if source.kind == INDIRECT or DIRECT_SUBTYPES.index(source.subtype) >= DIRECT_SUBTYPES.index(subtype):
        return source
    return Source(source.column, DIRECT, subtype)
