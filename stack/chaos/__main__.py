"""Kill parts of the stack at random instants and look for what was lost: ``make chaos TRIALS=50 SEED=1``."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from dbt_lineage.core import commands
from stack import lifecycle
from stack.chaos import control
from stack.chaos.control import ControlVerdict
from stack.chaos.ingester import Ingester
from stack.chaos.plan import Strike, strikes
from stack.chaos.services import STACK, begin
from stack.chaos.trial import Trial, Verdict, ingest_what_is_left
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings

HOME = PROJECT_ROOT / ".stack-chaos"
RESULT = PROJECT_ROOT / "build" / "chaos.json"
console = Console()


class Chaos:
    """A number of trials on a stack of their own.

    Args:
        config: the stack.
        seed: what everything is drawn from.
    """

    def __init__(self, config: StackConfig, seed: int) -> None:
        self.config = config
        self.seed = seed
        self.verdicts: list[tuple[int, Strike, Verdict]] = []
        self.controls: list[ControlVerdict] = []
        self.ledger: dict[str, int] = {}

    def start(self) -> None:
        """Start the stack from nothing, with the topics of the project and those of the controls."""
        begin(self.config, STACK, control.EVENTS_TOPIC, control.LINEAGE_TOPIC)

    def run(self, trials: int, only: int | None) -> None:
        """Run the trials, then the controls.

        Args:
            trials: how many.
            only: the one trial to run, without controls; None for all.

        Raises:
            StackError: the stack does not come to rest, or a process ended in an unforeseen way.
        """
        numbered = list(enumerate(islice(strikes(self.seed), only or trials), start=1))
        chosen = numbered[-1:] if only else numbered
        controls = [] if only else [control.stock_transport, control.plain_connector] * (1 + trials // 20)
        with _progress() as progress, Ingester(self.config.logs / "chaos-ingestion.log") as ingester:
            task = progress.add_task("", total=len(chosen) + len(controls))
            for number, strike in chosen:
                progress.update(task, description=f"{number}: {strike}")
                self._trial(number, strike, ingester, progress.console)
                progress.advance(task)
            self.ledger = ingest_what_is_left(ingester)
            for number, stock in enumerate(controls):
                progress.update(task, description=f"control: {stock.__name__}")
                self._control(number, stock, progress.console)
                progress.advance(task)

    def result(self) -> dict[str, Any]:
        """What is written to ``build/chaos.json``."""
        verdicts = [verdict for _, _, verdict in self.verdicts]
        struck = [strike for _, strike, verdict in self.verdicts if verdict.struck]
        return {
            "trials": len(verdicts),
            "seed": self.seed,
            "kills": dict(sorted(Counter(strike.target for strike in struck).items())),
            "catalogue_faults": dict(sorted(Counter(strike.fault for strike in struck if strike.fault).items())),
            "emitted": sum(verdict.emitted for verdict in verdicts),
            "lost": sum(verdict.lost for verdict in verdicts),
            "duplicate_ids_after_dedup": sum(verdict.duplicates for verdict in verdicts),
            "edges_missing": sum(verdict.missing for verdict in verdicts),
            "edges_unexpected": sum(verdict.unexpected for verdict in verdicts),
            "ledger_disagrees": sum(not verdict.ledger_agrees for verdict in verdicts),
            "ledger": self.ledger,
            "control_lost": sum(each.events_lost + each.edges_missing for each in self.controls),
            "control_events_lost": sum(each.events_lost for each in self.controls),
            "control_edges_missing": sum(each.edges_missing for each in self.controls),
        }

    def _trial(self, number: int, strike: Strike, ingester: Ingester, out: Console) -> None:
        started = time.monotonic()
        verdict = Trial(self.config, f"{self.seed}", f"trial_{number}", strike, ingester).run()
        self.verdicts.append((number, strike, verdict))
        mark = "[green]✓[/]" if verdict.whole else f"[red]✗[/] {verdict}"
        missed = "" if verdict.struck else " [yellow](too late)[/]"
        out.print(f"{mark} {number}: {strike}{missed} [dim]{time.monotonic() - started:.1f} s[/]")

    def _control(self, number: int, stock: Callable[[StackConfig, str, str], ControlVerdict], out: Console) -> None:
        verdict = stock(self.config, f"{self.seed}", f"control_{number}")
        self.controls.append(verdict)
        out.print(f"control {stock.__name__}: {asdict(verdict)}")


def is_whole(result: dict[str, Any]) -> bool:
    """Whether nothing was lost, doubled or made up, and the ledger says so too."""
    zero = ("lost", "duplicate_ids_after_dedup", "edges_missing", "edges_unexpected", "ledger_disagrees")
    ledger = result["ledger"]
    # What the catalogue never takes is in the dead letters.
    settled = {
        *(ledger[station] for station in ("emitted", "acknowledged", "ingested")),
        ledger["verified"] + ledger["dead"],
    }
    return len(settled) == 1 and not any(result[name] for name in zero)


def main(
    trials: Annotated[int, typer.Option(min=1, help="how many trials")] = 50,
    seed: Annotated[int, typer.Option(help="what the blows and the events are drawn from")] = 1,
    only: Annotated[int | None, typer.Option(min=1, help="run this trial alone, without controls")] = None,
    result_file: Annotated[Path, typer.Option("--result", help="where the figures go, JSON")] = RESULT,
    keep: Annotated[bool, typer.Option("--keep", help="leave the stack running")] = False,
) -> None:
    """Run seeded trials; exit code 0 only when nothing was lost in them, and something in the controls."""
    chaos = Chaos(StackConfig(StackSettings(home=HOME, well_known_ports=False)), seed)
    whole = False
    try:
        chaos.start()
        chaos.run(trials, only)
        result = chaos.result()
        result_file.parent.mkdir(parents=True, exist_ok=True)
        result_file.write_text(json.dumps(result, indent=2) + "\n")
        whole = is_whole(result) and (only is not None or result["control_lost"] > 0)
        _print(result)
    finally:
        if not keep:
            # What went wrong is looked for in the logs.
            (lifecycle.clean if whole else lifecycle.down)(chaos.config)
    raise typer.Exit(0 if whole else 1)


def _progress() -> Progress:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=console, transient=True)


def _print(result: dict[str, Any]) -> None:
    table = Table("figure", "seen")
    for name, seen in result.items():
        table.add_row(name, json.dumps(seen) if isinstance(seen, dict) else str(seen))
    console.print(table)


if __name__ == "__main__":
    commands.run("chaos", lambda: typer.run(main))
