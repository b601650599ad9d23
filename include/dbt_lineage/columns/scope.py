"""What a name refers to at a place in a query: relations, columns, aliases."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from dbt_lineage.columns.model import TRANSFORMATION, Column
from dbt_lineage.columns.value import NOTHING, Value, union

NamedColumns = tuple[tuple[str, Value], ...]
# PostgreSQL has these as functions without parentheses; sqlglot reads them as columns.
SESSION_VALUES = frozenset({"user", "current_role", "current_catalog", "current_schema", "system_user"})


@dataclass(frozen=True)
class Rest:
    """The columns of a table that are not listed.

    Args:
        reason: why they are not.
        value: what a column of the given name depends on, when it is known to be one of them.
        relation: the real relation whose columns all are unknown, if it is one.
    """

    reason: str
    value: Callable[[str], Value]
    relation: str = ""

    @classmethod
    def together(cls, rests: "list[Rest]") -> "Rest | None":
        """The unlisted columns of several relations. With more than one, it is unknown which has a column."""
        if len(rests) > 1:
            return cls.unknown("; ".join(dict.fromkeys(rest.reason for rest in rests)))
        return rests[0] if rests else None

    @classmethod
    def each(cls, reason: str, value: Value) -> "Rest":
        """Columns of unknown names that all depend on the same."""
        return cls(reason, lambda name: value)

    @classmethod
    def unknown(cls, reason: str) -> "Rest":
        """Unknown columns."""
        return cls.each(reason, Value.cannot_tell(reason))


@dataclass(frozen=True)
class Table:
    """What a relation, subquery or function in FROM gives, or what a query gives.

    Args:
        columns: its columns in order; an empty name where SQL gives none.
        rows: what decides which rows there are.
        rest: its further columns; None when the listed ones are all.
        composite: what any field of its rows depends on, for a function whose rows may have fields.
        order: what its rows are sorted by; it matters to a reader that takes them in turn.
        schema: of a real relation, the schema that it is in.
        system: of a real relation, the names of columns beside its own that are made from no column.
    """

    columns: NamedColumns = ()
    rows: Value = NOTHING
    rest: Rest | None = field(default=None, compare=False)
    composite: Value | None = None
    order: Value = NOTHING
    schema: str = ""
    system: frozenset[str] = frozenset()

    def every(self) -> Value:
        """All columns together, as a whole-row reference has them."""
        value = union(value for _, value in self.columns)
        return value | Value.cannot_tell(self.rest.reason) if self.rest else value

    @classmethod
    def unknown(cls, reason: str) -> "Table":
        """A table of unknown columns and rows."""
        return cls(rest=Rest.unknown(reason), rows=Value.cannot_tell(reason))

    def as_value(self) -> Value:
        """A whole row as a value."""
        value = self.every().through(TRANSFORMATION)
        return replace(value, fields=self.columns) if self.rest is None else value.without_fields()

    def renamed(self, names: Iterable[str]) -> "Table":
        """With the column names of an alias such as ``t(a, b)``; further columns keep theirs."""
        names = tuple(names)
        if not names:
            return self
        if self.rest is not None:
            unlisted = Rest.unknown(f"{self.rest.reason}; they are renamed by position")
            return replace(self, columns=tuple((name, unlisted.value(name)) for name in names), rest=unlisted)
        new = [*names, *(name for name, _ in self.columns[len(names) :])]
        return replace(self, columns=tuple(zip(new, (value for _, value in self.columns), strict=False)))


@dataclass(frozen=True)
class NamedTable:
    """A table by its name in a query, and the schema that may precede the name.

    Args:
        name: its name.
        schema: the schema.
        table: what it gives.
        is_element: whether the name means an array's element, before it means a column: BigQuery's UNNEST.
    """

    name: str
    schema: str
    table: Table
    is_element: bool = False

    def has_system_column(self, name: str) -> bool:
        """Whether a name means one of its columns that are made from no column."""
        return name.casefold() in self.table.system


@dataclass(frozen=True)
class Sources:
    """What FROM gives.

    Args:
        tables: each relation under its name.
        columns: the joined columns in the order of ``*``.
        rows: what decides which rows there are.
        order: what the rows of a single sorted subquery are sorted by.
        merged: the columns that a bare name means before another one: those of USING and NATURAL.
    """

    tables: tuple[NamedTable, ...] = ()
    columns: NamedColumns = ()
    rows: Value = NOTHING
    order: Value = NOTHING
    merged: NamedColumns = ()

    @classmethod
    def of(cls, name: str, schema: str, table: Table) -> "Sources":
        """One table under its name."""
        return cls((NamedTable(name, schema, table),), table.columns, table.rows, table.order)

    def beside(self, other: "Sources") -> "Sources":
        """A cross join."""
        if not self.tables:
            return other
        return Sources(
            self.tables + other.tables,
            self.columns + other.columns,
            self.rows | other.rows,
            merged=self.merged + other.merged,
        )

    @property
    def unlisted(self) -> list[Rest]:
        """The tables of which not all columns are listed."""
        return [named.table.rest for named in self.tables if named.table.rest is not None]


NO_SOURCES = Sources()


@dataclass(frozen=True)
class Scope:
    """A place in a query where names are looked up.

    Args:
        sources: what FROM gives there.
        parent: the place around it, whose columns may be used too.
        queries: the WITH queries that can be named there.
        aliases: names of output columns, for dialects that let other clauses use them.
        aliases_first: whether they hide columns of the same name.
        output: the output columns, where a name that several relations have means the one that is selected.
        dots: of the outermost place, whether a dot leads to a field of a column; in PostgreSQL it needs parentheses.
        chosen: the column that ``COLUMNS(…)`` stands for just now.
    """

    sources: Sources
    parent: "Scope | None"
    queries: Mapping[str, Callable[[], Table]]
    aliases: Mapping[str, Value] = field(default_factory=dict)
    chosen: Value | None = None
    aliases_first: bool = False
    dots: bool = False
    output: NamedColumns = ()

    def column(self, node: exp.Column) -> Value:
        """What a reference to a column depends on."""
        if node.table:
            return self._qualified(node)
        identifier = node.this
        return self.unqualified(identifier.name, bool(identifier.args.get("quoted")))

    def unqualified(self, name: str, quoted: bool = False) -> Value:
        """What a bare name depends on: a column, an output alias, a whole row, or nothing that is known."""
        row = self._named(name, "")
        # PostgreSQL takes a column of that name, here or around, before it takes a row: one that is not listed may be it.
        is_row = row is not None and row.table.rest is None
        for scope in self._outwards():
            if scope.aliases_first and name in scope.aliases:
                return scope.aliases[name]
            found = scope._own(name, quoted, is_row)
            if found is not None:
                return found
            if name in scope.aliases:
                return scope.aliases[name]
        if row is not None:
            return row.table.as_value()
        if not quoted and name.lower() in SESSION_VALUES:
            return NOTHING
        return Value.cannot_tell(f"column {name} is in no relation that it could be read from")

    def positional(self, number: int, table: str = "") -> Value:
        """A column by its position: Snowflake's ``$1``, DuckDB's ``#1``."""
        named = self._named(table, "") if table else None
        columns = named.table.columns if named else self.sources.columns
        unlisted = [named.table.rest] if named and named.table.rest else [] if named else self.sources.unlisted
        if (table and named is None) or unlisted or not 0 < number <= len(columns):
            return Value.cannot_tell(f"the column at position {number} is not known")
        return columns[number - 1][1]

    def row(self, name: str) -> Table | None:
        """The table whose whole row a bare name means: no column is called so."""
        if any(by_name(scope.sources.columns, name, True) for scope in self._outwards()):
            return None
        return self.columns_of(name, "")

    def columns_of(self, name: str, schema: str) -> Table | None:
        """The table of ``name.*``."""
        named = self._named(name, schema)
        return named.table if named else None

    def _outwards(self) -> Iterator["Scope"]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def _own(self, name: str, quoted: bool, is_row: bool) -> Value | None:
        found = by_name(self.sources.columns, name, quoted)
        if len(found) > 1:
            elements = [named.table for named in self.sources.tables if named.is_element and named.name == name]
            if len(elements) == 1:
                return _element(elements[0], name)
            merged = by_name(self.sources.merged, name, quoted)
            if len(merged) == 1:
                return merged[0]
            if self._are_one(name, found):
                return found[0]
            selected = by_name(self.output, name, quoted)
            if len(selected) == 1:
                return selected[0]
            return Value.cannot_tell(f"column {name} is in more than one relation that it could be read from")
        if found:
            return found[0]
        if any(named.has_system_column(name) for named in self.sources.tables):
            return NOTHING
        unlisted = self.sources.unlisted
        if not unlisted:
            return None
        # It can only be of this relation when no other, here or around, could have it.
        around = self.parent is not None and self.parent._may_have(name, quoted, unlisted[0])
        if len(unlisted) == 1 and not (is_row or name in self.aliases or around):
            return unlisted[0].value(name)
        reasons = "; ".join(dict.fromkeys(rest.reason for rest in unlisted))
        return Value.cannot_tell(f"column {name} may be of more than one relation: {reasons}")

    def _are_one(self, name: str, found: list[Value]) -> bool:
        """Whether a relation has one and the same column under a name more than once, as ``t.a, t.*`` gives it."""
        having = [named for named in self.sources.tables if by_name(named.table.columns, name, False)]
        return len(having) == 1 and all(value == found[0] for value in found)

    def _may_have(self, name: str, quoted: bool, inside: Rest) -> bool:
        """Whether a column may be one of this place or around it, and not of the relation inside."""
        return any(
            # The same relation has it inside as well.
            any(not inside.relation or rest.relation != inside.relation for rest in scope.sources.unlisted)
            or by_name(scope.sources.columns, name, quoted)
            for scope in self._outwards()
        )

    def _qualified(self, node: exp.Column) -> Value:
        named = self._named(node.table, node.db)
        name, quoted = node.name, bool(node.this.args.get("quoted"))
        if named is None:
            return self._field(node)
        found = by_name(named.table.columns, name, quoted)
        if found and all(value == found[0] for value in found):
            return found[0]
        if found:
            return Value.cannot_tell(f"{node.table} has more than one column {name}")
        if named.has_system_column(name):
            return NOTHING
        if named.table.rest is not None:
            return named.table.rest.value(name)
        if named.table.composite is not None:
            return named.table.composite
        return Value.cannot_tell(f"{node.table} has no column {name}")

    def _field(self, node: exp.Column) -> Value:
        """``a.b`` where no relation is called ``a``: a field of a structured column ``a``, or nothing that is known."""
        parts = node.parts
        for scope in self._outwards():
            found = by_name(scope.sources.columns, parts[0].name, bool(parts[0].args.get("quoted")))
            if len(found) == 1:
                return found[0].at_path(part.name for part in parts[1:])
            if not found and parts[0].name in scope.aliases:
                return scope.aliases[parts[0].name].at_path(part.name for part in parts[1:])
            if any(named.has_system_column(parts[0].name) for named in scope.sources.tables):
                return NOTHING
        owner = self._named(parts[0].name, "")
        if owner is not None and len(parts) > 2:
            column = exp.Column(this=parts[1].copy(), table=parts[0].copy())
            return self._qualified(column).at_path(part.name for part in parts[2:])
        outwards = list(self._outwards())
        if any(scope.dots for scope in outwards) and any(scope.sources.unlisted for scope in outwards):
            # A column of the relation whose columns are not known.
            return self.unqualified(parts[0].name, bool(parts[0].args.get("quoted"))).at_path(
                part.name for part in parts[1:]
            )
        return Value.cannot_tell(f"{'.'.join(part.name for part in parts[:-1])} is no relation of the query")

    def _named(self, name: str, schema: str) -> NamedTable | None:
        for scope in self._outwards():
            for named in scope.sources.tables:
                if named.name == name and (not schema or named.schema == schema):
                    return named
        return None


def _element(table: Table, name: str) -> Value:
    """An array's element under its name: a value, or a row of its fields."""
    columns = dict(table.columns)
    return columns[name] if name in columns else table.as_value()


def same_name(one: str, other: str) -> bool:
    """Whether two names, as a statement spells them, are the same to a dialect that ignores their case."""
    return one.casefold() == other.casefold()


def by_name(columns: NamedColumns, name: str, quoted: bool) -> list[Value]:
    """The columns of that name; where none is spelled so and the name is not quoted, those that differ in case only."""
    exact = [value for column, value in columns if column == name]
    if exact or quoted:
        return exact
    folded = name.casefold()
    return [value for column, value in columns if column.casefold() == folded]


def base_table(relation: str, columns: Iterable[str], rows: Iterable[str] = ()) -> Table:
    """A real relation. If its columns are unknown, it has any column that a query names.

    Args:
        relation: its name.
        columns: the names of its columns.
        rows: those of its columns that may be rows, or arrays of rows.
    """
    values = {name: Value.of_column(Column(relation, name)) for name in columns}
    listed = tuple((name, value.of_unknown_fields() if name in rows else value) for name, value in values.items())
    if listed:
        return Table(listed)
    return Table(
        rest=Rest(
            f"the columns of {relation} are not known", lambda name: Value.of_column(Column(relation, name)), relation
        )
    )
