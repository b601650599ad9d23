"""What a check says of each of its subjects."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dbt_lineage.core.levels import Level

# The subject of a result that is about the check as a whole: that it cannot be made, or that nothing is wrong.
ITSELF = ""


@dataclass(frozen=True)
class Result:
    """One promise, and whether it is kept.

    Args:
        check: which check.
        subject: which model, edge, topic or event; ``ITSELF`` when it is about all of them.
        level: ok, warn or fail.
        seen: what was seen, in words: the reason, which is the same for all subjects that broke alike, and after ``": "``
            what differs (``groups.py``).
        allowed: what is allowed, in words with units.
        since: since when it is so; None when the check does not know.
        value: the figure behind it, for metrics; None when there is none.
        unit: of the figure.
        made: False when the check could not be made: then nothing is known of its other subjects.
        project: whose promise it is; empty for one about what all projects share.
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
        """As JSON takes it; times are ISO 8601.

        Args:
            with_project: whether it says the project, as where there are several.
        """
        said = {**asdict(self), "since": self.since.isoformat() if self.since else None}
        project = said.pop("project")
        return {"project": project, **said} if with_project else said


def or_all_well(check: str, problems: Iterable[Result], seen: str, allowed: str = "") -> list[Result]:
    """The problems of a check; one result that all is well when there is none.

    Args:
        check: which check.
        problems: its problems.
        seen: what was seen of all subjects together.
        allowed: what is allowed.
    """
    return list(problems) or [Result(check, ITSELF, Level.OK, seen, allowed)]
