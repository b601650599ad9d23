"""The benchmark's arithmetic: ratios of pairs, what a tree of processes uses, and a file that forgets no part."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from bench import results
from bench.measure import Sample, Way, interleave, summary
from bench.parts import all_parts
from bench.picture import curves, drawn
from bench.stack import DAGS, require_built
from bench.statistics import growth_exponent, ratio, spread
from bench.usage import BY_HAND, MEBIBYTE, Meter, memory_bytes, tree_cpu_seconds
from stack.config import StackError

# --- figures


def test_the_spread_is_median_and_range() -> None:
    seen = spread([3.0, 1.0, 2.5, 9.0])
    assert (seen.median, seen.low, seen.high, seen.count) == (2.75, 1.0, 9.0, 4)


def test_the_ratio_is_the_median_of_the_pairs() -> None:
    seen = ratio([2.0, 30.0, 4.0], [1.0, 10.0, 1.0])
    assert (seen.median, seen.low, seen.high, seen.pairs) == (3.0, 2.0, 4.0, 3)


def test_the_interval_holds_the_median_and_stays_within_the_pairs() -> None:
    seen = ratio([11.0, 12.0, 15.0, 11.5, 12.5], [10.0, 10.0, 10.0, 10.0, 10.0])
    assert seen.low <= seen.interval_low < seen.median == 1.2 < seen.interval_high <= seen.high
    assert seen == ratio([11.0, 12.0, 15.0, 11.5, 12.5], [10.0, 10.0, 10.0, 10.0, 10.0])


def test_more_pairs_of_the_same_spread_make_the_interval_narrower() -> None:
    few, many = (ratio([9.0, 10.0, 11.0] * count, [10.0] * 3 * count) for count in (2, 30))
    assert many.interval_high - many.interval_low < few.interval_high - few.interval_low


def test_one_pair_has_an_interval_of_no_width() -> None:
    seen = ratio([3.0], [2.0])
    assert (seen.interval_low, seen.median, seen.interval_high) == (1.5, 1.5, 1.5)


def test_pairs_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        ratio([1.0], [1.0, 2.0])


# --- rounds


def taken(order: list[str], name: str, at_most: int | None = None) -> Way:
    def take() -> Sample:
        order.append(name)
        # Each is the slower the later it is taken: only pairs of the same round can be compared.
        return Sample({"wall_s": len(order) * 1.0})

    return Way(name, take, at_most)


def test_the_ways_take_turns_there_and_back_and_the_first_round_does_not_count() -> None:
    order: list[str] = []
    samples = interleave([taken(order, "a"), taken(order, "b")], rounds=2)
    assert "".join(order) == "abbaab"
    assert {name: sorted(rounds) for name, rounds in samples.items()} == {"a": [1, 2], "b": [1, 2]}
    assert samples["b"][1].figures["wall_s"] == 3.0


def test_a_way_of_fewer_rounds_is_divided_by_the_base_of_those_rounds() -> None:
    order: list[str] = []
    samples = interleave([taken(order, "base"), taken(order, "slow", at_most=1)], rounds=3)
    assert order == ["base", "slow", "base", "base", "base"]
    seen = summary(samples, "base")
    assert seen["ratios"].keys() == {"slow"}
    assert seen["ratios"]["slow"]["wall_s"]["median"] == pytest.approx(2 / 3, abs=0.001)
    assert seen["ratios"]["slow"]["wall_s"]["pairs"] == 1


def test_a_summary_keeps_every_sample_and_what_each_service_used() -> None:
    samples = {"way": {at: Sample({"wall_s": wall}, {"postgres": wall / 2}) for at, wall in ((1, 2.0), (2, 4.0))}}
    seen = summary(samples)
    assert seen["ratios"] == {}
    assert seen["ways"]["way"]["samples"] == [{"wall_s": 2.0}, {"wall_s": 4.0}]
    assert seen["ways"]["way"]["wall_s"] == {"median": 3.0, "low": 2.0, "high": 4.0, "count": 2}
    assert seen["ways"]["way"]["cpu_by_service_s"] == {"postgres": 1.5}


def test_nothing_is_divided_by_nothing() -> None:
    samples = {name: {1: Sample({"cpu_s": value})} for name, value in (("base", 0.0), ("way", 1.0))}
    assert summary(samples, "base")["ratios"] == {"way": {}}


# --- what processes use

BUSY = """
import os, time
while sum(os.times()[:2]) < {seconds}:
    pass
"""
# Says when its own children are done: one has ended and was waited for, one lives on, done as well.
TREE = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", '''{BUSY.format(seconds=0.5)}'''], check=True)
living = '''{BUSY.format(seconds=0.3)}
print("done", flush=True)
held = bytearray({{held}})
print("holding", flush=True)
input()'''
child = subprocess.Popen([sys.executable, "-c", living], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
child.stdout.readline(), child.stdout.readline()
print("done", flush=True)
input()
child.communicate("end")
"""


def tree(held: int = 0) -> subprocess.Popen[str]:
    """A process with a child that ended and one that lives, once both have worked."""
    command = [sys.executable, "-c", TREE.replace("{held}", str(held))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    return process


def test_a_tree_counts_its_living_and_its_ended_processes_once() -> None:
    process = tree()
    try:
        root = psutil.Process(process.pid)
        seconds = tree_cpu_seconds(root)
        assert seconds >= 0.8
        parts = [sum(each.cpu_times()[:2]) for each in (root, *root.children(recursive=True))]
        # The one that ended: at least its half a second, and not twice. The system counts in hundredths; a float may be off.
        assert 0.5 <= round(seconds - sum(parts), 2) < 1.0
    finally:
        process.communicate("end")


def test_a_tree_whose_root_has_ended_is_an_error() -> None:
    process = tree()
    root = psutil.Process(process.pid)
    process.communicate("end")
    with pytest.raises(psutil.NoSuchProcess):
        tree_cpu_seconds(root)


def test_the_meter_counts_what_is_used_meanwhile_only() -> None:
    before = tree()
    try:
        with Meter({"before": before.pid}) as meter:
            subprocess.run([sys.executable, "-c", BUSY.format(seconds=0.4)], check=True)
    finally:
        before.communicate("end")
    assert meter.cpu_s.keys() == {"before", BY_HAND}
    assert meter.cpu_s["before"] < 0.4 <= meter.cpu_s[BY_HAND]
    assert meter.seconds >= 0.4


def test_the_meter_sees_the_memory_of_a_grandchild() -> None:
    with tree(held=200 * MEBIBYTE) as holding:
        try:
            with Meter({"tree": holding.pid}) as meter:
                pass
        finally:
            holding.communicate("end")
    assert meter.peak_memory_mib >= 200


def test_memory_of_a_process_that_has_ended_is_none() -> None:
    process = tree()
    ended = psutil.Process(process.pid)
    process.communicate("end")
    assert memory_bytes([ended]) == 0


# --- the results


def test_a_part_replaces_its_own_results_only(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"
    results.merge(file, "one", {"rounds": 1})
    results.merge(file, "other", {"rounds": 2, "commit": "abc"})
    results.merge(file, "one", {"rounds": 3})
    assert json.loads(file.read_text()) == {"one": {"rounds": 3}, "other": {"rounds": 2, "commit": "abc"}}
    assert [each.name for each in file.parent.iterdir()] == ["bench.json"]


def test_the_circumstances_name_machine_versions_and_commit() -> None:
    seen = results.circumstances()
    assert seen["commit"]
    assert seen["date"].endswith("+00:00")
    assert {"cpus", "memory_gib", "python", "load_average_before", "apache-airflow", "dbt-core"} <= seen[
        "machine"
    ].keys()


def test_the_table_shows_ratio_and_interval() -> None:
    samples = {name: {1: Sample({"wall_s": wall})} for name, wall in (("base", 2.0), ("way", 5.0))}
    console = Console(width=200)
    with console.capture() as shown:
        console.print(results.table("part", {"rounds": 1, **results.circumstances(), **summary(samples, "base")}))
    assert "2.50 (2.50 to 2.50)" in shown.get()


def test_every_part_has_registered_itself() -> None:
    parts = all_parts()
    assert {"airflow_ratio", "thousand", "overhead_ratio", "dbt_ol_ratio", "dagbag_s"} <= parts.keys()
    assert not parts["thousand"].by_default


# --- the picture


def test_the_picture_has_each_line_that_was_measured_and_no_other() -> None:
    def measured(seconds: float) -> dict[str, Any]:
        return {"wall_s": {"median": seconds}}

    found = curves(
        {
            "by_models": {"1000": {}, "100": {"watcher": {"ways": {"watcher": measured(80)}}}},
            "ways": {
                "100 models, fast": measured(11),
                "1000 models, fast": measured(110),
                "1000 models, by hand": measured(100),
            },
        }
    )
    assert found == {"DAG run": {100: 11, 1000: 110}, "dbt by hand": {1000: 100}, "Cosmos' watcher": {100: 80}}
    picture = drawn({name: curve for name, curve in found.items() if name != "dbt by hand"})
    points = [(float(point.attrib["cx"]), float(point.attrib["cy"])) for point in picture.iter("circle")]
    assert len(points) == 3
    [(left, low), (right, high), (watcher_left, watcher)] = points
    assert left < right
    assert low > high, "more seconds are higher up"
    assert watcher_left == left
    assert high < watcher < low


def test_what_grows_as_fast_as_the_size_has_the_exponent_1() -> None:
    assert growth_exponent({100: 3.0, 1000: 30.0}) == 1
    assert growth_exponent({10: 1.0, 100: 100.0, 1000: 10000.0}) == 2


# --- runs on the stack


class FakeApi:
    """What of Airflow's REST API a look at an ended run needs."""

    def __init__(self, states: dict[str, str]) -> None:
        self._states = states

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Task instances of a run by task id."""
        return {name: {"state": state} for name, state in self._states.items()}

    def log(self, dag_id: str, run_id: str, task_id: str) -> str:
        """Log of a task."""
        return f"the log of {task_id}"


@pytest.mark.parametrize(
    ("run_state", "states", "said"),
    [
        ("success", {"models.orders": "skipped"}, "not built: ['models.orders']"),
        ("failed", {"models.orders": "success", "models.products": "failed"}, "the log of models.products"),
    ],
)
def test_a_run_that_left_something_undone_is_not_measured(run_state: str, states: dict[str, str], said: str) -> None:
    run = {"dag_id": "fast", "dag_run_id": "one", "state": run_state}
    with pytest.raises(StackError, match=re.escape(said)):
        require_built(FakeApi(states), run)


def test_every_dag_file_holds_a_dag_of_its_own_name() -> None:
    # The DAGs of the folder projects have the names of lineage.yml.
    files = sorted(file for file in DAGS.glob("*/*.py") if file.parent.name != "projects")
    assert files
    assert [file for file in files if f'dbt_dag("{file.stem}"' not in file.read_text(encoding="utf-8")] == []
