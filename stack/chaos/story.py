"""What a trial emits: runs of a few made-up models, drawn from its seed, and the lineage that they leave behind.

Everything follows from seed and schema, so that the process that emits and the one that judges need not talk to each
other, and an emitter that was killed can be started again.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Literal
from uuid import UUID, uuid5

Outcome = Literal["START", "COMPLETE", "FAIL"]
# Edges and the columns of each: upstream and downstream table, upstream and downstream column.
Lineage = frozenset[tuple[str, ...]]

TABLES = tuple(f"table_{number}" for number in range(10))
COLUMNS = tuple(f"column_{number}" for number in range(5))
# The first tables are raw: no model writes them.
_RAW = 3
_ROUNDS = 4
_FAILING = 0.15
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ModelRun:
    """One run of a model.

    Args:
        run_id: its run.
        model: the table that it writes.
        sources: the tables that it reads; of each, pairs of a column there and the column made from it.
        fails: whether it fails; then its lineage is none.
    """

    run_id: str
    model: str
    sources: Mapping[str, tuple[tuple[str, str], ...]]
    fails: bool

    @property
    def lineage(self) -> Lineage:
        """The edges that it leaves behind, and their columns."""
        tables = {(source, self.model) for source in self.sources}
        columns = {(source, self.model, *pair) for source, pairs in self.sources.items() for pair in pairs}
        return frozenset(tables | columns)


@dataclass(frozen=True)
class StoryEvent:
    """One event of a story.

    Args:
        run: the run that it is about.
        outcome: START, COMPLETE or FAIL.
        time: when it happened.
    """

    run: ModelRun
    outcome: Outcome
    time: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other event: run id and type."""
        return self.run.run_id, self.outcome


class Story:
    """The events of one trial, in order.

    Args:
        seed: what it is drawn from.
        schema: the schema of its tables, which is also the namespace of its jobs.
    """

    def __init__(self, seed: str, schema: str) -> None:
        self.schema = schema
        self._random = Random(f"{seed} {schema}")  # noqa: S311 - it has to be repeatable
        self.root_run_id = self._uuid()
        self.task_run_id = self._uuid()
        self.events: list[StoryEvent] = list(self._events())

    @cached_property
    def numbers(self) -> dict[tuple[str, str], int]:
        """The place of each event by its key."""
        return {event.key: number for number, event in enumerate(self.events)}

    def lineage(self, of_events: Collection[int]) -> Lineage:
        """What should be in the catalogue when these events, by their places, have arrived: the last COMPLETE counts."""
        last: dict[str, ModelRun] = {}
        for number in sorted(of_events):
            event = self.events[number]
            if event.outcome == "COMPLETE":
                last[event.run.model] = event.run
        return frozenset().union(*(run.lineage for run in last.values()))

    @property
    def newest(self) -> dict[str, ModelRun]:
        """The last run of each model that completed."""
        return {event.run.model: event.run for event in self.events if event.outcome == "COMPLETE"}

    def older(self) -> list[StoryEvent]:
        """A run of each model that completed, before all of the story: nothing of it may be in the catalogue."""
        return [self._other(model, _EPOCH - timedelta(days=1)) for model in sorted(self.newest)]

    def newer(self) -> list[StoryEvent]:
        """A run of each model, after all of the story: all of it must be in the catalogue, and nothing else."""
        return [self._other(model, _EPOCH + timedelta(days=1)) for model in sorted(self.newest)]

    def newer_lineage(self) -> Lineage:
        """What should be in the catalogue after the newer runs."""
        return frozenset().union(*(event.run.lineage for event in self.newer()))

    def _other(self, model: str, time: datetime) -> StoryEvent:
        run_id = str(uuid5(UUID(self.root_run_id), f"{model} {time}"))
        # From a table that the model never reads in the story.
        source = f"{TABLES[-1]}" if model != TABLES[-1] else TABLES[0]
        pairs = ((COLUMNS[0], COLUMNS[-1]),)
        return StoryEvent(ModelRun(run_id, model, {source: pairs}, fails=False), "COMPLETE", time)

    def _events(self) -> Iterator[StoryEvent]:
        count = 0
        for _ in range(_ROUNDS):
            for place in range(_RAW, len(TABLES)):
                run = self._run(place)
                outcomes: tuple[Outcome, Outcome] = ("START", "FAIL" if run.fails else "COMPLETE")
                for outcome in outcomes:
                    yield StoryEvent(run, outcome, _EPOCH + timedelta(seconds=count))
                    count += 1

    def _run(self, place: int) -> ModelRun:
        chance = self._random
        sources = chance.sample(TABLES[:place], chance.randint(1, 3))
        made = chance.sample(COLUMNS, chance.randint(1, len(COLUMNS)))
        return ModelRun(
            run_id=self._uuid(),
            model=TABLES[place],
            sources={
                source: tuple((chance.choice(COLUMNS), column) for column in made if chance.random() < 0.7)
                for source in sources
            },
            fails=chance.random() < _FAILING,
        )

    def _uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))
