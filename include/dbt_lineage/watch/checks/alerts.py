"""Alerts: find newly broken and recovered promises, and write the messages about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from html import escape
from itertools import groupby

from dbt_lineage.core.levels import Level
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.groups import Group, details, grouped
from dbt_lineage.watch.checks.results import ITSELF, Result

# How many groups of one check a message has.
_GROUPS = 5
# Shown instead of a project for promises about what all projects share.
SHARED_BY_ALL = "all projects"


class Kind(StrEnum):
    """The kind of news about an alert."""

    BROKE = "broke"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Alert:
    """A promise that is or was broken.

    Args:
        id: its unique id.
        check: the check's name.
        subject: the model, edge, topic or event; ``ITSELF`` when it is about all of them.
        since: since when it is broken.
        seen: what was seen then.
        allowed: what is allowed.
        recovered_at: when a check first found it kept again; None while it is broken.
        project: the project; empty for what all projects share.
    """

    id: int
    check: str
    subject: str
    since: datetime
    seen: str
    allowed: str
    recovered_at: datetime | None = None
    project: str = ""


@dataclass(frozen=True)
class Changes:
    """The changes by the results of a run.

    Args:
        broken: results of newly broken promises.
        recovered: alerts of promises that are kept again.
    """

    broken: list[Result]
    recovered: list[Alert]


@dataclass(frozen=True)
class Message:
    """A message about alerts.

    Args:
        subject: its subject, one line.
        html: its body for a mail.
        text: its body for a chat or a pager.
        whole: all alerts, for a log.
    """

    subject: str
    html: str
    text: str
    whole: str


def changes(open_alerts: Iterable[Alert], results: Sequence[Result]) -> Changes:
    """Compare the results of a run with the open alerts.

    A check reports all of its subjects in a project, so a subject that it does not name is well. A check that could not be
    made reports none. A promise recovers only with level ok. A warning is not enough, or it would break and recover all
    the time.

    Args:
        open_alerts: the open alerts.
        results: the results of the run. Alerts of checks that are not in it do not change.
    """
    open_alerts = list(open_alerts)
    known = {_promise(alert) for alert in open_alerts}
    failing = {_promise(each): each for each in results if each.level is Level.FAIL}
    unwell = {_promise(each) for each in results if each.level is not Level.OK}
    told = {_check(each) for each in results} - {_check(each) for each in results if not each.made}
    return Changes(
        [result for key, result in failing.items() if key not in known],
        [alert for alert in open_alerts if _check(alert) in told and _promise(alert) not in unwell],
    )


def _check(told: Result | Alert) -> tuple[str, str]:
    return told.project, told.check


def _promise(told: Result | Alert) -> tuple[str, str, str]:
    return *_check(told), told.subject


def message(
    kind: Kind, alerts: Sequence[Alert], runbook: str, where: Mapping[str, str], by_project: bool = False
) -> Message:
    """Write the message about alerts.

    Args:
        kind: whether they broke or recovered.
        alerts: the alerts, at least one.
        runbook: address of docs/operations.md.
        where: the run of the checks, as labels and values. A value that is an address becomes a link.
        by_project: whether to name the projects.
    """
    # An alert of an older version may be of a check that no longer exists.
    order = {check: place for place, check in enumerate(CHECKS)}

    def place(alert: Alert) -> tuple[str, int, str]:
        return alert.project if by_project else "", order.get(alert.check, len(order)), alert.check

    ordered = sorted(alerts, key=lambda alert: (*place(alert), alert.since, alert.subject))
    sections = [
        _Section(kind, check, list(found), f"{runbook}#{check}", (project or SHARED_BY_ALL) if by_project else "")
        for (project, _, check), found in groupby(ordered, key=place)
    ]
    of_projects = groupby(sections, key=lambda section: section.project)
    counts = "; ".join(
        (f"{project}: " if project else "")
        + ", ".join(f"{section.check} ({len(section.alerts)})" for section in of_project)
        for project, of_project in of_projects
    )
    subject = f"[Lineage] {'broken' if kind is Kind.BROKE else 'recovered'}: {counts}"
    footer = "".join(f"<p>{escape(label)}: {_linked(value)}</p>" for label, value in where.items())
    lines = [line for section in sections for line in section.lines()]
    whole = [line for section in sections for line in section.all_lines()]
    return Message(
        subject,
        # Long names break, so that a phone shows the table whole.
        f'<div style="font-family: sans-serif; overflow-wrap: anywhere">'
        f"{''.join(section.html() for section in sections)}{footer}</div>",
        "\n".join([subject, *lines, *(f"{label}: {value}" for label, value in where.items())]),
        "\n".join([subject, *whole]),
    )


@dataclass(frozen=True)
class _Section:
    """The alerts of one check.

    Args:
        kind: whether they broke or recovered.
        check: the check's name.
        alerts: the alerts.
        link: address of the check's section in the runbook.
        project: the project's name for the reader; empty if it is not shown.
    """

    kind: Kind
    check: str
    alerts: Sequence[Alert]
    link: str
    project: str = ""

    @property
    def _head(self) -> str:
        of_project = f"{self.project}: " if self.project else ""
        return f"{of_project}{self.check}: {CHECKS.get(self.check, '')}"

    def all_lines(self) -> list[str]:
        """Every alert as text."""
        return [self._head, *(_as_text(_row(self.kind, alert, alert.seen)) for alert in self.alerts)]

    def lines(self) -> list[str]:
        """Its groups as text."""
        groups, rest = self._groups()
        lines = [self._head]
        for group in groups:
            lines += _title(group)
            lines += [_as_text(row) for row in self._rows(group)]
            lines += [f"  {group.more}"] if group.more else []
        todo = [f"What to do: {self.link}"] if self.kind is Kind.BROKE else []
        return [*lines, *filter(None, [rest]), *todo]

    def html(self) -> str:
        """Its groups as a table."""
        head = (
            ("What", "Since", "Seen", "Allowed") if self.kind is Kind.BROKE else ("What", "Broken since", "Well since")
        )
        groups, rest = self._groups()
        rows = ["<tr>" + "".join(f'<th align="left">{escape(each)}</th>' for each in head) + "</tr>"]
        for group in groups:
            rows += [_across(f"<b>{escape(title)}</b>", len(head)) for title in _title(group)]
            for row in self._rows(group):
                rows.append("<tr>" + "".join(f"<td>{escape(each)}</td>" for each in row) + "</tr>")
            rows += [_across(escape(group.more), len(head))] if group.more else []
        todo = f"<p>What to do: {_linked(self.link)}</p>" if self.kind is Kind.BROKE else ""
        return f"<h2>{escape(self._head)}</h2><table>{''.join(rows)}</table><p>{escape(rest)}</p>{todo}"

    def _groups(self) -> tuple[list[Group[Alert]], str]:
        """The first groups, and a text with the number of alerts in the others."""
        groups = grouped(self.alerts)
        left = sum(len(group.members) for group in groups[_GROUPS:])
        return groups[:_GROUPS], f"and {left} more for other reasons" if left else ""

    def _rows(self, group: Group[Alert]) -> list[tuple[str, ...]]:
        if len(group.members) == 1:
            return [_row(self.kind, alert, alert.seen) for alert in group.members]
        shared = len({alert.allowed for alert in group.members}) == 1
        shown = (replace(alert, allowed="") if shared else alert for alert in group.first)
        return [_row(self.kind, alert, details(alert.seen)) for alert in shown]


def _title(group: Group[Alert]) -> list[str]:
    """The line above a group; none above a single alert, whose row is complete."""
    return [group.title] if len(group.members) > 1 else []


def _row(kind: Kind, alert: Alert, seen: str) -> tuple[str, ...]:
    what = "the check itself" if alert.subject == ITSELF else alert.subject
    if kind is Kind.BROKE:
        return what, _moment(alert.since), seen, alert.allowed
    return what, _moment(alert.since), _moment(alert.recovered_at) if alert.recovered_at else ""


def _as_text(row: tuple[str, ...]) -> str:
    return "  " + " | ".join(filter(None, row))


def _across(html: str, columns: int) -> str:
    return f'<tr><td colspan="{columns}">{html}</td></tr>'


def _linked(value: str) -> str:
    safe = escape(value, quote=True)
    return f'<a href="{safe}">{safe}</a>' if value.startswith(("http://", "https://")) else safe


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
