"""The results of checks, one for each subject."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dbt_lineage.core.levels import Level

# The subject of a result about the check as a whole: it could not be made, or nothing is wrong.
ITSELF = ""


@dataclass(frozen=True)
class Result:
    """One promise, and whether it is kept.

    Args:
        check: the check's name.
        subject: the model, edge, topic or event; ``ITSELF`` when it is about all of them.
        level: ok, warn or fail.
        seen: what was seen: the reason, whose text is the same for all subjects of a group, and after ``": "`` what
            differs (``groups.py``).
        allowed: what is allowed, with units.
        since: since when it is so; None if unknown.
        value: the figure behind it, for metrics; None if there is none.
        unit: the figure's unit.
        made: False when the check could not be made, so that its other subjects are unknown.
        project: the project; empty for what all projects share.
    """

    check: str
    subject: str
    level: Level
    seen: str
    allowed: str = ""
    since: datetime | None = None
    value: float | None = None
    unit: str = ""
    made: bool = True
    project: str = ""

    def as_json(self, with_project: bool = False) -> dict[str, Any]:
        """Its fields in the types of JSON. Times are ISO 8601.

        Args:
            with_project: whether to include the project.
        """
        said = {**asdict(self), "since": self.since.isoformat() if self.since else None}
        project = said.pop("project")
        return {"project": project, **said} if with_project else said


def or_all_well(check: str, problems: Iterable[Result], seen: str, allowed: str = "") -> list[Result]:
    """The problems of a check; without one, a single result with level ok.

    Args:
        check: the check's name.
        problems: its problems.
        seen: what was seen of all subjects together.
        allowed: what is allowed.
    """
    return list(problems) or [Result(check, ITSELF, Level.OK, seen, allowed)]
