"""A short form of ``make newcomers``: every refusal, and the demo of root in a folder of mode 0700."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings

REFUSED = ("network", "port", "disk", "tmpdir")


def rows(*kinds: str) -> list[dict]:
    """What became of some kinds of newcomers."""
    # How soon is measured by `make newcomers`, on a machine that does nothing else.
    command = [sys.executable, "-m", "stack.newcomers", *kinds, "--refused-seconds", "100"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((PROJECT_ROOT / "build" / "newcomers.json").read_text())


@pytest.mark.timeout(600)
def test_who_cannot_get_there_is_told_in_one_sentence() -> None:
    found = {row["who"]: row["seen"] for row in rows(*REFUSED)}
    assert {"a chosen port is taken", "a proxy that does not answer", "a TMPDIR of 100 letters"} <= found.keys()
    assert {seen for seen in found.values() if seen != "not tried"} == {"refused"}


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.skipif(os.geteuid() != 0, reason="a folder that root alone may enter is root's to make")
def test_root_in_a_folder_of_its_own_gets_there() -> None:
    before = clusters()
    assert [row["seen"] for row in rows("root")] == ["proved"]
    # The tests on a whole stack run beside it.
    ours = {StackConfig(StackSettings(home=home)).digest for home in PROJECT_ROOT.glob(".stack*")}
    assert clusters() - before <= ours


def clusters() -> set[str]:
    """The clusters outside their checkouts that run, or were left."""
    return {pid.parents[1].name for pid in Path("/var/lib/dbt-lineage-airflow").glob("*/data/postmaster.pid")}
