"""What ran while the lineage was off, and so is in neither Kafka nor the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.table import Table

from dbt_lineage.core.shown import printed
from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.facts import EventFacts, facts_of

_COLUMNS = 160


@dataclass
class OfJob:
    """The events of one job that are not covered.

    Args:
        name: of the job: a dbt node, an Airflow task or DAG.
        first: when the first of them happened, ISO 8601.
        last: when the last one did.
        runs: their runs.
        kept: how many are kept aside.
        let_go: of how many there was only room for the name.
    """

    name: str
    first: str
    last: str
    runs: set[str] = field(default_factory=set)
    kept: int = 0
    let_go: int = 0


def uncovered(aside: Aside) -> list[OfJob]:
    """What is not covered, by job. Raises SpoolError.

    Args:
        aside: where it is kept.
    """
    found: dict[str, OfJob] = {}
    for each in aside.events():
        _of_job(found, facts_of(each.event_id, each.body, each.emitted_at)).kept += 1
    for facts in aside.let_go():
        _of_job(found, facts).let_go += 1
    return sorted(found.values(), key=lambda job: (job.first, job.name))


def table(jobs: Iterable[OfJob]) -> str:
    """It as a table."""
    shown = Table("job", "runs", "events", "let go", "first", "last")
    for job in jobs:
        counts = (len(job.runs), job.kept + job.let_go, job.let_go)
        shown.add_row(job.name, *map(str, counts), job.first[:19], job.last[:19])
    return printed(shown, width=_COLUMNS)


def _of_job(found: dict[str, OfJob], facts: EventFacts) -> OfJob:
    job = found.setdefault(facts.job_name, OfJob(facts.job_name, facts.event_time, facts.event_time))
    job.runs.add(facts.run_id)
    job.first, job.last = min(job.first, facts.event_time), max(job.last, facts.event_time)
    return job
