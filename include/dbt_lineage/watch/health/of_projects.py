"""The probes of the parts that projects have for themselves. Projects with the same part share one probe."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import (
    LedgerSettings,
    MailSettings,
    OpenMetadataSettings,
    SupersetSettings,
)

# Two probes use it, and two threads must not import the same packages at once.
from dbt_lineage.ledger.refreshes import DashboardLedger
from dbt_lineage.warehouse.of_project import warehouse_of
from dbt_lineage.warehouse.port import Warehouse
from dbt_lineage.watch.checks.groups import named
from dbt_lineage.watch.health.lines import Answer, Probe

Server = tuple[str, int]
Value = TypeVar("Value")


class Unwell(RuntimeError):
    """A part is unhealthy, or does not answer. The message names it and the reason."""


@dataclass(frozen=True)
class OfProject:
    """The parts of one project.

    Args:
        name: the project's name.
        warehouse: the database that dbt builds in.
        openmetadata: the catalogue, and the project's services there.
        superset: the dashboards' server; None when there is none.
        mail: the mail server.
        manifest: path of its manifest.
    """

    name: str
    warehouse: Warehouse
    openmetadata: OpenMetadataSettings
    superset: SupersetSettings | None
    mail: MailSettings
    manifest: Path

    @classmethod
    def of(cls, project: Project, seconds: float) -> "OfProject":
        """The parts of a project, with this time-out for calls, seconds. Raises SettingsError."""
        superset, quick = project.superset, {"timeout_seconds": seconds / 2, "attempts": 1}
        return cls(
            project.name,
            warehouse_of(project),
            project.openmetadata.model_copy(update={"timeout_seconds": seconds}),
            None if superset is None else superset.model_copy(update=quick),
            project.mail,
            project.dbt.manifest,
        )

    @property
    def server(self) -> Server | None:
        """Host and port of its warehouse; None if it has no server that can be asked without a login."""
        return self.warehouse.server


@dataclass(frozen=True)
class PartsOfProjects:
    """The parts that projects have for themselves.

    Args:
        projects: the projects, at least one.
        ledger: the ledger's database.
        seconds: how long one call may take, seconds.
    """

    projects: Sequence[OfProject]
    ledger: LedgerSettings
    seconds: float

    @property
    def servers(self) -> dict[Server, str]:
        """Each server of a warehouse once, with its line's name."""
        found: dict[Server, str] = {}
        for each in self.projects:
            if each.server is not None:
                scheme = each.warehouse.adapter.sqlalchemy.partition("+")[0]
                found.setdefault(each.server, f"{scheme}-{each.name}" if found else scheme)
        return found

    def warehouses(self) -> list[Probe]:
        """The warehouses."""
        lines = self._lines("warehouse", lambda each: each.warehouse.place)
        return [Probe(name, partial(self._warehouse, each.warehouse), self._server(each)) for name, each in lines]

    def manifests(self) -> list[Probe]:
        """The manifests, if there are several projects. The DAG of an only project shows whether it has one."""
        if len(self.projects) == 1:
            return []
        lines = self._lines("manifest", lambda each: each.manifest)
        return [Probe(name, partial(_manifest, each.manifest)) for name, each in lines]

    def catalogues(self) -> list[Probe]:
        """The catalogue, and the pipelines in it."""
        catalogues = list(self._lines("catalogue", lambda each: each.openmetadata.url))
        lines = {each.openmetadata.url: name for name, each in catalogues}
        pipelines = self._lines("pipelines", lambda each: each.openmetadata.pipeline_service)
        return [
            *(Probe(name, partial(_catalogue, each.openmetadata)) for name, each in catalogues),
            *(
                Probe(name, partial(_pipelines, each.openmetadata), (lines[each.openmetadata.url],))
                for name, each in pipelines
            ),
        ]

    def dashboards(self) -> list[Probe]:
        """The dashboards' servers, and the result of the last refresh."""
        shown = [each for each in self.projects if each.superset is not None]
        servers = list(
            self._lines("superset", lambda each: each.superset and (each.superset.url, each.superset.user), shown)
        )
        needs = (*(name for name, _ in servers), "ledger")
        return [
            # Superset's database and the warehouse of its charts have lines of their own.
            *(
                Probe(name, partial(_superset, each.superset), self._server(each))
                for name, each in servers
                if each.superset is not None
            ),
            *(
                Probe(name, partial(self._charts, each.name), needs)
                for name, each in self._lines("charts", lambda each: each.name, shown)
            ),
        ]

    def mail(self) -> list[Probe]:
        """The mail servers of projects that name one."""
        lines = self._lines("mail", lambda each: each.mail.smtp_server)
        return [
            Probe(name, partial(mail_server, each.mail.smtp_server, self.seconds))
            for name, each in lines
            if each.mail.smtp_server
        ]

    def _lines(
        self, part: str, key: Callable[[OfProject], Any], projects: Sequence[OfProject] | None = None
    ) -> Iterator[tuple[str, OfProject]]:
        """A line for each different part, with the first project that has it.

        Args:
            part: the line's name. If projects have different parts, their names are added.
            key: projects with the same key have the same part.
            projects: the projects that have the part; all by default.
        """
        groups: dict[Any, list[OfProject]] = {}
        for each in self.projects if projects is None else projects:
            groups.setdefault(key(each), []).append(each)
        for group in groups.values():
            whose = "" if len(groups) == 1 else f" {', '.join(each.name for each in group)}"
            yield f"{part}{whose}", group[0]

    def _server(self, project: OfProject) -> tuple[str, ...]:
        """The name of the line of a project's warehouse's server, if it has one."""
        return () if project.server is None else (self.servers[project.server],)

    def _warehouse(self, warehouse: Warehouse) -> Answer:
        return Answer(Level.OK, warehouse.ping(self.seconds))

    def _charts(self, project: str) -> Answer:
        with DashboardLedger(self.ledger) as ledger:
            refreshes = ledger.refreshes(project)
        if not refreshes:
            return Answer(Level.WARN, "no dashboard was refreshed yet")
        differing = [refresh for refresh in refreshes if not refresh.equal]
        words = [refresh.in_words(datetime.now(UTC)) for refresh in differing or refreshes]
        return Answer(Level.FAIL if differing else Level.OK, named(words, "; "))


def mail_server(server: str, seconds: float) -> Answer:
    """Whether a mail server answers.

    Args:
        server: host:port.
        seconds: how long the answer may take, seconds.

    Raises:
        Unwell: it does not answer, or reports an error.
    """
    import smtplib

    host, _, port = server.rpartition(":")
    try:
        with smtplib.SMTP(host.strip("[]"), int(port), timeout=seconds) as client:
            code, words = client.noop()
    except (OSError, smtplib.SMTPException) as error:
        raise Unwell(f"mail server {server}: {error}") from error
    if code != 250:
        raise Unwell(f"mail server {server} answered {code}: {words.decode(errors='replace')}")
    return Answer(Level.OK, server)


def _manifest(path: Path) -> Answer:
    from dbt_lineage.manifest.graph import Manifest

    manifest = Manifest.load(path)
    age = in_words((datetime.now(UTC) - manifest.made_at).total_seconds())
    return Answer(Level.OK, f"{len(manifest.models)} models of {manifest.project}, made {age} ago")


def _catalogue(openmetadata: OpenMetadataSettings) -> Answer:
    from dbt_lineage.catalogue.client import Catalogue

    with Catalogue(openmetadata) as catalogue:
        return Answer(Level.OK, f"OpenMetadata {catalogue.version()} at {openmetadata.url}")


def _pipelines(openmetadata: OpenMetadataSettings) -> Answer:
    from dbt_lineage.catalogue.client import Catalogue

    service = openmetadata.pipeline_service
    with Catalogue(openmetadata) as catalogue:
        count = sum(1 for _ in catalogue.pipelines(service))
    if not count:
        return Answer(Level.WARN, f"none in {service}: nothing was ingested yet")
    return Answer(Level.OK, f"{count} in {service}")


def _superset(superset: SupersetSettings) -> Answer:
    from dbt_lineage.dashboards.client import Superset

    with Superset.as_service_account(superset) as client:
        client.sign_in()
    return Answer(Level.OK, f"{client.address}, as {superset.user}")
