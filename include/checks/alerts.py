"""Alerts: which broken promises are new, which are kept again, and what is written about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from html import escape
from itertools import groupby

from include.checks import CHECKS
from include.checks.results import ITSELF, Result
from include.levels import Level

# Subjects of one check that a message names; the table in the task's log has all of them.
NAMED = 20


class Kind(StrEnum):
    """What is told of an alert."""

    BROKE = "broke"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Alert:
    """A promise that is or was broken.

    Args:
        id: what tells it from others.
        check: which check.
        subject: which model, edge, topic or event; ``ITSELF`` when it is about all of them.
        since: since when it is broken.
        seen: what was seen then.
        allowed: what is allowed.
        recovered_at: when it was seen to be kept again; None while it is broken.
    """

    id: int
    check: str
    subject: str
    since: datetime
    seen: str
    allowed: str
    recovered_at: datetime | None = None


@dataclass(frozen=True)
class Changes:
    """What results change.

    Args:
        broken: results of promises that were not known to be broken.
        recovered: alerts of promises that are kept again.
    """

    broken: list[Result]
    recovered: list[Alert]


@dataclass(frozen=True)
class Message:
    """What is sent.

    Args:
        subject: one line.
        html: for a mail.
        text: for a chat.
    """

    subject: str
    html: str
    text: str


def changes(open_alerts: Iterable[Alert], results: Sequence[Result]) -> Changes:
    """What the results of a run change.

    A check tells of all its subjects, so what it does not name is well. One that could not be made tells of none. A
    promise is kept again when it is well: a mere warning is not enough, or it would break and recover all the time.

    Args:
        open_alerts: what is known to be broken.
        results: those of the run; checks that were not made in it are left alone.
    """
    open_alerts = list(open_alerts)
    known = {(alert.check, alert.subject) for alert in open_alerts}
    failing = {(each.check, each.subject): each for each in results if each.level is Level.FAIL}
    unwell = {(each.check, each.subject) for each in results if each.level is not Level.OK}
    told = {each.check for each in results} - {each.check for each in results if not each.made}
    return Changes(
        [result for key, result in failing.items() if key not in known],
        [alert for alert in open_alerts if alert.check in told and (alert.check, alert.subject) not in unwell],
    )


def message(kind: Kind, alerts: Sequence[Alert], runbook: str, where: Mapping[str, str]) -> Message:
    """What to tell of alerts.

    Args:
        kind: that they broke, or that they recovered.
        alerts: which ones; one at least.
        runbook: address of docs/operations.md.
        where: in which run it was seen, as label and value; a value that is an address becomes a link.
    """
    # One that an older version made may be of a check that there is no more.
    order = {check: place for place, check in enumerate(CHECKS)}
    ordered = sorted(
        alerts, key=lambda alert: (order.get(alert.check, len(order)), alert.check, alert.since, alert.subject)
    )
    by_check = {check: list(found) for check, found in groupby(ordered, key=lambda alert: alert.check)}
    counts = ", ".join(f"{check} ({len(found)})" for check, found in by_check.items())
    subject = f"[Lineage] {'broken' if kind is Kind.BROKE else 'recovered'}: {counts}"
    sections = [_section(kind, check, found, runbook) for check, found in by_check.items()]
    footer = "".join(f"<p>{escape(label)}: {_linked(value)}</p>" for label, value in where.items())
    return Message(
        subject,
        "".join(html for html, _ in sections) + footer,
        "\n".join([subject, *(text for _, text in sections), *(f"{label}: {value}" for label, value in where.items())]),
    )


def _section(kind: Kind, check: str, alerts: Sequence[Alert], runbook: str) -> tuple[str, str]:
    """The alerts of one check, as HTML and as text."""
    link, promise = f"{runbook}#{check}", CHECKS.get(check, "")
    head = ("What", "Since", "Seen", "Allowed") if kind is Kind.BROKE else ("What", "Broken since", "Well since")
    rows = [_row(kind, alert) for alert in alerts[:NAMED]]
    more = f"and {len(alerts) - NAMED} more" if len(alerts) > NAMED else ""
    todo = f"What to do: {link}" if kind is Kind.BROKE else ""
    html = (
        f"<h2>{escape(check)}: {escape(promise)}</h2><table>"
        + "".join(f'<th align="left">{escape(each)}</th>' for each in head)
        + "".join("<tr>" + "".join(f"<td>{escape(each)}</td>" for each in row) + "</tr>" for row in rows)
        + f"</table><p>{escape(more)}</p>"
        + (f"<p>What to do: {_linked(link)}</p>" if todo else "")
    )
    lines = [f"{check}: {promise}", *("  " + " | ".join(filter(None, row)) for row in rows)]
    return html, "\n".join([*lines, *filter(None, (more, todo))])


def _row(kind: Kind, alert: Alert) -> tuple[str, ...]:
    what = "the check itself" if alert.subject == ITSELF else alert.subject
    if kind is Kind.BROKE:
        return what, _moment(alert.since), alert.seen, alert.allowed
    return what, _moment(alert.since), _moment(alert.recovered_at) if alert.recovered_at else ""


def _linked(value: str) -> str:
    safe = escape(value, quote=True)
    return f'<a href="{safe}">{safe}</a>' if value.startswith(("http://", "https://")) else safe


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
