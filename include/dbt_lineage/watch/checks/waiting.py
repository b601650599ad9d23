"""Check lag: does anything wait too long in the spool, for the relay, for the curated topic or for the catalogue?"""

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
from dbt_lineage.kafka.losses import losses
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.relay import status
from dbt_lineage.relay.salvage import left_aside
from dbt_lineage.relay.status import FILE_NAME
from dbt_lineage.spool.leaving import SpoolState, name_of
from dbt_lineage.spool.spool import Spool, Usage
from dbt_lineage.watch.checks.results import Result
from dbt_lineage.watch.checks.sources import Sources

CHECK = "lag"
# Relays report their spools every 5 s, and a report may be late. Seconds.
_REPORTED_WITHIN = 20.0


def check(sources: Sources) -> list[Result]:
    """Check what waits at each station. Raises SpoolError, BrokerError."""
    group, allowed, now = sources.ingestion.consumer_group, sources.check, sources.now
    # A worker with a temporary disk does not check the relay and the ingestion: others run on other machines.
    near = (
        [
            *of_spool(sources.spool, allowed, now),
            of_relay(sources.spool, allowed, now),
            *([of_ingestion(sources.spool, allowed, now)] if sources.ingestion.by == "service" else []),
        ]
        if sources.spool.handover == "off"
        else []
    )
    return [
        *near,
        *of_others(sources.ledger, sources.spool, allowed, now),
        of_events(sources.kafka, group, allowed, now),
        *of_retention(sources.kafka, group, now),
    ]


def of_spool(settings: SpoolSettings, allowed: CheckSettings, now: datetime) -> list[Result]:
    """Check the spool: its use by events and receipts, files set aside, and the age of the oldest event.

    The oldest event that is in Kafka without its columns is checked too.

    Args:
        settings: the spool's folder and size.
        allowed: the thresholds.
        now: the present.

    Raises:
        SpoolError: the spool cannot be read.
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
    """How full the receipts' room is. Events do not use it, so it fills up only when the ledger is unreachable."""
    percent = 100 * usage.receipts_used / usage.receipts_limit
    level = above(percent, allowed.spool_warn_percent, math.inf)
    seen = f"{usage.acknowledged} receipts that the ledger does not have, {percent:.0f} % of their room"
    if usage.dropped:
        level = Level.WARN
        seen += f", {usage.dropped} dropped: the relay reads those events from Kafka again once the ledger is back"
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
    """The files beside the spool that were not salvaged; no result when there are none."""
    if not files:
        return []
    seen = f"{', '.join(file.name for file in files)}: its events wait for a relay that can read it"
    return [Result(CHECK, "set aside", Level.FAIL, seen, "none")]


def spool_age(usage: Usage, allowed: CheckSettings, now: datetime) -> Result:
    """How long the oldest event in the spool has been waiting."""
    return _waiting("spool", usage.waiting, usage.oldest, allowed, now)


def columns_age(usage: Usage, why: str | None, allowed: CheckSettings, now: datetime) -> Result:
    """How long events that are in Kafka without their columns have been waiting for them.

    Args:
        usage: the spool's usage.
        why: the warehouse's error; None when it answers.
        allowed: the thresholds.
        now: the present.
    """
    result = _waiting("columns", usage.follow_ups, usage.oldest_follow_up, allowed, now)
    return replace(result, seen=f"{result.seen}: {why}") if usage.follow_ups and why else result


def of_relay(settings: SpoolSettings, allowed: CheckSettings, now: datetime) -> Result:
    """Whether a relay is at work."""
    return _at_work("relay", settings.dir / FILE_NAME, allowed, now)


def of_others(ledger: LedgerSettings, own: SpoolSettings, allowed: CheckSettings, now: datetime) -> list[Result]:
    """Check the spools of other machines, and the events that ended workers have handed over.

    Args:
        ledger: has the states of all spools. If it cannot be read, that is the only result.
        own: the spool of this machine, which another check reads directly.
        allowed: how long an event may wait, and how long a relay may report nothing.
        now: the present.
    """
    from dbt_lineage.ledger.of_relays import RelayLedger

    try:
        with RelayLedger(ledger) as opened:
            states, (count, oldest) = opened.spools(), opened.handed_over()
    except LedgerError as error:
        return [Result(CHECK, "other spools", Level.WARN, str(error), "the ledger can be read")]
    others = [each for each in states if each.spool != name_of(own.dir)]
    return [_waiting("handed over", count, oldest, allowed, now), *(of_other(each, allowed, now) for each in others)]


def of_other(state: SpoolState, allowed: CheckSettings, now: datetime) -> Result:
    """Check that the spool of another machine is emptied.

    Args:
        state: what its relay reported last.
        allowed: how long an event may wait, and how long a relay may report nothing.
        now: the present.
    """
    subject, left = f"spool {state.spool}", state.waiting + state.follow_ups
    silent = (now - state.seen_at).total_seconds() if state.seen_at else 0.0
    allowed_silence = max(allowed.relay_silence_seconds, _REPORTED_WITHIN)
    if silent > allowed_silence:
        return Result(
            CHECK,
            subject,
            Level.FAIL if left else Level.WARN,
            f"its relay reported {in_words(silent)} ago, when {left} events waited; "
            f"if the machine was removed: dbt-lineage relay forget {state.spool}",
            f"a report within {in_words(allowed_silence)}",
            since=state.seen_at,
        )
    if state.off_since is not None:
        return Result(CHECK, subject, Level.OK, f"lineage is off there since {state.off_since}", "")
    result = _waiting(subject, state.waiting, state.oldest, allowed, now)
    return replace(result, seen=f"{result.seen}: {state.problem}") if state.problem else result


def of_ingestion(settings: SpoolSettings, allowed: CheckSettings, now: datetime) -> Result:
    """Whether the ingestion service is at work."""
    return _at_work("ingestion", settings.dir / SIGN_OF_LIFE, allowed, now)


def _at_work(subject: str, file: Path, allowed: CheckSettings, now: datetime) -> Result:
    reason = silence(file, allowed.relay_silence_seconds, now)
    may = f"a status within {in_words(allowed.relay_silence_seconds)}"
    return Result(CHECK, subject, Level.FAIL if reason else Level.OK, reason or "at work", may)


def of_events(kafka: KafkaSettings, group: str, allowed: CheckSettings, now: datetime) -> Result:
    """How far the verified offsets are behind the end of the events topic.

    Only events with lineage count. Airflow's own events arrive all the time, and start no ingestion.

    Raises:
        BrokerError: the cluster did not answer in time.
    """
    return _behind(_of_lineage(kafka, group), allowed, now)


def of_retention(kafka: KafkaSettings, group: str, now: datetime) -> list[Result]:
    """Whether Kafka deletes events, or forgets offsets, before they are verified. Raises BrokerError."""
    may = "events are kept until they are verified"
    found = losses(kafka, group, _of_lineage(kafka, group), now)
    if found:
        return [Result(CHECK, "retention", Level.FAIL, "; ".join(found), may)]
    return [Result(CHECK, "retention", Level.OK, "nothing is deleted before it is verified", may)]


def _of_lineage(kafka: KafkaSettings, group: str) -> Lag:
    from dbt_lineage.events.run_event import carries_lineage

    return lag(kafka, kafka.events_topic, group, carries_lineage)


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
