"""Remove the lineage of all projects or of one: everything that it made, and nothing that is somebody else's.

Each part lists what is there and deletes it. Listed again afterwards, it returns what is left over.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout
from rich.table import Table
from rich.text import Text

from dbt_lineage.catalogue.client import Catalogue
from dbt_lineage.catalogue.ours import OurLineage
from dbt_lineage.catalogue.stored import StoredEdge, StoredPipeline
from dbt_lineage.core import settings
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import KafkaSettings, LedgerSettings, SpoolSettings
from dbt_lineage.core.shown import printed
from dbt_lineage.ingest.workflows import connector_group
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.topics import TopicAdmin
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.relay import oversize, status
from dbt_lineage.relay.relay import LOCK_NAME
from dbt_lineage.relay.salvage import left_aside
from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.spool import Spool
from dbt_lineage.spool.switch import Switch
from dbt_lineage.warehouse.of_project import warehouse_of

if TYPE_CHECKING:
    from dbt_lineage.ledger.of_project import ProjectRecords

_COLUMNS = 160


class UnsentEvents(ExpectedError):
    """Removing would lose events that Kafka does not have. The message names how many, and what to do."""


class RelayAtWork(ExpectedError):
    """A relay holds the spool that is to be removed. The message names its process."""


class Part(Protocol):
    """One place where the lineage has left something."""

    @property
    def name(self) -> str:
        """Its name, which begins with its place: catalogue, Kafka, ledger or spool."""

    def things(self) -> list[str]:
        """What the lineage made there, one line each."""

    def remove(self) -> None:
        """Delete it. This is idempotent: what is gone already is no error."""


@dataclass(frozen=True)
class InCatalogue:
    """A project's lineage in the catalogue: the edges of its events, and the pipelines of its jobs.

    The pipeline service is removed too when nothing else is in it. Tables, edges that a person drew, edges that other
    ingestions wrote, and other projects' lineage stay.

    Args:
        project: the project. It names the catalogue, the warehouse's database, and its jobs.
    """

    project: Project
    name: str = "catalogue"

    def things(self) -> list[str]:
        """Every edge, every pipeline and the service. Raises CatalogueError, ManifestError."""
        with self._catalogue() as catalogue:
            edges, pipelines, service = self._found(catalogue)
        return [
            *(f"edge {each.edge}" for each in edges),
            *(f"pipeline {each.fully_qualified_name}" for each in pipelines),
            *(f"pipeline service {each}" for each in service),
        ]

    def remove(self) -> None:
        """Delete them. Raises CatalogueError, ManifestError."""
        with self._catalogue() as catalogue:
            edges, pipelines, service = self._found(catalogue)
            for edge in edges:
                catalogue.take_out(edge, self._ours.jobs_of(edge))
            for pipeline in pipelines:
                catalogue.delete_edges_of(pipeline)
                catalogue.delete_pipeline(pipeline)
            for each in service:
                catalogue.delete_pipeline_service(each)

    def _catalogue(self) -> Catalogue:
        return Catalogue(self.project.openmetadata)

    @property
    def _ours(self) -> OurLineage:
        return OurLineage(Manifest.load(self.project.dbt.manifest), self.project.openlineage.namespace)

    def _found(self, catalogue: Catalogue) -> tuple[list[StoredEdge], list[StoredPipeline], list[str]]:
        ours, service = self._ours, self.project.openmetadata.pipeline_service
        tables = [table["fullyQualifiedName"] for table in catalogue.tables(warehouse_of(self.project).database)]
        edges = {
            each.ids: each
            for sides in catalogue.around_all(tables)
            for side in sides
            for each in side
            if ours.made_edge(each)
        }
        all_pipelines = (
            list(catalogue.pipelines(service, hidden=True)) if catalogue.has_pipeline_service(service) else []
        )
        pipelines = [each for each in all_pipelines if ours.made_pipeline(each.name)]
        goes = len(pipelines) == len(all_pipelines) and catalogue.has_pipeline_service(service)
        return sorted(edges.values(), key=lambda each: each.edge), pipelines, [service] if goes else []


class InKafka:
    """The topics of the settings, and the consumer groups of ingestion, connector and dead letters.

    Args:
        kafka: the cluster and its topics.
        groups: the consumer groups of the ingestion and of OpenMetadata's connector.
    """

    name = "Kafka"

    def __init__(self, kafka: KafkaSettings, *groups: str) -> None:
        self._kafka = kafka
        self._groups = tuple(dict.fromkeys((*groups, kafka.dead_letters_group)))
        self._admin = TopicAdmin.of(kafka, {"log_level": 0})
        self._bookmarks = Bookmarks(kafka, kafka.events_topic)

    def things(self) -> list[str]:
        """Every topic and group. Raises BrokerError."""
        topics = [topic for topic in self._kafka.topics.values() if self._admin.describe(topic) is not None]
        return [*(f"topic {each}" for each in topics), *(f"consumer group {each}" for each in self._found_groups())]

    def remove(self) -> None:
        """Delete them. Raises BrokerError."""
        for topic in self._kafka.topics.values():
            self._admin.delete(topic)
        self._bookmarks.delete_groups(self._found_groups())

    def _found_groups(self) -> list[str]:
        return [each for group in self._groups for each in self._bookmarks.groups(group)]


@dataclass(frozen=True)
class ConnectorGroup:
    """The consumer group of a project's connector. All projects share the topics, whose retention deletes its events.

    Args:
        kafka: the cluster.
        group: the group.
    """

    kafka: KafkaSettings
    group: str
    name: str = "Kafka"

    def things(self) -> list[str]:
        """The group, if it is there. Raises BrokerError."""
        return [f"consumer group {each}" for each in self._bookmarks.groups(self.group)]

    def remove(self) -> None:
        """Delete it. Raises BrokerError."""
        self._bookmarks.delete_groups(self._bookmarks.groups(self.group))

    @property
    def _bookmarks(self) -> Bookmarks:
        return Bookmarks(self.kafka, self.kafka.events_topic)


@dataclass(frozen=True)
class RecordsOfProject:
    """The ledger's records of one project.

    Args:
        ledger: the database.
        project: the project.
    """

    ledger: LedgerSettings
    project: Project
    name: str = "ledger"

    def things(self) -> list[str]:
        """How many records of each kind. Raises LedgerError."""
        with self._records() as records:
            return [f"{count} {what}" for what, count in records.counts().items()]

    def remove(self) -> None:
        """Delete them. Raises LedgerError."""
        with self._records() as records:
            records.remove()

    def _records(self) -> "ProjectRecords":
        from dbt_lineage.ledger.of_project import ProjectRecords

        return ProjectRecords(self.ledger, self.project.name, Jobs.of(self.project))


@dataclass(frozen=True)
class InLedger:
    """The ledger's tables, but not the database, which others may use too.

    Args:
        ledger: the database.
    """

    ledger: LedgerSettings
    name: str = "ledger"

    def things(self) -> list[str]:
        """Every table. Raises LedgerError."""
        from dbt_lineage.ledger.migrations import tables

        return [f"table {each}" for each in tables(self.ledger)]

    def remove(self) -> None:
        """Drop them. Raises LedgerError."""
        from dbt_lineage.ledger.migrations import remove

        remove(self.ledger)


@dataclass(frozen=True)
class InSpool:
    """The files of the spool's folder, except the switch. Airflow goes on, and must find the lineage off.

    Args:
        spool: the folder.
    """

    spool: SpoolSettings
    name: str = "spool"

    def things(self) -> list[str]:
        """Every file and folder."""
        return [
            f"{'folder' if each.is_dir() else 'file'} {each}" for each in self._files() if each.parent == self.spool.dir
        ]

    def remove(self) -> None:
        """Delete them. Raises RelayAtWork."""
        if not self.spool.dir.exists():
            return
        with _no_relay(self.spool.dir):
            for each in reversed(self._files()):
                each.rmdir() if each.is_dir() else each.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        """The files and folders, each folder before its content."""
        switch = Switch(self.spool.dir).file
        return [each for each in sorted(self.spool.dir.rglob("*")) if each != switch]


@contextmanager
def _no_relay(folder: Path) -> Iterator[None]:
    """Hold the relay's lock, so that no relay works on the spool. Raises RelayAtWork."""
    try:
        with FileLock(folder / LOCK_NAME, mode=0o600).acquire(blocking=False):
            yield
    except Timeout:
        process = (status.read(folder) or {}).get("pid")
        raise RelayAtWork(f"a relay (process {process}) is at work on {folder}: stop it first") from None


def require_no_relay(spool: SpoolSettings) -> None:
    """Make sure that the spool can be removed. Raises RelayAtWork."""
    if spool.dir.exists():
        with _no_relay(spool.dir):
            return


def parts_of(projects: Sequence[Project]) -> list[Part]:
    """Every part, in the order of removal: first what others can see.

    Args:
        projects: all projects.
    """
    several = len(projects) > 1
    groups = [connector_group(each, _others(each, projects)) for each in projects]
    return [
        *(InCatalogue(each, f"catalogue {each.name}" if several else "catalogue") for each in projects),
        InKafka(settings.kafka(), settings.ingestion().consumer_group, *groups),
        InLedger(settings.ledger()),
        InSpool(settings.spool()),
    ]


def parts_of_one(project: Project, projects: Sequence[Project]) -> list[Part]:
    """The parts that belong to one project alone. What it shares with others stays.

    Args:
        project: the project.
        projects: all projects.
    """
    return [
        InCatalogue(project),
        ConnectorGroup(settings.kafka(), connector_group(project, _others(project, projects))),
        RecordsOfProject(settings.ledger(), project),
    ]


def _others(project: Project, projects: Sequence[Project]) -> list[Project]:
    return [each for each in projects if each.name != project.name]


def things_of(parts: Sequence[Part]) -> str:
    """A table of what the lineage made. Raises what the parts raise."""
    shown = Table("where", "what")
    for part in parts:
        for thing in part.things() or ["nothing"]:
            shown.add_row(part.name, Text(thing))
    return printed(shown, width=_COLUMNS)


def unsent(spool: SpoolSettings) -> dict[str, int]:
    """Count the events on this machine's disk that Kafka does not have.

    Returns:
        The number for each kind of place. Of spool files that were set aside, the number of files.

    Raises:
        SpoolError: a file cannot be read.
    """
    waiting, aside = Spool(spool.dir, spool.max_bytes), Aside(spool.dir, spool.aside_max_bytes)
    try:
        damaged = [file for each in (waiting, aside.spool) for file in left_aside(each)]
        usage = waiting.usage() if waiting.file.exists() else None
        return {
            "waiting in the spool": usage.waiting if usage else 0,
            "whose columns are still to follow": usage.follow_ups if usage else 0,
            "kept aside while lineage was off": aside.count(),
            "too large for Kafka": len(list((spool.dir / oversize.FOLDER).glob("*.json"))),
            "files set aside and not salvaged yet": len(damaged),
        }
    finally:
        waiting.close()
        aside.close()


def require_sent(spool: SpoolSettings) -> None:
    """Make sure that removing loses no event.

    Raises:
        UnsentEvents: it would lose some.
        SpoolError: a file cannot be read.
    """
    left = {what: count for what, count in unsent(spool).items() if count}
    if left:
        counts = ", ".join(f"{count} {what}" for what, count in left.items())
        raise UnsentEvents(
            f"events would be lost that Kafka does not have: {counts}. Send them first (make lineage-on, make "
            f"lineage-resend, and make lineage-status until nothing waits), or lose them with FORCE=1"
        )


def remove(parts: Sequence[Part]) -> dict[str, list[str]]:
    """Remove parts, one after the other. The first failure ends it; calling it again removes the rest.

    Args:
        parts: the parts, in the order of removal.

    Returns:
        What is left over, by the part's name.

    Raises:
        ExpectedError: a part cannot be removed. The parts before it are removed.
    """
    for part in parts:
        part.remove()
    return {part.name: part.things() for part in parts}
