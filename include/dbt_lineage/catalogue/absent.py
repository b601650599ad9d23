"""Find the manifest's sources that the warehouse does not have: no edge can start there."""

from collections.abc import Collection

from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.warehouse.port import Warehouse


def absent_sources(manifest: Manifest, lacking: Collection[Edge], warehouse: Warehouse) -> frozenset[str]:
    """The sources of edges that the warehouse does not have.

    A package for many customers allows for missing sources: its model is built without them, but dbt's manifest names
    them. The warehouse is asked only if an edge from a source is missing.

    Args:
        manifest: the project's manifest.
        lacking: edges that the manifest expects and the catalogue does not have.
        warehouse: the database where the sources should be.

    Returns:
        Their relations, ``database.schema.table`` as in the manifest.

    Raises:
        WarehouseError: the warehouse does not answer.
    """
    database = f"{warehouse.database.lower()}."
    read = manifest.read_relations()
    asked = {edge.upstream for edge in lacking if edge.upstream in read and edge.upstream.lower().startswith(database)}
    # A warehouse that only dbt may open cannot be asked, so no edge is excused.
    if not asked or not warehouse.is_shared:
        return frozenset()
    # A name that differs in case alone counts as the source: dbt does not record quotes, and a missing edge must show.
    there = {each.lower() for each in warehouse.columns(asked)}
    return frozenset(each for each in asked if each.lower() not in there)
