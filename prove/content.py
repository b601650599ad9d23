"""The rows of a statement, and what a changed column did to them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

NULL = "\\N"
# PostgreSQL sums floating-point numbers in any order, so the last digits do not count as a difference.
FLOAT_DIGITS = 9


@dataclass(frozen=True)
class Content:
    """The rows of a relation, column by column.

    Args:
        columns: names, in order.
        values: of each column, its values from the first row to the last, as PostgreSQL writes them; None is null.
        rows: how many.
    """

    columns: tuple[str, ...]
    values: tuple[tuple[str | None, ...], ...]
    rows: int

    @classmethod
    def parse(cls, text: str, columns: Sequence[str], floats: Collection[str] = ()) -> "Content":
        """Read what COPY wrote in its text format.

        Args:
            text: one line for each row; what COPY escaped stays escaped.
            columns: names, in order.
            floats: those that are floating-point numbers.
        """
        lines = [line.split("\t") for line in text.split("\n")[:-1]]
        transposed: Iterable[Sequence[str]] = zip(*lines, strict=True) if lines else [()] * len(columns)
        values = tuple(
            tuple(None if value == NULL else _rounded(value) if name in floats else value for value in column_values)
            for name, column_values in zip(columns, transposed, strict=True)
        )
        return cls(tuple(columns), values, len(lines))

    def of(self, column: str) -> tuple[str | None, ...]:
        """The values of one column."""
        return self.values[self.columns.index(column)]

    def not_empty(self) -> frozenset[str]:
        """The columns that hold a value in any row."""
        return frozenset(
            name
            for name, values in zip(self.columns, self.values, strict=True)
            if any(value is not None for value in values)
        )

    def projection(self, columns: Collection[str]) -> Counter[tuple[str | None, ...]]:
        """How often each combination of values of these columns occurs."""
        kept = [values for name, values in zip(self.columns, self.values, strict=True) if name in columns]
        return Counter(zip(*kept, strict=True)) if kept else Counter({(): self.rows})


@dataclass(frozen=True)
class Difference:
    """What changed between two contents.

    Args:
        moved: columns whose content is another.
        cells: those of them that are another in rows that stayed.
    """

    moved: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()


def changed_columns(before: Content, after: Content, judged: Collection[str]) -> frozenset[str]:
    """The columns with other values, or other counts of values, than before; each by itself, in no order."""
    return frozenset(name for name in judged if Counter(before.of(name)) != Counter(after.of(name)))


def difference(
    before: Content, after: Content, judged: Collection[str], anchors: Collection[str], suspects: Collection[str]
) -> Difference:
    """Compare two results by content: rows have no order.

    Args:
        before: the content as it was.
        after: the content now.
        judged: the columns that count; another column changes by itself, or follows the order of the rows.
        anchors: columns that carry values of unchanged columns: rows are recognised by them.
        suspects: columns that depend on the changed one, as far as observed.
    """
    if before.projection(judged) == after.projection(judged):
        return Difference()
    if before.rows != after.rows:
        return Difference(frozenset(judged), _changed_in_shared_rows(before, after, judged, anchors))
    moved = changed_columns(before, after, judged)
    moved |= _recombined(before, after, moved, judged, anchors, suspects)
    replaced = bool(anchors) and moved.issuperset(anchors)
    return Difference(moved, frozenset() if replaced else moved)


def _recombined(
    before: Content,
    after: Content,
    moved: frozenset[str],
    judged: Collection[str],
    anchors: Collection[str],
    suspects: Collection[str],
) -> frozenset[str]:
    """Further columns whose values moved to other rows: every value is still there, beside other values.

    Which side moved depends on what is known: a suspect rather than a column that recognises a row. Without such
    knowledge, no column is returned.
    """
    others = [name for name in judged if name not in moved]
    suspected = [name for name in others if name in suspects]
    loose = [name for name in others if name in suspects or name not in anchors]

    def stays(kept: Collection[str]) -> bool:
        return before.projection(kept) == after.projection(kept)

    if stays([name for name in others if name not in suspected]):
        return frozenset(_fewest(suspected, others, stays))
    firm = [name for name in others if name not in loose]
    if stays(firm):
        return frozenset(name for name in loose if not stays([*firm, name]))
    # Columns that recognise rows disagree: those with the most values decide which rows are the same.
    by_values = sorted(firm, key=lambda name: len(set(before.of(name))))
    gone = _fewest([*loose, *by_values], others, stays)
    stayed = [name for name in others if name not in gone]
    return frozenset(gone) if _rows_by_key(before, stayed) is not None else frozenset()


def _fewest(gone: Sequence[str], others: Sequence[str], stays: Callable[[Collection[str]], bool]) -> Sequence[str]:
    """The fewest columns without which the rest is unchanged; later columns are kept first."""
    for name in reversed(gone):
        without = [other for other in gone if other != name]
        if stays([other for other in others if other not in without]):
            gone = without
    return gone


def _changed_in_shared_rows(
    before: Content, after: Content, judged: Collection[str], anchors: Collection[str]
) -> frozenset[str]:
    """The columns that differ in rows of both results, if the anchors identify each row."""
    keys = [name for name in judged if name in anchors]
    earlier, later = (_rows_by_key(content, keys) for content in (before, after))
    if earlier is None or later is None:
        return frozenset()
    shared = [(earlier[key], later[key]) for key in earlier.keys() & later.keys()]
    return frozenset(name for name in judged if any(before.of(name)[old] != after.of(name)[new] for old, new in shared))


def _rows_by_key(content: Content, keys: Sequence[str]) -> dict[tuple[str | None, ...], int] | None:
    """The place of each row by its values of some columns; None where two rows have the same, or none are asked for."""
    if not keys:
        return None
    rows = {key: row for row, key in enumerate(zip(*(content.of(name) for name in keys), strict=True))}
    return rows if len(rows) == content.rows else None


def _rounded(value: str) -> str:
    return format(float(value), f".{FLOAT_DIGITS}g")
