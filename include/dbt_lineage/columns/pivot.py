"""PIVOT and UNPIVOT.

PIVOT is read as what it stands for: GROUP BY the columns that it does not use, with aggregates that take the rows of one
value only. UNPIVOT is a UNION ALL of a row for each listed column.
"""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from dbt_lineage.columns.model import FILTER, GROUP_BY, TRANSFORMATION
from dbt_lineage.columns.scope import NamedColumns, Rest, Scope, Sources, Table, same_name
from dbt_lineage.columns.stars import columns_of
from dbt_lineage.columns.value import NOTHING, Value, union

if TYPE_CHECKING:
    from dbt_lineage.columns.queries import Queries

UNKNOWN_VALUES = "PIVOT makes a column for each value that is there, so their names are not known"
UNKNOWN_NAMES = "the names that PIVOT gives to its columns are not known"


class Pivoting:
    """Evaluates one PIVOT or UNPIVOT.

    Args:
        queries: the evaluation of the statement.
        node: the clause, or DuckDB's statement.
        sources: what it is applied to.
        scope: the place around it.
    """

    def __init__(self, queries: "Queries", node: exp.Pivot, sources: Sources, scope: Scope) -> None:
        self._queries = queries
        self._node = node
        self._sources = sources
        self._inside = Scope(sources, scope, scope.queries)
        self._names = queries.rules.pivot_names

    def table(self) -> Table:
        """What it gives."""
        table = self._unpivoted() if self._node.args.get("unpivot") else self._pivoted()
        self._queries.reading.needs_not(self._node)
        return table.renamed(self._node.alias_column_names)

    def _pivoted(self) -> Table:
        keys = self._node.args.get("fields") or self._node.expressions
        aggregates = self._node.args.get("using") or (
            self._node.expressions if keys is not self._node.expressions else []
        )
        aggregates = aggregates or [exp.Count(this=exp.Star())]
        chosen_by = union(self._value(_key(key)) for key in keys).deciding(FILTER)
        kept, rest, rows = self._grouped([*map(_key, keys), *aggregates])
        made = [(aggregate, self._value(aggregate) | chosen_by) for aggregate in aggregates]
        choices = [list(self._choices(key)) for key in keys]
        unlisted = [rest] if rest else []
        columns: NamedColumns = ()
        if any(None in each for each in choices):
            every = made[0][1] if len(made) == 1 else Value.cannot_tell(UNKNOWN_VALUES)
            unlisted.append(Rest.each(UNKNOWN_VALUES, every))
        else:
            for combination in itertools.product(*choices):
                for aggregate, value in made:
                    name = self._names.of([choice or "" for choice in combination], aggregate, len(made))
                    columns += ((name, value),)
        if any(not name for name, _ in columns):
            every = union(value for _, value in columns) if len(made) == 1 else Value.cannot_tell(UNKNOWN_NAMES)
            unlisted.append(Rest.each(UNKNOWN_NAMES, every))
            columns = tuple((name, value) for name, value in columns if name)
        return Table((*kept, *columns), rows, Rest.together(unlisted))

    def _grouped(self, used: list[exp.Expr]) -> tuple[NamedColumns, Rest | None, Value]:
        """The columns that rows are grouped by, and what decides the rows."""
        group = self._node.args.get("group")
        if group is not None:
            kept = tuple((key.name, self._value(key)) for key in group.expressions)
            return kept, None, self._sources.rows | union(value for _, value in kept).deciding(GROUP_BY)
        names = {column.name for part in used for column in part.find_all(exp.Column)}
        kept = tuple(
            (name, value) for name, value in self._sources.columns if not any(same_name(name, each) for each in names)
        )
        rest = Rest.together(self._sources.unlisted)
        rows = union(value for _, value in kept).deciding(GROUP_BY)
        if rest is not None:
            rows |= Value.cannot_tell(f"{rest.reason}, and PIVOT groups by them")
        return kept, rest, self._sources.rows | rows

    def _choices(self, key: exp.Expr) -> Iterator[str | None]:
        """The names of the values that are looked for; None where the data decides which there are."""
        if not isinstance(key, exp.In) or key.args.get("query") is not None or key.args.get("field") is not None:
            yield None
            return
        for value in key.expressions:
            if isinstance(value, (exp.PivotAny, exp.Query, exp.Var)):
                yield None
            else:
                yield self._names.of_value(value)

    def _unpivoted(self) -> Table:
        node = self._node
        into = node.args.get("into")
        if into is not None or not node.args.get("fields"):
            names, label = ([part.name for part in into.expressions], into.this.name) if into else (["value"], "name")
            listed = list(node.expressions)
        else:
            first = node.expressions[0]
            names = [part.name for part in (first.expressions if isinstance(first, exp.Tuple) else node.expressions)]
            field = node.args["fields"][0]
            label, listed = field.this.name, field.expressions
        rows, taken = self._branches(listed, len(names))
        if rows is None:
            return Table.unknown("the columns that UNPIVOT lists are not known")
        values = [union(branch[place] for branch in rows) for place in range(len(names))]
        kept = tuple(
            (name, value) for name, value in self._sources.columns if not any(same_name(name, each) for each in taken)
        )
        made = (*zip(names, values, strict=True),)
        labelled = ((label, NOTHING),)
        columns = (*kept, *made, *labelled) if self._queries.rules.values_first else (*kept, *labelled, *made)
        there = NOTHING if node.args.get("include_nulls") else union(values).deciding(FILTER)
        return Table(columns, self._sources.rows | there, Rest.together(self._sources.unlisted))

    def _branches(self, listed: list[exp.Expr], width: int) -> tuple[list[list[Value]] | None, set[str]]:
        """The values of each row that a row becomes, and the columns that they are taken from."""
        branches: list[list[Value]] = []
        taken: set[str] = set()
        for part in listed:
            bare = part.this if isinstance(part, (exp.PivotAlias, exp.Alias)) else part
            star = bare.find(exp.Columns, exp.Star)
            if star is not None:
                columns = columns_of(star, self._sources, self._queries.rules)
                if columns is None or self._sources.unlisted or width != 1:
                    return None, taken
                subtype = [] if star is bare else [TRANSFORMATION]
                for name, value in columns:
                    branches.append([value.through(subtype[0]) if subtype else value])
                    taken.add(name)
                continue
            parts = bare.expressions if isinstance(bare, exp.Tuple) else [bare.unnest()]
            if len(parts) != width:
                return None, taken
            branches.append([self._value(each) for each in parts])
            taken |= {column.name for each in parts for column in each.find_all(exp.Column)}
        return branches, taken

    def _value(self, node: exp.Expr) -> Value:
        return self._queries.expressions.value(node, self._inside)


def _key(key: exp.Expr) -> exp.Expr:
    return key.this if isinstance(key, exp.In) else key
