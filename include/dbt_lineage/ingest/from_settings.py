"""Make the ingestion from the settings: one for all projects of this installation."""

from collections.abc import Callable, Sequence

from dbt_lineage.catalogue.ours import OurLineage
from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.settings import SettingsError
from dbt_lineage.ingest.ingestion import Ingested, Ingestion
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.ingest.replay import newest_events
from dbt_lineage.ingest.warehouses import Warehouses
from dbt_lineage.manifest.graph import Manifest


def project_ingestion(among: Sequence[Project] | None = None) -> Ingestion:
    """Make the ingestion, with the warehouses of all projects and the ledger of the settings.

    Args:
        among: all projects; by default those of the configuration.

    Raises:
        SettingsError: a setting is missing or wrong, or projects name different catalogues.
    """
    among = projects() if among is None else among
    first = among[0]
    for each in among[1:]:
        if each.openmetadata.url != first.openmetadata.url:
            raise SettingsError(
                f"projects {first.name} and {each.name} name different catalogues, OPENMETADATA_URL="
                f"{first.openmetadata.url} and {each.openmetadata.url}: all share one writer, and so one catalogue"
            )
    return Ingestion(
        settings.kafka(),
        first.openmetadata,
        settings.ingestion().consumer_group,
        Warehouses.of(among),
        LedgerProgress.from_environment(),
        settings.spool().dir,
    )


def mend(project: Project | None = None) -> Ingested:
    """Repair every edge that differs from the newest event of its job and output.

    Others change edges too. OpenMetadata's connector drops fields that its model does not have. The server replaces an
    edge's SQL when a column is renamed or dropped.

    Args:
        project: the project whose edges are repaired; None for the edges of all jobs.

    Returns:
        What was done.

    Raises:
        LineageUnverified: the catalogue refuses some events.
        CatalogueError, BrokerError: the catalogue or the cluster is unreachable.
        ManifestError: the project has no manifest.
    """
    ingestion = project_ingestion()
    events = newest_events(ingestion.kafka, ingestion.warehouses).values()
    if project is not None and len(projects()) > 1:
        is_ours = _jobs_of(project)
        return ingestion.replay(each for each in events if is_ours(each.facts[0].job))
    return ingestion.replay(events)


def _jobs_of(project: Project) -> Callable[[tuple[str, str]], bool]:
    """A function that decides whether a job is a project's: a present or past node, or a present node of its packages."""
    manifest, namespace = Manifest.load(project.dbt.manifest), project.openlineage.namespace
    ours, nodes = OurLineage(manifest, namespace), manifest.nodes
    return lambda job: ours.made_pipeline("-".join(job)) or (job[0] == namespace and job[1] in nodes)
