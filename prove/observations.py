"""What the trials of a statement showed, kept for the next run."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from dbt_lineage.columns.model import Column

# How much a trial shows of a dependency, the least first.
# rows: the column is another only where rows came or went. cells: it is another in rows that stayed.
# value: it carries the changed values themselves.
Grade = Literal["rows", "cells", "value"]
GRADES: tuple[Grade, ...] = ("rows", "cells", "value")

_DETERMINES_RESULTS = (
    "chains.py",
    "content.py",
    "domains.py",
    "mutations.py",
    "observations.py",
    "states.py",
    "trials.py",
    "workbench.py",
)
_AS_THEY_ARE = ("relation", "variant", "rows", "empty", "gives_rows", "seconds")


@dataclass
class Observations:
    """What changed when a column of a parent was changed.

    Args:
        relation: the relation that the statement makes.
        variant: see ``Statement``; ``chain`` for what a root showed in all that is made from it.
        columns: its columns.
        unstable: those that change by themselves or with the physical order of the rows, and are judged by their
            changed values only.
        flags: those that hold nothing but true and false.
        rows: how many rows it has as it is.
        seen: by target and source, each trial that showed something, such as ``sparse:half``, and its grade.
        tried: by source, the trials that were made.
        failed: by source, the trials that PostgreSQL refused, such as text in place of a date.
        traceable: by source, the columns that had values in a trial whose values differ from all others.
        keys: by source, the columns that change when its values get new names wherever they occur; only sources that
            share their values with another column are here.
        empty: parents without rows: nothing can be seen of them.
        gives_rows: whether the statement gives a row in any of the states that the data is tried in.
        unreached: parents whose rows can all go, in each of these states, without a change of the result.
        blank: those of its columns that hold no value in any of these states.
        single: those of its columns that hold a single value in all of these states together.
        no_value: columns of parents with rows that hold no value.
        seconds: how long the trials took.
    """

    relation: str
    variant: str
    columns: tuple[str, ...] = ()
    unstable: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)
    rows: int = 0
    seen: dict[tuple[str, Column], dict[str, Grade]] = field(default_factory=dict)
    tried: dict[Column, list[str]] = field(default_factory=dict)
    failed: dict[Column, list[str]] = field(default_factory=dict)
    traceable: dict[Column, set[str]] = field(default_factory=dict)
    keys: dict[Column, set[str]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    gives_rows: bool = False
    unreached: set[str] = field(default_factory=set)
    blank: set[str] = field(default_factory=set)
    single: set[str] = field(default_factory=set)
    no_value: set[Column] = field(default_factory=set)
    seconds: float = 0.0

    def note(self, target: str, source: Column, trial: str, grade: Grade) -> None:
        """Keep what a trial showed."""
        self.seen.setdefault((target, source), {})[trial] = grade

    def grade(self, target: str, source: Column) -> Grade | None:
        """The most that any trial showed of a dependency."""
        return max(self.seen.get((target, source), {}).values(), key=GRADES.index, default=None)

    def sources_of(self, target: str, at_least: Grade) -> set[Column]:
        """The columns that this one was seen to depend on, by this grade or a higher one."""
        least = GRADES.index(at_least)
        return {
            source
            for (seen, source), trials in self.seen.items()
            if seen == target and any(GRADES.index(grade) >= least for grade in trials.values())
        }

    @property
    def trials(self) -> int:
        """How many trials were made."""
        return sum(map(len, self.tried.values())) + len(self.keys)


class Store:
    """Keeps observations by the digest of what they depend on, so that an interrupted proof goes on.

    Args:
        folder: made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, digest: str) -> Observations | None:
        """What was kept under this digest."""
        try:
            content = json.loads(self._file(digest).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Observations(
            **{name: content[name] for name in _AS_THEY_ARE},
            columns=tuple(content["columns"]),
            unstable=set(content["unstable"]),
            flags=set(content["flags"]),
            unreached=set(content["unreached"]),
            blank=set(content["blank"]),
            single=set(content["single"]),
            no_value={Column(*source) for source in content["no_value"]},
            seen={(target, Column(*source)): trials for target, source, trials in content["seen"]},
            tried={Column(*source): trials for source, trials in content["tried"]},
            failed={Column(*source): trials for source, trials in content["failed"]},
            traceable={Column(*source): set(targets) for source, targets in content["traceable"]},
            keys={Column(*source): set(targets) for source, targets in content["keys"]},
        )

    def save(self, digest: str, observations: Observations) -> None:
        """Keep observations; a file is there whole or not at all."""
        content = {
            **{name: getattr(observations, name) for name in _AS_THEY_ARE},
            "columns": observations.columns,
            "unstable": sorted(observations.unstable),
            "flags": sorted(observations.flags),
            "unreached": sorted(observations.unreached),
            "blank": sorted(observations.blank),
            "single": sorted(observations.single),
            "no_value": sorted(map(_pair, observations.no_value)),
            "seen": [(target, _pair(source), trials) for (target, source), trials in observations.seen.items()],
            "tried": [(_pair(source), trials) for source, trials in observations.tried.items()],
            "failed": [(_pair(source), trials) for source, trials in observations.failed.items()],
            "traceable": [(_pair(source), sorted(targets)) for source, targets in observations.traceable.items()],
            "keys": [(_pair(source), sorted(targets)) for source, targets in observations.keys.items()],
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self._file(digest).with_suffix(".new")
        new.write_text(json.dumps(content, indent=1), encoding="utf-8")
        new.replace(self._file(digest))

    def _file(self, digest: str) -> Path:
        return self.folder / f"{digest}.json"


def digest(seed: int, sql: Iterable[str], inputs: Iterable[str]) -> str:
    """Names what the trials of a statement depend on: the seed, its SQL, what it reads, and this package's own code.

    Args:
        seed: of the trials.
        sql: the statements.
        inputs: what the relations that they read hold.
    """
    code = [(Path(__file__).parent / name).read_text(encoding="utf-8") for name in _DETERMINES_RESULTS]
    return hashlib.sha256(repr([seed, list(sql), list(inputs), code]).encode()).hexdigest()[:32]


def _pair(column: Column) -> tuple[str, ...]:
    return tuple(asdict(column).values())
