"""The other projects of an installation: the tables that they build and read in the same database."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import OpenMetadataSettings, SettingsError
from dbt_lineage.manifest.graph import Edge, Manifest, ManifestError
from dbt_lineage.warehouse.of_project import warehouse_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Beside:
    """The other projects whose tables are in one database of the catalogue.

    Args:
        manifests: the manifests of the projects that have one.
        unknown: the names of the projects without one, such as one that was never parsed.
    """

    manifests: tuple[Manifest, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def edges(self) -> frozenset[Edge]:
        """All edges that their manifests expect."""
        return frozenset(edge for each in self.manifests for edge in each.edges())

    def has(self, table: str) -> bool:
        """Whether one of them reads or builds a table.

        Args:
            table: ``database.schema.table``, as the warehouse spells it.
        """
        return any(each.named(table) in each.relations() for each in self.manifests)


NOBODY = Beside()


def beside(openmetadata: OpenMetadataSettings, database: str, others: Iterable[Project]) -> Beside:
    """Read the manifests of the other projects that share a database of the catalogue.

    Args:
        openmetadata: the catalogue and the services of the project in question.
        database: that project's database.
        others: the other projects.
    """
    manifests, unknown = [], []
    for each in others:
        try:
            if (each.openmetadata.database_service, warehouse_of(each).database) == (
                openmetadata.database_service,
                database,
            ):
                manifests.append(Manifest.load(each.dbt.manifest))
        except (ManifestError, SettingsError) as error:
            log.warning("the tables of project %s are unknown: %s", each.name, error)
            unknown.append(each.name)
    return Beside(tuple(manifests), tuple(unknown))
