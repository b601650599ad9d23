"""Check duplicates: does any run, edge, table or pipeline exist twice?"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from dbt_lineage.catalogue.ours import OurLineage, StoredLineage
from dbt_lineage.core.levels import Level
from dbt_lineage.ledger.history import DoubleRun, History
from dbt_lineage.manifest.graph import BUILT
from dbt_lineage.watch.checks.results import Result, or_all_well
from dbt_lineage.watch.checks.sources import Sources

CHECK = "duplicates"


def check(sources: Sources) -> list[Result]:
    """Check runs, edges, tables and pipelines. Raises ManifestError, LedgerError, CatalogueError."""
    namespace = sources.openlineage.namespace
    jobs = [key for key in sources.manifest.content["nodes"] if key.startswith((*BUILT, "seed."))]
    with History(sources.ledger) as history:
        runs = history.double_runs(namespace, jobs, sources.period_start)
    stored = sources.stored_lineage
    problems = [*of_runs(runs), *of_catalogue(stored, sources.ours)]
    count = f"{len(stored.edges)} edges, {len(stored.tables)} tables, {len(stored.pipelines)} pipelines"
    return or_all_well(CHECK, problems, f"{count}, and the runs of {sources.check.period_hours:g} h", "none")


def of_runs(runs: Iterable[DoubleRun]) -> Iterator[Result]:
    """The runs that ended more than once."""
    for run in runs:
        yield _failure(f"{run.job} run {run.run_id}", f"ended {run.times} times")


def of_catalogue(stored: StoredLineage, ours: OurLineage) -> Iterator[Result]:
    """The duplicates in the catalogue: edges, tables of one relation that differ in case only, pipelines of one job.

    Args:
        stored: the catalogue's lineage.
        ours: decides which pipelines are this project's.
    """
    for edge, count in sorted(Counter(each.edge for each in stored.edges).items()):
        if count > 1:
            yield _failure(str(edge), f"{count} edges")
    yield from _alike("table", stored.tables, ours.named)
    places: dict[str, list[str]] = defaultdict(list)
    for pipeline in stored.pipelines:
        if ours.made_pipeline(pipeline.name.lower()) or ours.made_pipeline(pipeline.name):
            places[pipeline.name.lower()].append(pipeline.fully_qualified_name)
    for name, found in sorted(places.items()):
        if len(found) > 1:
            yield _failure(f"pipeline {name}", f"{len(found)} pipelines: {', '.join(sorted(found))}")


def _alike(what: str, names: Iterable[str], named: Callable[[str], str]) -> Iterator[Result]:
    alike: dict[str, list[str]] = defaultdict(list)
    for name in names:
        alike[named(name)].append(name)
    for name, found in sorted(alike.items()):
        if len(found) > 1:
            yield _failure(f"{what} {name}", f"{len(found)} {what}s: {', '.join(sorted(found))}")


def _failure(subject: str, seen: str) -> Result:
    return Result(CHECK, subject, Level.FAIL, seen, "one")
