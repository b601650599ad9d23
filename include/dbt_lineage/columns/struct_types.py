"""The fields that the type of a column declares: ``STRUCT(a INTEGER)``, ``array<struct<a:int>>``, ``row(a bigint)``."""

from dataclasses import dataclass, replace
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError

from dbt_lineage.columns.model import TRANSFORMATION
from dbt_lineage.columns.value import Value

# A field's name, and its own fields.
Fields = tuple[tuple[str, "Structure | None"], ...]


@dataclass(frozen=True)
class Structure:
    """A structured type.

    Args:
        fields: its fields in their order; None if it is a list of other values.
        is_list: whether it is a list of such values.
    """

    fields: Fields | None
    is_list: bool = False


@lru_cache(maxsize=10_000)
def structure_of(type_: str, dialect: str) -> Structure | None:
    """The fields of a structured type, or of the elements of an array of them.

    Args:
        type_: the type as the warehouse writes it.
        dialect: sqlglot's name of the dialect.

    Returns:
        The fields; None where the type has none, or is not understood.
    """
    if not any(
        word in type_.lower() for word in ("struct", "row", "record", "tuple", "nested", "object", "array", "[]")
    ):
        return None
    try:
        return _structure(exp.DataType.build(type_, dialect=dialect))
    except SqlglotError:
        return None


def with_fields(value: Value, structure: Structure | None) -> Value:
    """A column's value, with the fields that its type declares: each is a part of it."""
    if structure is None:
        return value
    part = value.through(TRANSFORMATION)
    if structure.fields is None:
        return Value(value.sources, value.unknown, None, structure.is_list)
    fields = tuple((name, with_fields(part, inner)) for name, inner in structure.fields)
    return Value(value.sources, value.unknown, fields, structure.is_list)


def _structure(type_: exp.Expr | None) -> Structure | None:
    if not isinstance(type_, exp.DataType):
        return None
    if type_.is_type(exp.DataType.Type.ARRAY, exp.DataType.Type.LIST):
        inner = _structure(type_.expressions[0]) if type_.expressions else None
        return Structure(None, True) if inner is None else replace(inner, is_list=True)
    if not type_.is_type(*exp.DataType.STRUCT_TYPES):
        return None
    fields = [part for part in type_.expressions if isinstance(part, exp.ColumnDef) and part.name]
    if len(fields) != len(type_.expressions):
        return None
    return Structure(tuple((part.name, _structure(part.args.get("kind"))) for part in fields))
