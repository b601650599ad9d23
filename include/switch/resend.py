"""Sending what was kept aside while the lineage was off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from include.kafka.offsets import Bookmarks
from include.kafka.reader import messages
from include.lineage.curate import MalformedEvent, parsed, reduced
from include.relay.salvage import salvage
from include.settings import KafkaSettings, SpoolSettings
from include.spool.aside import Aside
from include.spool.store import Spool, Waiting
from include.spool.switch import Switch

# A job and what it wrote: the same model built in another target is another fact, not a newer one.
Subject = tuple[str, str, frozenset[str]]

_BATCH = 500
_ALL = (1 << 30, 1 << 40)


class SwitchedOff(RuntimeError):
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
    superseded = _superseded(aside.events(), newest_since(kafka, target, first.emitted_at)) if first else {}
    for job in superseded.values():
        done.superseded[job] = done.superseded.get(job, 0) + 1
    batch: list[Waiting] = []
    for event in aside.events():
        if _run_id(event.body) not in superseded:
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


def newest_since(kafka: KafkaSettings, spool: Spool, moment: datetime) -> dict[Subject, datetime]:
    """When the newest event with lineage happened, of each subject that has one since a moment.

    Args:
        kafka: whose events topic is looked at.
        spool: events that wait there count too.
        moment: with a time zone.

    Raises:
        BrokerError: the cluster did not answer.
        SpoolError: the spool cannot be read.
    """
    bookmarks = Bookmarks(kafka, kafka.events_topic)
    arrived = messages(kafka, kafka.events_topic, bookmarks.at(moment), bookmarks.ends())
    newest: dict[Subject, datetime] = {}
    for body in (*(each.value() for each in arrived), *(each.body for each in spool.waiting(*_ALL))):
        for subject, happened in _told(body):
            newest[subject] = max(happened, newest.get(subject, happened))
    return newest


def _superseded(events: Iterable[Waiting], newest: Mapping[Subject, datetime]) -> dict[str, str]:
    """The runs whose lineage a newer event has overtaken, each with its job."""
    found: dict[str, str] = {}
    for event in events:
        for subject, happened in _told(event.body):
            if newest.get(subject, happened) > happened:
                found[_run_id(event.body)] = subject[1]
    return found


def _told(body: bytes | None) -> list[tuple[Subject, datetime]]:
    """What an event tells lineage of, and when; nothing when it tells none."""
    try:
        event = parsed(body)
        lineage = reduced(event)
        happened = datetime.fromisoformat(event.event_time)
    except ValueError:
        # It went, or will go, to the dead letters.
        return []
    if lineage is None:
        return []
    outputs = frozenset(output["name"] for output in lineage["outputs"])
    aware = happened if happened.tzinfo else happened.replace(tzinfo=UTC)
    return [((event.job.namespace, event.job.name, outputs), aware)]


def _run_id(body: bytes) -> str:
    try:
        return parsed(body).run.run_id
    except MalformedEvent:
        return ""
