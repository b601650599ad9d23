"""The local stack: health, loopback only, a crash named, nothing left behind."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from stack import dag_files, lifecycle
from stack.airflow_api import AirflowApi, await_condition
from stack.config import HOST, StackConfig, StackError, StackSettings
from stack.services import SERVICES, Service
from stack.supervisor import Supervisor
from tests.support import leftovers


def of_each_process(stack: StackConfig, ask: Callable[[psutil.Process], Any]) -> list[Any]:
    """What each process of the stack answers. Airflow's tasks come and go: one that has ended meanwhile is left out."""
    found = []
    daemon = psutil.Process(int((stack.home / "supervisord.pid").read_text()))
    for process in daemon.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found.append(ask(process))
    return found


def test_every_service_is_healthy(stack: StackConfig) -> None:
    assert lifecycle.status(stack) == {service.name: "healthy" for service in SERVICES}


def test_nothing_listens_beyond_loopback(stack: StackConfig) -> None:
    connections = of_each_process(stack, lambda process: process.net_connections(kind="inet"))
    listening = {each.laddr.ip for of_one in connections for each in of_one if each.status == psutil.CONN_LISTEN}
    assert {address.removeprefix("::ffff:") for address in listening} == {HOST}


def test_no_secret_stands_in_a_command_line(stack: StackConfig) -> None:
    secrets = stack.credentials.model_dump().values()
    commands = [" ".join(words) for words in of_each_process(stack, lambda process: process.cmdline())]
    assert [command for command in commands if any(secret in command for secret in secrets)] == []


def test_a_killed_service_comes_back(stack: StackConfig) -> None:
    pid = Supervisor(stack).states()["mail"]["pid"]
    os.kill(pid, signal.SIGKILL)

    def is_back() -> bool:
        state = Supervisor(stack).states()["mail"]
        return state["pid"] not in (0, pid) and lifecycle.status(stack)["mail"] == "healthy"

    assert retry(retry=retry_if_result(lambda back: not back), stop=stop_after_delay(30), wait=wait_fixed(0.3))(
        is_back
    )()


@pytest.fixture
def small_stack(tmp_path: Path):
    """A second, empty stack: a supervisord without services."""
    config = StackConfig(StackSettings(home=tmp_path / "small", start_timeout_seconds=20))
    config.prepare()
    yield config
    lifecycle.down(config)
    assert leftovers(config) == ([], [])


def test_starting_one_service_leaves_the_others_running(stack: StackConfig) -> None:
    before = {name: process["pid"] for name, process in Supervisor(stack).states().items()}
    lifecycle.up(stack, "mail")
    assert {name: process["pid"] for name, process in Supervisor(stack).states().items()} == before


def test_a_service_that_crashes_is_named_with_the_end_of_its_log(
    small_stack: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing = Service("crashing", lambda _: ["sh", "-c", "echo the disk is full; exit 3"], lambda _: False)
    monkeypatch.setattr(lifecycle, "SERVICES", (crashing,))
    monkeypatch.setattr(lifecycle, "by_name", lambda *_: (crashing,))
    with pytest.raises(StackError, match=r"(?s)crashing crashed.*the disk is full"):
        lifecycle.up(small_stack)
    assert lifecycle.status(small_stack) == {"crashing": "fatal"}


def test_a_wrong_setting_stops_the_stack_before_anything_starts(
    small_stack: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_PARTITIONS", "none")
    with pytest.raises(ValueError, match="KAFKA_PARTITIONS=none"):
        lifecycle.up(small_stack)
    assert not Supervisor(small_stack).is_running()


def test_it_is_seen_how_often_airflow_has_read_a_dag_file(stack: StackConfig) -> None:
    assert dag_files.readings(stack, "kafka_topics.py", datetime.fromtimestamp(0, UTC)) > 0
    assert dag_files.readings(stack, "kafka_topics.py", datetime.now(UTC) + timedelta(days=1)) == 0
    assert dag_files.readings(stack, "not_there.py", datetime.fromtimestamp(0, UTC)) == 0


@pytest.mark.long
def test_a_file_that_makes_no_dag_is_read_too(stack: StackConfig) -> None:
    since = datetime.now(UTC)
    file = stack.settings.dags_dir / "no_dag.py"
    file.write_text('"""For the DAGs of Airflow."""\n')
    try:
        dag_files.await_all(stack, since)
        assert dag_files.readings(stack, file.name, since) > 1
    finally:
        file.unlink()


@pytest.mark.long
def test_a_dag_file_that_cannot_be_read_is_named_with_its_error(stack: StackConfig, api: AirflowApi) -> None:
    since = datetime.now(UTC)
    file = stack.settings.dags_dir / "broken_dag.py"
    file.write_text('"""A DAG of Airflow."""\nfrom pathlib import Path\n\nPath("/not/there").read_text()\n')
    try:
        with pytest.raises(
            StackError, match=r"1 of \d+ DAG files cannot be read:\n  dags/broken_dag\.py: .*/not/there"
        ):
            dag_files.await_all(stack, since)
    finally:
        file.unlink()
        await_condition(lambda: not api.import_errors(), 60, "the DAG processor has not seen that a file is gone")
