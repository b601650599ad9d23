"""How long the lineage takes to be off, on and gone: ``make rollback``, on a stack of its own."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from rich.console import Console
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from dbt_lineage.core import commands, settings
from dbt_lineage.kafka.lag import arrived_at
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages
from dbt_lineage.relay import status
from dbt_lineage.spool.aside import Aside
from stack import airflow, lifecycle
from stack.chaos.until import until, until_spool_is_empty
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError, StackSettings
from stack.removal import remove_lineage

HOME = PROJECT_ROOT / ".stack-rollback"
RESULT = PROJECT_ROOT / "build" / "rollback.json"
# The parts that the lineage is made of, and the warehouse; dbt is run by hand.
STACK = ("postgres", "kafka", "openmetadata-standin", "relay")
# How often the process that runs on all the time emits, seconds.
_EVERY = 0.05
# On a machine that is busy with others the connector may end before the broker has given it its partitions.
_PASSES = 3
console = Console()


class Rollback:
    """Off, a run of dbt, on, sent again, removed: on a running stack whose variables are in the environment.

    Args:
        config: the stack.
    """

    def __init__(self, config: StackConfig) -> None:
        self._config = config
        self._topic = Bookmarks(settings.kafka(), settings.kafka().events_topic)

    def run(self) -> dict[str, Any]:
        """Do it, while somebody emits all the time.

        Returns:
            The figures.

        Raises:
            StackError: a step did not do what it should.
        """
        with _emitter():
            self._await_more(sum(self._topic.ends().values()))
            off_s = self._off()
            while_off = self._dbt_meanwhile()
            on_s = self._on()
            resend_s, resent = self._resend()
        until_spool_is_empty()
        started = time.monotonic()
        left = remove_lineage(self._config)
        return {
            "off_s": off_s,
            "events_in_kafka_while_off": while_off,
            "on_s": on_s,
            "resend_s": resend_s,
            "events_sent_again": resent,
            "remove_s": _since(started),
            "left_over": sum(map(len, left.values())),
        }

    def _off(self) -> float:
        """From the command to its end, or to the last event that reached Kafka."""
        began, started = datetime.now(UTC), time.monotonic()
        before = self._topic.ends()
        command("off")
        took = _since(started)
        # It says so after what it was just sending has arrived.
        until(lambda: self._relay_rests(), "the relay does not say that the lineage is off", seconds=30)
        arrived = messages(settings.kafka(), settings.kafka().events_topic, before, self._topic.ends())
        last = max((arrived_at(each) for each in arrived), default=began)
        return round(max(took, (last - began).total_seconds()), 2)

    def _relay_rests(self) -> bool:
        return bool((status.read(settings.spool().dir) or {}).get("off_since"))

    def _dbt_meanwhile(self) -> int:
        """How many events reached Kafka while dbt ran; it must neither fail nor be heard of."""
        before = sum(self._topic.ends().values())
        command("dbt", "run")
        if not self._aside():
            raise StackError("dbt ran while lineage was off, and nothing was kept aside")
        return sum(self._topic.ends().values()) - before

    def _on(self) -> float:
        """From the command to the first event in Kafka."""
        before, started = sum(self._topic.ends().values()), time.monotonic()
        command("on")
        self._await_more(before)
        return _since(started)

    def _resend(self) -> tuple[float, int]:
        """From the command until Kafka has what was kept aside; and how many events that were."""
        count, started = self._aside(), time.monotonic()
        before = sum(self._topic.ends().values())
        command("resend")
        until(lambda: sum(self._topic.ends().values()) >= before + count, "Kafka lacks what was sent again", seconds=60)
        if self._aside():
            raise StackError("something is still kept aside")
        return _since(started), count

    def _aside(self) -> int:
        aside = Aside(settings.spool().dir, settings.spool().aside_max_bytes)
        try:
            return aside.count()
        finally:
            aside.close()

    def _await_more(self, before: int) -> None:
        until(lambda: sum(self._topic.ends().values()) > before, "no event reaches Kafka", seconds=30)


def command(*words: str) -> str:
    """Run one of the project's commands, as a user does; returns what it said. Raises StackError when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "dbt_lineage", *words], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StackError(f"dbt-lineage {' '.join(words)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def prepare(config: StackConfig) -> None:
    """Start the stack and bring one run of the dbt project into the catalogue. Raises StackError."""
    lifecycle.up(config, *STACK)
    os.environ.update(airflow.environment(config))
    settings.forget()
    command("topics")
    command("manifest")
    if settings.dbt().seeds:
        command("dbt", "seed", "--select", settings.dbt().seeds)
    command("dbt", "build", "--exclude-resource-type", "seed")
    ingest()


def ingest() -> None:
    """Ingest all that was emitted, pass after pass, as Airflow's task is tried again. Raises StackError."""
    until_spool_is_empty()
    attempts = Retrying(stop=stop_after_attempt(_PASSES), retry=retry_if_exception_type(StackError), reraise=True)
    attempts(command, "ingest", "run")


@contextmanager
def _emitter() -> Iterator[None]:
    """Somebody who emits all the time, and was at it before the switch is touched."""
    client, ends = OpenLineageClient(), threading.Event()

    def emit() -> None:
        while not ends.wait(_EVERY):
            job = Job(settings.openlineage().namespace, "rollback.somebody_else")
            now = datetime.now(UTC).isoformat()
            client.emit(
                RunEvent(
                    eventTime=now,
                    eventType=RunState.START,
                    run=Run(str(uuid4())),
                    job=job,
                    producer="https://example.com/rollback",
                )
            )

    thread = threading.Thread(target=emit, name="emitter")
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def _since(started: float) -> float:
    return round(time.monotonic() - started, 2)


def main(
    result_file: Annotated[Path, typer.Option("--result", help="where the figures go, JSON")] = RESULT,
) -> None:
    """Time it; exit code 0 only when nothing is left over, and nothing reached Kafka while the lineage was off."""
    config = StackConfig(StackSettings(home=HOME, well_known_ports=False))
    lifecycle.clean(config)
    result: dict[str, Any] = {}
    try:
        prepare(config)
        result = Rollback(config).run()
        result_file.parent.mkdir(parents=True, exist_ok=True)
        result_file.write_text(json.dumps(result, indent=2) + "\n")
        console.print_json(data=result)
    finally:
        # What went wrong is looked for in the logs.
        (lifecycle.clean if result else lifecycle.down)(config)
    raise typer.Exit(1 if result["left_over"] or result["events_in_kafka_while_off"] else 0)


if __name__ == "__main__":
    commands.run("rollback", lambda: typer.run(main))
