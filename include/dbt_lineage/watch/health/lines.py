"""Run all probes at once, without waiting for those that do not answer in time."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level


class Answer(NamedTuple):
    """The result of a probe."""

    level: Level
    reason: str


@dataclass(frozen=True)
class Probe:
    """A probe of one part.

    Args:
        name: the line's name.
        ask: returns the answer. An error that it raises is a failure with that reason.
        needs: names of earlier lines. If one of them is broken, this one is ``unknown``.
    """

    name: str
    ask: Callable[[], Answer]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """The health of one part.

    Args:
        name: the part.
        level: its level. ``unknown`` when something that it needs is broken, whose own line fails.
        reason: what was seen, or what is wrong.
    """

    name: str
    level: Level
    reason: str


def examine(probes: Sequence[Probe], seconds: float) -> list[Line]:
    """Run all probes at once.

    Args:
        probes: the probes, each after those that it needs.
        seconds: a probe that has not answered after this time counts as failed, seconds.

    Returns:
        A line for each probe, in their order.
    """
    answers = _answers(probes, seconds)
    late = Answer(Level.FAIL, f"no answer within {in_words(seconds)}")
    lines: dict[str, Line] = {}
    for probe in probes:
        level, reason = answers.get(probe.name, late)
        broken = next((name for name in probe.needs if _is_broken(lines.get(name))), None)
        if broken is not None and level is not Level.OK:
            level, reason = Level.UNKNOWN, f"needs {broken}"
        lines[probe.name] = Line(probe.name, level, reason)
    return list(lines.values())


def _answers(probes: Iterable[Probe], seconds: float) -> Mapping[str, Answer]:
    """The answers that come in time. The threads of late probes go on until the process ends."""
    arriving: queue.SimpleQueue[tuple[str, Answer]] = queue.SimpleQueue()
    waited_for = set()
    for probe in probes:
        waited_for.add(probe.name)
        threading.Thread(target=_ask, args=(probe, arriving), name=probe.name, daemon=True).start()
    answers: dict[str, Answer] = {}
    give_up_at = time.monotonic() + seconds
    while waited_for and (left := give_up_at - time.monotonic()) > 0:
        try:
            name, answer = arriving.get(timeout=left)
        except queue.Empty:
            break
        answers[name] = answer
        waited_for.discard(name)
    return answers


def _ask(probe: Probe, arriving: "queue.SimpleQueue[tuple[str, Answer]]") -> None:
    try:
        answer = probe.ask()
    except Exception as error:
        # Any error is the result for this part, and must not affect the lines of others.
        answer = Answer(Level.FAIL, str(error).strip() or type(error).__name__)
    arriving.put((probe.name, answer))


def _is_broken(line: Line | None) -> bool:
    return line is not None and line.level in (Level.FAIL, Level.UNKNOWN)
