"""Send the events that were kept aside while the lineage was off."""

from dataclasses import dataclass

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.relay.salvage import salvage
from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.spool import Spool, Waiting
from dbt_lineage.spool.switch import Switch

_BATCH = 500


class SwitchedOff(ExpectedError):
    """The lineage is off, so nothing can be sent. The message names since when."""


@dataclass
class Resent:
    """What was sent, or would be.

    Args:
        sent: number of events put into the spool, for the relay to send.
        let_go: number of events that cannot be sent, because only their facts were kept.
    """

    sent: int = 0
    let_go: int = 0


def resend(spool: SpoolSettings, dry_run: bool = False) -> Resent:
    """Put the events that were kept aside into the spool, in their order.

    If this is killed, the next call repeats what was not recorded, and duplicates share one event id. An event that a
    newer run of the same model supersedes overwrites nothing.

    Args:
        spool: the folder that has both the events kept aside and the spool.
        dry_run: change nothing, only count.

    Returns:
        How many events were sent, or would be.

    Raises:
        SwitchedOff: the lineage is off.
        SpoolError: the disk refused. Events that were not sent stay aside.
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
