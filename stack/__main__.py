"""Command line of the local stack: ``python -m stack up``."""

import os
import shlex
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dbt_lineage.core import commands
from stack import airflow, lifecycle, removal
from stack.checkout import PROJECT_ROOT
from stack.config import StackError, load
from stack.variables import load_env_file

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console()
Names = Annotated[list[str] | None, typer.Argument(help="services; all of them when none is named")]


@app.command()
def up(names: Names = None) -> None:
    """Start the stack, or some of its services, and wait until they are healthy."""
    config = load()
    lifecycle.up(config, *(names or ()))
    lifecycle.print_addresses(config)


@app.command()
def down() -> None:
    """Stop every service."""
    lifecycle.down(load())


@app.command()
def restart() -> None:
    """Stop and start every service."""
    config = load()
    lifecycle.down(config)
    lifecycle.up(config)
    lifecycle.print_addresses(config)


@app.command()
def status() -> None:
    """Show each service's state; exit code 1 unless all are healthy."""
    states = lifecycle.status(load())
    table = Table("service", "state")
    for name, state in states.items():
        table.add_row(name, state if state == "healthy" else f"[red]{state}[/]")
    console.print(table)
    raise typer.Exit(0 if set(states.values()) == {"healthy"} else 1)


@app.command()
def clean() -> None:
    """Stop every service and delete the stack's data, logs and credentials."""
    lifecycle.clean(load())


@app.command(name="lineage-remove")
def lineage_remove(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be removed")] = False,
    force: Annotated[bool, typer.Option("--force", help="even when events are lost that Kafka does not have")] = False,
) -> None:
    """Remove the lineage, its services and their data; dbt and Airflow go on. Exit code 1 when something is left."""
    config = load()
    os.environ.update(airflow.environment(config))
    if dry_run:
        removal.show(config)
        return
    left = removal.remove_lineage(config, force)
    for where, things in left.items():
        for thing in things:
            console.print(f"left over in {where}: {thing}", markup=False)
    console.print("lineage is removed and stays off; `make stack-up` and `make lineage-on` bring it back, empty")
    raise typer.Exit(1 if any(left.values()) else 0)


@app.command()
def logs(name: str) -> None:
    """Follow the log of one service."""
    log = load().logs / f"{name}.log"
    if not log.exists():
        raise StackError(f"{name} has no log in {log.parent}")
    os.execvp("tail", ["tail", "-n", "50", "-F", str(log)])


@app.command()
def env() -> None:
    """Print the stack's variables for a shell: ``eval "$(python -m stack env)"``."""
    for name, value in airflow.environment(load()).items():
        print(f"export {name}={shlex.quote(value)}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(context: typer.Context) -> None:
    """Run a command with the stack's variables: ``python -m stack run -- dbt build``."""
    if not context.args:
        raise StackError("name the command to run: python -m stack run -- dbt build")
    os.environ.update(airflow.environment(load()))
    try:
        os.execvp(context.args[0], context.args)
    except OSError as error:  # it names no file
        raise StackError(f"{context.args[0]} cannot be run: {error.strerror}") from None


def main() -> None:
    """Run the command line; a stack that cannot do what was asked says why in one message."""
    load_env_file(PROJECT_ROOT / ".env")
    app()


if __name__ == "__main__":
    commands.run("stack", main)
