"""Lag: does anything wait too long? In the spool, for the relay, for the curated topic, for the catalogue."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level, above
from dbt_lineage.core.liveness import silence
from dbt_lineage.core.settings import CheckSettings, KafkaSettings, LedgerSettings, SpoolSettings
from dbt_lineage.ingest.follow import SIGN_OF_LIFE
from dbt_lineage.kafka.lag import Lag, lag
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.relay import status
from dbt_lineage.relay.salvage import left_aside
from dbt_lineage.relay.status import FILE_NAME
from dbt_lineage.spool.leaving import SpoolState, name_of
from dbt_lineage.spool.spool import Spool, Usage
from dbt_lineage.watch.checks.results import Result
from dbt_lineage.watch.checks.sources import Sources

CHECK = "lag"
# Relays tell of their spools every 5 s; one of them may be late, seconds.
_TOLD_WITHIN = 20.0


def check(sources: Sources) -> list[Result]:
    """What waits at each station. Raises SpoolError, BrokerError."""
    group, allowed, now = sources.ingestion.consumer_group, sources.check, sources.now
    # A worker whose disk goes with it has nothing of others to look at: no relay that works on, and no ingestion.
    near = (
        [
            *of_spool(sources.spool, allowed, now),
            of_relay(sources.spool, allowed, now),
            *([of_ingestion(sources.spool, allowed, now)] if sources.ingestion.by == "service" else []),
        ]
        if sources.spool.handover == "off"
        else []
    )
    far = of_others(sources.ledger, sources.spool, allowed, now)
    return [*near, *far, of_events(sources.kafka, group, allowed, now)]


def of_spool(settings: SpoolSettings, allowed: CheckSettings, now: datetime) -> list[Result]:
    """How full the spool is, of events and of receipts, what was set aside, and how long what is oldest waits there.

    That is the oldest event, and the oldest that is in Kafka without its columns.

    Args:
        settings: where it is.
        allowed: how full it may be, and how long an event may wait.
        now: the present.

    Raises:
        SpoolError: it cannot be read.
    """
    spool = Spool(settings.dir, settings.max_bytes)
    try:
        usage = spool.usage()
        aside = left_aside(spool)
    finally:
        spool.close()
    told = status.read(settings.dir) or {}
    return [
        spool_use(usage, allowed),
        spool_receipts(usage, allowed),
        *spool_set_aside(aside),
        spool_age(usage, allowed, now),
        columns_age(usage, told.get("warehouse_error"), allowed, now),
    ]


def spool_use(usage: Usage, allowed: CheckSettings) -> Result:
    """How full the spool is."""
    percent = 100 * usage.used / usage.limit
    return Result(
        CHECK,
        "spool size",
        above(percent, allowed.spool_warn_percent, allowed.spool_fail_percent),
        f"{percent:.0f} % of {usage.limit / 2**20:.0f} MiB in use",
        f"{allowed.spool_warn_percent:g} %, {allowed.spool_fail_percent:g} %",
        value=round(percent, 3),
        unit="percent",
    )


def spool_receipts(usage: Usage, allowed: CheckSettings) -> Result:
    """How full the receipts' room is, which events do not need: a ledger that is away is all that it can tell of."""
    percent = 100 * usage.receipts_used / usage.receipts_limit
    level = above(percent, allowed.spool_warn_percent, math.inf)
    seen = f"{usage.acknowledged} receipts that the ledger does not have, {percent:.0f} % of their room"
    if usage.dropped:
        level = Level.WARN
        seen += f", {usage.dropped} dropped: the relay reads those events in Kafka again once the ledger is back"
    return Result(
        CHECK,
        "receipts",
        level,
        seen,
        f"{allowed.spool_warn_percent:g} %, none dropped",
        value=round(percent, 3),
        unit="percent",
    )


def spool_set_aside(files: Sequence[Path]) -> list[Result]:
    """The files beside the spool whose events nobody has brought back; nothing when there are none."""
    if not files:
        return []
    seen = f"{', '.join(file.name for file in files)}: its events wait for a relay that can read it"
    return [Result(CHECK, "set aside", Level.FAIL, seen, "none")]


def spool_age(usage: Usage, allowed: CheckSettings, now: datetime) -> Result:
    """How long the oldest event in the spool has been waiting."""
    return _waiting("spool", usage.waiting, usage.oldest, allowed, now)


def columns_age(usage: Usage, why: str | None, allowed: CheckSettings, now: datetime) -> Result:
    """How long the events have been waiting for their columns that are in Kafka without them.

    Args:
        usage: of the spool.
        why: what the warehouse said; None when it tells columns.
        allowed: how long an event may wait.
        now: the present.
    """
    result = _waiting("columns", usage.follow_ups, usage.oldest_follow_up, allowed, now)
    return replace(result, seen=f"{result.seen}: {why}") if usage.follow_ups and why else result


def of_relay(settings: SpoolSettings, allowed: CheckSettings, now: datetime) -> Result:
    """Whether a relay is at work."""
    return _at_work("relay", settings.dir / FILE_NAME, allowed, now)


def of_others(ledger: LedgerSettings, own: SpoolSettings, allowed: CheckSettings, now: datetime) -> list[Result]:
    """What the relays of other machines said last, and what ended workers have handed over.

    Args:
        ledger: where they said it. If it cannot be read, that is the only result.
        own: the spool of this machine, which is looked at itself.
        allowed: how long an event may wait, and a relay say nothing.
        now: the present.
    """
    from dbt_lineage.ledger.of_relays import RelayLedger

    try:
        with RelayLedger(ledger) as told:
            states, (count, oldest) = told.spools(), told.handed_over()
    except LedgerError as error:
        return [Result(CHECK, "other spools", Level.WARN, str(error), "the ledger tells of them")]
    others = [each for each in states if each.spool != name_of(own.dir)]
    return [_waiting("handed over", count, oldest, allowed, now), *(of_other(each, allowed, now) for each in others)]


def of_other(state: SpoolState, allowed: CheckSettings, now: datetime) -> Result:
    """Whether the spool of another machine is emptied.

    Args:
        state: what its relay said last.
        allowed: how long an event may wait, and a relay say nothing.
        now: the present.
    """
    subject, left = f"spool {state.spool}", state.waiting + state.follow_ups
    silent = (now - state.seen_at).total_seconds() if state.seen_at else 0.0
    allowed_silence = max(allowed.relay_silence_seconds, _TOLD_WITHIN)
    if silent > allowed_silence:
        return Result(
            CHECK,
            subject,
            Level.FAIL if left else Level.WARN,
            f"its relay was seen {in_words(silent)} ago, when {left} events waited there; "
            f"if the machine is no more: dbt-lineage relay forget {state.spool}",
            f"a sign within {in_words(allowed_silence)}",
            since=state.seen_at,
        )
    if state.off_since is not None:
        return Result(CHECK, subject, Level.OK, f"lineage is off there since {state.off_since}", "")
    result = _waiting(subject, state.waiting, state.oldest, allowed, now)
    return replace(result, seen=f"{result.seen}: {state.problem}") if state.problem else result


def of_ingestion(settings: SpoolSettings, allowed: CheckSettings, now: datetime) -> Result:
    """Whether the ingestion, as a service, is at work."""
    return _at_work("ingestion", settings.dir / SIGN_OF_LIFE, allowed, now)


def _at_work(subject: str, file: Path, allowed: CheckSettings, now: datetime) -> Result:
    reason = silence(file, allowed.relay_silence_seconds, now)
    may = f"a sign within {in_words(allowed.relay_silence_seconds)}"
    return Result(CHECK, subject, Level.FAIL if reason else Level.OK, reason or "at work", may)


def of_events(kafka: KafkaSettings, group: str, allowed: CheckSettings, now: datetime) -> Result:
    """How far the verified offsets are behind the events topic.

    Only events that say lineage are waited for: Airflow's own come all the time, and start no ingestion.

    Raises:
        BrokerError: the cluster did not answer in time.
    """
    from dbt_lineage.events.run_event import carries_lineage

    return _behind(lag(kafka, kafka.events_topic, group, carries_lineage), allowed, now)


def _behind(lag: Lag, allowed: CheckSettings, now: datetime) -> Result:
    return _waiting(lag.topic, lag.unread, lag.oldest, allowed, now)


def _waiting(subject: str, count: int, oldest: datetime | None, allowed: CheckSettings, now: datetime) -> Result:
    seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    level = above(seconds, allowed.lag_warn_seconds, allowed.lag_fail_seconds)
    return Result(
        CHECK,
        subject,
        level,
        f"{count} waiting" + (f", the oldest that counts for {in_words(seconds)}" if oldest else ", none that counts")
        if count
        else "nothing waits",
        f"{in_words(allowed.lag_warn_seconds)}, {in_words(allowed.lag_fail_seconds)}",
        since=None if level is Level.OK else oldest,
        value=round(seconds, 3),
        unit="seconds",
    )
