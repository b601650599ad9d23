"""Ways to do the same thing, measured in turn so that a drift of the machine's speed meets them all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console

from bench.statistics import ratio, spread

console = Console()
WARM_UP = 0


@dataclass(frozen=True)
class Sample:
    """One measurement of one way.

    Args:
        figures: by name with the unit at its end, such as ``wall_s``; the same names for all ways of a part.
        cpu_by_service: CPU seconds of each service.
        memory_by_service: peak memory of each service, MiB.
    """

    figures: Mapping[str, float]
    cpu_by_service: Mapping[str, float] = field(default_factory=dict)
    memory_by_service: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """One way to do the thing.

    Args:
        name: what the results call it.
        take: does it once.
        at_most: in how many counted rounds it takes part, for what is very slow; such a way is not warmed up. In all
            rounds when not given.
    """

    name: str
    take: Callable[[], Sample]
    at_most: int | None = None


Samples = dict[str, dict[int, Sample]]


def interleave(ways: Sequence[Way], rounds: int) -> Samples:
    """Take each way once a round, in turn, every other round backwards; the first round warms up and is not counted.

    Args:
        ways: what to take.
        rounds: how many rounds count.

    Returns:
        The samples of each way by the number of their round, from 1.
    """
    samples: Samples = {way.name: {} for way in ways}
    for number in range(WARM_UP, rounds + 1):
        for way in ways if number % 2 == 0 else reversed(ways):
            if way.at_most is not None and number not in range(1, way.at_most + 1):
                continue
            sample = way.take()
            console.print(f"round {number or 'to warm up'}, {way.name}: {_said(sample)}")
            if number != WARM_UP:
                samples[way.name][number] = sample
    return samples


def summary(samples: Samples, base: str | None = None) -> dict[str, Any]:
    """What the results keep of the samples of a part.

    Args:
        samples: what ``interleave`` gave.
        base: the way that the others are divided by, round by round; none when there is nothing to divide.

    Returns:
        ``ways``: spread of each figure and every sample; ``ratios``: for each other way, those of each figure.
    """
    ways = {name: _way(list(rounds.values())) for name, rounds in samples.items()}
    others = [name for name in samples if name != base] if base is not None else []
    return {"ways": ways, "ratios": {name: _ratios(samples[name], samples[base or ""]) for name in others}}


def _way(samples: Sequence[Sample]) -> dict[str, Any]:
    names = samples[0].figures
    return {
        **{name: asdict(spread([sample.figures[name] for sample in samples])) for name in names},
        "cpu_by_service_s": _medians([sample.cpu_by_service for sample in samples]),
        "memory_by_service_mib": _medians([sample.memory_by_service for sample in samples]),
        "samples": [{name: round(value, 3) for name, value in sample.figures.items()} for sample in samples],
    }


def _medians(samples: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: spread([sample[name] for sample in samples]).median for name in samples[0]}


def _ratios(samples: Mapping[int, Sample], base: Mapping[int, Sample]) -> dict[str, Any]:
    rounds = sorted(samples.keys() & base.keys())
    names = samples[rounds[0]].figures
    return {
        name: asdict(ratio([samples[at].figures[name] for at in rounds], [base[at].figures[name] for at in rounds]))
        for name in names
        if all(base[at].figures[name] > 0 for at in rounds)
    }


def _said(sample: Sample) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in sample.figures.items())
