"""Why rows cannot show a claimed dependency, judged by the rows alone."""

from typing import Final

from dbt_lineage.columns.model import Column
from prove.observations import Grade, Observations

EMPTY_SOURCE: Final = "the relation that is read has no rows"
NO_RESULT: Final = "the statement gives no rows: a filter lets nothing through, or a join matches nothing"
UNREACHED: Final = "no row of the relation that is read reaches the result: a filter or a join keeps all of them out"
BLANK_TARGET: Final = "the column of the result is NULL in every row"
BLANK_SOURCE: Final = "the column that is read is NULL in every row, and no other value of its type can be put there"
PINNED: Final = "a filter leaves one of the two values of a Boolean: where it is changed, the row goes"
FILLERS = ("fill", "fill_boolean")


def reason(seen: Observations, source: Column, target: str, grade: Grade | None) -> str | None:
    """Why no row of a statement's data shows a dependency as DIRECT; None where the rows could have shown it.

    Args:
        seen: what the trials of the statement showed.
        source: a column of a relation that the statement reads.
        target: a column that it gives.
        grade: the most that a trial showed of the two.
    """
    if grade is None:
        return _of_nothing(seen, source, target)
    is_boolean = _tried(seen, source, "negate")
    return PINNED if grade == "rows" and is_boolean and target in seen.flags & seen.single else None


def _of_nothing(seen: Observations, source: Column, target: str) -> str | None:
    if source not in seen.tried:
        # No such column is read: the claim is wrong, whatever the rows are.
        return None
    if source.relation in seen.empty:
        return EMPTY_SOURCE
    if not seen.gives_rows:
        return NO_RESULT
    if source.relation in seen.unreached:
        return UNREACHED
    if source in seen.no_value and not any(_tried(seen, source, filler) for filler in FILLERS):
        return BLANK_SOURCE
    return BLANK_TARGET if target in seen.blank else None


def _tried(seen: Observations, source: Column, mutation: str) -> bool:
    return any(trial.partition(":")[2] == mutation for trial in seen.tried.get(source, ()))
