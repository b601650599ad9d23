"""Ways to change one column of a relation, each as a query.

Every way is a function of the data and the seed, so that a trial can be repeated; the rows keep their physical order.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from psycopg2 import sql

from prove.content import Content
from prove.relations import ColumnType

TOKENS = ("qzx", "xzq")
# Primes, so that remainders change too.
FAR, FAR_STEP = 1_000_000_007, 1_000_003
FAR_SMALLINT, FAR_STEP_SMALLINT = 10_007, 11
FAR_YEARS = 200
# A result of numbers around FAR is this many times the old one, and not because of more rows.
FAR_RATIO = 1000
ANY = "*"
TEXT_ARRAYS = frozenset({"text[]", "character varying[]"})
NUMBER_ARRAYS = frozenset({"integer[]", "bigint[]", "numeric[]", "real[]", "double precision[]"})
JSON_TYPES = frozenset({"json", "jsonb"})
UUID_TYPES = frozenset({"uuid"})
FILLER_UUID = "5eed5eed-0000-4000-8000-00005eed5eed"
MARK = "mark"
FILL = "fill"

Trace = Callable[[Content, Content], frozenset[str]]


@dataclass(frozen=True)
class Mutation:
    """A way to change a column.

    Args:
        name: what the results call it.
        categories: PostgreSQL's type categories that it is for; ``*`` for all.
        query: makes the query from the relation, its columns, the one to change, and the seed.
        trace: finds the output columns into which the changed values went, by content alone; None where changed values
            look like any others.
        types: types that it is for besides.
    """

    name: str
    categories: str
    query: Callable[[sql.Composable, Sequence[ColumnType], ColumnType, int], sql.Composed]
    trace: Trace | None = None
    types: frozenset[str] = frozenset()

    def applies_to(self, column: ColumnType) -> bool:
        """Whether it is for columns of this type."""
        return self.categories == ANY or column.category in self.categories or column.type in self.types


def copy(relation: sql.Composable, columns: Sequence[ColumnType]) -> sql.Composed:
    """The relation as it is."""
    return cells(relation, columns, {})


def shuffle(relation: sql.Composable, columns: Sequence[ColumnType], seed: int) -> sql.Composed:
    """The same rows in another physical order."""
    return sql.SQL("{} ORDER BY {}").format(cells(relation, columns, {}), row_hash(seed))


def where(relation: sql.Composable, columns: Sequence[ColumnType], condition: str) -> sql.Composed:
    """Some of the rows."""
    return copy(relation, columns) + sql.SQL(" WHERE " + condition)


def relabel(relation: sql.Composable, columns: Sequence[ColumnType], keys: Sequence[ColumnType]) -> sql.Composed:
    """New names for the values of some columns, the same for the same value in whatever relation."""
    return cells(relation, columns, {column.name: _NEW_NAMES[_naming(column)](column, 0) for column in keys})


def can_be_renamed(column: ColumnType) -> bool:
    """Whether values of this type have room for new names."""
    return _naming(column) in _NEW_NAMES


def write_alike(relation: sql.Composable, columns: Sequence[ColumnType], chosen: Sequence[ColumnType]) -> sql.Composed:
    """Some columns in the type that their marked values will have, and not marked yet."""
    return cells(relation, columns, {column.name: _PLAIN[column.category](column) for column in chosen})


def has_alike(column: ColumnType) -> bool:
    """Whether values of this type can be of the type of marked ones without being marked."""
    return column.category in _PLAIN


# --- queries


def cells(relation: sql.Composable, columns: Sequence[ColumnType], changed: dict[str, sql.Composable]) -> sql.Composed:
    """Every row in its place, with some columns given by expressions."""
    given = [
        sql.SQL("{} AS {}").format(changed[column.name], _name(column)) if column.name in changed else _name(column)
        for column in columns
    ]
    return sql.SQL("SELECT {} FROM {} o").format(sql.SQL(", ").join(given), relation)


def _by_expression(expression: Callable[[ColumnType, int], sql.Composable]) -> Callable[..., sql.Composed]:
    """A mutation that makes each value from the old one, or from the row's place."""

    def query(relation: sql.Composable, columns: Sequence[ColumnType], column: ColumnType, seed: int) -> sql.Composed:
        return cells(relation, columns, {column.name: expression(column, seed)})

    return query


def _by_value(new_value: str) -> Callable[..., sql.Composed]:
    """A mutation that replaces each distinct value by another one of the column.

    Args:
        new_value: the other one, a window expression over the distinct values ``v`` in the hashed order ``n``.
    """

    def query(relation: sql.Composable, columns: Sequence[ColumnType], column: ColumnType, seed: int) -> sql.Composed:
        given = [
            sql.SQL("m.new AS {}").format(_name(other)) if other == column else sql.SQL("o.{}").format(_name(other))
            for other in columns
        ]
        return sql.SQL(
            "WITH hashed AS (SELECT DISTINCT ON ({c}::text) {c} AS v,"
            " hashtextextended({c}::text, {seed}) AS h FROM {relation} WHERE {c} IS NOT NULL),"
            " numbered AS (SELECT v, row_number() OVER (ORDER BY h, v::text) - 1 AS n FROM hashed),"
            " mapped AS (SELECT v::text AS old, {new} AS new FROM numbered)"
            " SELECT {given} FROM {relation} o LEFT JOIN mapped m ON o.{c}::text = m.old ORDER BY o.ctid"
        ).format(
            c=_name(column),
            seed=sql.Literal(seed),
            relation=relation,
            new=sql.SQL(new_value),
            given=sql.SQL(", ").join(given),
        )

    return query


def _permute(relation: sql.Composable, columns: Sequence[ColumnType], column: ColumnType, seed: int) -> sql.Composed:
    """The same values in other rows."""
    given = [sql.SQL("{}.{}").format(sql.SQL("v" if other == column else "o"), _name(other)) for other in columns]
    return sql.SQL(
        "SELECT {given} FROM (SELECT *, row_number() OVER (ORDER BY ctid) AS prove_n FROM {relation}) o"
        " JOIN (SELECT {c}, row_number() OVER (ORDER BY {hash}) AS prove_n FROM {relation} o) v USING (prove_n)"
        " ORDER BY prove_n"
    ).format(given=sql.SQL(", ").join(given), relation=relation, c=_name(column), hash=row_hash(seed))


def _constant(relation: sql.Composable, columns: Sequence[ColumnType], column: ColumnType, seed: int) -> sql.Composed:
    """One of the values for all rows."""
    value = sql.SQL(
        "(SELECT {c} FROM {relation} WHERE {c} IS NOT NULL ORDER BY hashtextextended({c}::text, {seed}) LIMIT 1)"
    ).format(c=_name(column), relation=relation, seed=sql.Literal(seed))
    return cells(relation, columns, {column.name: value})


# --- expressions


def _nulls(column: ColumnType, seed: int) -> sql.Composable:
    return sql.SQL("NULL::{}").format(_type(column))


def _half(column: ColumnType, seed: int) -> sql.Composable:
    return sql.SQL("CASE WHEN {hash} % 2 = 0 THEN {c} END").format(hash=row_hash(seed), c=_name(column))


def _fill(column: ColumnType, seed: int) -> sql.Composable:
    far = FAR_SMALLINT if column.type == "smallint" else FAR
    by_type = {
        **dict.fromkeys(TEXT_ARRAYS, f"ARRAY['{TOKENS[0]}']"),
        **dict.fromkeys(NUMBER_ARRAYS, f"ARRAY[{far}]"),
        **dict.fromkeys(JSON_TYPES, f"'\"{TOKENS[0]}\"'"),
        **dict.fromkeys(UUID_TYPES, f"'{FILLER_UUID}'"),
    }
    by_category = {"S": f"'{TOKENS[0]}'", "N": str(far), "D": "'2290-01-01'", "B": "true"}
    filler = by_type.get(column.type) or by_category[column.category]
    return sql.SQL("coalesce({c}, {filler}::{type})").format(
        c=_name(column), filler=sql.SQL(filler), type=_type(column)
    )


def _negate(column: ColumnType, seed: int) -> sql.Composable:
    return sql.SQL("NOT {}").format(_name(column))


def _fresh(column: ColumnType, seed: int) -> sql.Composable:
    return sql.SQL("{} || {}::text || {}").format(sql.Literal(TOKENS[0]), _name(column), sql.Literal(TOKENS[1]))


def _fresh_elements(column: ColumnType, seed: int) -> sql.Composable:
    return _each_element(column, sql.SQL("{} || element || {}").format(*map(sql.Literal, TOKENS)))


def _far_elements(column: ColumnType, seed: int) -> sql.Composable:
    return _each_element(column, sql.SQL("element + {}").format(sql.Literal(FAR)))


def _each_element(column: ColumnType, new: sql.Composable) -> sql.Composable:
    return sql.SQL(
        "CASE WHEN {c} IS NOT NULL THEN ARRAY(SELECT {new} FROM unnest({c}) WITH ORDINALITY AS e (element, at)"
        " ORDER BY at)::{type} END"
    ).format(c=_name(column), new=new, type=_type(column))


def _fresh_strings(column: ColumnType, seed: int) -> sql.Composable:
    """The strings in a JSON value, except the names of members."""
    value = r'([:\[,]\s*)"((?:[^"\\]|\\.)*)"(?=\s*[,\]}])'
    new = rf'\1"{TOKENS[0]}\2{TOKENS[1]}"'
    return sql.SQL("regexp_replace({}::text, {}, {}, 'g')::{}").format(
        _name(column), sql.Literal(value), sql.Literal(new), _type(column)
    )


def _far(column: ColumnType, seed: int) -> sql.Composable:
    base, step = (FAR_SMALLINT, FAR_STEP_SMALLINT) if column.type == "smallint" else (FAR, FAR_STEP)
    return sql.SQL("({c} + {base} + {step} * abs(hashtextextended({c}::text, 0) % 1000))::{type}").format(
        c=_name(column), base=sql.Literal(base), step=sql.Literal(step), type=_type(column)
    )


def _far_in_time(column: ColumnType, seed: int) -> sql.Composable:
    return sql.SQL(
        "({c} + make_interval(years => {years} + abs(hashtextextended({c}::text, 0) % 100)::int,"
        " days => abs(hashtextextended({c}::text, 1) % 100)::int))::{type}"
    ).format(c=_name(column), years=sql.Literal(FAR_YEARS), type=_type(column))


def _shift(column: ColumnType, seed: int) -> sql.Composable:
    by = sql.SQL("1" if column.category == "N" else "interval '40 days'")
    return sql.SQL("({} + {})::{}").format(_name(column), by, _type(column))


def _mark(column: ColumnType, seed: int) -> sql.Composable:
    """Values that compare as equal to the old ones and are written in another way.

    Blanks at the end of a bpchar, digits after a decimal point, a date's midnight, a time's zone.
    """
    if column.category == "S":
        return sql.SQL("({} || '   ')::bpchar").format(_name(column))
    if column.category == "N":
        return sql.SQL("{}::numeric * 1.00000000").format(_name(column))
    return sql.SQL("{}::{}").format(_name(column), sql.SQL("timestamp" if column.type == "date" else "timestamptz"))


_PLAIN: dict[str, Callable[[ColumnType], sql.Composable]] = {
    "S": lambda column: sql.SQL("{}::bpchar").format(_name(column)),
    "N": lambda column: sql.SQL("{}::numeric").format(_name(column)),
}


def _other_uuid(column: ColumnType, seed: int) -> sql.Composable:
    return sql.SQL("md5({}::text)::uuid").format(_name(column))


def _naming(column: ColumnType) -> str:
    return "uuid" if column.type == "uuid" else column.category


_NEW_NAMES = {"S": _fresh, "N": _far, "D": _far_in_time, "uuid": _other_uuid}


def row_hash(seed: int) -> sql.Composed:
    """A number that follows from a row's place; another seed gives another one."""
    return sql.SQL("hashtextextended(o.ctid::text, {})").format(sql.Literal(seed))


def _name(column: ColumnType) -> sql.Identifier:
    return sql.Identifier(column.name)


def _type(column: ColumnType) -> sql.SQL:
    return sql.SQL(column.type)


# --- traces


def _cells_where(predicate: Callable[[str], bool]) -> Trace:
    """Columns with values that the predicate recognises as changed ones, and that had none before."""

    def trace(before: Content, after: Content) -> frozenset[str]:
        return frozenset(
            name
            for name in after.columns
            if any(map(predicate, _not_null(after, name))) and not any(map(predicate, _not_null(before, name)))
        )

    return trace


def _has_token(value: str) -> bool:
    folded = value.casefold()
    return any(token in folded for token in TOKENS)


def _has_far_year(value: str) -> bool:
    return _FAR_YEAR.search(value) is not None


# Not as a part of something longer, such as a uuid.
_FAR_YEAR = re.compile(r"(?<![\w-])2[2-5]\d\d-\d\d(?!\w)")


def _trace_far(before: Content, after: Content) -> frozenset[str]:
    """Columns of numbers that are now far greater than any that was there."""
    return frozenset(
        name
        for name in after.columns
        if (was := _numbers(before, name)) is not None
        and (now := _numbers(after, name))
        and max(now) >= FAR_RATIO * max(was, default=1.0)
        and max(now) >= FAR_RATIO
    )


def _numbers(content: Content, name: str) -> list[float] | None:
    """How great the numbers of a column are; None where it holds something else."""
    try:
        return [abs(float(value)) for value in _not_null(content, name)]
    except ValueError:
        return None


def _trace_mark(before: Content, after: Content) -> frozenset[str]:
    """Columns whose values are written in another way and are the same."""
    return frozenset(
        name
        for name in after.columns
        if Counter(before.of(name)) != Counter(after.of(name))
        and Counter(map(_unmarked, before.of(name))) == Counter(map(_unmarked, after.of(name)))
    )


def _unmarked(value: str | None) -> str | None:
    if value is None:
        return None
    plain = _MIDNIGHT.sub("", value.rstrip(" "))
    try:
        return str(Decimal(plain).normalize())
    except InvalidOperation:
        return plain


_MIDNIGHT = re.compile(r"( 00:00:00)?(\+00)?$")


def _not_null(content: Content, name: str) -> list[str]:
    return [value for value in content.of(name) if value is not None]


# Those that leave traces come first: they show which columns recognise a row in the later ones.
MUTATIONS = (
    Mutation(MARK, "SND", _by_expression(_mark), _trace_mark),
    Mutation("fresh", "S", _by_expression(_fresh), _cells_where(_has_token)),
    Mutation("fresh", "", _by_expression(_fresh_elements), _cells_where(_has_token), TEXT_ARRAYS),
    Mutation("fresh", "", _by_expression(_fresh_strings), _cells_where(_has_token), JSON_TYPES),
    Mutation("far", "N", _by_expression(_far), _trace_far),
    Mutation("far", "", _by_expression(_far_elements), _trace_far, NUMBER_ARRAYS),
    Mutation("far", "D", _by_expression(_far_in_time), _cells_where(_has_far_year)),
    Mutation("shift", "ND", _by_expression(_shift)),
    Mutation("negate", "B", _by_expression(_negate)),
    Mutation("nulls", ANY, _by_expression(_nulls)),
    Mutation(FILL, "S", _by_expression(_fill), _cells_where(_has_token)),
    Mutation(FILL, "N", _by_expression(_fill), _trace_far),
    Mutation(FILL, "D", _by_expression(_fill), _cells_where(_has_far_year)),
    Mutation(FILL, "", _by_expression(_fill), _cells_where(_has_token), TEXT_ARRAYS | JSON_TYPES),
    Mutation(FILL, "", _by_expression(_fill), _trace_far, NUMBER_ARRAYS),
    Mutation(FILL, "", _by_expression(_fill), _cells_where(lambda value: FILLER_UUID in value), UUID_TYPES),
    Mutation("fill_boolean", "B", _by_expression(_fill)),
    Mutation("half", ANY, _by_expression(_half)),
    Mutation("constant", ANY, _constant),
    Mutation("merge", ANY, _by_value("first_value(v) OVER (PARTITION BY n / 2 ORDER BY n)")),
    Mutation("rotate", ANY, _by_value("coalesce(lead(v) OVER (ORDER BY n), first_value(v) OVER (ORDER BY n))")),
    Mutation("permute", ANY, _permute),
)
