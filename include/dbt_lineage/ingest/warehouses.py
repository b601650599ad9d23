"""The warehouses that projects build in, and their services in the catalogue. They map an event's dataset to its table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import SettingsError
from dbt_lineage.events.run_event import Dataset
from dbt_lineage.manifest.project_file import project_name
from dbt_lineage.warehouse.naming import Adapter, adapter_of_namespace, scheme_of, spelled
from dbt_lineage.warehouse.of_project import warehouse_of
from dbt_lineage.warehouse.port import Warehouse

# Columns and types of relations, by ``database.schema.table`` as the warehouse spells it. The answer leaves out absent
# relations, and includes those that differ from a requested name in case alone.
ColumnsOf = Callable[[Iterable[str]], Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, eq=False)
class CatalogueWarehouse:
    """A database that projects build in.

    Args:
        namespace: OpenLineage namespace of its datasets.
        database: its name, and the database of relations that are named without one.
        service: the catalogue's database service that has its tables.
        pipeline_service: the catalogue's pipeline service of the jobs that write there.
        columns_of: asks it for columns; None if it cannot be asked.
        pipeline_services: if projects have different ones, by the jobs' namespace and their dbt project's name.
    """

    namespace: str
    database: str
    service: str
    pipeline_service: str
    columns_of: ColumnsOf | None = None
    pipeline_services: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def adapter(self) -> Adapter:
        """How it names relations."""
        return adapter_of_namespace(self.namespace)


class _OfService(Protocol):
    """The fields of a catalogue's table that identify its warehouse."""

    @property
    def database(self) -> str:
        """Its database."""

    @property
    def service(self) -> str:
        """The database service that has it."""


class Job(NamedTuple):
    """A job, and where its pipeline is.

    Args:
        service: the pipeline service.
        namespace: the job's namespace.
        name: the job's name.
    """

    service: str
    namespace: str
    name: str


class Warehouses:
    """Every warehouse that the projects of this installation build in.

    Args:
        warehouses: at least one warehouse, each database once.
        alone: whether there are no other warehouses. Then every relation of such a server is assumed to be there, whatever
            the name of its server, since one server has many names.
    """

    def __init__(self, warehouses: Sequence[CatalogueWarehouse], alone: bool | None = None) -> None:
        self.all = tuple(warehouses)
        # Files, topics and tables of other systems are in none of them.
        self._schemes = {scheme for each in self.all for scheme in (scheme_of(each.namespace), *each.adapter.schemes)}
        self._alone = len(self.all) == 1 if alone is None else alone
        # By service and database of the tables that were asked for.
        self._of_places: dict[tuple[str, str], CatalogueWarehouse] = {}

    @classmethod
    def of(cls, projects: Iterable[Project], alone: bool | None = None) -> "Warehouses":
        """The warehouses of projects. Projects of one database share its connection.

        Args:
            projects: the projects.
            alone: as in ``Warehouses``.

        Raises:
            SettingsError: a table would have two places in the catalogue, or two tables would share one, or a project's
                settings are wrong.
        """
        found: dict[tuple[str, str], list[tuple[Project, Warehouse]]] = {}
        for each in projects:
            builds_in = warehouse_of(each)
            found.setdefault((builds_in.namespace, builds_in.database), []).append((each, builds_in))
        made = [_of_one(group) for group in found.values()]
        services: dict[tuple[str, str], CatalogueWarehouse] = {}
        for warehouse in made:
            other = services.setdefault((warehouse.service, warehouse.database), warehouse)
            if other is not warehouse:
                raise SettingsError(
                    f"OPENMETADATA_DATABASE_SERVICE={warehouse.service} has the database {warehouse.database} of two "
                    f"servers, {other.namespace} and {warehouse.namespace}: their projects need a service each"
                )
        return cls(made, alone)

    def of_dataset(self, dataset: Dataset) -> CatalogueWarehouse | None:
        """The warehouse of a dataset; None when it is in none of them."""
        if ":" in dataset.namespace and not self.is_of_their_kind(dataset.namespace):
            return None
        if self._alone:
            return self.all[0]
        there = [each for each in self.all if each.namespace == spelled(dataset.namespace)]
        exact = (each for each in there if dataset.name.startswith(f"{each.database}."))
        alike = (each for each in there if dataset.name.lower().startswith(f"{each.database}.".lower()))
        return next(exact, None) or next(alike, None) or next(iter(there), None)

    def is_of_their_kind(self, namespace: str) -> bool:
        """Whether a namespace is of a server such as one of theirs, wherever it is."""
        return scheme_of(namespace) in self._schemes

    def of_table(self, table: _OfService) -> CatalogueWarehouse:
        """The warehouse of a table; for a database that no project builds in, the first of its service."""
        place = (table.service, table.database)
        if place not in self._of_places:
            there = [each for each in self.all if each.service == table.service] or self.all
            self._of_places[place] = next((each for each in there if each.database == table.database), there[0])
        return self._of_places[place]

    def job(self, job: tuple[str, str], table: _OfService | None) -> Job:
        """A job, with the pipeline service that it is in.

        Args:
            job: the job's namespace and name.
            table: a table that it writes or, without one, reads; None if it has neither.
        """
        warehouse = self.all[0] if table is None else self.of_table(table)
        # Such as ``model.finance.orders``.
        project = (*job[1].split("."), "")[1]
        return Job(warehouse.pipeline_services.get((job[0], project), warehouse.pipeline_service), *job)


def _of_one(group: Sequence[tuple[Project, Warehouse]]) -> CatalogueWarehouse:
    """The warehouse of projects that build in the same database."""
    projects, warehouse = [project for project, _ in group], group[0][1]
    first = projects[0]
    for each in projects[1:]:
        if each.openmetadata.database_service != first.openmetadata.database_service:
            raise SettingsError(
                f"projects {first.name} and {each.name} build in the same database, {warehouse.database} of "
                f"{warehouse.namespace}, so OPENMETADATA_DATABASE_SERVICE must be the same: it is "
                f"{first.openmetadata.database_service} and {each.openmetadata.database_service}"
            )
    return CatalogueWarehouse(
        warehouse.namespace,
        warehouse.database,
        first.openmetadata.database_service,
        first.openmetadata.pipeline_service,
        warehouse.columns if warehouse.is_shared else None,
        _pipeline_services(projects),
    )


def _pipeline_services(projects: Sequence[Project]) -> dict[tuple[str, str], str]:
    """The pipeline service of each project's jobs; empty if all have the same."""
    services = [each.openmetadata.pipeline_service for each in projects]
    if len(set(services)) == 1:
        return {}
    jobs = ((each.openlineage.namespace, project_name(each.dbt)) for each in projects)
    return dict(zip(jobs, services, strict=True))
