"""Sending what was kept aside while the lineage was off."""

from dataclasses import dataclass

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.relay.salvage import salvage
from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.spool import Spool, Waiting
from dbt_lineage.spool.switch import Switch

_BATCH = 500


class SwitchedOff(ExpectedError):
    """The lineage is off, so nothing can be sent; the message says since when."""


@dataclass
class Resent:
    """What was, or would be, sent.

    Args:
        sent: how many events went to the spool, for the relay to send.
        let_go: of how many events there is only the name.
    """

    sent: int = 0
    let_go: int = 0


def resend(spool: SpoolSettings, dry_run: bool = False) -> Resent:
    """Put what was kept aside into the spool, in its order. What is killed is done again; ids tell second copies.

    A run that a newer one of the same model has made untrue changes nothing: the catalogue keeps the newest fact.

    Args:
        spool: where it is kept aside, and where it goes.
        dry_run: whether only to tell.

    Raises:
        SwitchedOff: the lineage is off.
        SpoolError: the disk refused; what is not sent stays aside.
    """
    off = Switch(spool.dir).off()
    if off is not None:
        raise SwitchedOff(f"{off}: switch it on before anything is sent (dbt-lineage on)")
    aside, target = Aside(spool.dir, spool.aside_max_bytes), Spool(spool.dir, spool.max_bytes)
    try:
        if not dry_run:
            salvage(aside.spool)
        return _resend(aside, target, dry_run)
    finally:
        aside.close()
        target.close()


def _resend(aside: Aside, target: Spool, dry_run: bool) -> Resent:
    done = Resent(let_go=len(aside.let_go()))
    batch: list[Waiting] = []
    for event in aside.events():
        done.sent += 1
        if not dry_run:
            target.put_all([event])
        batch.append(event)
        if len(batch) >= _BATCH and not dry_run:
            aside.forget(batch)
            batch = []
    if not dry_run:
        if batch:
            aside.forget(batch)
        aside.forget_let_go()
    return done
