"""What is done to the stack in each trial, drawn from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Literal, get_args

from stack.chaos.catalogue import FaultKind

# The last five are not blows at a process: an event that arrives late, a pass that stalls while another one runs, a token that
# expires, an event that the catalogue never takes, and a search engine that is down.
Target = Literal[
    "kafka",
    "relay",
    "emitter",
    "writer",
    "catalogue",
    "postgres",
    "late event",
    "two passes",
    "token",
    "refused event",
    "search engine",
]
Phase = Literal["emission", "ingestion"]

# When each target has something to lose.
_PHASES: dict[Target, tuple[Phase, ...]] = {
    "kafka": ("emission", "emission", "ingestion"),
    "relay": ("emission",),
    "emitter": ("emission",),
    "postgres": ("emission", "ingestion"),
}
# The emission takes about three seconds; the lineage of a story is written in about twelve calls.
_EMISSION_SECONDS = 3.0
_WRITES = 12


@dataclass(frozen=True)
class Strike:
    """One blow.

    Args:
        target: what is hit.
        phase: while events are emitted, or while their lineage is ingested.
        after_seconds: in the emission: how long after its first event.
        after_writes: in the ingestion: after how many writes of lineage into the catalogue.
        away_seconds: how long what was killed stays away.
        fault: what the catalogue does instead of being killed; None when it is killed.
        times: how many calls the fault meets.
        applied: whether the calls that the fault meets take effect all the same.
        before_settling: of the writer: whether it is killed when all is written, right before the offsets move.
    """

    target: Target
    phase: Phase
    after_seconds: float
    after_writes: int
    away_seconds: float
    fault: FaultKind | None
    times: int
    applied: bool
    before_settling: bool

    def __str__(self) -> str:
        how = {"writer": "killed", "two passes": "stalls", "late event": "arrives", "refused event": "comes"}
        done = self.fault or how.get(self.target, "killed")
        when = f"after {self.after_seconds:.1f} s" if self.phase == "emission" else f"after {self.after_writes} writes"
        return f"{self.target} {done} in the {self.phase} {'before settling' if self.before_settling else when}"


def strikes(seed: int) -> Iterator[Strike]:
    """Blows without end: each target once in a round, in an order and at instants that the seed draws."""
    for round_number in count():
        chance = Random(f"{seed} {round_number}")  # noqa: S311 - it has to be repeatable
        targets = list(get_args(Target))
        chance.shuffle(targets)
        for target in targets:
            yield strike(target, chance)


def strike(target: Target, chance: Random) -> Strike:
    """A blow at one target, the rest drawn."""
    fault: FaultKind | None = None
    if target == "catalogue":
        fault = chance.choice([None, "answers 500", "hangs", "resets"])
    elif target in ("token", "search engine"):
        fault = "answers 401" if target == "token" else "answers 500"
    for_long = target in ("token", "search engine")
    return Strike(
        target=target,
        phase=chance.choice(_PHASES.get(target, ("ingestion",))),
        after_seconds=chance.uniform(0, _EMISSION_SECONDS),
        after_writes=chance.randrange(_WRITES),
        away_seconds=chance.uniform(0, 4),
        fault=fault,
        times=10_000 if for_long else 1 if fault == "hangs" else chance.randint(1, 10),
        # With the search engine down a real server has stored the edge, and answers 500 all the same.
        applied=target == "search engine" or (target == "catalogue" and chance.random() < 0.5),
        before_settling=target == "writer" and chance.random() < 0.5,
    )
