"""Parts that several clauses of a query share."""

from dataclasses import dataclass

from sqlglot import exp

# Parts of a query about how it runs or where its rows go.
WITHOUT_INFLUENCE = ("cluster", "distribute", "format", "hint", "into", "locks", "settings", "sort")


@dataclass(frozen=True)
class Purpose:
    """What a query is asked for.

    Args:
        existence: only whether there is a row, which sorting and removing duplicates do not change.
    """

    existence: bool = False


ROWS = Purpose()
EXISTENCE = Purpose(existence=True)


def sort_keys(node: exp.Expr) -> list[exp.Expr]:
    """The keys of a query's own ORDER BY."""
    order = node.args.get("order")
    return order.expressions if order is not None else []


def position(node: exp.Expr) -> int | None:
    """The index that a number in GROUP BY or ORDER BY means."""
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        return int(node.name) - 1
    return None
