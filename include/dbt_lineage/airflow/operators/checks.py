"""Operators that check the lineage and send alerts."""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowFailException

from dbt_lineage.airflow.operators.of_project import ProjectOperator
from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import projects

log = logging.getLogger(__name__)


class PromiseBroken(AirflowFailException):
    """A check found a failure. The message has it, in groups. A retry would find the same."""

    # The task that alerts for all checks sends the mail, and only when it is news.
    told_elsewhere = True


class LineageCheckOperator(ProjectOperator):
    """Makes one check, with a table in the log, rows in the ledger, and figures in Airflow's metrics.

    Args:
        check: its name, one of ``dbt_lineage.watch.checks.CHECKS``.
        period_hours: how far back events and runs are checked, hours; templated.

    Raises:
        PromiseBroken: the check found a failure, could not be made, or could not be recorded.
    """

    template_fields = ("period_hours",)

    def __init__(self, *, check: str, period_hours: float | str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check
        self.period_hours = period_hours

    def execute(self, context: Context) -> dict[str, int]:
        """Make the check. Returns the number of results of each level."""
        from dbt_lineage.watch.checks.groups import summary
        from dbt_lineage.watch.checks.report import as_text
        from dbt_lineage.watch.checks.runner import made
        from dbt_lineage.watch.checks.sources import Sources

        sources = Sources.of(self.of_project(), *self.others(), period_hours=float(self.period_hours))
        results = made(self.check, sources)
        self.log.info("\n%s", as_text(results))
        _measure(self.check if self.of_project().is_only else f"{self.project}.{self.check}", results)
        self._record(_run(context), results, sources.now)
        broken = [result for result in results if result.level is Level.FAIL]
        if broken:
            raise PromiseBroken(summary(broken))
        return {str(level): count for level, count in Counter(result.level for result in results).items()}

    def _record(self, run: str, results: Sequence[Any], at: datetime) -> None:
        from dbt_lineage.ledger.ledger import LedgerError
        from dbt_lineage.watch.checks.record import CheckStore

        try:
            with CheckStore(settings.ledger()) as store:
                store.record(run, self.check, results, at)
        except LedgerError as error:
            # The task that alerts meets the same error and sends one mail, instead of one for each check.
            raise PromiseBroken(f"the result could not be recorded: {error}") from error


class LineageAlertsOperator(ProjectOperator):
    """Sends alerts about promises that broke or recovered, each once on each channel.

    The ledger records which channel was notified. A mail that could not be sent is sent by the next attempt or run.

    Args:
        checks: the checks of this run. One that recorded nothing counts as not made.

    Raises:
        LedgerError: the ledger is unreachable.
        Exception: a channel failed. It is raised after all other channels were notified.
    """

    def __init__(self, *, checks: Collection[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checks = list(checks)

    def execute(self, context: Context) -> dict[str, int]:
        """Send the alerts. Returns the number of messages for each channel."""
        from dbt_lineage.airflow.notifications import channels
        from dbt_lineage.watch.checks import SHARED
        from dbt_lineage.watch.checks.record import CheckStore
        from dbt_lineage.watch.checks.results import ITSELF, Result

        now = datetime.now(UTC)
        with CheckStore(settings.ledger()) as store:
            results = store.results(_run(context))
            absent = [check for check in self.checks if check not in {each.check for each in results}]
            why = "could not be made: its task ended without a result"
            project, names = self.of_project(), [each.name for each in projects()]
            results += [
                Result(check, ITSELF, Level.FAIL, why, made=False, project="" if check in SHARED else project.name)
                for check in absent
            ]
            store.settle(results, now, project.check.results_days, names)
            # The first project's run also alerts about what all projects share.
            whose = [project.name, ""] if project.name == names[0] else [project.name]
            sent = {name: self._tell(store, name, whose, send, context) for name, send in channels(project).items()}
        if failures := [outcome for outcome in sent.values() if isinstance(outcome, Exception)]:
            raise failures[0]
        return {name: count for name, count in sent.items() if isinstance(count, int)}

    def _tell(self, store: Any, channel: str, whose: Collection[str], send: Any, context: Context) -> int | Exception:
        """Notify one channel. Its error is returned, not raised, so that the other channels are notified too."""
        from dbt_lineage.airflow.behind import behind, page_address
        from dbt_lineage.watch.checks.alerts import Kind, message

        told = 0
        ti: Any = context["ti"]
        project = self.of_project()
        for kind in Kind:
            alerts = store.untold(channel, kind, whose)
            if not alerts:
                continue
            where = {"Run": _run(context), "Log": str(ti.log_url), "Health": page_address(tab="health")}
            if kind is Kind.BROKE:
                # A dashboard's subject is the last part of its address.
                subjects = [name for alert in alerts for name in (alert.subject, f"dashboard:{alert.subject}")]
                where |= behind(project, subjects)
            news = message(kind, alerts, project.mail.runbook_url, where, by_project=not project.is_only)
            # The message names the first few of each group. The log has all of them.
            self.log.info("for %s:\n%s", channel, news.whole)
            try:
                send(news, context)
            except Exception as error:
                self.log.exception("%s was not notified that %d promises %s", channel, len(alerts), kind)
                return error
            store.told(channel, kind, alerts, datetime.now(UTC))
            self.log.info("%s was notified that %d promises %s", channel, len(alerts), kind)
            told += 1
        return told


def _measure(check: str, results: Sequence[Any]) -> None:
    """Publish a check's figures and its number of broken promises as gauges of Airflow's own metrics.

    Args:
        check: its name, with the project's name in front if there are several.
        results: its results.
    """
    try:
        from airflow.sdk.observability import stats
    except ImportError as error:
        log.warning(
            "this version of Airflow has another API for metrics, so the check's figures are not published: %s", error
        )
        return
    for level in (Level.FAIL, Level.WARN):
        stats.gauge(f"lineage.check.{check}.{level}", sum(result.level is level for result in results))
    for result in results:
        if result.value is not None:
            name = stats.normalize_name_for_stats(f"lineage.check.{check}.{result.subject}", log_warning=False)
            stats.gauge(name, result.value)


def _run(context: Context) -> str:
    """The key of one DAG run's results in the ledger."""
    ti: Any = context["ti"]
    return f"{ti.dag_id} {ti.run_id}"
