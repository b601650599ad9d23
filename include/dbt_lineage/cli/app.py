"""All commands, by name. A command's imports happen when it runs, so that the help is fast."""

import importlib
import logging
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

DISTRIBUTION = "dbt-lineage-airflow"
# All arguments after a command's name are passed on to that command, --help too.
PASSED_ON: dict[str, Any] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
}

app = typer.Typer(
    help="Provable lineage of dbt runs in Airflow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@dataclass(frozen=True)
class Room:
    """A part of the package whose commands are mounted here.

    Args:
        module: a module with a typer application named ``app``.
        help: one sentence.
        words: the command of that application to mount; all of them when empty.
        logs: whether the part's log is shown.
    """

    module: str
    help: str
    words: tuple[str, ...] = ()
    logs: bool = False

    def run(self, name: str, arguments: list[str]) -> None:
        """Run a command of the part and end the process.

        Args:
            name: the command's name here.
            arguments: the arguments after the name.
        """
        if self.logs:
            logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
            logging.getLogger("httpx").setLevel(logging.WARNING)
        words = "dbt-lineage" if self.words else f"dbt-lineage {name}"
        importlib.import_module(self.module).app(args=[*self.words, *arguments], prog_name=words)


_RELAY, _INGEST, _OPS = (f"dbt_lineage.{room}.command_line" for room in ("relay", "ingest", "ops"))
ROOMS: dict[str, Room] = {
    "config": Room("dbt_lineage.cli.configuration", "Print every setting in effect and its source, without secrets."),
    "manifest": Room("dbt_lineage.manifest.parse", "Make the dbt manifests that the DAGs are made from."),
    "health": Room(
        "dbt_lineage.watch.health.command_line", "Probe the health of every part; exit code 1 when one fails."
    ),
    "checks": Room(
        "dbt_lineage.watch.checks.command_line",
        "Is the lineage complete, right and fresh? Exit code 1 when a check fails.",
    ),
    "relay": Room(_RELAY, "Send events from the spool to Kafka.", logs=True),
    "dead-letters": Room(_RELAY, "List, show, replay or dismiss the dead letters.", ("dead-letters",), logs=True),
    "topics": Room("dbt_lineage.kafka.command_line", "Create Kafka's topics, or compare and correct them."),
    "ledger": Room("dbt_lineage.ledger.command_line", "Show how far each event has come."),
    "ingest": Room(_INGEST, "Write lineage from Kafka into the catalogue, once or as a service.", logs=True),
    "replay": Room(_INGEST, "Write events of the topic to the catalogue again.", ("replay",), logs=True),
    "catalogue": Room(
        "dbt_lineage.catalogue.command_line",
        "Export the catalogue's lineage, or delete stale lineage from it.",
        logs=True,
    ),
    "dashboards": Room("dbt_lineage.dashboards.command_line", "Import, export, compare or refresh the dashboards."),
    "receipt": Room("dbt_lineage.page.command_line", "Make the key that signs receipts of runs, or verify one."),
    "off": Room(_OPS, "Switch the lineage off on this machine; dbt and Airflow go on.", ("off",), logs=True),
    "on": Room(_OPS, "Switch the lineage on again.", ("on",), logs=True),
    "status": Room(_OPS, "Show whether the lineage is on, and what is not covered.", ("status",), logs=True),
    "resend": Room(_OPS, "Send the events that were kept aside while the lineage was off.", ("resend",), logs=True),
    "remove": Room(_OPS, "Delete everything that the lineage made.", ("remove",), logs=True),
}


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            print(metadata.version(DISTRIBUTION))
        except metadata.PackageNotFoundError:
            print("not installed: this is a checkout")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="print the version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Provable lineage of dbt runs in Airflow."""


def _mount(name: str, room: Room) -> None:
    @app.command(name, help=room.help, context_settings=PASSED_ON, add_help_option=False)
    def mounted(context: typer.Context) -> None:
        room.run(name, context.args)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Airflow's home; the working folder by default")] = Path(),
) -> None:
    """Write the DAG files and a commented lineage.yml into an Airflow project; nothing is overwritten."""
    from dbt_lineage.cli.new_project import write

    print(write(folder))


@app.command(context_settings=PASSED_ON, add_help_option=False)
def dbt(context: typer.Context) -> None:
    """Run dbt by hand, with the same lineage: dbt-lineage dbt build --select orders."""
    from dbt_lineage.events.dbt_command import main

    raise typer.Exit(main(context.args))


@app.command()
def columns(
    model: Annotated[str | None, typer.Argument(help="name or unique id of one model; all models by default")] = None,
    project: Annotated[str | None, typer.Option(help="the dbt project; required if there are several")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Show from which columns each model's columns are made; dbt compiles the project for it."""
    from dbt_lineage.cli.columns import show

    show(model, project, as_json)


for _name, _room in ROOMS.items():
    _mount(_name, _room)
