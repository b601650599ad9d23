"""Functions that give rows, in the dialects that fix the names of their columns: Snowflake's and Spark's."""

from collections.abc import Callable

from sqlglot import exp

from dbt_lineage.columns.dialects import SPARK
from dbt_lineage.columns.functions import function_name
from dbt_lineage.columns.model import TRANSFORMATION
from dbt_lineage.columns.scope import NamedColumns, Rest
from dbt_lineage.columns.value import NOTHING, Value, union

# Whether a column is made from the arguments, or only counts.
FLATTENED = (("SEQ", False), *((name, True) for name in ("KEY", "PATH", "INDEX", "VALUE", "THIS")))
SPLIT = (("SEQ", False), ("INDEX", False), ("VALUE", True))
# Of these the number of rows does not depend on the values.
FIXED_ROWS = (exp.Stack,)
ELEMENT_NAMES = frozenset({"col", "key", "value"})


def generated(node: exp.Expr, evaluate: Callable[[exp.Expr], Value], names: int, dialect: str) -> NamedColumns | None:
    """The columns that a function gives, by the names that they have without an alias.

    Args:
        node: the function.
        evaluate: what an argument depends on.
        names: how many names an alias has for them.
        dialect: sqlglot's name of the dialect.

    Returns:
        The columns; None where no rule of these dialects has them.
    """
    if dialect == "snowflake":
        return _of_snowflake(node, evaluate)
    return _of_spark(node, evaluate, names) if dialect in SPARK else None


def of_unknown_elements(node: exp.Expr, evaluate: Callable[[exp.Expr], Value], dialect: str) -> Rest | None:
    """The columns of Spark's ``explode(a)`` without an alias: of an array ``col``, of a map ``key`` and ``value``.

    Args:
        node: the function.
        evaluate: what an argument depends on.
        dialect: sqlglot's name of the dialect.

    Returns:
        The columns, none of them listed; None for another function.
    """
    if dialect not in SPARK or not isinstance(node, (exp.Explode, exp.ExplodeOuter)):
        return None
    value = evaluate(node.this).through(TRANSFORMATION).without_fields()
    reason = "whether explode gives elements, or keys and values, is not known"

    def named(name: str) -> Value:
        return value if name.casefold() in ELEMENT_NAMES else Value.cannot_tell(reason)

    return Rest(reason, named)


def _of_snowflake(node: exp.Expr, evaluate: Callable[[exp.Expr], Value]) -> NamedColumns | None:
    told: tuple[tuple[str, bool], ...] = ()
    if isinstance(node, exp.Explode):
        told = FLATTENED
    elif isinstance(node, exp.SplitToTable) or function_name(node) == "strtok_split_to_table":
        told = SPLIT
    value = evaluate(node).through(TRANSFORMATION) if told else NOTHING
    return tuple((name, value if depends else NOTHING) for name, depends in told) or None


def _of_spark(node: exp.Expr, evaluate: Callable[[exp.Expr], Value], names: int) -> NamedColumns | None:
    if isinstance(node, exp.Stack):
        values = [evaluate(part).through(TRANSFORMATION) for part in node.expressions]
        rows = int(node.this.name) if isinstance(node.this, exp.Literal) and node.this.name.isdigit() else 0
        width = -(-len(values) // rows) if rows else 0
        return tuple((f"col{place}", union(values[place::width])) for place in range(width)) or None
    if not isinstance(node, (exp.Explode, exp.ExplodeOuter, exp.Posexplode, exp.PosexplodeOuter, exp.Inline)):
        return None
    value = evaluate(node.this).through(TRANSFORMATION)
    if isinstance(node, exp.Inline):
        return value.fields or tuple((f"col{place}", value.without_fields()) for place in range(1, names + 1)) or None
    is_counted = isinstance(node, (exp.Posexplode, exp.PosexplodeOuter))
    counted = (("pos", NOTHING),) if is_counted else ()
    elements = names - len(counted)
    if elements == 2:
        return (*counted, ("key", value.without_fields()), ("value", value.without_fields()))
    if elements == 1 or value.is_list:
        return (*counted, ("col", value.as_element()))
    return None
