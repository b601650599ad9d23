"""Remove workers with their disks and look for lost events: ``make chaos-workers TRIALS=200 SEED=1``.

Each worker has a folder of its own, which is deleted when the worker ends. The events of a worker that succeeded must be
in Kafka once. So must those of a killed worker, if the relay beside it drained its spool in time.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from dbt_lineage.core import commands, settings
from dbt_lineage.kafka.reader import header, messages
from dbt_lineage.ledger.of_relays import RelayLedger
from stack import lifecycle
from stack.chaos import services
from stack.chaos.emission import topic_ends
from stack.chaos.story import Story
from stack.chaos.trial import TRANSPORT
from stack.chaos.truth import Truth
from stack.chaos.until import until, until_spool_is_empty
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings

HOME = PROJECT_ROOT / ".stack-workers"
RESULT = PROJECT_ROOT / "build" / "scale_out.json"
SERVICES = ("postgres", "kafka", "relay")
_EMISSION_SECONDS = 3.0
# How long a worker tries to hand over: less where it cannot succeed.
_PATIENCE, _SHORT_PATIENCE = 60, 8
_WORKER_SECONDS = 180.0
_CHECKED_AT_ONCE = 10
_UNFORESEEN = "unforeseen"
console = Console()


@dataclass(frozen=True)
class Worker:
    """A worker's settings, and what is killed around it.

    Args:
        number: number of the trial.
        handover: its ``SPOOL_HANDOVER``.
        has_relay: whether a relay works beside it, and drains when the worker has ended.
        broker: up; away while the worker runs; or dying: killed meanwhile, and started again soon.
        is_killed: whether the worker is killed.
        other: another service that is killed meanwhile; None for none.
        after_seconds: when the worker and services are killed.
        away_seconds: how long what was killed stays away.
    """

    number: int
    handover: Literal["wait", "handover"]
    has_relay: bool
    broker: Literal["up", "away", "dying"]
    is_killed: bool
    other: Literal["relay", "postgres"] | None
    after_seconds: float
    away_seconds: float

    @property
    def may_fail(self) -> bool:
        """Whether what its events need at its end was hit: the ledger for handing over, else the broker or its ledger."""
        return self.other == "postgres" or (self.handover == "wait" and self.broker != "up")

    def __str__(self) -> str:
        beside = ", a relay beside it" if self.has_relay else ""
        killed = ", killed" if self.is_killed else ""
        other = f", {self.other} killed" if self.other else ""
        return f"{self.number}: {self.handover}{beside}, broker {self.broker}{killed}{other}"


def drawn(seed: int, number: int) -> Worker:
    """Draw the worker of a trial.

    Args:
        seed: what all trials are drawn from.
        number: the trial, from 1.
    """
    chance = Random(f"{seed} worker {number}")  # noqa: S311 - it has to be repeatable
    return Worker(
        number=number,
        # In turn, so that few trials have each too.
        handover=("handover", "wait")[number % 2],
        broker=("dying", "up", "away")[number % 3],
        has_relay=chance.random() < 0.4,
        is_killed=chance.random() < 0.25,
        other=chance.choice([None, None, None, "relay", "postgres"]),
        after_seconds=chance.uniform(0, _EMISSION_SECONDS),
        away_seconds=chance.uniform(0, 4),
    )


class ThrownAway:
    """Trials on a stack of their own, whose relay sends what is handed over.

    Args:
        config: the stack.
        seed: what everything is drawn from.

    Attributes:
        ended: number of workers by how they ended.
        promised: number of events that must be in Kafka.
        lost: number of those that are not.
    """

    def __init__(self, config: StackConfig, seed: int) -> None:
        self.config = config
        self.seed = seed
        self.ended: Counter[str] = Counter()
        self.promised = self.lost = 0
        self._unchecked: dict[str, list[tuple[str, str]]] = {}
        self._read_up_to: dict[int, int] = {}
        self._ids: set[bytes] = set()
        self._found: Counter[tuple[str, str]] = Counter()

    @property
    def duplicates(self) -> int:
        """Number of events that are in Kafka more than once, not counting copies with the same ``event_id``."""
        return sum(count - 1 for count in self._found.values())

    def run(self, trials: int) -> None:
        """Run the trials.

        Args:
            trials: how many.

        Raises:
            StackError: the stack did not come to rest.
        """
        services.begin(self.config, SERVICES)
        for number in range(1, trials + 1):
            worker = drawn(self.seed, number)
            end = self._trial(worker)
            self.ended[end] += 1
            console.print(f"{worker}: {end}")
            if number % _CHECKED_AT_ONCE == 0 or number == trials:
                self._check()

    def result(self) -> dict[str, Any]:
        """What is written to ``build/scale_out.json``."""
        return {
            "throw_away_trials": self.ended.total(),
            "throw_away_seed": self.seed,
            "workers_killed": sum(count for end, count in self.ended.items() if end.startswith("killed")),
            "throw_away_ends": dict(sorted(self.ended.items())),
            "throw_away_events_promised": self.promised,
            "throw_away_lost": self.lost,
            "throw_away_duplicates": self.duplicates,
        }

    def _trial(self, worker: Worker) -> str:
        """Run a worker. Returns how it ended, and records which events must be in Kafka."""
        story = Story(f"{self.seed}", f"worker_{worker.number}")
        diary = self.config.home / f"{story.schema}.diary"
        folder = Path(tempfile.mkdtemp(dir=self.config.home, prefix="thrown-away-"))
        if worker.broker == "away":
            services.kill(self.config, "kafka")
        beside = self._start(worker, folder, "relay", "run") if worker.has_relay else None
        process = self._emit(worker, folder, story, diary)
        until(lambda: Truth.read(diary).begun or process.poll() is not None, "nothing was emitted")
        self._hit(worker, process)
        code = process.wait(_WORKER_SECONDS)
        drained = False
        if beside is not None:
            beside.send_signal(signal.SIGTERM)
            drained = beside.wait(_WORKER_SECONDS) == 0 and not self._left(worker, folder)
        shutil.rmtree(folder)
        if worker.broker == "away":
            lifecycle.start(self.config, "kafka")
        truth = Truth.read(diary)
        if code == 0 or drained:
            self._unchecked[story.schema] = [story.events[place].key for place in sorted(truth.emitted)]
        if code == 0:
            return "well"
        if code == -signal.SIGKILL:
            return "killed, and its relay drained" if drained else "killed, nothing promised"
        if "HandoverError" not in self._log(worker).read_text():
            return f"{_UNFORESEEN}: exit code {code}"
        return "failed and said so" if worker.may_fail else f"{_UNFORESEEN}: nothing kept it from handing over"

    def _left(self, worker: Worker, folder: Path) -> bool:
        """Whether the relay beside a worker left events. Its exit code covers that only if it must hand over."""
        from dbt_lineage.spool.leaving import left, newest_place
        from dbt_lineage.spool.spool import Spool

        own = Spool(folder, settings.spool().max_bytes, bounded=False)
        try:
            return bool(left(own, newest_place(own)))
        finally:
            own.close()

    def _hit(self, worker: Worker, process: subprocess.Popen) -> None:
        if not (worker.is_killed or worker.other or worker.broker == "dying"):
            return
        # What is hit, and when, is the trial.
        time.sleep(worker.after_seconds)
        hit = [name for name in (worker.other, "kafka" if worker.broker == "dying" else None) if name]
        for name in hit:
            services.kill(self.config, name)
        if worker.is_killed:
            with suppress(ProcessLookupError):
                process.kill()
        if hit:
            time.sleep(worker.away_seconds)
            for name in hit:
                lifecycle.start(self.config, name)

    def _emit(self, worker: Worker, folder: Path, story: Story, diary: Path) -> subprocess.Popen:
        arguments = ["--seed", f"{self.seed}", "--schema", story.schema, "--diary", str(diary), "--hand-over"]
        return self._started(
            worker, folder, "stack.chaos.emitter", *arguments, "--transport", json.dumps(TRANSPORT), nodes=True
        )

    def _start(self, worker: Worker, folder: Path, *arguments: str) -> subprocess.Popen:
        return self._started(worker, folder, "dbt_lineage", *arguments)

    def _started(
        self, worker: Worker, folder: Path, module: str, *arguments: str, nodes: bool = False
    ) -> subprocess.Popen:
        patience = _SHORT_PATIENCE if worker.broker == "away" else _PATIENCE
        variables = {
            "SPOOL_DIR": str(folder),
            "SPOOL_HANDOVER": worker.handover,
            "SPOOL_HANDOVER_SECONDS": str(patience),
            "RELAY_DRAIN_SECONDS": str(patience),
        }
        with (self._log(worker) if nodes else self._log(worker).with_suffix(".relay.log")).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments], env={**os.environ, **variables}, stdout=log, stderr=log
            )

    def _log(self, worker: Worker) -> Path:
        return self.config.logs / f"worker-{worker.number}.log"

    def _check(self) -> None:
        """Wait until the stack's relay has sent all that was handed over, and compare."""
        with RelayLedger(settings.ledger()) as ledger:
            until(lambda: ledger.handed_over()[0] == 0, "what was handed over is not in Kafka", seconds=120)
        until_spool_is_empty()
        topic = settings.kafka().events_topic
        ends = topic_ends(topic)
        since = {partition: self._read_up_to.get(partition, 0) for partition in ends}
        for message in messages(settings.kafka(), topic, since, ends):
            event_id = header(message, "event_id")
            if event_id is None or event_id in self._ids:
                continue
            self._ids.add(event_id)
            event = json.loads(message.value() or b"")
            if event["eventType"] != "OTHER":
                self._found[event["run"]["runId"], event["eventType"]] += 1
        self._read_up_to = ends
        promised = [name for names in self._unchecked.values() for name in names]
        self._unchecked.clear()
        self.promised += len(promised)
        self.lost += sum(name not in self._found for name in promised)


def main(
    trials: Annotated[int, typer.Option(min=1, help="how many workers")] = 200,
    seed: Annotated[int, typer.Option(help="what the trials are drawn from")] = 1,
    result_file: Annotated[Path, typer.Option("--result", help="where the figures go, JSON; others stay")] = RESULT,
    keep: Annotated[bool, typer.Option("--keep", help="leave the stack running")] = False,
) -> None:
    """Run seeded trials; exit code 0 only when no event was lost or duplicated and no worker failed unexpectedly."""
    thrown = ThrownAway(StackConfig(StackSettings(home=HOME, well_known_ports=False)), seed)
    whole = False
    try:
        thrown.run(trials)
        result = thrown.result()
        result_file.parent.mkdir(parents=True, exist_ok=True)
        others = json.loads(result_file.read_text()) if result_file.exists() else {}
        result_file.write_text(json.dumps({**others, **result}, indent=2) + "\n")
        console.print_json(data=result)
        unforeseen = [end for end in thrown.ended if end.startswith(_UNFORESEEN)]
        whole = not (thrown.lost or thrown.duplicates or unforeseen) and thrown.promised > 0
    finally:
        if not keep:
            # The logs are kept after a failure.
            (lifecycle.clean if whole else lifecycle.down)(thrown.config)
    raise typer.Exit(0 if whole else 1)


if __name__ == "__main__":
    commands.run("chaos-workers", lambda: typer.run(main))
