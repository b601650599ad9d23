"""A few seeded trials of ``make chaos``, on a stack of their own that is gone before the next one starts."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from stack.checkout import PROJECT_ROOT

TRIALS = 2
# Of the seeds, one whose first trials hit the broker and the writer.
SEED = 42


@pytest.mark.timeout(900)
def test_nothing_is_lost_and_the_stock_parts_lose(tmp_path: Path) -> None:
    result = tmp_path / "chaos.json"
    command = [sys.executable, "-m", "stack.chaos", "--trials", str(TRIALS), "--seed", str(SEED)]
    done = subprocess.run(
        [*command, "--result", str(result)], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=850
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(result.read_text())
    assert figures["trials"] == sum(figures["kills"].values()) == TRIALS
    assert figures["emitted"] > 0
    lost = ("lost", "duplicate_ids_after_dedup", "edges_missing", "edges_unexpected", "ledger_disagrees")
    assert {name: figures[name] for name in lost} == dict.fromkeys(lost, 0)
    stations = figures["ledger"]
    assert stations["emitted"] == stations["acknowledged"] == stations["ingested"] == stations["verified"] > 0
    assert figures["control_events_lost"] > 0
    assert figures["control_edges_missing"] > 0
    assert left_behind() == []


def left_behind() -> list[str]:
    """Processes of the stack that should be gone."""
    commands = (" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    return [command for command in commands if str(PROJECT_ROOT / ".stack-chaos") in command]
