"""Sending what was kept aside while the lineage was off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from include.errors import ExpectedError
from include.lineage.curate import MalformedEvent, parsed
from include.lineage.overtaken import Subject, newest_since, overtaken
from include.relay.salvage import salvage
from include.settings import KafkaSettings, SpoolSettings
from include.spool.aside import Aside
from include.spool.store import Spool, Waiting
from include.spool.switch import Switch

_BATCH = 500


class SwitchedOff(ExpectedError):
    """The lineage is off, so nothing can be sent; the message says since when."""


@dataclass
class Resent:
    """What was, or would be, sent.

    Args:
        sent: how many events went to the spool, for the relay to send.
        superseded: runs that a newer one of the same model has made untrue by now, by job: they are left out, since
            the catalogue believes who comes last.
        let_go: of how many events there is only the name.
    """

    sent: int = 0
    superseded: dict[str, int] = field(default_factory=dict)
    let_go: int = 0


def resend(spool: SpoolSettings, kafka: KafkaSettings, dry_run: bool = False) -> Resent:
    """Put what was kept aside into the spool, in its order. What is killed is done again; ids tell second copies.

    Args:
        spool: where it is kept aside, and where it goes.
        kafka: the cluster, which knows what has run since.
        dry_run: whether only to tell.

    Raises:
        SwitchedOff: the lineage is off.
        SpoolError: the disk refused; what is not sent stays aside.
        BrokerError: the cluster did not answer; nothing has changed.
    """
    off = Switch(spool.dir).off()
    if off is not None:
        raise SwitchedOff(f"{off}: switch it on before anything is sent (make lineage-on)")
    aside, target = Aside(spool.dir, spool.aside_max_bytes), Spool(spool.dir, spool.max_bytes)
    try:
        if not dry_run:
            salvage(aside.spool)
        return _resend(aside, target, kafka, dry_run)
    finally:
        aside.close()
        target.close()


def _resend(aside: Aside, target: Spool, kafka: KafkaSettings, dry_run: bool) -> Resent:
    first = next(iter(aside.events()), None)
    done = Resent(let_go=len(aside.let_go()))
    untrue = superseded(aside.events(), newest_since(kafka, target, first.emitted_at)) if first else {}
    for job in untrue.values():
        done.superseded[job] = done.superseded.get(job, 0) + 1
    batch: list[Waiting] = []
    for event in aside.events():
        if _run_id(event.body) not in untrue:
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


def superseded(events: Iterable[Waiting], newest: Mapping[Subject, datetime]) -> dict[str, str]:
    """The runs whose lineage a newer event has overtaken, each with its job."""
    found: dict[str, str] = {}
    for event in events:
        job = overtaken(event.body, newest)
        if job is not None:
            found[_run_id(event.body)] = job
    return found


def _run_id(body: bytes) -> str:
    try:
        return parsed(body).run.run_id
    except MalformedEvent:
        return ""
