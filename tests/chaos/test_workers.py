"""A few seeded trials of ``make chaos-workers``: workers that are thrown away with their disks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stack.checkout import PROJECT_ROOT

TRIALS = 3
# Of the seeds, one in whose first trials a worker is killed while Kafka is away, and the relay beside it hands over.
SEED = 12


@pytest.mark.timeout(900)
def test_nothing_goes_with_a_worker_that_is_thrown_away(tmp_path: Path) -> None:
    result = tmp_path / "scale_out.json"
    result.write_text('{"brokers_killed": 2}')
    command = [sys.executable, "-m", "stack.chaos.workers", "--trials", str(TRIALS), "--seed", str(SEED)]
    done = subprocess.run(
        [*command, "--result", str(result)], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=850
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(result.read_text())
    assert figures["throw_away_trials"] == TRIALS
    assert figures["throw_away_events_promised"] > 0
    assert figures["throw_away_lost"] == figures["throw_away_duplicates"] == 0
    assert figures["brokers_killed"] == 2
