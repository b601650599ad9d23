"""The whole way on the local stack, ending with a table of what was proved: ``make demo``."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from dbt_lineage.catalogue.verify import Comparison, verified_lineage
from dbt_lineage.core import commands, settings
from dbt_lineage.core.projects import projects
from dbt_lineage.dashboards.refresh import refresh
from dbt_lineage.events.run_event import RunEvent, parsed
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages
from dbt_lineage.ledger.history import History
from dbt_lineage.ledger.ledger import Ledger, Totals
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.of_project import warehouse_of
from stack import airflow, data, lifecycle
from stack.airflow_api import AirflowApi
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError, load
from stack.variables import load_env_file

RESULT = PROJECT_ROOT / "build" / "demo.json"
LINEAGE = "lineage_ingestion"
INGESTION, REFRESH = "openmetadata_ingestion", "superset_refresh"
# A run that selects models leaves the source as it is.
WITHOUT_SEEDS = {"select": "resource_type:model"}
NEW_ORDERS = 10
# How long it may take from new orders in the source until the dashboard shows them, seconds.
DASHBOARD_SECONDS = 120
console = Console()


class Demo:
    """One run of the demo.

    Args:
        config: the stack that it runs on.
    """

    def __init__(self, config: StackConfig) -> None:
        self.config = config
        self.seconds: dict[str, float] = {}

    def run(self) -> dict[str, Any]:
        """Run every step and return what was counted. Raises StackError when a step fails."""
        with self.step("stack"):
            lifecycle.up(self.config)
        os.environ.update(airflow.environment(self.config))
        api = AirflowApi(self.config)
        dbt_dag = settings.dbt().dag_id
        refresh_dags = [REFRESH] if self.config.has_superset else []
        api.await_dags({"kafka_topics", dbt_dag, INGESTION, LINEAGE, *refresh_dags})
        with self.step("topics"):
            self.require_success(api, "kafka_topics", api.run_once("kafka_topics"))
        before = self.topic_ends()
        # Assets wake only a DAG that is not paused at that moment.
        for dag_id in (LINEAGE, INGESTION, *refresh_dags):
            api.unpause(dag_id)
        ingestions = {run["dag_run_id"] for run in api.runs(INGESTION)}
        refreshes = {run["dag_run_id"] for dag_id in refresh_dags for run in api.runs(dag_id)}
        with self.step("dbt"):
            self.require_success(api, dbt_dag, api.run_once(dbt_dag))
        with self.step("ingestion"):
            self.require_success(api, INGESTION, api.await_new_run(INGESTION, ingestions))
        with self.step("check"):
            events = self.events(before)
            root = root_run(events, dbt_dag)
            result = {
                **models_with_events(events),
                **asdict(self.totals(root)),
                **self.lineage().counts(),
                "latency_seconds": self.latency(root),
            }
        if not refresh_dags or not Manifest.load(settings.dbt().manifest).dashboard_models or not data.has_orders():
            return result
        with self.step("refresh"):
            self.require_success(api, REFRESH, api.await_new_run(REFRESH, refreshes))
        return result | self.new_orders(api)

    def new_orders(self, api: AirflowApi) -> dict[str, Any]:
        """Orders come into the source: how long until the dashboard shows them, and whether all of it is right."""
        dbt_dag, known = settings.dbt().dag_id, {run["dag_run_id"] for run in api.runs(REFRESH)}
        with self.step("new orders"):
            started = time.monotonic()
            data.add_orders(NEW_ORDERS)
            self.require_success(api, dbt_dag, api.run_once(dbt_dag, WITHOUT_SEEDS))
            run = api.await_new_run(REFRESH, known)
            self.require_success(api, REFRESH, run)
            # As a browser asks, and compared once more: nothing is left to be brought up to date.
            shown = refresh(settings.superset(), warehouse_of(projects()[0]))
            seconds = time.monotonic() - started
        with self.step("their lineage"):
            api.await_idle(INGESTION)
        was_changed = api.xcom(REFRESH, run["dag_run_id"], "refresh_and_prove")["changed"]
        counts = shown.counts()
        return {
            "charts": counts["charts"],
            "charts_equal": counts["charts_equal"] if was_changed and not shown.changed else 0,
            "dashboard_seconds": round(seconds, 1),
        }

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step and keep how long it took."""
        started = time.monotonic()
        with lifecycle.step(name):
            yield
        self.seconds[name] = round(time.monotonic() - started, 1)

    def require_success(self, api: AirflowApi, dag_id: str, run: dict[str, Any]) -> None:
        """Raises StackError, with the failed tasks and where to read on, unless the run succeeded."""
        if run["state"] == "success":
            return
        tasks = api.tasks(dag_id, run["dag_run_id"])
        failed = ", ".join(task_id for task_id, task in tasks.items() if task["state"] == "failed")
        raise StackError(f"{dag_id} failed in {failed}: {api.address}/dags/{dag_id}/runs/{run['dag_run_id']}")

    def lineage(self) -> Comparison:
        """The edges in the catalogue against those that the manifest expects."""
        return verified_lineage(settings.dbt(), warehouse_of(projects()[0]), settings.openmetadata())

    def topic_ends(self) -> dict[int, int]:
        """Where the events topic ends now."""
        return Bookmarks(settings.kafka(), settings.kafka().events_topic).ends()

    def events(self, before: dict[int, int]) -> list[RunEvent]:
        """The events since ``before``."""
        kafka = settings.kafka()
        return [parsed(each.value()) for each in messages(kafka, kafka.events_topic, before, self.topic_ends())]

    def totals(self, root_run_id: str) -> Totals:
        """How far the events of a DAG run have come, by the ledger."""
        with Ledger(settings.ledger()) as ledger:
            return ledger.totals(root_run_id)

    def latency(self, root_run_id: str) -> dict[str, float] | None:
        """How long the models of a DAG run took from their end to verified in the catalogue, seconds."""
        namespace, models = settings.openlineage().namespace, Manifest.load(settings.dbt().manifest).models
        with History(settings.ledger()) as history:
            found = history.latencies(namespace, models, datetime.fromtimestamp(0, UTC), root_run_id)
        took = found.get("verified")
        return {"p50": took.p50, "p95": took.p95, "max": took.max} if took else None


def models_with_events(events: list[RunEvent]) -> dict[str, int]:
    """How many models there are, and how many of them completed in one of these events."""
    completed = {event.job.name for event in events if event.event_type == "COMPLETE"}
    models = Manifest.load(settings.dbt().manifest).models
    return {"models": len(models), "models_with_events": len(completed & set(models))}


def root_run(events: list[RunEvent], dag_id: str) -> str:
    """The run id of the DAG's run. Raises StackError when the DAG has no event."""
    ids = {event.run.run_id for event in events if event.job.name == dag_id}
    if len(ids) != 1:
        raise StackError(f"{len(ids)} runs of the job {dag_id} have events, not one")
    return ids.pop()


def proved(result: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Each claim, what was seen, and whether it holds."""
    return [
        (
            "every model has its own lineage event in Kafka",
            f"{result['models_with_events']} of {result['models']} models",
            result["models_with_events"] == result["models"] > 0,
        ),
        (
            "no event was lost: Kafka has all that were emitted",
            f"{result['acknowledged']} of {result['emitted']} events",
            result["acknowledged"] == result["emitted"] > 0,
        ),
        (
            "what each event says was read back from the catalogue",
            f"{result['verified']} of {result['emitted']} events",
            result["verified"] == result["emitted"] > 0,
        ),
        (
            "every edge that dbt's manifest expects is in the catalogue",
            f"{result['edges_in_catalogue']} of {result['edges_expected']} edges",
            result["edges_in_catalogue"] == result["edges_expected"] > 0,
        ),
        ("no other edge is", f"{result['edges_unexpected']} unexpected", result["edges_unexpected"] == 0),
        *(proved_of_dashboards(result) if "charts" in result else []),
    ]


def proved_of_dashboards(result: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The claims about the dashboards."""
    return [
        (
            "every chart shows what the warehouse says",
            f"{result['charts_equal']} of {result['charts']} charts",
            result["charts_equal"] == result["charts"] > 0,
        ),
        (
            "new orders in the source are on the dashboard",
            f"after {result['dashboard_seconds']:g} s",
            result["dashboard_seconds"] < DASHBOARD_SECONDS,
        ),
    ]


def report(config: StackConfig, result: dict[str, Any]) -> bool:
    """Print the table and the addresses; returns whether every claim holds."""
    table = Table("claim", "seen", "")
    for claim, seen, holds in proved(result):
        table.add_row(claim, seen, "[green]proved[/]" if holds else "[red]not so[/]")
    console.print(table)
    console.print("seconds: " + ", ".join(f"{name} {seconds:g}" for name, seconds in result["seconds"].items()))
    lifecycle.print_addresses(config)
    console.print(f"figures: {RESULT.relative_to(PROJECT_ROOT)}. Stop it all with `make stack-down`.")
    return all(holds for _, _, holds in proved(result))


def main() -> int:
    """Run the demo; exit code 0 only when everything was proved."""
    load_env_file(PROJECT_ROOT / ".env")
    config = load()
    demo = Demo(config)
    result = {**demo.run(), "seconds": demo.seconds}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if report(config, result) else 1


if __name__ == "__main__":
    commands.run("demo", main)
