"""Sources that dbt's manifest names and the warehouse does not have: no edge can lead from them."""

from collections.abc import Collection

from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.warehouse.port import Warehouse


def absent_sources(manifest: Manifest, lacking: Collection[Edge], warehouse: Warehouse) -> frozenset[str]:
    """The sources of edges that the warehouse does not have.

    Packages for many customers do with a source that is not there: the model is built without it, and dbt's manifest
    names it nevertheless. The warehouse is asked only where an edge from a source is lacking.

    Args:
        manifest: the project.
        lacking: edges that the manifest expects and the catalogue does not have.
        warehouse: where the sources should be.

    Returns:
        Their relations, ``database.schema.table`` as the manifest calls them.

    Raises:
        WarehouseError: the warehouse does not answer.
    """
    database = f"{warehouse.database.lower()}."
    read = manifest.read_relations()
    asked = {edge.upstream for edge in lacking if edge.upstream in read and edge.upstream.lower().startswith(database)}
    # Of one that only dbt may open no edge is excused.
    if not asked or not warehouse.is_shared:
        return frozenset()
    # What differs in case alone may be the source: dbt does not say what was quoted, and a missing edge must not be excused.
    there = {each.lower() for each in warehouse.columns(asked)}
    return frozenset(each for each in asked if each.lower() not in there)
