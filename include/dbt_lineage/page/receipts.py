"""The receipt of a run: how far each model's lineage has come, and what still waits."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.ledger.history import TERMINAL
from dbt_lineage.ledger.refreshes import DashboardRefresh
from dbt_lineage.ledger.run_events import EventRecord
from dbt_lineage.page.effects import downstream_of_each
from dbt_lineage.page.graph import Graph
from dbt_lineage.page.nodes import Kind
from dbt_lineage.spool.facts import EventFacts, event_facts
from dbt_lineage.spool.spool import Spool

# What the spool of this machine is looked through for.
_WAITING_EVENTS, _WAITING_BYTES = 20_000, 32_000_000
STATIONS = ("ran", "on_disk", "in_kafka", "in_catalogue", "read_back", "dashboard_equal")


@dataclass(frozen=True)
class Row:
    """How far the lineage of one node has come. A station that it has not reached has no time.

    Args:
        model: the node's name.
        unique_id: dbt's name of it.
        node: its id in the graph.
        state: how its run ended, by its event: COMPLETE or FAIL; None while there is none.
        ran: when it ended.
        on_disk: when its event was in the spool.
        in_kafka: when the broker had it with all replicas.
        in_catalogue: when the ingestion had written it.
        read_back: when the catalogue was seen to have it.
        dashboard_equal: since when all dashboards that show it equal the warehouse.
        dashboards: ids of those dashboards.
        reason: what is wrong or what it waits for, in words; None when nothing is.
        event_id: the event of its end.
    """

    model: str
    unique_id: str
    node: str
    state: str | None = None
    ran: str | None = None
    on_disk: str | None = None
    in_kafka: str | None = None
    in_catalogue: str | None = None
    read_back: str | None = None
    dashboard_equal: str | None = None
    dashboards: tuple[str, ...] = ()
    reason: str | None = None
    event_id: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing: what failed has no lineage, but its event arrives too."""
        shown = self.dashboard_equal is not None or not self.dashboards or self.state != "COMPLETE"
        return self.read_back is not None and shown


@dataclass(frozen=True)
class Receipt:
    """The receipt of one DAG run.

    Args:
        dag_id: the DAG.
        run_id: its run.
        project: the project.
        state: Airflow's state of the run.
        made_at: when the receipt was made.
        rows: of the nodes that ran, or are to run.
        dashboards: the last refresh of each dashboard of the project.
    """

    dag_id: str
    run_id: str
    project: str
    state: str | None
    made_at: datetime
    rows: Sequence[Row]
    dashboards: Sequence[DashboardRefresh]

    @property
    def is_whole(self) -> bool:
        """Whether the run has ended and nothing of its lineage is missing."""
        return self.state in ("success", "failed") and bool(self.rows) and all(row.is_whole for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "dag_id": self.dag_id,
            "run_id": self.run_id,
            "project": self.project,
            "state": self.state,
            "made_at": self.made_at.isoformat(),
            "whole": self.is_whole,
            "rows": [vars(row) for row in self.rows],
            "dashboards": [
                {
                    "dashboard": each.dashboard,
                    "equal": each.equal,
                    "charts": each.charts,
                    "charts_equal": each.charts_equal,
                    "problem": each.problem or None,
                    "at": each.refreshed_at.isoformat(),
                }
                for each in self.dashboards
            ],
        }

    def as_csv(self) -> str:
        """A line for each node."""
        out = io.StringIO()
        names = ("model", "unique_id", "state", *STATIONS, "dashboards", "reason", "event_id")
        writer = csv.writer(out)
        writer.writerow(names)
        for row in self.rows:
            said = {**vars(row), "dashboards": " ".join(row.dashboards)}
            # A spreadsheet takes what begins so for a formula.
            writer.writerow([_harmless(said[name] or "") for name in names])
        return out.getvalue()


def receipt(
    run: Mapping[str, Any],
    project: str,
    graph: Graph,
    tasks: Mapping[str, Mapping[str, Any]],
    events: Iterable[EventRecord],
    waiting: Mapping[str, EventFacts],
    refreshes: Sequence[DashboardRefresh],
) -> Receipt:
    """The receipt of a run.

    Args:
        run: ``dag_id``, ``run_id`` and ``state`` of the run.
        project: the project's name.
        graph: of the project.
        tasks: how the tasks of the run stand, by task.
        events: those that end the nodes of the run, by time.
        waiting: events of the run that wait in the spool of this machine, by job.
        refreshes: the last refresh of each dashboard of the project.
    """
    # By time: of a model that was tried again its last end counts.
    ends = {event.job_name: event for event in events}
    boards = {f"dashboard:{each.dashboard}": each for each in refreshes}
    shown_on = downstream_of_each(graph, Kind.DASHBOARD)
    rows = []
    for place, node in enumerate(graph.nodes):
        if node.project != project or node.dag_id != run["dag_id"] or node.kind is Kind.TABLE:
            continue
        task = tasks.get(node.task_id or "", {})
        end, facts = ends.get(node.unique_id), waiting.get(node.unique_id)
        if end is None and facts is None and task.get("state") in (None, "skipped", "removed"):
            continue
        row = _row(Row(node.name, node.unique_id, node.id), end, facts, task)
        shown = tuple(each for each in shown_on.get(place, ()) if each in boards)
        rows.append(_with_dashboards(row, shown, boards))
    rows.sort(key=lambda row: (row.ran is None, row.ran or "", row.model))
    return Receipt(run["dag_id"], run["run_id"], project, run["state"], datetime.now(UTC), rows, refreshes)


def waiting_in_spool(spool: SpoolSettings, root_run_ids: Collection[str]) -> dict[str, EventFacts]:
    """The ends of nodes and tests of some runs that wait in the spool of this machine, by job.

    The ledger hears of an event from the relay. While that stands still, only the spool knows it.

    Args:
        spool: the spool.
        root_run_ids: of the runs.

    Raises:
        SpoolError: it cannot be read.
    """
    if not spool.dir.is_dir() or not any(spool.dir.iterdir()):
        return {}
    events = Spool(spool.dir, spool.max_bytes, bounded=False).waiting(_WAITING_EVENTS, _WAITING_BYTES)
    found = (event_facts(each.event_id, each.body, each.emitted_at) for each in events)
    return {each.job_name: each for each in found if each.root_run_id in root_run_ids and each.event_type in TERMINAL}


def _row(row: Row, event: EventRecord | None, facts: EventFacts | None, task: Mapping[str, Any]) -> Row:
    if event is None and facts is None:
        ended = task.get("ended_at") if task.get("state") in ("success", "failed") else None
        return replace(row, ran=ended, reason="no event is known of it yet" if ended else f"it is {task['state']}")
    if event is None:
        assert facts is not None  # noqa: S101 - one of the two is there
        return replace(
            row,
            state=facts.event_type,
            ran=facts.event_time or None,
            on_disk=_text(facts.emitted_at),
            event_id=facts.event_id,
            reason="it waits in the spool for the relay",
        )
    return replace(
        row,
        state=event.event_type,
        ran=event.event_time or None,
        on_disk=_text(event.emitted_at),
        in_kafka=_text(event.acknowledged_at),
        in_catalogue=_text(event.ingested_at),
        read_back=_text(event.verified_at),
        event_id=event.event_id,
        reason=_reason(event),
    )


def _reason(event: EventRecord) -> str | None:
    if event.reason is not None:
        return f"dead letter: {event.reason}"
    if event.acknowledged_at is None:
        return "it waits for Kafka"
    if event.ingested_at is None:
        return "it waits for the ingestion"
    return "it waits to be read back" if event.verified_at is None else None


def _with_dashboards(row: Row, shown: tuple[str, ...], boards: Mapping[str, DashboardRefresh]) -> Row:
    if not shown:
        return row
    since = [boards[each] for each in shown]
    stale = [each for each in since if row.ran is None or each.refreshed_at < datetime.fromisoformat(row.ran)]
    wrong = [each for each in since if not each.equal]
    reason = row.reason
    if reason is None and row.state == "COMPLETE" and (stale or wrong):
        reason = (
            f"{(stale or wrong)[0].dashboard} {'was not refreshed since' if stale else 'differs from the warehouse'}"
        )
    equal = None if stale or wrong else max(each.refreshed_at for each in since).isoformat()
    return replace(row, dashboards=shown, dashboard_equal=equal, reason=reason)


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
