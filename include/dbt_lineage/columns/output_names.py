"""The name of an output column without an alias."""

import re
from collections import Counter

from sqlglot import exp

from dbt_lineage.columns.dialects import SPARK, Rules
from dbt_lineage.columns.postgres_words import DeclaredRows
from dbt_lineage.columns.scope import NamedColumns
from dbt_lineage.core.spelling import identifier

KEYWORD_NAMES = {
    exp.Array: "array",
    exp.Exists: "exists",
    exp.Interval: "interval",
    exp.Overlaps: "overlaps",
    exp.Tuple: "row",
    exp.Unnest: "unnest",
    exp.Extract: "extract",
    exp.StrPosition: "position",
    exp.Overlay: "overlay",
    exp.AtTimeZone: "timezone",
    exp.CurrentUser: "current_user",
    exp.CurrentDate: "current_date",
    exp.Localtime: "localtime",
    exp.Localtimestamp: "localtimestamp",
    exp.SessionUser: "session_user",
}
TRIMS = {"LEADING": "ltrim", "TRAILING": "rtrim"}
ANONYMOUS = "?column?"
# Redshift names a column by these functions; others may go by another name inside it, such as dateadd.
REDSHIFT_FUNCTIONS = frozenset(
    {
        "avg",
        "count",
        "dense_rank",
        "first_value",
        "lag",
        "last_value",
        "lead",
        "max",
        "min",
        "rank",
        "row_number",
        "sum",
    }
)


class Names:
    """Names the output columns of a statement.

    PostgreSQL's rules are those of ``FigureColname`` in its parser (src/backend/parser/parse_target.c). Of other
    dialects only what is made from a single column, and Redshift's aggregates, are named without an alias.

    Args:
        sql: the statement as it was parsed, for the names of functions as they were written.
        rules: those of the dialect.
    """

    def __init__(self, sql: str, rules: Rules) -> None:
        self._sql = sql
        self._rules = rules

    def of(self, node: exp.Expr) -> str:
        """The name of an output column; empty if it cannot be determined."""
        if isinstance(node, exp.Alias):
            return node.alias
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            return node.name
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
            return node.expression.name
        return self._figured(node) if self._rules.is_postgres else self._elsewhere(node)

    def of_chosen(self, node: exp.Expr, star: exp.Expr, column: str) -> str:
        r"""The name that DuckDB gives to an item around ``COLUMNS(…)``, for one of its columns.

        Args:
            node: the item.
            star: ``COLUMNS(…)``, whose pattern may have groups.
            column: the column.
        """
        if not isinstance(node, exp.Alias):
            return column
        if "\\" not in node.alias:
            return node.alias
        pattern = star.this.name if isinstance(star.this, exp.Literal) else ".*"
        found = re.search(pattern, column)
        return re.sub(r"\\(\d)", lambda group: found[int(group[1])] if found else "", node.alias)

    def _elsewhere(self, node: exp.Expr) -> str:
        """The name in another dialect."""
        if isinstance(node, exp.Paren):
            return self.of(node.this)
        if isinstance(node, exp.Cast) and self._rules.name == "redshift":
            return self.of(node.this)
        if isinstance(node, exp.Cast) and self._rules.name in SPARK and isinstance(node.this, exp.Column):
            return self.of(node.this)
        if self._rules.name != "redshift":
            return ""
        function = node.this if isinstance(node, exp.Window) else node
        name, _ = self._of_function(function)
        return name if name in REDSHIFT_FUNCTIONS else ""

    def _figured(self, node: exp.Expr) -> str:
        name, _ = self._name_and_strength(node)
        return name or ANONYMOUS

    def _name_and_strength(self, node: exp.Expr) -> tuple[str, int]:
        """The name, and 2 when it is one of its own, 1 when a better one may replace it, 0 when there is none."""
        if isinstance(node, exp.Alias) or (isinstance(node, (exp.Column, exp.Dot)) and self._has_own_name(node)):
            return self.of(node), 2
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Star) and node.table:
            return node.table, 2
        if isinstance(node, (exp.Column, exp.Dot)):
            return self._name_and_strength(node.this if isinstance(node, exp.Column) else node.expression)
        if isinstance(node, (exp.Paren, exp.Collate, exp.Bracket, exp.Window, exp.Filter, exp.WithinGroup)):
            return self._name_and_strength(node.this)
        if isinstance(node, (exp.IgnoreNulls, exp.RespectNulls)):
            return self._name_and_strength(node.this)
        if isinstance(node, exp.Cast):
            return self._of_cast(node)
        if isinstance(node, exp.Case):
            return self._of_case(node)
        if isinstance(node, exp.Subquery):
            return self._of_subquery(node)
        return self._of_function(node)

    @staticmethod
    def _has_own_name(node: exp.Expr) -> bool:
        return isinstance(node.expression if isinstance(node, exp.Dot) else node.this, exp.Identifier)

    def _of_cast(self, node: exp.Cast) -> tuple[str, int]:
        name, strength = self._name_and_strength(node.this)
        return (name, strength) if strength > 1 else (node.to.text("name") or name, 1)

    def _of_case(self, node: exp.Case) -> tuple[str, int]:
        default = node.args.get("default")
        name, strength = self._name_and_strength(default) if default is not None else ("", 0)
        return (name, strength) if strength > 1 else ("case", 1)

    def _of_subquery(self, node: exp.Subquery) -> tuple[str, int]:
        query = node.unnest()
        return (self.of(query.selects[0]), 2) if isinstance(query, exp.Query) and query.selects else ("", 0)

    def _of_function(self, node: exp.Expr) -> tuple[str, int]:
        start, end = node.meta_get("start"), node.meta_get("end")
        if isinstance(node, exp.Func) and start is not None and end is not None:
            written = self._sql[start : end + 1]
            return identifier(written.strip('"') if written.startswith('"') else written.lower()), 2
        if isinstance(node, exp.Trim):
            return TRIMS.get(node.text("position").upper(), "btrim"), 2
        if isinstance(node, exp.Substring):
            return "substring", 2
        if isinstance(node, (exp.Anonymous, DeclaredRows)):
            return node.name.lower(), 2
        name = KEYWORD_NAMES.get(type(node), "")
        return name, 2 if name else 0


def numbered(columns: NamedColumns) -> NamedColumns:
    """Columns as DuckDB names them in a table or a subquery: of two with one name, whatever its case, the later gets a number."""
    given: set[str] = set()
    counts: Counter[str] = Counter()
    named = []
    for name, value in columns:
        unique = name
        while unique and unique.casefold() in given:
            counts[name.casefold()] += 1
            unique = f"{name}_{counts[name.casefold()]}"
        given.add(unique.casefold())
        named.append((unique, value))
    return tuple(named)
