"""Prove column lineage by data: ``python -m prove``, or ``make prove``.

The warehouse is the one that the environment names. Where it names none, by WAREHOUSE_PASSWORD, a PostgreSQL is started
for the proof and filled with the project's seeds. The results are in build/proof.json.
"""

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bench import results
from dbt_lineage.core import commands, settings
from dbt_lineage.core.settings import PROJECT_ROOT
from prove import claims, report
from prove.claims import Claims
from prove.observations import Store
from prove.postgres import warehouse_or_own
from prove.review import Review
from prove.run import console, gather
from prove.scratch import Scratch
from prove.verdict import judge
from stack.variables import load_env_file

FOLDER = PROJECT_ROOT / "build" / "prove"
PROOF = PROJECT_ROOT / "build" / "proof.json"
REVIEW = PROJECT_ROOT / "docs" / "columns-review.yml"
CLAIMS = "prove.lineage:claims"


def main(arguments: list[str]) -> int:
    """Prove the project that the settings name.

    Returns:
        0 when everything seen is claimed, and what is claimed is seen, explained, or such as no row can show; else 1.
    """
    parser = argparse.ArgumentParser(prog="python -m prove", description="Compare column lineage with the data")
    parser.add_argument("--claims", default=CLAIMS, help="a file, or module:function; by default our own lineage")
    parser.add_argument("--seed", type=int, default=1, help="decides which rows and values are changed")
    parser.add_argument("--copies", type=int, default=2, help="scratch copies, each with a connection of its own")
    parser.add_argument("--review", type=Path, default=REVIEW, help="explains edges that no data shows")
    parser.add_argument("--output", type=Path, default=PROOF, help="the file of the results")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="dbt's artifacts, and what was tried, to go on from"
    )
    chosen = parser.parse_args(arguments)
    # Ended from outside it drops its databases first, as it does after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    claimed, review = claims.load(chosen.claims), Review.load(chosen.review)
    with warehouse_or_own() as warehouse:
        scratch = Scratch(settings.dbt(), warehouse, chosen.folder / "dbt", chosen.copies)
        proof = prove(scratch, claimed, review, Store(chosen.folder / "observations"), chosen.seed)
    report.write(chosen.output, proof)
    report.show(proof, console)
    return 0 if report.holds(proof) else 1


def prove(scratch: Scratch, claimed: Claims, review: Review, store: Store, seed: int) -> dict[str, Any]:
    """Make all trials and compare them with the claims.

    Args:
        scratch: copies of the warehouse.
        claimed: gives what is claimed of a statement.
        review: what the project says of edges that no data shows.
        store: keeps what was tried.
        seed: of the trials.

    Returns:
        What ``build/proof.json`` holds.

    Raises:
        ProveError: the project could not be built.
    """
    circumstances = {"seed": seed, **results.circumstances()}
    started = time.monotonic()
    evidence = gather(scratch, store, seed)
    verdict = judge(((seen, claimed(statement)) for statement, seen in evidence.observed), evidence.chains)
    circumstances["seconds"] = round(time.monotonic() - started, 1)
    return report.content(verdict, evidence, review, circumstances)


if __name__ == "__main__":
    load_env_file(PROJECT_ROOT / ".env")
    commands.run("prove", lambda: main(sys.argv[1:]))
