"""Command line of the relay: ``dbt-lineage relay run``."""

import json
import logging
import signal
import sys
import threading
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from dbt_lineage.core import settings
from dbt_lineage.core.projects import projects
from dbt_lineage.core.shown import console
from dbt_lineage.spool.spool import Spool
from dbt_lineage.warehouse.of_project import warehouse_of

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
letters = typer.Typer(help="Events that are not valid, or too large.", no_args_is_help=True)
app.add_typer(letters, name="dead-letters")

AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command()
def run() -> None:
    """Bring events to Kafka until SIGTERM or SIGINT."""
    relayed = _relay().run(_stop_on_signals())
    print(f"relay stopped: {relayed.sent} sent, {relayed.dead} dead letters, {relayed.left} waiting{_follow(relayed)}")


@app.command()
def drain(
    timeout: Annotated[
        float | None, typer.Option(help="give up after so many seconds; waits without end if not set")
    ] = None,
) -> None:
    """Bring what waits to Kafka; exit code 1 when something is left."""
    stop = _stop_on_signals()
    if timeout is not None:
        deadline = threading.Timer(timeout, stop.set)
        deadline.daemon = True
        deadline.start()
    relayed = _relay().drain(stop)
    print(f"spool: {relayed.sent} sent, {relayed.dead} dead letters, {relayed.left} left{_follow(relayed)}")
    raise typer.Exit(1 if relayed.left else 0)


@app.command()
def status(as_json: AsJson = False) -> None:
    """What the spool holds and what the relay told last."""
    from dbt_lineage.relay import status as relay_status

    spool = _spool()
    usage = asdict(spool.usage())
    set_aside = [str(file) for file in spool.set_aside_files()]
    told = {"spool": {**usage, "unreadable": set_aside}, "relay": relay_status.read(spool.folder)}
    if as_json:
        print(json.dumps(told, indent=2, default=str))
        return
    table = Table("what", "state")
    for part in ("spool", "relay"):
        for name, value in (told[part] or {"": "never ran"}).items():
            table.add_row(f"{part} {name}", str(value))
    console().print(table)


@app.command()
def emit(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="the event's JSON; - for standard input")],
) -> None:
    """Put an event, such as a corrected dead letter, into the spool."""
    from dbt_lineage.relay.validation import validated

    body = file.read()
    validated(body)
    print(_spool(bounded=True).put(body))


@letters.command("list")
def list_letters(as_json: AsJson = False) -> None:
    """The dead letters that no replay has taken up yet."""
    from dbt_lineage.relay.dead_letters import DeadLetters

    found = DeadLetters(settings.kafka()).new()
    if as_json:
        print(json.dumps([_described(letter) for letter in found], indent=2))
        return
    table = Table("partition", "offset", "event id", "source", "attempts", "reason")
    for each in found:
        place = (str(each.partition), str(each.offset))
        table.add_row(*place, each.event_id, each.source, str(each.attempts), each.reason)
    console().print(table)


@letters.command()
def show(partition: int, offset: int) -> None:
    """Print the original bytes of one dead letter."""
    from dbt_lineage.relay.dead_letters import DeadLetters

    letter = DeadLetters(settings.kafka()).at(partition, offset)
    sys.stdout.buffer.write(letter.event(settings.spool().dir))


@letters.command()
def replay(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be done")] = False,
) -> None:
    """Check the new dead letters again and send those that are valid now; exit code 1 when some still are not."""
    from dbt_lineage.relay.dead_letters import DeadLetters

    replayed = DeadLetters(settings.kafka()).replay(_spool(bounded=True), dry_run)
    print(f"{'would emit' if dry_run else 'emitted'} {replayed.sent}, still invalid {replayed.invalid}")
    raise typer.Exit(1 if replayed.invalid else 0)


@letters.command()
def dismiss() -> None:
    """Take all new dead letters as looked at, without sending them again: they are reported no more."""
    from dbt_lineage.relay.dead_letters import DeadLetters

    print(f"dismissed {DeadLetters(settings.kafka()).dismiss()}")


def _described(letter: Any) -> dict[str, Any]:
    arrived_at = letter.arrived_at.isoformat()
    return {**asdict(letter), "body": letter.body.decode(errors="replace"), "arrived_at": arrived_at}


def _spool(bounded: bool = False) -> Spool:
    chosen = settings.spool()
    return Spool(chosen.dir, chosen.max_bytes, bounded=bounded)


def _follow(relayed: Any) -> str:
    return f", {relayed.follow_ups} without their columns, which follow" if relayed.follow_ups else ""


def _relay() -> Any:
    from dbt_lineage.relay.completion import Completion
    from dbt_lineage.relay.relay import Relay

    completion = Completion([warehouse_of(each) for each in projects()], settings.spool())
    return Relay(_spool(), settings.kafka(), _ledger(), completion, settings.relay().columns_wait_seconds)


def _ledger() -> Any:
    """The ledger that the settings name; none is told when they name none."""
    if not settings.ledger_is_configured():
        logging.getLogger(__name__).warning("LEDGER_URL is not set: no ledger is told")
        return None
    from dbt_lineage.ledger.ledger import Ledger

    return Ledger(settings.ledger())


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    return stop
