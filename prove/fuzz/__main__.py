"""Column lineage at random: ``python -m prove.fuzz --count 20000 --seed 1``.

A PostgreSQL is started for it, unless the environment names a warehouse by WAREHOUSE_PASSWORD. There, databases are made
and dropped, and none that is there is looked at. The results are in build/fuzz.json.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dotenv import load_dotenv

from bench import results
from dbt_lineage.core import commands
from dbt_lineage.core.settings import PROJECT_ROOT
from prove.fuzz.run import OWN_CLAIMS, Failure, Summary, run
from prove.postgres import warehouse_or_own

RESULTS = PROJECT_ROOT / "build" / "fuzz.json"
REASONS = 12
# Names that the grammar makes up, numbers and quoted words: without them reasons of one kind are alike.
DETAILS = re.compile(r'\b[a-z]+\d+(_\w+)?\b|"[^"]*"|\'[^\']*\'|\d+|(?<=Col: _\. ).*')


def main(arguments: list[str]) -> int:
    """Examine statements.

    Returns:
        0 when every claim holds, else 1.
    """
    parser = argparse.ArgumentParser(prog="python -m prove.fuzz", description="Column lineage of statements at random")
    parser.add_argument("--count", type=int, default=1000, help="how many statements")
    parser.add_argument("--seed", type=int, default=1, help="decides statements, rows and changes")
    parser.add_argument("--first", type=int, default=0, help="number of the first statement, to repeat one")
    parser.add_argument("--workers", type=int, default=2, help="processes, each with a database of its own")
    parser.add_argument("--claims", default=OWN_CLAIMS, help="module:function; by default our own lineage")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the file of the results")
    chosen = parser.parse_args(arguments)
    numbers = range(chosen.first, chosen.first + chosen.count)
    circumstances = {"seed": chosen.seed, **results.circumstances()}
    started = time.monotonic()

    def tell(so_far: Summary, part: Summary) -> None:
        """Print and store each part, so that the results of an interrupted run are there."""
        for failure in part.failures:
            print(told(failure, chosen.seed))
        print(f"{so_far.statements} of {len(numbers)} statements, {len(so_far.failures)} disagree", flush=True)
        circumstances["seconds"] = round(time.monotonic() - started, 1)
        _write(chosen.output, so_far, circumstances)

    with warehouse_or_own() as warehouse:
        summary = run(warehouse, chosen.seed, numbers, chosen.workers, chosen.claims, tell)
    print(figures(summary, chosen.seed, circumstances["seconds"]))
    return 1 if summary.failures else 0


def told(failure: Failure, seed: int) -> str:
    """A failure for people to read, with the command that repeats it."""
    return (
        f"\n{failure.found.kind}: {failure.found.source} {failure.found.detail}\n  {failure.text}\n"
        f"  (python -m prove.fuzz --seed {seed} --first {failure.number} --count 1)"
    )


def figures(summary: Summary, seed: int, seconds: float) -> str:
    """What came of a run, in a few lines."""
    held = summary.statements - sum(summary.refused.values()) - summary.named - len(summary.failures)
    lines = [
        f"{summary.statements} statements (seed {seed}), run {summary.trials} times on changed rows in {seconds} s: "
        f"{len(summary.failures)} disagree, {held} hold, {summary.named} named as not understood in whole or in part, "
        f"{sum(summary.refused.values())} refused by PostgreSQL",
        f"{summary.columns} output columns, {summary.unstable} of them in an order that the statement leaves open; "
        f"{summary.direct} direct dependencies, {summary.unseen} of them never seen",
        *(f"  named {times} times: {reason}" for reason, times in kinds(summary.reasons).most_common(REASONS)),
        *(f"  refused {times} times: {reason}" for reason, times in kinds(summary.refused).most_common(REASONS)),
    ]
    return "\n".join(lines)


def kinds(reasons: Counter[str]) -> Counter[str]:
    """Reasons without names and numbers."""
    found: Counter[str] = Counter()
    for reason, times in reasons.items():
        found[DETAILS.sub("_", reason)] += times
    return found


def _write(file: Path, summary: Summary, circumstances: dict[str, Any]) -> None:
    content = {
        "circumstances": circumstances,
        **asdict(summary),
        "refused": dict(kinds(summary.refused).most_common()),
        "reasons": dict(kinds(summary.reasons).most_common()),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    load_dotenv(PROJECT_ROOT / ".env")
    commands.run("prove.fuzz", lambda: main(sys.argv[1:]))
