"""Proves column lineage by data: ``python -m prove``, or ``make prove``; the results are in build/proof.json.

The warehouse is the one that the environment names. Where it names none, by WAREHOUSE_PASSWORD, a PostgreSQL is started
for the proof and filled with the project's seeds.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dotenv import load_dotenv

from bench import results
from include import settings
from include.settings import PROJECT_ROOT, SettingsError, WarehouseSettings
from prove import claims, report
from prove.claims import Claims
from prove.observations import Store
from prove.postgres import own_postgres
from prove.relations import ProveError
from prove.review import Review
from prove.run import console, gather
from prove.scratch import Scratch
from prove.verdict import judge
from stack.config import StackError

FOLDER = PROJECT_ROOT / "build" / "prove"
PROOF = PROJECT_ROOT / "build" / "proof.json"
REVIEW = PROJECT_ROOT / "docs" / "columns-review.yml"
CLAIMS = "prove.lineage:claims"


def main(arguments: list[str]) -> int:
    """Prove the project that the settings name.

    Returns:
        0 when everything seen is claimed, and everything claimed is seen or explained; else 1.
    """
    parser = argparse.ArgumentParser(prog="python -m prove", description="Compare column lineage with the data")
    parser.add_argument("--claims", default=CLAIMS, help="a file, or module:function; by default our own lineage")
    parser.add_argument("--seed", type=int, default=1, help="decides which rows and values are changed")
    parser.add_argument("--copies", type=int, default=2, help="scratch copies, each with a connection of its own")
    parser.add_argument("--review", type=Path, default=REVIEW, help="explains edges that no data shows")
    parser.add_argument("--output", type=Path, default=PROOF)
    chosen = parser.parse_args(arguments)
    # Ended from outside it drops its databases first, as it does after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    claimed, review = claims.load(chosen.claims), Review.load(chosen.review)
    with _warehouse() as warehouse:
        proof = prove(warehouse, claimed, review, chosen.seed, chosen.copies)
    report.write(chosen.output, proof)
    report.show(proof, console)
    return 0 if report.holds(proof) else 1


def prove(warehouse: WarehouseSettings, claimed: Claims, review: Review, seed: int, copies: int) -> dict[str, object]:
    """Make all trials and compare them with the claims.

    Args:
        warehouse: what is copied.
        claimed: gives what is claimed of a statement.
        review: what the project says of edges that no data shows.
        seed: of the trials.
        copies: how many statements are tried at once.

    Returns:
        What ``build/proof.json`` holds.

    Raises:
        ProveError: the project could not be built.
    """
    circumstances = {"seed": seed, "claims_of": settings.dbt().project_dir.name, **results.circumstances()}
    started = time.monotonic()
    scratch = Scratch(settings.dbt(), warehouse, FOLDER / "dbt", copies)
    evidence = gather(scratch, warehouse.database, Store(FOLDER / "observations"), seed)
    verdict = judge(((seen, claimed(statement)) for statement, seen in evidence.observed), evidence.chains)
    seconds = round(time.monotonic() - started, 1)
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    return report.content(verdict, evidence, review, {**circumstances, "seconds": seconds, "ended": ended})


@contextmanager
def _warehouse() -> Iterator[WarehouseSettings]:
    if "WAREHOUSE_PASSWORD" in os.environ:
        yield settings.warehouse()
        return
    with own_postgres() as warehouse:
        yield warehouse


if __name__ == "__main__":
    load_dotenv(PROJECT_ROOT / ".env")
    try:
        sys.exit(main(sys.argv[1:]))
    except (ProveError, SettingsError, StackError) as error:
        console.print(f"[red]prove:[/] {error}", highlight=False)
        sys.exit(1)
