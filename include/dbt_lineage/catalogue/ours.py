"""The catalogue's lineage of a project's schemas, and which of it the project made."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from dbt_lineage.catalogue.qualified_names import parts, plain
from dbt_lineage.catalogue.stored import PIPELINE, StoredEdge, StoredPipeline
from dbt_lineage.manifest.graph import Edge, Manifest

# The source of edges that a person drew. They are that person's, and neither right nor wrong.
BY_HAND = "Manual"
_BUILT = ("model.", "seed.", "snapshot.")


@dataclass(frozen=True)
class StoredLineage:
    """The catalogue's lineage of a project.

    Args:
        tables: the tables of the project's schemas that its lineage names, ``database.schema.table`` in the catalogue's
            spelling.
        edges: the edges from, to or between present or past tables of the project, duplicates included.
        pipelines: all pipelines of the services that OpenLineage events make.
    """

    tables: tuple[str, ...]
    edges: tuple[StoredEdge, ...]
    pipelines: tuple[StoredPipeline, ...]


class OurLineage:
    """Separates what a project made in the catalogue from what others made.

    Args:
        manifest: the project's manifest.
        namespace: namespace of its jobs.

    Attributes:
        named: maps the catalogue's spelling of a relation to the manifest's.
        prefixes: the prefixes of the names of its nodes' pipelines.
    """

    def __init__(self, manifest: Manifest, namespace: str) -> None:
        self._nodes = manifest.nodes
        self.prefixes = tuple(f"{namespace}-{kind}{manifest.project}." for kind in _BUILT)
        self._namespace = namespace
        self._relations = manifest.relations()
        self._schemas = manifest.schemas()
        self.named = manifest.named

    def made_pipeline(self, name: str) -> bool:
        """Whether a pipeline is that of a present or past node of this project."""
        return name.startswith(self.prefixes)

    def is_stale_pipeline(self, name: str) -> bool:
        """Whether a pipeline of this project is of a node that no longer exists."""
        return self.made_pipeline(name) and name.removeprefix(f"{self._namespace}-") not in self._nodes

    def made_edge(self, edge: StoredEdge) -> bool:
        """Whether an event of this project made an edge, or added to it."""
        return bool(self.jobs_of(edge))

    def jobs_of(self, edge: StoredEdge) -> frozenset[str]:
        """Names of the pipelines of this project's jobs that have a part in an edge."""
        return frozenset(job for job in edge.jobs if self.made_pipeline(job))

    def gone(self, ends: Iterable[str]) -> list[str]:
        """Those of some tables that are in the project's schemas and that the project no longer has."""
        return [end for end in ends if is_in(end, self._schemas) and end not in self._relations]

    def is_of_another_target(self, edge: StoredEdge) -> bool:
        """Whether an edge of this project goes into a schema of another target, such as from a source of both."""
        return self.made_edge(edge) and not is_in(edge.edge.downstream, self._schemas)

    def is_stale_edge(self, edge: StoredEdge) -> bool:
        """Whether an edge of this project has a table, or only pipelines, that the project no longer has."""
        if not self.made_edge(edge) or self.is_of_another_target(edge):
            return False
        return bool(self.gone(edge.edge) or all(map(self.is_stale_pipeline, self.jobs_of(edge))))


def between_tables(edges: Iterable[StoredEdge], schemas: Collection[str]) -> dict[Edge, StoredEdge]:
    """The edges between tables, or tables and pipelines, without those that a person drew.

    Args:
        edges: the edges to choose from.
        schemas: at least one end of an edge must be in one of these.
    """
    return {
        edge.edge: edge
        for edge in edges
        if (edge.source != BY_HAND or edge.is_from_events)
        and any(is_in(end, schemas) for end in edge.edge)
        and all(":" not in end or end.startswith(f"{PIPELINE}:") for end in edge.edge)
    }


def is_from_own_pipeline(edge: Edge, manifest: Manifest) -> bool:
    """Whether an edge leads from a node's pipeline to the node's own relation.

    OpenMetadata's connector draws it if the catalogue has none of the job's inputs. It is no edge between tables.

    Args:
        edge: the edge.
        manifest: the manifest that has the node.
    """
    kind, _, name = edge.upstream.partition(":")
    if kind != PIPELINE:
        return False
    job = plain(parts(name)[-1])
    return any(job.endswith(f"-{node}") and manifest.relation(node) == edge.downstream for node in manifest.nodes)


def is_in(table: str, schemas: Collection[str]) -> bool:
    """Whether a table is in one of these schemas.

    Args:
        table: ``database.schema.table``; each part may contain dots.
        schemas: ``database.schema`` in lower case.
    """
    name = table.lower()
    return any(letter == "." and name[:place] in schemas for place, letter in enumerate(name))
