"""Names of output columns that a query may use before it has computed them, as ClickHouse lets it."""

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from dbt_lineage.columns.value import Value


class LazyAliases(Mapping[str, Value]):
    """The aliases of a query, each evaluated when it is first named.

    Inside its own expression a name is no alias: it means a column.

    Args:
        expressions: what each name stands for.
        evaluate: what an expression depends on.
    """

    def __init__(self, expressions: Mapping[str, exp.Expr], evaluate: Callable[[exp.Expr], Value]) -> None:
        self._expressions = expressions
        self._evaluate = evaluate
        self._known: dict[str, Value] = {}
        self._running: set[str] = set()

    def __getitem__(self, name: str) -> Value:
        if name in self._running:
            raise KeyError(name)
        if name not in self._known:
            expression = self._expressions[name]
            self._running.add(name)
            try:
                value = self._evaluate(expression)
            finally:
                self._running.discard(name)
            if self._running:
                # Seen from inside another alias, whose name means something else there.
                return value
            self._known[name] = value
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._expressions and name not in self._running

    def __iter__(self) -> Iterator[str]:
        return iter(self._expressions)

    def __len__(self) -> int:
        return len(self._expressions)


def aliases_of(node: exp.Select) -> dict[str, exp.Expr]:
    """What each alias of a SELECT stands for: those of its list, also inside expressions, and of WITH."""
    found: dict[str, exp.Expr] = {}
    with_ = node.args.get("with_")
    for cte in with_.expressions if with_ is not None else []:
        if cte.args.get("scalar"):
            found[cte.alias] = cte.this
    for item in node.expressions:
        for part in item.walk(prune=lambda part: isinstance(part, exp.Query)):
            if isinstance(part, exp.Alias):
                found[part.alias] = part.this
    return found
