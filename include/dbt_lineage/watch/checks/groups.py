"""Group subjects that broke for the same reason: the first few are named, the rest is counted.

``Result.seen`` begins with the reason, whose text is the same for all subjects. After ``": "`` comes what differs from
subject to subject.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from dbt_lineage.watch.checks.results import ITSELF

# How many subjects of a group are named.
NAMED = 5
_SEPARATOR = ": "


class Told(Protocol):
    """What can be grouped: a result or an alert."""

    @property
    def check(self) -> str:
        """Which check."""

    @property
    def subject(self) -> str:
        """The model, edge, topic or event."""

    @property
    def seen(self) -> str:
        """What was seen: the reason, and after ``": "`` what differs."""

    @property
    def allowed(self) -> str:
        """What is allowed."""

    @property
    def since(self) -> datetime | None:
        """Since when it is broken."""


Member = TypeVar("Member", bound=Told)


@dataclass(frozen=True)
class Group(Generic[Member]):
    """Subjects of one check that broke for the same reason.

    Args:
        reason: the reason.
        members: its members, at least one.
    """

    reason: str
    members: Sequence[Member]

    @property
    def title(self) -> str:
        """Their number and the reason; also what is allowed, if that is the same for all."""
        allowed = {each.allowed for each in self.members}
        shared = f", allowed: {next(iter(allowed))}" if len(allowed) == 1 and allowed != {""} else ""
        return f"{len(self.members)} alike: {self.reason}{shared}"

    @property
    def first(self) -> Sequence[Member]:
        """The members that are named."""
        return self.members[:NAMED]

    @property
    def more(self) -> str:
        """``and N more`` for members that are not named; empty when all are."""
        return _more(len(self.members))


def grouped(members: Iterable[Member]) -> list[Group[Member]]:
    """The groups, in the order of their first members."""
    found: dict[tuple[str, str], list[Member]] = {}
    for each in members:
        found.setdefault((each.check, reason(each.seen)), []).append(each)
    return [Group(why, of_reason) for (_, why), of_reason in found.items()]


def reason(seen: str) -> str:
    """The part of what was seen that is the same for all subjects of a group."""
    return seen.partition(_SEPARATOR)[0]


def details(seen: str) -> str:
    """The part of what was seen that differs between subjects; empty when there is none."""
    return seen.partition(_SEPARATOR)[2]


def summary(members: Iterable[Told]) -> str:
    """A line for each group."""
    return "\n".join(_line(group) for group in grouped(members))


def _line(group: Group[Told]) -> str:
    if len(group.members) == 1:
        [one] = group.members
        return f"{one.check if one.subject == ITSELF else one.subject}: {one.seen}"
    names = [each.subject + (f" ({details(each.seen)})" if details(each.seen) else "") for each in group.members]
    return f"{len(group.members)} alike: {group.reason}: {named(names)}"


def named(words: Sequence[str], separator: str = ", ") -> str:
    """The first few of many names, and the number of the others."""
    return separator.join(words[:NAMED]) + (f" {more}" if (more := _more(len(words))) else "")


def _more(count: int) -> str:
    return f"and {count - NAMED} more" if count > NAMED else ""
