"""Store results and alerts in the ledger: what was seen, what is broken, and which channel was notified."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from dbt_lineage.core.levels import Level
from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.schema import Alert as AlertRow
from dbt_lineage.ledger.schema import AlertNotice, Base, CheckResult
from dbt_lineage.spool.facts import NAME_CHARACTERS, REASON_CHARACTERS, storable
from dbt_lineage.watch.checks import SHARED, alerts
from dbt_lineage.watch.checks.alerts import Alert, Kind
from dbt_lineage.watch.checks.results import Result

_result = Base.metadata.tables[CheckResult.__tablename__]
_alert = Base.metadata.tables[AlertRow.__tablename__]
_notice = Base.metadata.tables[AlertNotice.__tablename__]
_ALERT_COLUMNS = [
    _alert.c[name] for name in ("id", "check_name", "subject", "since", "seen", "allowed", "recovered_at", "project")
]


class CheckStore(Ledger):
    """The ledger's tables of checks and alerts. Every method raises LedgerError."""

    def record(self, run: str, check: str, results: Sequence[Result], at: datetime, project: str | None = None) -> None:
        """Store the results of a check. They replace those of an earlier attempt in the same run.

        Args:
            run: the run of the checks.
            check: the check's name.
            results: its results.
            at: when it was made.
            project: the project, if a run has several; any by default.
        """
        earlier = [_result.c.run == run, _result.c.check_name == check]
        if project is not None:
            earlier.append(_result.c.project == storable(project, NAME_CHARACTERS))
        with self._transaction() as database:
            database.execute(delete(_result).where(*earlier))
            if results:
                database.execute(insert(_result), [_as_row(run, at, result) for result in results])

    def results(self, run: str) -> list[Result]:
        """The results of a run of the checks."""
        query = select(_result).where(_result.c.run == run).order_by(_result.c.id)
        with self._transaction() as database:
            return [_as_result(row) for row in database.execute(query).mappings()]

    def settle(self, results: Sequence[Result], at: datetime, keep_days: float, projects: Sequence[str] = ()) -> None:
        """Record what broke and what recovered, and delete old rows. This is idempotent.

        Args:
            results: the results of one run of the checks.
            at: when they were made.
            keep_days: older results, and alerts that recovered earlier, are deleted, days.
            projects: the names of all projects. Alerts without a project, from older versions, become the first one's.
                Alerts of a project that no longer exists are closed. If there is only one project, they become that
                one's, since it may have been renamed.
        """
        oldest = at - timedelta(days=keep_days)
        results = [_stored(result) for result in results]
        with self._transaction() as database:
            if projects:
                _settle_projects(database, [storable(each, NAME_CHARACTERS) for each in projects], at)
            changed = alerts.changes(_open(database), results)
            if changed.broken:
                rows = [_as_alert(result, at) for result in changed.broken]
                database.execute(insert(_alert).on_conflict_do_nothing(), rows)
            if changed.recovered:
                gone = [alert.id for alert in changed.recovered]
                database.execute(update(_alert).where(_alert.c.id.in_(gone)).values(recovered_at=at))
            database.execute(delete(_result).where(_result.c.checked_at < oldest))
            database.execute(delete(_alert).where(_alert.c.recovered_at < oldest))

    def open_alerts(self) -> list[Alert]:
        """The alerts of what is broken now."""
        with self._transaction() as database:
            return _open(database)

    def untold(self, channel: str, kind: Kind, projects: Collection[str] | None = None) -> list[Alert]:
        """The alerts that a channel was not notified of yet.

        If a promise recovers before a channel was notified that it broke, the channel is not notified at all.

        Args:
            channel: the channel, such as ``mail``.
            kind: whether it broke or recovered.
            projects: only alerts of these projects; an empty name stands for what all share. All by default.
        """
        recovered = _alert.c.recovered_at
        query = select(*_ALERT_COLUMNS).where(~_told(channel, kind)).order_by(_alert.c.since, _alert.c.id)
        if projects is not None:
            query = query.where(_alert.c.project.in_([storable(each, NAME_CHARACTERS) for each in projects]))
        if kind is Kind.BROKE:
            query = query.where(recovered.is_(None))
        else:
            query = query.where(recovered.is_not(None), _told(channel, Kind.BROKE))
        with self._transaction() as database:
            return _alerts(database.execute(query).all())

    def told(self, channel: str, kind: Kind, told: Iterable[Alert], at: datetime) -> None:
        """Record that a channel was notified.

        Args:
            channel: the channel, such as ``mail``.
            kind: whether the alerts broke or recovered.
            told: the alerts.
            at: when it was notified.
        """
        rows = [{"alert_id": alert.id, "channel": channel, "kind": str(kind), "told_at": at} for alert in told]
        with self._transaction() as database:
            if rows:
                database.execute(insert(_notice).on_conflict_do_nothing(), rows)


def _settle_projects(database: Connection, projects: Sequence[str], at: datetime) -> None:
    """Update the project of each alert."""
    row = _alert.c
    of_before = and_(row.project == "", row.check_name.not_in(SHARED))
    of_others = and_(row.project.not_in(["", *projects]), row.recovered_at.is_(None))
    is_first = or_(of_before, of_others) if len(projects) == 1 else of_before
    database.execute(update(_alert).where(is_first).values(project=projects[0]))
    database.execute(update(_alert).where(of_others).values(recovered_at=at))


def _told(channel: str, kind: Kind) -> Any:
    row = _notice.c
    return exists().where(and_(row.alert_id == _alert.c.id, row.channel == channel, row.kind == str(kind)))


def _open(database: Connection) -> list[Alert]:
    query = select(*_ALERT_COLUMNS).where(_alert.c.recovered_at.is_(None)).order_by(_alert.c.since, _alert.c.id)
    return _alerts(database.execute(query).all())


def _alerts(rows: Iterable[Any]) -> list[Alert]:
    return [Alert(*row) for row in rows]


def _stored(result: Result) -> Result:
    """A result in the form of its row, so that subjects are compared as they are stored."""
    return _as_result({**_as_row("", datetime.min, result)})


def _as_row(run: str, at: datetime, result: Result) -> dict[str, Any]:
    return {
        "project": storable(result.project, NAME_CHARACTERS),
        "run": storable(run, NAME_CHARACTERS),
        "checked_at": at,
        "check_name": result.check,
        "subject": storable(result.subject, NAME_CHARACTERS),
        "level": str(result.level),
        "seen": storable(result.seen, REASON_CHARACTERS),
        "allowed": storable(result.allowed, REASON_CHARACTERS),
        "since": result.since,
        "value": result.value,
        "unit": result.unit,
        "made": result.made,
    }


def _as_result(row: Any) -> Result:
    names = ("subject", "seen", "allowed", "since", "value", "unit", "made", "project")
    return Result(check=row["check_name"], level=Level(row["level"]), **{name: row[name] for name in names})


def _as_alert(result: Result, at: datetime) -> dict[str, Any]:
    return {
        "project": result.project,
        "check_name": result.check,
        "subject": result.subject,
        "since": result.since or at,
        "seen": result.seen,
        "allowed": result.allowed,
    }
