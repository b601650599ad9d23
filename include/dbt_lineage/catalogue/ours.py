"""The lineage that the catalogue has of this project's schemas, and which of it this project made."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from dbt_lineage.catalogue.stored import StoredEdge, StoredPipeline
from dbt_lineage.manifest.graph import Edge, Manifest

# Drawn by a person: that is theirs, and neither right nor wrong.
BY_HAND = "Manual"
_BUILT = ("model.", "seed.", "snapshot.")


@dataclass(frozen=True)
class StoredLineage:
    """What the catalogue has.

    Args:
        tables: the tables of the project's schemas that its lineage names, ``database.schema.table`` in the catalogue's
            own case.
        edges: the edges from, to or between tables of the project, present or past, as often as they are there.
        pipelines: every pipeline of the services that OpenLineage events make.
    """

    tables: tuple[str, ...]
    edges: tuple[StoredEdge, ...]
    pipelines: tuple[StoredPipeline, ...]


class OurLineage:
    """Tells what this project made in the catalogue from what others did.

    Args:
        manifest: the project.
        namespace: namespace of its jobs.

    Attributes:
        named: what a relation is called, by its name as the catalogue spells it.
        prefixes: the pipelines of the project's nodes have names that begin so.
    """

    def __init__(self, manifest: Manifest, namespace: str) -> None:
        self._nodes = manifest.nodes
        self.prefixes = tuple(f"{namespace}-{kind}{manifest.project}." for kind in _BUILT)
        self._namespace = namespace
        self._relations = manifest.relations()
        self._schemas = manifest.schemas()
        self.named = manifest.named

    def made_pipeline(self, name: str) -> bool:
        """Whether a pipeline is that of a node, present or past, of this project."""
        return name.startswith(self.prefixes)

    def is_stale_pipeline(self, name: str) -> bool:
        """Whether a pipeline of ours is of a node that is no more."""
        return self.made_pipeline(name) and name.removeprefix(f"{self._namespace}-") not in self._nodes

    def made_edge(self, edge: StoredEdge) -> bool:
        """Whether an event of this project made an edge, or has a part in it."""
        return bool(self.jobs_of(edge))

    def jobs_of(self, edge: StoredEdge) -> frozenset[str]:
        """The pipelines of this project's jobs that have a part in an edge, by their names."""
        return frozenset(job for job in edge.jobs if self.made_pipeline(job))

    def gone(self, ends: Iterable[str]) -> list[str]:
        """The tables of the project's schemas that the project no longer has."""
        return [end for end in ends if is_in(end, self._schemas) and end not in self._relations]

    def is_of_another_target(self, edge: StoredEdge) -> bool:
        """Whether an edge of ours goes into a schema that this target does not have: from a source that both read."""
        return self.made_edge(edge) and not is_in(edge.edge.downstream, self._schemas)

    def is_stale_edge(self, edge: StoredEdge) -> bool:
        """Whether an edge of ours is from or to a table that is no more, or of a pipeline that is no more."""
        if not self.made_edge(edge) or self.is_of_another_target(edge):
            return False
        return bool(self.gone(edge.edge) or all(map(self.is_stale_pipeline, self.jobs_of(edge))))


def between_tables(edges: Iterable[StoredEdge], schemas: Collection[str]) -> dict[Edge, StoredEdge]:
    """The edges that say something of tables: not drawn by hand, and not from or to a dashboard.

    Args:
        edges: edges.
        schemas: one end at least is in one of these.
    """
    return {
        edge.edge: edge
        for edge in edges
        if (edge.source != BY_HAND or edge.is_from_events)
        and any(is_in(end, schemas) for end in edge.edge)
        and all(":" not in end or end.startswith("pipeline:") for end in edge.edge)
    }


def is_in(table: str, schemas: Collection[str]) -> bool:
    """Whether a table is in one of these schemas.

    Args:
        table: ``database.schema.table``; each part may have dots of its own.
        schemas: ``database.schema`` in lower case.
    """
    name = table.lower()
    return any(letter == "." and name[:place] in schemas for place, letter in enumerate(name))
