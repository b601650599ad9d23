"""Compare the edges that the manifest expects with those in the catalogue."""

from dataclasses import dataclass

from dbt_lineage.catalogue.absent import absent_sources
from dbt_lineage.catalogue.beside import NOBODY, Beside
from dbt_lineage.catalogue.ours import is_from_own_pipeline
from dbt_lineage.catalogue.reading import read
from dbt_lineage.catalogue.stored import DATASET
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import DbtSettings, OpenMetadataSettings
from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.warehouse.port import Warehouse


class LineageIncomplete(ExpectedError):
    """Edges that the manifest expects are not in the catalogue. The message lists them."""


@dataclass(frozen=True)
class Comparison:
    """Two edge sets, compared.

    Args:
        expected: the edges that should be in the catalogue.
        found: the edges that are in the catalogue.
        absent: sources of the manifest that the warehouse does not have. Edges from them are not expected.
    """

    expected: frozenset[Edge]
    found: frozenset[Edge]
    absent: frozenset[str] = frozenset()

    @property
    def present(self) -> frozenset[Edge]:
        """The edges that are expected and found."""
        return self.expected & self.found

    @property
    def missing(self) -> list[Edge]:
        """The edges that are expected and not found."""
        return sorted(self.expected - self.found)

    @property
    def unexpected(self) -> list[Edge]:
        """The edges that are found and not expected."""
        return sorted(self.found - self.expected)

    def require_complete(self) -> None:
        """Raises LineageIncomplete when an edge is missing."""
        if self.missing:
            edges = "\n".join(f"  {edge}" for edge in self.missing)
            raise LineageIncomplete(
                f"{len(self.missing)} of {len(self.expected)} expected edges are not in the catalogue:\n{edges}"
            )

    def counts(self) -> dict[str, int]:
        """The numbers of edges: expected, found of those, and unexpected."""
        return {
            "edges_expected": len(self.expected),
            "edges_in_catalogue": len(self.present),
            "edges_unexpected": len(self.unexpected),
        }


def verified_lineage(
    dbt: DbtSettings, warehouse: Warehouse, openmetadata: OpenMetadataSettings, others: Beside = NOBODY
) -> Comparison:
    """Compare the edges that the manifest expects with those in the catalogue.

    An expected edge counts as found only if OpenLineage events made it. The ingestion of dbt's artifacts writes the same
    edges, and would hide that an event was lost. An unexpected edge from or to a relation of the project counts whoever
    made it, unless another project expects it, since an edge between two projects belongs to both. Edges between other
    relations belong to other projects or targets, and are ignored.

    Args:
        dbt: the project.
        warehouse: the database that it builds in.
        openmetadata: the catalogue.
        others: the other projects whose tables are in the same database.

    Raises:
        ManifestError: there is no manifest.
        CatalogueError: the catalogue could not be read.
        WarehouseError: an edge from a source is missing, and the warehouse could not be asked for the source.
    """
    manifest = Manifest.load(dbt.manifest)
    expected = manifest.edges()
    # Without a namespace: stale edges between tables that no longer exist do not matter here.
    in_catalogue = {each.edge: each for each in read(openmetadata, manifest, "", warehouse.database).edges}
    found = {
        edge
        for edge, stored in in_catalogue.items()
        if _in_warehouse(edge)
        and (edge not in expected or stored.is_from_events)
        and not is_from_own_pipeline(edge, manifest)
    } - (others.edges - expected)
    absent = absent_sources(manifest, expected - in_catalogue.keys(), warehouse)
    return Comparison(
        frozenset(edge for edge in expected if edge in found or edge.upstream not in absent), frozenset(found), absent
    )


def _in_warehouse(edge: Edge) -> bool:
    """Whether both ends are in the warehouse. The manifest does not have edges to datasets of dashboards."""
    return not any(end.startswith(f"{DATASET}:") for end in edge)
