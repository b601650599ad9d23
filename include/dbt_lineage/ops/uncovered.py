"""List what ran while the lineage was off, and so is in neither Kafka nor the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rich.table import Table

from dbt_lineage.core.shown import printed
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.facts import EventFacts, event_facts

_COLUMNS = 160


@dataclass
class OfJob:
    """The events of one job that are not covered.

    Args:
        project: the job's project; empty where it is unknown.
        name: the job's name: a dbt node, an Airflow task or DAG.
        first: event time of the first event, ISO 8601.
        last: event time of the last event, ISO 8601.
        runs: their run ids.
        kept: number of events that are kept aside whole.
        let_go: number of events of which only the facts are kept, because there was no room for more.
    """

    project: str
    name: str
    first: str
    last: str
    runs: set[str] = field(default_factory=set)
    kept: int = 0
    let_go: int = 0


def uncovered(aside: Aside, jobs: Mapping[str, Jobs] | None = None) -> list[OfJob]:
    """The events that are not covered, by project and job.

    Args:
        aside: where events are kept while the lineage is off.
        jobs: the jobs of each project, by its name.

    Raises:
        SpoolError: the file cannot be read.
    """
    found: dict[tuple[str, str], OfJob] = {}

    def of_job(facts: EventFacts) -> OfJob:
        whose = (name for name, each in (jobs or {}).items() if each.has(facts.job_namespace, facts.job_name))
        return _of_job(found, next(whose, ""), facts)

    for each in aside.events():
        of_job(event_facts(each.event_id, each.body, each.emitted_at)).kept += 1
    for facts in aside.let_go():
        of_job(facts).let_go += 1
    return sorted(found.values(), key=lambda job: (job.project, job.first, job.name))


def table(jobs: Iterable[OfJob], by_project: bool = False) -> str:
    """Show jobs as a table.

    Args:
        jobs: the jobs.
        by_project: whether to add a column with the project.
    """
    shown = Table(*(["project"] if by_project else []), "job", "runs", "events", "let go", "first", "last")
    for job in jobs:
        counts = (len(job.runs), job.kept + job.let_go, job.let_go)
        whose = [job.project] if by_project else []
        shown.add_row(*whose, job.name, *map(str, counts), job.first[:19], job.last[:19])
    return printed(shown, width=_COLUMNS)


def _of_job(found: dict[tuple[str, str], OfJob], project: str, facts: EventFacts) -> OfJob:
    key = (project, facts.job_name)
    job = found.setdefault(key, OfJob(*key, facts.event_time, facts.event_time))
    job.runs.add(facts.run_id)
    job.first, job.last = min(job.first, facts.event_time), max(job.last, facts.event_time)
    return job
