"""Stale: what the catalogue has of models that the manifest no longer has. Only what this project made."""

from collections.abc import Iterator

from dbt_lineage.catalogue.ours import OurLineage, StoredLineage
from dbt_lineage.core.levels import Level
from dbt_lineage.watch.checks.results import Result, or_all_well
from dbt_lineage.watch.checks.sources import Sources

CHECK = "stale"


def check(sources: Sources) -> list[Result]:
    """Edges, tables and pipelines. Raises ManifestError, CatalogueError."""
    stored = sources.stored_lineage
    seen = f"{len(stored.edges)} edges and {len(stored.pipelines)} pipelines"
    return or_all_well(CHECK, problems_of(stored, sources.ours, sources.openmetadata.pipeline_service), seen, "none")


def problems_of(stored: StoredLineage, ours: OurLineage, service: str) -> Iterator[Result]:
    """What is stale.

    A table counts when an edge of ours goes into it: that is how it is known that the project once built it.

    Args:
        stored: what the catalogue has.
        ours: tells what this project made.
        service: the pipeline service of the lineage.
    """
    edges = [edge for edge in stored.edges if ours.is_stale_edge(edge)]
    for edge in sorted(edges, key=lambda each: each.edge):
        yield _failure(str(edge.edge), f"an edge of what the manifest no longer has: made by {edge.pipeline}")
    for table in sorted({table for edge in edges for table in ours.gone([edge.edge.downstream])}):
        yield _failure(f"table {table}", "no model of the manifest makes it")
    for pipeline in sorted(stored.pipelines, key=lambda each: each.name):
        if pipeline.service == service and ours.is_stale_pipeline(pipeline.name):
            yield _failure(f"pipeline {pipeline.name}", "the manifest has no such node")


def _failure(subject: str, seen: str) -> Result:
    return Result(CHECK, subject, Level.FAIL, seen, "none")
