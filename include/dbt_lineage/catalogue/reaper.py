"""The reaper: deletes edges of this project from the catalogue that no run will ever correct.

Stale edges are

- edges from or to a table that the manifest no longer has;
- edges of a pipeline whose node the manifest no longer has;
- edges into a model that the manifest makes from nothing.

An edge of a model that reads other tables now is left to the model's next run: until then its table is unchanged, and so
is its lineage.

An edge belongs to this project if all of these hold:

- an event made it (source ``OpenLineage``);
- its pipeline is that of a present or past node of this project, in the pipeline service of the lineage;
- it goes into a schema of the project. So a model that another target still builds, in its own schemas, is left alone.

Edges that were drawn by hand, or made by dbt's artifacts or another service, are never deleted. Tables are not deleted
either: they are hidden when the warehouse drops them.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from rich.table import Table

from dbt_lineage.catalogue.client import Catalogue
from dbt_lineage.catalogue.marks import FROM_EVENTS
from dbt_lineage.catalogue.ours import OurLineage, StoredLineage
from dbt_lineage.catalogue.reading import read
from dbt_lineage.catalogue.stored import StoredEdge, StoredPipeline
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import DbtSettings, OpenLineageSettings, OpenMetadataSettings
from dbt_lineage.core.shown import printed
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.port import Warehouse

_COLUMNS = 200

log = logging.getLogger(__name__)


class ReapRefused(ExpectedError):
    """Nothing was deleted, because so much cannot be intended. The message names what to check."""


class ReapFailed(ExpectedError):
    """Edges are still in the catalogue after they were deleted. The message lists them."""


@dataclass(frozen=True)
class StaleEdge:
    """An edge of this project that is stale.

    Args:
        stored: the edge.
        why: why it is stale.
    """

    stored: StoredEdge
    why: str


@dataclass(frozen=True)
class Reaped:
    """What was deleted, or would be.

    Args:
        deleted: whether it was deleted; False for a dry run.
        made: number of this project's edges in the catalogue, stale ones included.
        edges: the stale edges.
        pipelines: the pipelines of nodes that no longer exist and that no other edge names; empty unless they are pruned.
    """

    deleted: bool
    made: int
    edges: tuple[StaleEdge, ...]
    pipelines: tuple[StoredPipeline, ...] = ()

    def table(self) -> str:
        """The edges and pipelines as a table."""
        what = "deleted" if self.deleted else "dry run: nothing was deleted; this would be"
        table = Table("what", "columns", "made by", "why")
        for stale in self.edges:
            stored = stale.stored
            table.add_row(str(stored.edge), str(len(stored.columns)), stored.pipeline, stale.why)
        for pipeline in self.pipelines:
            table.add_row(f"pipeline {pipeline.name}", "", pipeline.service, "the manifest has no such node")
        counted = f"{len(self.edges)} of {self.made} edges and {len(self.pipelines)} pipelines"
        return printed(f"{counted}, {what}:", table, width=_COLUMNS)

    def counts(self) -> dict[str, int]:
        """The numbers of edges and pipelines."""
        return {"edges": len(self.edges), "pipelines": len(self.pipelines)}


@dataclass
class Reaper:
    """Finds and deletes stale edges and pipelines.

    Args:
        dbt: the project, its manifest and the artifacts of its last build.
        warehouse: the database that it builds in.
        openlineage: the namespace of its jobs.
        openmetadata: the catalogue, the pipeline service of the lineage, and how much may be deleted at once.
    """

    dbt: DbtSettings
    warehouse: Warehouse
    openlineage: OpenLineageSettings
    openmetadata: OpenMetadataSettings

    def run(self, dry_run: bool = True, prune_pipelines: bool = False) -> Reaped:
        """List what is stale, or delete it and verify that it is gone.

        Args:
            dry_run: only list it.
            prune_pipelines: also hide stale pipelines. They keep their runs, and return with their model.

        Returns:
            What was deleted, or would be.

        Raises:
            ManifestError: there is no manifest.
            ReapRefused: the manifest lacks nodes of a later build, or more is stale than may be deleted at once. A dry
                run only logs the latter.
            ReapFailed: deleted edges are still there.
            CatalogueError: the catalogue is unreachable or refuses.
        """
        self._require_manifest_of_today()
        with Catalogue(self.openmetadata) as catalogue:
            found = self._found(catalogue, prune_pipelines)
            if problem := self._too_many(found):
                if not dry_run:
                    raise ReapRefused(problem)
                log.warning("this would be refused: %s", problem)
            if dry_run:
                return found
            self._delete(catalogue, found)
        return replace(found, deleted=True)

    @cached_property
    def _manifest(self) -> Manifest:
        return Manifest.load(self.dbt.manifest)

    @cached_property
    def _ours(self) -> OurLineage:
        return OurLineage(self._manifest, self.openlineage.namespace)

    def _found(self, catalogue: Catalogue, prune_pipelines: bool) -> Reaped:
        stored = read(
            self.openmetadata, self._manifest, self.openlineage.namespace, self.warehouse.database, whole_schemas=True
        )
        edges = tuple(self._stale_edges(stored))
        pipelines = tuple(self._stale_pipelines(catalogue, stored, edges)) if prune_pipelines else ()
        return Reaped(False, sum(map(self._is_ours, stored.edges)), edges, pipelines)

    def _is_ours(self, edge: StoredEdge) -> bool:
        service = self.openmetadata.pipeline_service
        # An edge that somebody else made too has their pipeline, or no longer any, and our mark.
        in_our_service = (
            edge.source != FROM_EVENTS
            or not edge.pipeline_fqn
            or edge.pipeline_fqn.startswith((f"{service}.", f'"{service}".'))
        )
        between_tables = not any(":" in end for end in edge.edge)
        is_elsewhere = self._ours.is_of_another_target(edge)
        return self._ours.made_edge(edge) and in_our_service and between_tables and not is_elsewhere

    def _stale_edges(self, stored: StoredLineage) -> Iterator[StaleEdge]:
        made_from_something = {edge.downstream for edge in self._manifest.edges()}
        for edge in sorted(stored.edges, key=lambda each: each.edge):
            if self._is_ours(edge) and (why := self._why(edge, made_from_something)):
                yield StaleEdge(edge, why)

    def _why(self, edge: StoredEdge, made_from_something: Collection[str]) -> str:
        """Why an edge of this project is stale; empty when it is not."""
        if gone := self._ours.gone(edge.edge):
            return f"the manifest has no {' and no '.join(gone)}"
        if all(map(self._ours.is_stale_pipeline, self._ours.jobs_of(edge))):
            return "the manifest has no node of this name"
        if edge.edge.downstream not in made_from_something:
            return "the manifest makes it from nothing"
        return ""

    def _stale_pipelines(
        self, catalogue: Catalogue, stored: StoredLineage, going: Sequence[StaleEdge]
    ) -> Iterator[StoredPipeline]:
        """The pipelines of nodes that no longer exist, unless one of their edges stays, such as one of another target."""
        made = Counter(edge.stored.pipeline for edge in going)
        for pipeline in sorted(stored.pipelines, key=lambda each: each.name):
            is_stale = self._ours.is_stale_pipeline(pipeline.name)
            if not is_stale or pipeline.service != self.openmetadata.pipeline_service:
                continue
            if catalogue.edges_made_by(pipeline) <= made[pipeline.name]:
                yield pipeline

    def _delete(self, catalogue: Catalogue, found: Reaped) -> None:
        self._delete_edges(catalogue, found)
        for pipeline in found.pipelines:
            catalogue.hide_pipeline(pipeline)
            log.info("deleted pipeline %s", pipeline.fully_qualified_name)

    def _delete_edges(self, catalogue: Catalogue, found: Reaped) -> None:
        for stale in found.edges:
            catalogue.take_out(stale.stored, self._ours.jobs_of(stale.stored))
            log.info("deleted %s, made by %s: %s", stale.stored.edge, stale.stored.pipeline, stale.why)
        left = [
            str(stale.stored.edge)
            for stale in found.edges
            for edge in catalogue.upstream(stale.stored.edge.downstream) or ()
            if edge.ids == stale.stored.ids and self._ours.made_edge(edge)
        ]
        if left:
            raise ReapFailed(f"{len(left)} edges were deleted and are still in the catalogue: {', '.join(left)}")

    def _require_manifest_of_today(self) -> None:
        """Refuse a manifest that lacks nodes of a later build of the project. Raises ReapRefused."""
        path = self.dbt.run_artifacts / "manifest.json"
        if not path.exists():
            return
        last = Manifest.load(path)
        made_at, built_at = self._manifest.made_at, last.made_at
        lacking = last.nodes - self._manifest.nodes
        if last.project == self._manifest.project and made_at < built_at and lacking:
            raise ReapRefused(
                f"{self.dbt.manifest} is of {_moment(made_at)} and lacks {', '.join(sorted(lacking))}, which the build "
                f"of {_moment(built_at)} had: make it anew with `dbt-lineage manifest`"
            )

    def _too_many(self, found: Reaped) -> str:
        """Why so much may not be deleted at once; empty when it may."""
        limit = self.openmetadata.reap_limit
        most = int(limit) if limit >= 1 else max(1, int(limit * found.made))
        if len(found.edges) <= most:
            return ""
        return (
            f"{len(found.edges)} of the {found.made} edges of {self._manifest.project} are stale, and "
            f"OPENMETADATA_REAP_LIMIT={limit:g} allows {most} at once. Is {self.dbt.manifest} the manifest of this "
            "project and target, of today? If it is, raise the limit for this run"
        )


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")
