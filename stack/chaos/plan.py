"""What is done to the stack in each trial, drawn from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Literal, get_args

from stack.chaos.catalogue import FaultKind

Target = Literal["kafka", "relay", "emitter", "connector", "catalogue", "postgres"]
Phase = Literal["emission", "ingestion"]

# When each target has something to lose.
_PHASES: dict[Target, tuple[Phase, ...]] = {
    "kafka": ("emission", "emission", "ingestion"),
    "relay": ("emission",),
    "emitter": ("emission",),
    "connector": ("ingestion",),
    "catalogue": ("ingestion",),
    "postgres": ("emission", "ingestion"),
}
# The emission takes about three seconds; the lineage of a story is written in about fifteen calls.
_EMISSION_SECONDS = 3.0
_WRITES = 15


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
        whole_task: whether the task that runs the connector is killed with it.
    """

    target: Target
    phase: Phase
    after_seconds: float
    after_writes: int
    away_seconds: float
    fault: FaultKind | None
    times: int
    applied: bool
    whole_task: bool

    def __str__(self) -> str:
        how = self.fault or "killed"
        when = f"after {self.after_seconds:.1f} s" if self.phase == "emission" else f"after {self.after_writes} writes"
        return f"{self.target} {how} in the {self.phase} {when}"


def strikes(seed: int) -> Iterator[Strike]:
    """Blows without end: each target once in every six, in an order and at instants that the seed draws."""
    for round_number in count():
        chance = Random(f"{seed} {round_number}")  # noqa: S311 - it has to be repeatable
        targets = list(get_args(Target))
        chance.shuffle(targets)
        for target in targets:
            yield strike(target, chance)


def strike(target: Target, chance: Random) -> Strike:
    """A blow at one target, the rest drawn."""
    fault: FaultKind | None = chance.choice([None, *get_args(FaultKind)]) if target == "catalogue" else None
    return Strike(
        target=target,
        phase=chance.choice(_PHASES[target]),
        after_seconds=chance.uniform(0, _EMISSION_SECONDS),
        after_writes=chance.randrange(_WRITES),
        away_seconds=chance.uniform(0, 4),
        fault=fault,
        times=1 if fault == "hangs" else chance.randint(1, 10),
        applied=chance.random() < 0.5,
        whole_task=chance.random() < 0.5,
    )
