"""The choices behind a statement: drawn, kept, replayed and shrunk.

Hypothesis shrinks in the same way. It cannot start from a statement that was already seen to fail, and it stops at the
first; a long run goes on and counts.
"""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
# Choices, and the place at which they are made simpler.
Change = Callable[[list[int], int], list[int]]

# Runs of choices that are left out at once, the longest first.
SPANS = (32, 16, 8, 4, 2, 1)


class Choices:
    """A sequence of choices; 0 is the simplest answer to each.

    Args:
        source: gives further choices; None for the simplest ones from where ``replayed`` ends.
        replayed: the first choices.
    """

    def __init__(self, source: random.Random | None = None, replayed: Sequence[int] = ()) -> None:
        self.made: list[int] = []
        self._source = source
        self._replayed = replayed

    def below(self, end: int) -> int:
        """A number from 0 up to, and not, ``end``."""
        at = len(self.made)
        if at < len(self._replayed):
            number = min(self._replayed[at], end - 1)
        else:
            number = self._source.randrange(end) if self._source else 0
        self.made.append(number)
        return number

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options, of which the first is the simplest."""
        return options[self.below(len(options))]

    def in_100(self, hits: int) -> bool:
        """True in so many cases of a hundred; false is simpler."""
        return self.below(100) >= 100 - hits


def shrunk(
    made: Sequence[int], still_fails: Callable[[Sequence[int]], Sequence[int] | None], attempts: int
) -> list[int]:
    """Fewer and simpler choices that fail in the same way.

    Args:
        made: the choices of what failed.
        still_fails: gives the choices that were really made of those proposed, or None when nothing fails any more.
        attempts: how many proposals are made at most.
    """
    best: list[int] = []
    simpler = list(made)
    while simpler != best and attempts > 0:
        best = list(simpler)
        for change in CHANGES:
            at = len(simpler)
            while at > 0 and attempts > 0:
                at = min(at, len(simpler)) - 1
                proposed = change(simpler, at)
                if at < 0 or _order(proposed) >= _order(simpler):
                    continue
                attempts -= 1
                kept = still_fails(proposed)
                if kept is not None and _order(kept) < _order(simpler):
                    simpler = list(kept)
    return simpler


def _order(made: Sequence[int]) -> tuple[int, Sequence[int]]:
    return len(made), list(made)


def _without(span: int) -> Change:
    return lambda made, at: [*made[:at], *made[at + span :]]


def _lower(by: Callable[[int], int], without: int = 0) -> Change:
    """A smaller answer, and without the choices that the greater one led to."""
    return lambda made, at: [*made[:at], max(0, by(made[at])), *made[at + 1 + without :]]


CHANGES: tuple[Change, ...] = (
    *(_without(span) for span in SPANS),
    _lower(lambda number: 0),
    *(_lower(lambda number: number - 1, without=span) for span in reversed(SPANS)),
    *(_lower(lambda number: 0, without=span) for span in reversed(SPANS)),
    _lower(lambda number: number // 2),
    _lower(lambda number: number - 1),
)
