"""The health command says which part is dead, and no other, within ten seconds."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from stack import lifecycle
from stack.airflow_api import AirflowApi
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig
from stack.supervisor import Supervisor
from tests.support import BuiltProject

# Each service of the stack, and the line that it is.
LINES = {
    "postgres": "postgresql",
    "kafka": "broker",
    "mail": "mail",
    "openmetadata-standin": "catalogue",
    "relay": "relay",
    "ingestion": "ingestion",
    "superset": "superset",
    "airflow-api-server": "airflow-api-server",
    "airflow-scheduler": "airflow-scheduler",
    "airflow-dag-processor": "airflow-dag-processor",
    "airflow-triggerer": "airflow-triggerer",
}
# In `make test`; the other services are for `make test-long`.
SHORT = ("relay", "openmetadata-standin", "airflow-scheduler")
# What is promised: a dead part never makes the command slower than this. Seconds.
PROMISED = 10
BROKEN = ("fail", "unknown")


class Health(NamedTuple):
    """What the command said, and its exit code."""

    lines: dict[str, dict[str, str]]
    exit_code: int

    def named(self, *levels: str) -> list[str]:
        """The lines of these levels."""
        return [name for name, line in self.lines.items() if line["level"] in levels]


@pytest.fixture(scope="module", autouse=True)
def idle(built: BuiltProject, api: AirflowApi) -> None:
    """Nothing is under way that a killed service would leave half done."""
    for dag_id in ("jaffle_shop", "openmetadata_ingestion", "lineage_ingestion"):
        api.await_idle(dag_id)


def health(**variables: str) -> Health:
    """Run the command; it must end in the promised time."""
    done = subprocess.run(
        [sys.executable, "-m", "dbt_lineage", "health", "--json"],
        env={**os.environ, **variables},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=PROMISED,
    )
    assert done.stdout, done.stderr
    return Health({line["name"]: line for line in json.loads(done.stdout)}, done.returncode)


def await_failing(*names: str, **variables: str) -> Health:
    """The first answer in which just these lines fail; the last one when there is none in time."""
    return retry(
        retry=retry_if_result(lambda seen: seen.named("fail") != list(names)),
        stop=stop_after_delay(90),
        wait=wait_fixed(0.5),
        retry_error_callback=lambda state: state.outcome.result(),  # type: ignore[union-attr]
    )(health)(**variables)


@contextmanager
def without(stack: StackConfig, service: str) -> Iterator[None]:
    """The stack without one of its services, which is started again afterwards."""
    Supervisor(stack).stop(service)
    try:
        yield
    finally:
        lifecycle.start(stack, service)


@contextmanager
def frozen(stack: StackConfig, service: str) -> Iterator[None]:
    """A service that takes connections and answers nothing."""
    pid = Supervisor(stack).states()[service]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_all_parts_of_a_running_stack_are_well(built: BuiltProject) -> None:
    seen = await_failing()
    assert set(LINES.values()) <= set(seen.lines)
    assert seen.named(*BROKEN) == [], seen.lines
    assert seen.exit_code == 0


def one_by_one(*services: str) -> list[Any]:
    """Services as parameters of a test."""
    return [pytest.param(each, marks=() if each in SHORT else pytest.mark.long) for each in services]


@pytest.mark.parametrize("service", one_by_one(*LINES))
def test_a_killed_service_is_the_one_line_that_fails(stack: StackConfig, built: BuiltProject, service: str) -> None:
    before = set(health().lines)
    with without(stack, service):
        seen = await_failing(LINES[service])
        assert seen.named("fail") == [LINES[service]], seen.lines
        assert seen.exit_code == 1
        assert set(seen.lines) == before
        dependents = [seen.lines[name]["reason"] for name in seen.named("unknown")]
        assert [reason for reason in dependents if not reason.startswith("needs ")] == []
    recovered = await_failing()
    assert recovered.named(*BROKEN) == [], recovered.lines
    assert recovered.exit_code == 0


@pytest.mark.parametrize("service", one_by_one("postgres", "kafka", "openmetadata-standin", "mail"))
def test_a_service_that_hangs_does_not_hang_the_command(stack: StackConfig, built: BuiltProject, service: str) -> None:
    with frozen(stack, service):
        seen = await_failing(LINES[service])
        assert seen.named("fail") == [LINES[service]], seen.lines
    assert await_failing().named(*BROKEN) == []


def test_a_relay_that_hangs_is_told_by_its_silence(stack: StackConfig, built: BuiltProject) -> None:
    with frozen(stack, "relay"):
        assert await_failing("relay", CHECK_RELAY_SILENCE_SECONDS="5").named("fail") == ["relay"]
    assert await_failing().named("fail") == []


def test_a_topic_that_is_not_as_wanted_is_told_with_what_differs(built: BuiltProject) -> None:
    seen = health(KAFKA_RETENTION_DAYS="30")
    assert seen.named("fail") == ["topics"]
    assert "retention.ms is 604800000, wanted is 2592000000" in seen.lines["topics"]["reason"]
