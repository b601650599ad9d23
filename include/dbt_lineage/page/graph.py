"""The graph of projects: nodes, edges and columns, from the manifests, the dashboards' code and the newest events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from dbt_lineage.core.projects import Project
from dbt_lineage.ledger.job_lineage import JobLineage
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page.columns import Columns, ColumnsOfGraph, with_types
from dbt_lineage.page.dashboards import shown
from dbt_lineage.page.layers import layers, places
from dbt_lineage.page.nodes import Key, Kind, Node, TasksOf, distinct, relations

LEDGER, MANIFEST = "ledger", "manifest"


@dataclass(frozen=True)
class Graph:
    """Lineage from raw table to dashboard.

    Args:
        projects: their names.
        nodes: in the order that the places in the edges mean.
        edges: from place to place.
        columns: of the nodes.
        source: where the edges are from: ``ledger``, the newest verified events, or ``manifest`` where there are none.
        made_at: when the graph was made.
        lineage: by the node's place, what the newest event of its job says.
        notes: what could not be read, in words.
    """

    projects: Sequence[str]
    nodes: Sequence[Node]
    edges: Sequence[tuple[int, int]]
    columns: Columns
    source: str
    made_at: datetime
    lineage: Mapping[int, JobLineage]
    notes: Sequence[str] = ()

    @cached_property
    def place_of(self) -> dict[str, int]:
        """The place of each node, by its id."""
        return {node.id: place for place, node in enumerate(self.nodes)}

    @cached_property
    def upstream(self) -> dict[int, list[int]]:
        """The places of the nodes that a node is made from."""
        return _neighbours((end, start) for start, end in self.edges)

    @cached_property
    def downstream(self) -> dict[int, list[int]]:
        """The places of the nodes that are made from a node."""
        return _neighbours(self.edges)

    def as_json(self) -> dict[str, Any]:
        """As the page reads it, without the columns."""
        layer_of = layers(len(self.nodes), self.edges)
        order = places(layer_of, self.edges)
        return {
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "projects": self.projects,
            "source": self.source,
            "notes": self.notes,
            "nodes": [
                {**node.as_json(), "layer": layer_of[place], "order": order[place]}
                for place, node in enumerate(self.nodes)
            ],
            "edges": self.edges,
        }


def graph_of(
    projects: Mapping[Project, Manifest],
    lineage: Iterable[JobLineage],
    proved: frozenset[tuple[str, str]],
    tasks_of: TasksOf,
) -> Graph:
    """The graph of projects.

    Args:
        projects: each with its manifest.
        lineage: what the newest events of jobs say; of other projects' jobs it is left out.
        proved: pairs of columns that were seen in the data.
        tasks_of: which task of Airflow builds each node.

    Raises:
        SettingsError: a setting of a project is wrong.
    """
    by_key = distinct(pair for each, manifest in projects.items() for pair in relations(each, manifest, tasks_of))
    jobs = {
        (project.openlineage.namespace, unique_id): (project, manifest)
        for project, manifest in projects.items()
        for unique_id in manifest.nodes
    }
    known = [
        (one, *jobs[one.job_namespace, one.job_name]) for one in lineage if (one.job_namespace, one.job_name) in jobs
    ]
    # A node that was built elsewhere too, such as in the schema of another target, is shown where its manifest has it.
    told = [each for each in known if each[2].named(each[0].output) == each[2].relation(each[0].job_name)]
    edges: dict[tuple[Key | str, Key | str], None] = {}
    outputs: dict[Key, tuple[JobLineage, list[Key]]] = {}
    for one, project, manifest in told:
        output = _key(by_key, manifest, one.database_service, manifest.relation(one.job_name))
        inputs = [_input(by_key, project, manifest, service, name) for service, name in one.said.inputs]
        outputs[output] = (one, inputs)
        node = by_key[output]
        node.columns = with_types(node.columns, one.said.columns)
        node.verified_at = one.verified_at.astimezone(UTC).isoformat() if one.verified_at else None
        edges |= dict.fromkeys((each, output) for each in inputs if each != output)
    for project, manifest in projects.items():
        service = _service(project)
        for edge in sorted(manifest.edges()):
            end = Key(service, edge.downstream)
            # Of a node that has run, its newest event knows better.
            if end not in outputs:
                edges[Key(service, edge.upstream), end] = None
    nodes: dict[Key | str, Node] = {}
    nodes.update(by_key.items())
    notes, charts = [], {}
    for project, manifest in projects.items():
        found = shown(project, manifest)
        service = _service(project)
        notes += [f"the charts of project {project.name} are not shown: {found.problem}"] if found.problem else []
        # Dashboards of two projects may have the same address, in two Supersets.
        renamed = {each.id: f"{each.id}@{project.name}" for each in found.nodes if each.id in nodes}
        for each in found.nodes:
            each.id = renamed.get(each.id, each.id)
            nodes[each.id] = each
        for start, stop in found.edges:
            before = Key(service, start) if Key(service, start) in by_key else renamed.get(start, start)
            if before in nodes:
                edges[before, renamed.get(stop, stop)] = None
        for (relation, chart), names in found.columns.items():
            charts[Key(service, relation), renamed.get(chart, chart)] = names
    place = {key: at for at, key in enumerate(nodes)}
    of_graph = ColumnsOfGraph(list(nodes.values()), proved)
    for output, (one, inputs) in outputs.items():
        of_graph.add_lineage(one, place[output], [place.get(each) for each in inputs])
    for (key, chart), names in charts.items():
        if key in place:
            of_graph.add_chart(place[key], place[chart], names)
    return Graph(
        [each.name for each in projects],
        list(nodes.values()),
        [(place[start], place[end]) for start, end in edges if start in place and end in place],
        of_graph.found,
        LEDGER if outputs else MANIFEST,
        datetime.now(UTC),
        {place[output]: one for output, (one, _) in outputs.items()},
        notes,
    )


def _service(project: Project) -> str:
    return project.openmetadata_without_token.database_service


def _key(nodes: Mapping[Key, Node], manifest: Manifest, service: str, relation: str) -> Key:
    """The relation of a job's node, whatever the service was called when its event was written."""
    key = Key(service, relation)
    return key if key in nodes else next((each for each in nodes if each.relation == relation), key)


def _input(nodes: dict[Key, Node], project: Project, manifest: Manifest, service: str, name: str) -> Key:
    """The relation of an input; a table that no manifest has becomes a node of its own."""
    relation = manifest.named(name)
    for key in (Key(service, relation), Key(_service(project), relation)):
        if key in nodes:
            return key
    database, schema, table = name.split(".", 2)
    key = Key(service, relation)
    links: dict[str, str | None] = {"openmetadata": None, "airflow": None, "superset": None}
    taken = any(each.id == relation for each in nodes.values())
    nodes[key] = Node(
        f"{relation}@{service}" if taken else relation, Kind.TABLE, table, project.name, database, schema, links=links
    )
    return key


def _neighbours(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for start, end in pairs:
        found.setdefault(start, []).append(end)
    return found
