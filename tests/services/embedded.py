"""dbt on a warehouse that only its own process can open: what is emitted, and what the relay makes of it.

``python -m tests.services.embedded process spark FOLDER COMMAND …`` runs commands of dbt on a copy of the jaffle shop in a
process that has other packages than that of the tests.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_lineage.airflow.dbt_tasks.running import Way, WithProgram, in_this_process
from dbt_lineage.columns.model import Column, ColumnEdge, ColumnLineage
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.events.columns_of_run import ColumnsOfRun
from dbt_lineage.events.dbt_messages import CommandEnd
from dbt_lineage.events.live import EmittingProcess, Invocation, LiveLineage
from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.relay.completion import Completion
from dbt_lineage.spool.spool import Spool
from dbt_lineage.warehouse.by_dbt import AdapterWarehouse
from dbt_lineage.warehouse.profile import target_of
from stack.checkout import PROJECT_ROOT
from tests.services.test_node_types import PARENT

SHOP = PROJECT_ROOT / "dbt-jaffle-shop"
ALL = 1 << 30
WAYS: Mapping[str, Way] = {"process": in_this_process, "program": WithProgram().as_program}
Event = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """Commands of dbt that have ended, and what was sent of them.

    Args:
        project: the folder.
        emitted: events as they were emitted, in order.
        sent: events as the relay sends them.
        live: how many were emitted before dbt had ended.
    """

    project: Path
    emitted: list[Event]
    sent: list[Event]
    live: int

    @property
    def manifest(self) -> Manifest:
        """That of the last command."""
        return Manifest.load(self.project / "target" / "manifest.json")

    @property
    def outputs(self) -> Mapping[str, tuple[Event, Event]]:
        """The newest complete event of each output, and the output."""
        return {
            output["name"]: (event, output)
            for event in self.sent
            if event["eventType"] == "COMPLETE"
            for output in event["outputs"]
        }

    @property
    def edges(self) -> set[Edge]:
        """The edges between tables that the events have."""
        named, relation = self.manifest.named, self.manifest.adapter.relation
        return {
            Edge(named(relation(each["name"])), named(relation(output)))
            for output, (event, _) in self.outputs.items()
            for each in event["inputs"]
        }


def warehouse(project: Path, target: str) -> AdapterWarehouse:
    """The warehouse of a target of the project's profile."""
    found = target_of(project / "profiles.yml", "jaffle_shop", target)
    assert found is not None
    return AdapterWarehouse(found)


def run(way: Way, program: str, target: str, folder: Path, commands: Sequence[str]) -> int:
    """Run commands of dbt on a copy of the project, and emit their lineage.

    Args:
        way: how dbt is run.
        program: the dbt.
        target: of the profile.
        folder: where the copy is.
        commands: with their options.

    Returns:
        How many events were emitted before dbt had ended.
    """
    project = folder / "project"
    if not project.exists():
        shutil.copytree(SHOP, project, ignore=shutil.ignore_patterns("target", "logs"))
    live = 0
    for command in commands:
        live = _run(way, program, target, project, command)
    return live


def _run(way: Way, program: str, target: str, project: Path, command: str) -> int:
    where = ("--project-dir", str(project), "--profiles-dir", str(project), "--target", target)
    words = [program, *command.split(), *where, "--target-path", "target", "--log-path", str(project / "target")]
    columns = ColumnsOfRun.of(project / "profiles.yml", "jaffle_shop", target, way is in_this_process)
    assert columns is not None
    invocation = Invocation(project, project, target, words, PARENT, "jobs")
    with EmittingProcess() as process, LiveLineage(invocation, process, columns) as lineage:
        end: CommandEnd = way(words, dict(os.environ), str(project), lineage.hear)
    assert end.success, (end.error, end.nodes)
    live = len(emitted())
    lineage.finish(end.nodes)
    return live


def emitted() -> list[Event]:
    """The events in the spool."""
    spool = Spool(Path(os.environ["SPOOL_DIR"]), ALL)
    waiting = spool.waiting(ALL, ALL)
    spool.close()
    return [json.loads(each.body) for each in waiting]


def sent(target: str, folder: Path, live: int) -> Ran:
    """What the relay makes of the events in the spool. It asks no warehouse."""
    project = folder / "project"
    events = emitted()
    completion = Completion([warehouse(project, target)], SpoolSettings(dir=folder / "columns"))
    assert all(completion.needs(event) == {} for event in events)
    completed = [json.loads(completion.of(json.dumps(event).encode(), {})) for event in events]
    return Ran(project, events, completed, live)


def lineage(ran: Ran, prefix: str = "") -> dict[str, ColumnLineage]:
    """The column lineage of models by the events.

    Args:
        ran: what was sent.
        prefix: put in front of each relation's name.
    """
    found = {}
    for relation, (event, output) in ran.outputs.items():
        if not event["job"]["name"].startswith("model."):
            continue
        name, facet = prefix + relation, output["facets"]["columnLineage"]
        edges = {
            ColumnEdge(
                Column(prefix + source["name"], source["field"]), Column(name, column), way["type"], way["subtype"]
            )
            for column, field in facet["fields"].items()
            for source in field["inputFields"]
            for way in source["transformations"]
        }
        dataset = {
            (Column(prefix + source["name"], source["field"]), way["subtype"])
            for source in facet.get("dataset") or []
            for way in source["transformations"]
        }
        columns = tuple(field["name"] for field in output["facets"]["schema"]["fields"])
        found[name] = ColumnLineage(name, columns, frozenset(edges), frozenset(dataset), ())
    return found


if __name__ == "__main__":
    _, chosen, of_profile, where, *words = sys.argv
    dbt = str(Path(sys.executable).with_name("dbt"))
    Path(where, "live").write_text(str(run(WAYS[chosen], dbt, of_profile, Path(where), words)))
