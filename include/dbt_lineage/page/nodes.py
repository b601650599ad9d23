"""The nodes of the graph: what the manifests and the dashboards' code say is there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote

from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import OpenMetadataSettings
from dbt_lineage.manifest.graph import Manifest

# Which task of Airflow builds a node, by dbt's unique id; what no task builds is not in it.
TasksOf = Callable[[Project, Manifest], Mapping[str, str]]


class Kind(StrEnum):
    """What a node is."""

    SOURCE = "source"
    SEED = "seed"
    MODEL = "model"
    SNAPSHOT = "snapshot"
    TABLE = "table"
    CHART = "chart"
    DASHBOARD = "dashboard"


class Key(NamedTuple):
    """What tells a relation from all others: two servers may have relations of the same name.

    Args:
        service: the catalogue's database service that has it.
        relation: ``database.schema.table``, as ``Manifest.named`` calls it.
    """

    service: str
    relation: str


class ColumnText(NamedTuple):
    """What is known of a column."""

    type: str = ""
    description: str = ""


@dataclass
class Node:
    """A node of the graph.

    Args:
        id: unique in the graph.
        kind: what it is.
        name: its own name.
        project: the project that builds it, or else the first one that reads or shows it.
        database: of a relation.
        schema: of a relation.
        unique_id: dbt's; empty for what dbt does not have.
        package: the dbt package that has it.
        folder: of its file, below the package's folder of models.
        tags: dbt's.
        materialized: how dbt makes it.
        owner: who looks after it, as dbt's ``meta`` or group says; None where nobody is named.
        dag_id: the DAG that builds it.
        task_id: its task there.
        verified_at: when its newest event was read back from the catalogue, ISO 8601.
        description: what the project says of it.
        columns: by name, in order.
        links: addresses of its pages elsewhere, by ``openmetadata``, ``superset`` and ``airflow``.
    """

    id: str
    kind: Kind
    name: str
    project: str
    database: str = ""
    schema: str = ""
    unique_id: str = ""
    package: str = ""
    folder: str = ""
    tags: list[str] = field(default_factory=list)
    materialized: str = ""
    owner: str | None = None
    dag_id: str | None = None
    task_id: str | None = None
    verified_at: str | None = None
    description: str = ""
    columns: dict[str, ColumnText] = field(default_factory=dict)
    links: dict[str, str | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the graph has it: how many columns, and no texts."""
        said = {name: value for name, value in vars(self).items() if name not in ("description", "columns")}
        return {**said, "columns": len(self.columns)}


def relations(project: Project, manifest: Manifest, tasks_of: TasksOf) -> Iterator[tuple[Key, Node]]:
    """A node for each relation that a project reads or builds. What it only reads comes last.

    Raises:
        SettingsError: a setting of the project is wrong.
    """
    catalogue = project.openmetadata_without_token
    content, nodes, ephemeral = manifest.content, manifest.nodes, manifest.ephemeral
    tasks = tasks_of(project, manifest)
    built = [each for each in content["nodes"] if each in nodes and each not in ephemeral]
    read = [*content["sources"], *sorted(manifest.external)]
    places = manifest.places()
    for unique_id in [*built, *read]:
        said = content["sources"].get(unique_id) or content["nodes"][unique_id]
        relation = manifest.relation(unique_id)
        place = places[relation]
        is_built = unique_id in nodes
        task_id = tasks.get(unique_id)
        node = Node(
            id=relation,
            kind=Kind(said["resource_type"]),
            name=place.name,
            project=project.name,
            database=place.database,
            schema=place.schema,
            unique_id=unique_id,
            package=said["package_name"],
            folder=_folder(said),
            tags=sorted(said.get("tags") or []),
            materialized=said["config"].get("materialized") or "",
            owner=_owner(said, content),
            dag_id=project.dbt.dag_id if is_built else None,
            task_id=task_id,
            description=said.get("description") or "",
            columns={
                each["name"]: ColumnText(each.get("data_type") or "", each.get("description") or "")
                for each in (said.get("columns") or {}).values()
            },
        )
        node.links = {
            "openmetadata": table_page(catalogue, node),
            "airflow": task_page(node.dag_id, task_id),
            "superset": None,
        }
        yield Key(catalogue.database_service, relation), node


def table_page(catalogue: OpenMetadataSettings, node: Node) -> str:
    """Where OpenMetadata shows a table."""
    name = ".".join(map(_quoted, (catalogue.database_service, node.database, node.schema, node.name)))
    return f"{str(catalogue.url).rstrip('/')}/table/{quote(name, safe='')}"


def task_page(dag_id: str | None, task_id: str | None) -> str | None:
    """Where Airflow shows a task, below its own address; None where there is none."""
    return f"dags/{quote(dag_id, safe='')}/tasks/{quote(task_id, safe='')}" if dag_id and task_id else None


def distinct(found: Iterable[tuple[Key, Node]]) -> dict[Key, Node]:
    """Each relation once, with an id that no other has: what one project builds is no source of another one."""
    nodes: dict[Key, Node] = {}
    for key, node in found:
        if key not in nodes or (nodes[key].dag_id is None and node.dag_id is not None):
            nodes[key] = node
    services: dict[str, set[str]] = {}
    for key in nodes:
        services.setdefault(key.relation, set()).add(key.service)
    for key, node in nodes.items():
        if len(services[key.relation]) > 1:
            node.id = f"{key.relation}@{key.service}"
    return nodes


def _quoted(name: str) -> str:
    return f'"{name}"' if "." in name else name


def _folder(said: Mapping[str, Any]) -> str:
    path = PurePosixPath(said.get("path") or "")
    # dbt has a source's path with the folder of the models, and a model's without.
    parts = PurePosixPath(*path.parts[1:]).parent if said["resource_type"] == "source" else path.parent
    return "" if str(parts) == "." else str(parts)


def _owner(said: Mapping[str, Any], content: Mapping[str, Any]) -> str | None:
    meta = {**(said.get("meta") or {}), **(said["config"].get("meta") or {})}
    if isinstance(owner := meta.get("owner"), str) and owner:
        return owner
    group = said.get("group") or said["config"].get("group")
    for each in content.get("groups", {}).values():
        if group and each["name"] == group:
            return owner_in_words(each["owner"])
    return None


def owner_in_words(owner: Mapping[str, Any]) -> str | None:
    """An owner as dbt has it: name and address, as far as they are given."""
    email = owner.get("email")
    address = ", ".join(email) if isinstance(email, list) else email
    name = owner.get("name")
    return f"{name} <{address}>" if name and address else name or address or None
