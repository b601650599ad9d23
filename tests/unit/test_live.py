"""Events that leave as dbt's nodes finish, from a process beside dbt's."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.events.dbt_messages import Message, NodeEnd, NodeStatus
from dbt_lineage.events.dbt_run import may_read_part
from dbt_lineage.events.live import EmittingProcess, Invocation, LiveLineage
from dbt_lineage.spool.errors import SpoolFull
from dbt_lineage.spool.spool import Spool
from stack.checkout import PROJECT_ROOT
from stack.config import PYTHON_PATH
from tests.unit.dbt_runs import (
    COMPLETED_AT,
    GENERATED_AT,
    INVOCATION,
    JOB_NAMESPACE,
    PARENT,
    PROJECT,
    STARTED_AT,
    result,
)

MODELS = ["model.jaffle_shop.stg_customers", "model.jaffle_shop.customers"]
SNAPSHOT = "snapshot.jaffle_shop.products_history"
PATIENCE = timedelta(seconds=20)

until_true = retry(retry=retry_if_result(lambda seen: not seen), stop=stop_after_delay(PATIENCE), wait=wait_fixed(0.02))


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spool:
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TYPE", "dbt_lineage.spool.transport.SpoolTransport")
    monkeypatch.setenv("SPOOL_DIR", str(tmp_path / "spool"))
    return Spool(tmp_path / "spool", 1 << 30)


@pytest.fixture
def project(tmp_path: Path, manifest_content: dict[str, Any]) -> Path:
    """A folder with what dbt leaves of a build of two models."""
    manifest = {**manifest_content, "metadata": {**manifest_content["metadata"], "invocation_id": INVOCATION}}
    run_results = {
        "metadata": {"generated_at": GENERATED_AT, "invocation_id": INVOCATION},
        "args": {"which": "build"},
        "results": [result(model, "success") for model in MODELS],
    }
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "target" / "run_results.json").write_text(json.dumps(run_results))
    (tmp_path / "dbt_project.yml").write_bytes((PROJECT / "dbt_project.yml").read_bytes())
    return tmp_path


@pytest.fixture
def lineage(project: Path, spool: Spool) -> Iterator[LiveLineage]:
    with beginning(project) as live:
        yield live


@contextmanager
def beginning(project: Path, may_read_part: bool = False) -> Iterator[LiveLineage]:
    """What hears of an invocation of dbt that begins, with a process of its own."""
    invocation = Invocation(
        project, PROJECT, "dev", ["dbt", "build"], PARENT, JOB_NAMESPACE, may_read_part=may_read_part
    )
    with EmittingProcess() as process, LiveLineage(invocation, process) as live:
        yield live


def finished(unique_id: str, invocation: str = INVOCATION) -> Message:
    """The message of dbt that a node has ended well."""
    started_at, ended_at = (datetime.fromisoformat(instant) for instant in (STARTED_AT, COMPLETED_AT))
    end = NodeEnd("success", "SELECT 5", 0, ((started_at, started_at), (ended_at, ended_at)))
    return Message("NodeFinished", "debug", "Finished running node", ended_at, invocation, unique_id, end)


def fill(spool: Spool) -> None:
    """Put events there until it takes no more."""
    with suppress(SpoolFull):
        for number in count():
            spool.put(json.dumps({"number": number, "text": "x" * 4000}).encode())


def ended(*models: str) -> list[NodeStatus]:
    """What dbt says of nodes when it has ended."""
    return [NodeStatus(model, "success", "SELECT 5") for model in models]


def in_spool(spool: Spool) -> list[tuple[str, str]]:
    documents = [json.loads(event.body) for event in spool.waiting(100, 1 << 30)]
    return [(document["job"]["name"], document["eventType"]) for document in documents]


def start_and_complete(*models: str) -> list[tuple[str, str]]:
    return [(model, kind) for model in models for kind in ("START", "COMPLETE")]


def test_events_are_in_the_spool_while_dbt_still_runs(lineage: LiveLineage, spool: Spool) -> None:
    lineage.hear(finished(MODELS[0]))
    until_true(lambda: spool.usage().waiting == 2)()
    lineage.hear(finished(MODELS[1]))
    lineage.finish(ended(*MODELS))
    assert in_spool(spool) == start_and_complete(*MODELS)


def test_other_messages_say_nothing_of_lineage(lineage: LiveLineage, spool: Spool) -> None:
    lineage.hear(replace(finished(MODELS[0]), name="NodeStart", end=None))
    lineage.finish([])
    assert in_spool(spool) == []


def test_what_the_process_had_not_told_when_it_was_killed_is_told_when_dbt_has_ended(
    project: Path, spool: Spool
) -> None:
    others = set(psutil.Process().children())
    with beginning(project) as lineage:
        lineage.hear(finished(MODELS[0]))
        until_true(lambda: spool.usage().waiting == 2)()
        [emitting] = set(psutil.Process().children()) - others
        emitting.send_signal(signal.SIGKILL)
        emitting.wait(PATIENCE.total_seconds())
        lineage.hear(finished(MODELS[1]))
        lineage.finish(ended(*MODELS))
    assert sorted(set(in_spool(spool))) == sorted(start_and_complete(*MODELS))


def test_a_node_that_cannot_be_told_live_leaves_the_others_alone(
    lineage: LiveLineage, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    lineage.hear(finished(MODELS[0], invocation="another"))
    lineage.hear(finished(MODELS[1]))
    until_true(lambda: spool.usage().waiting == 2)()
    assert in_spool(spool) == start_and_complete(MODELS[1])
    lineage.finish(ended(*MODELS))
    assert in_spool(spool) == [*start_and_complete(MODELS[1]), *start_and_complete(MODELS[0])]
    assert f"the lineage of {MODELS[0]} is emitted late: ArtifactsError" in caplog.text


def test_what_dbt_tells_only_at_its_end_is_no_reason_to_warn(
    lineage: LiveLineage, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    lineage.hear(finished(SNAPSHOT))
    lineage.finish(ended(SNAPSHOT))
    assert "late" not in caplog.text


def test_the_batches_of_a_microbatch_model_are_no_runs(
    project: Path, spool: Spool, manifest_content: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    microbatch = {"materialized": "incremental", "incremental_strategy": "microbatch", "batch_size": "day"}
    manifest_content["nodes"][MODELS[0]]["config"] |= microbatch
    manifest_content["metadata"]["invocation_id"] = INVOCATION
    (project / "target" / "manifest.json").write_text(json.dumps(manifest_content))
    with beginning(project) as lineage:
        for _ in range(3):
            lineage.hear(finished(MODELS[0]))
        lineage.hear(finished(MODELS[1]))
        until_true(lambda: spool.usage().waiting == 2)()
        assert in_spool(spool) == start_and_complete(MODELS[1])
        lineage.finish(ended(*MODELS))
    assert in_spool(spool) == [*start_and_complete(MODELS[1]), *start_and_complete(MODELS[0])]
    assert "late" not in caplog.text


@pytest.mark.parametrize("option", ["empty", "sample"])
def test_a_run_that_reads_no_rows_or_a_sample_has_no_events(project: Path, spool: Spool, option: str) -> None:
    run_results = json.loads((project / "target" / "run_results.json").read_text())
    run_results["args"][option] = "2 days"
    (project / "target" / "run_results.json").write_text(json.dumps(run_results))
    with beginning(project, may_read_part=True) as lineage:
        lineage.hear(finished(MODELS[0]))
        lineage.finish(ended(*MODELS))
    assert in_spool(spool) == []


def test_a_run_that_might_have_read_a_part_and_did_not_has_all_events(project: Path, spool: Spool) -> None:
    with beginning(project, may_read_part=True) as lineage:
        lineage.hear(finished(MODELS[0]))
        lineage.finish(ended(*MODELS))
    assert sorted(in_spool(spool)) == sorted(start_and_complete(*MODELS))


@pytest.mark.parametrize(
    ("command", "environment", "may"),
    [
        ("build", {}, False),
        ("build --select empty", {"DBT_EMPTY": "", "EMPTY": "1"}, False),
        ("build --empty", {}, True),
        ("build --sample 2 days", {}, True),
        ("build", {"DBT_EMPTY": "true"}, True),
        ("build", {"DBT_ENGINE_SAMPLE": "2 days"}, True),
    ],
)
def test_an_option_or_a_variable_lets_dbt_read_a_part(command: str, environment: dict[str, str], may: bool) -> None:
    assert may_read_part(command.split(), environment) is may


def test_what_dbt_told_before_it_broke_off_is_in_the_spool(project: Path, spool: Spool) -> None:
    def break_off() -> None:
        with beginning(project) as live:
            live.hear(finished(MODELS[0]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert in_spool(spool) == start_and_complete(MODELS[0])


def test_a_full_spool_fails_whoever_runs_dbt(
    project: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SPOOL_MAX_BYTES", str(1 << 20))
    fill(Spool(spool.folder, 1 << 20))
    with beginning(project) as lineage:
        lineage.hear(finished(MODELS[0]))
        with pytest.raises(SpoolFull, match="SPOOL_MAX_BYTES=1048576"):
            lineage.finish(ended(MODELS[0]))
    assert f"the lineage of {MODELS[0]} is emitted late: SpoolFull" in caplog.text


def test_a_daemonic_process_such_as_a_task_of_celery_may_have_it() -> None:
    code = """
import multiprocessing, sys
from dbt_lineage.events.live import EmittingProcess, _has_begun
def task():
    with EmittingProcess() as process:
        process._pool.submit(_has_begun).result(30)
task = multiprocessing.get_context("fork").Process(target=task, daemon=True)
task.start()
task.join()
sys.exit(task.exitcode)
"""
    environment = {**os.environ, "PYTHONPATH": PYTHON_PATH}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT_ROOT, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_the_process_ends_with_the_one_that_runs_dbt() -> None:
    code = """
import psutil, sys
from dbt_lineage.events.dbt_run import may_read_part
from dbt_lineage.events.live import EmittingProcess
process = EmittingProcess()
print(psutil.Process().children()[0].pid, flush=True)
sys.stdin.read()
"""
    dbt = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
    )
    with dbt:
        assert dbt.stdout is not None
        emitting = psutil.Process(int(dbt.stdout.readline()))
        dbt.kill()
    until_true(lambda: not emitting.is_running() or emitting.status() == psutil.STATUS_ZOMBIE)()
