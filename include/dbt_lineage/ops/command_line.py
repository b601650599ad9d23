"""Switch the lineage on or off, or remove it: ``dbt-lineage off``.

The switch is a file in ``SPOOL_DIR``, so each machine that emits has its own. Run the command on each of them.
``status`` also shows what the relays of the other machines reported last.
"""

from typing import Annotated

import typer

from dbt_lineage.core import settings
from dbt_lineage.core.projects import project as named
from dbt_lineage.core.projects import projects
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.ops.removal import (
    Part,
    parts_of,
    parts_of_one,
    remove,
    require_no_relay,
    require_sent,
    things_of,
)
from dbt_lineage.ops.resend import resend
from dbt_lineage.ops.uncovered import table, uncovered
from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.leaving import name_of
from dbt_lineage.spool.switch import Switch

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)

DryRun = Annotated[bool, typer.Option("--dry-run", help="only print what would be done")]


@app.command()
def off(dry_run: DryRun = False) -> None:
    """Stop sending events from this machine; dbt and Airflow go on. Events are kept aside meanwhile."""
    switch = Switch(settings.spool().dir)
    before = switch.off()
    if before is not None and before.keeps:
        print(f"{before} already")
    elif dry_run:
        print(f"dry run: lineage would be switched off by {switch.file}")
    else:
        print(f"{switch.turn_off()}: no event leaves this machine. Switch it on again with `dbt-lineage on`")


@app.command()
def on(dry_run: DryRun = False) -> None:
    """Send events from this machine again; list what ran meanwhile and is not covered."""
    switch = Switch(settings.spool().dir)
    before = switch.off()
    if before is None:
        print("lineage is on already")
    elif dry_run:
        print(f"dry run: {before}, and would be switched on")
    else:
        switch.turn_on()
        print(f"lineage is on; it was off since {before.since.isoformat(timespec='seconds')}")
    _print_uncovered()


@app.command(name="resend")
def resend_events(dry_run: DryRun = False) -> None:
    """Send the events that were kept aside; those that newer runs superseded overwrite nothing."""
    done = resend(settings.spool(), dry_run)
    what = "would be sent" if dry_run else "are in the spool, for the relay to send"
    print(f"{done.sent} events {what}")
    if done.let_go:
        print(f"{done.let_go} events cannot be sent: there was no room to keep them")


@app.command()
def status() -> None:
    """Show whether the lineage is on, and what ran while it was off and was not sent yet."""
    now = Switch(settings.spool().dir).off()
    print(str(now) if now else "lineage is on")
    _print_others()
    _print_uncovered()


@app.command(name="remove")
def remove_all(
    dry_run: DryRun = False,
    force: Annotated[bool, typer.Option("--force", help="even if events are lost that Kafka does not have")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(help="only this place: catalogue, Kafka, ledger or spool; may be given several times"),
    ] = None,
    project: Annotated[
        str | None, typer.Option(help="only the lineage of this project; that of the others stays on")
    ] = None,
) -> None:
    """Delete everything that the lineage made: catalogue, Kafka, ledger and spool; the lineage stays off."""
    if project is not None:
        _remove_one(project, dry_run, only)
        return
    spool, parts = settings.spool(), _only(parts_of(projects()), only)
    print(things_of(parts))
    if not force:
        require_sent(spool)
    if dry_run:
        print("dry run: nothing was removed")
        return
    require_no_relay(spool)
    switched = Switch(spool.dir).turn_off(keeps=False)
    _remove(parts, str(switched))


def _remove_one(project: str, dry_run: bool, only: list[str] | None) -> None:
    parts = _only(parts_of_one(named(project), projects()), only)
    print(things_of(parts))
    if dry_run:
        print("dry run: nothing was removed")
        return
    _remove(parts, f"a run of {project}, or a replay of its events, makes its lineage again")


def _remove(parts: list[Part], and_now: str) -> None:
    left = remove(parts)
    count = sum(map(len, left.values()))
    print(f"left over: {count}; {and_now}")
    if count:
        print(things_of(parts))
        raise typer.Exit(1)


def _only(parts: list[Part], only: list[str] | None) -> list[Part]:
    """The parts in the places that ``--only`` names; all parts without it."""
    if unknown := set(only or ()) - {part.name.split()[0] for part in parts}:
        raise typer.BadParameter(
            f"unknown {', '.join(sorted(unknown))}; allowed: {', '.join(dict.fromkeys(part.name.split()[0] for part in parts))}",
            param_hint="--only",
        )
    return [part for part in parts if not only or part.name.split()[0] in only]


def _print_others() -> None:
    """Print the switch of other machines, as their relays reported it last."""
    if not settings.ledger_is_configured():
        return
    from dbt_lineage.ledger.ledger import LedgerError
    from dbt_lineage.ledger.of_relays import RelayLedger

    try:
        with RelayLedger(settings.ledger()) as ledger:
            states = ledger.spools()
    except LedgerError as error:
        print(f"the state of other machines cannot be read: {error}")
        return
    for each in states:
        if each.spool != name_of(settings.spool().dir):
            print(f"{each.spool}: {f'off since {each.off_since}' if each.off_since else 'on'}, seen at {each.seen_at}")


def _print_uncovered() -> None:
    chosen, among = settings.spool(), projects()
    several = len(among) > 1
    aside = Aside(chosen.dir, chosen.aside_max_bytes)
    try:
        jobs = uncovered(aside, {each.name: Jobs.of(each) for each in among} if several else None)
    finally:
        aside.close()
    if not jobs:
        print("nothing ran meanwhile that is not covered")
        return
    print("not covered:", table(jobs, several), sep="\n")
    print("send it with `dbt-lineage resend`")
