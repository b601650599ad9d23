"""Measures what the docs claim: ``python -m bench [PART ...] [--rounds N]``, or ``make bench``.

Run it on a machine that does nothing else: the figures are of the whole machine.
"""

import argparse
import json
import signal
import sys

from rich.console import Console

from bench import results
from bench.parts import all_parts
from dbt_lineage.core import commands

console = Console()


def main(arguments: list[str]) -> None:
    """Measure the named parts, or those that run by default; each is written as soon as it is measured."""
    parts = all_parts()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure; the results are in build/bench.json")
    names = [name for name, part in parts.items() if part.by_default]
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}; by default {', '.join(names)}"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds count, besides the one that warms up")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.parts) - parts.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    if chosen.rounds < 1:
        parser.error("at least one round has to count")
    # Ended from outside it stops its stack first, as it does after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    for name in chosen.parts or names:
        console.rule(name)
        circumstances = results.circumstances()
        figures = {**circumstances, "rounds": chosen.rounds, **parts[name].measure(chosen.rounds)}
        results.merge(results.FILE, name, figures)
    show()


def show() -> None:
    """Print every part that has been measured so far."""
    for name, figures in json.loads(results.FILE.read_text(encoding="utf-8")).items():
        console.print(results.table(name, figures))


if __name__ == "__main__":
    commands.run("bench", lambda: main(sys.argv[1:]))
