"""Command line of the relay: ``dbt-lineage relay run``."""

import json
import signal
import sys
import threading
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from dbt_lineage.core import settings
from dbt_lineage.core.shown import console
from dbt_lineage.relay.from_settings import ledger, spool
from dbt_lineage.relay.from_settings import relay as relay_of

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
letters = typer.Typer(help="Events that are not valid, or too large.", no_args_is_help=True)
app.add_typer(letters, name="dead-letters")

AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command()
def run() -> None:
    """Send events to Kafka until SIGTERM or SIGINT.

    With RELAY_DRAIN_SECONDS the relay goes on after the signal until its spool is empty. If the spool's disk is removed
    with its worker (SPOOL_HANDOVER=handover), the rest is handed over. A second signal ends the relay at once.
    """
    own, stop = spool(), _stop_on_signals()
    sender = relay_of(own)
    relayed = sender.run(stop)
    print(f"relay stopped: {relayed.sent} sent, {relayed.dead} dead letters, {relayed.left} waiting{_follow(relayed)}")
    seconds = settings.relay().drain_seconds
    if seconds and (relayed.left or relayed.follow_ups):
        stop = _stop_on_signals(seconds)
        # The same one: it knows what it has claimed.
        relayed = sender.drain(stop)
        print(f"spool: {relayed.sent} sent, {relayed.dead} dead letters, {relayed.left} left{_follow(relayed)}")
    chosen = settings.spool()
    if chosen.handover == "handover" and (relayed.left or relayed.follow_ups):
        from dbt_lineage.relay.handover import hand_over

        hand_over()


@app.command()
def drain(
    timeout: Annotated[
        float | None, typer.Option(help="give up after this many seconds; without it, wait for as long as it takes")
    ] = None,
) -> None:
    """Send the waiting events to Kafka; exit code 1 when some are left."""
    stop = _stop_on_signals(timeout)
    relayed = relay_of(spool()).drain(stop)
    print(f"spool: {relayed.sent} sent, {relayed.dead} dead letters, {relayed.left} left{_follow(relayed)}")
    raise typer.Exit(1 if relayed.left else 0)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show what the spool holds and the relay's last status."""
    from dbt_lineage.relay import status as relay_status

    own = spool()
    usage = asdict(own.usage())
    set_aside = [str(file) for file in own.set_aside_files()]
    told = {"spool": {**usage, "unreadable": set_aside}, "relay": relay_status.read(own.folder)}
    if as_json:
        print(json.dumps(told, indent=2, default=str))
        return
    table = Table("what", "state")
    for part in ("spool", "relay"):
        for name, value in (told[part] or {"": "never ran"}).items():
            table.add_row(f"{part} {name}", str(value))
    console().print(table)


@app.command()
def spools(as_json: AsJson = False) -> None:
    """List the spools of all machines, and count the events that ended workers have handed over."""
    own = ledger()
    if own is None:
        raise typer.Exit(1)
    with own:
        found, (handed, oldest) = own.spools(), own.handed_over()
    if as_json:
        told = {"spools": [asdict(each) for each in found], "handed_over": handed, "oldest_handed_over": oldest}
        print(json.dumps(told, indent=2, default=str))
        return
    table = Table("spool", "seen at", "waiting", "oldest", "columns follow", "lineage off since", "problem")
    for each in found:
        moments = (str(each.seen_at), str(each.oldest or ""), str(each.off_since or ""))
        counts = (str(each.waiting), str(each.follow_ups))
        table.add_row(each.spool, moments[0], counts[0], moments[1], counts[1], moments[2], each.problem)
    console().print(table)
    print(f"handed over and not in Kafka: {handed}" + (f", the oldest since {oldest}" if oldest else ""))


@app.command()
def forget(spool_name: Annotated[str, typer.Argument(help="its name, as `relay spools` prints it")]) -> None:
    """Forget a spool that was removed, so that no check fails for it; exit code 1 when there is none of that name."""
    own = ledger()
    if own is None:
        raise typer.Exit(1)
    with own:
        count = own.forget(spool_name)
    print(f"forgotten: {count}")
    raise typer.Exit(0 if count else 1)


@app.command()
def emit(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="the event's JSON; - for standard input")],
) -> None:
    """Put an event, such as a corrected dead letter, into the spool."""
    from dbt_lineage.relay.validation import validated

    body = file.read()
    validated(body)
    print(spool(bounded=True).put(body))


@letters.command("list")
def list_letters(as_json: AsJson = False) -> None:
    """List the dead letters that were neither replayed nor dismissed."""
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only print what would be done")] = False,
) -> None:
    """Validate the new dead letters again and send the valid ones; exit code 1 when some are still invalid."""
    from dbt_lineage.relay.dead_letters import DeadLetters

    replayed = DeadLetters(settings.kafka()).replay(spool(bounded=True), dry_run)
    print(f"{'would emit' if dry_run else 'emitted'} {replayed.sent}, still invalid {replayed.invalid}")
    raise typer.Exit(1 if replayed.invalid else 0)


@letters.command()
def dismiss() -> None:
    """Mark all new dead letters as dealt with, without sending them: they are no longer reported."""
    from dbt_lineage.relay.dead_letters import DeadLetters

    print(f"dismissed {DeadLetters(settings.kafka()).dismiss()}")


def _described(letter: Any) -> dict[str, Any]:
    arrived_at = letter.arrived_at.isoformat()
    return {**asdict(letter), "body": letter.body.decode(errors="replace"), "arrived_at": arrived_at}


def _follow(relayed: Any) -> str:
    return f", {relayed.follow_ups} without their columns, which follow" if relayed.follow_ups else ""


def _stop_on_signals(within: float | None = None) -> threading.Event:
    """An event that is set at a signal, or after so many seconds."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    if within is not None:
        deadline = threading.Timer(within, stop.set)
        deadline.daemon = True
        deadline.start()
    return stop
