"""Check stale lineage: does the catalogue have lineage of models that the project's manifest no longer has?"""

from collections.abc import Iterator

from dbt_lineage.catalogue.ours import OurLineage, StoredLineage
from dbt_lineage.core.levels import Level
from dbt_lineage.watch.checks.results import Result, or_all_well
from dbt_lineage.watch.checks.sources import Sources

CHECK = "stale"


def check(sources: Sources) -> list[Result]:
    """Check edges, tables and pipelines. Raises ManifestError, CatalogueError."""
    stored = sources.stored_lineage
    seen = f"{len(stored.edges)} edges and {len(stored.pipelines)} pipelines"
    return or_all_well(CHECK, problems_of(stored, sources.ours, sources.openmetadata.pipeline_service), seen, "none")


def problems_of(stored: StoredLineage, ours: OurLineage, service: str) -> Iterator[Result]:
    """The stale edges, tables and pipelines.

    A table counts only if an edge of this project goes into it, which shows that the project once built it.

    Args:
        stored: the catalogue's lineage.
        ours: decides what this project made.
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
