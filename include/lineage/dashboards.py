"""Lineage beyond the warehouse: table to dataset, dataset and chart to dashboard, and columns to those of datasets."""

from collections.abc import Iterator, Mapping
from typing import Any

from include.dbt.manifest import Edge, Manifest
from include.lineage.verify import Comparison
from include.openmetadata.catalogue import Catalogue
from include.openmetadata.stored import DATASET
from include.settings import DbtSettings, OpenMetadataSettings, SupersetSettings
from include.superset.assets import Assets


def verified_dashboards(dbt: DbtSettings, superset: SupersetSettings, openmetadata: OpenMetadataSettings) -> Comparison:
    """Compare the edges that the code of the dashboards expects with those in the catalogue.

    Raises:
        ManifestError: there is no manifest.
        AssetsError: a file of the dashboards is broken.
        CatalogueError: the catalogue could not be read.
    """
    return compared(Assets.load(superset.assets_dir), Manifest.load(dbt.manifest), openmetadata)


def compared(assets: Assets, manifest: Manifest, openmetadata: OpenMetadataSettings) -> Comparison:
    """Compare what the code of the dashboards expects with the catalogue. Raises CatalogueError.

    Args:
        assets: the code of the dashboards.
        manifest: which tables there are; a dataset on another one is left out, whatever the catalogue has of it.
        openmetadata: the catalogue, and its name of the dashboard service.
    """
    tables = {relation.rpartition(".")[2]: relation for relation in map(manifest.relation, manifest.models)}
    elsewhere = {name for name in _dataset_names(assets) if name.lower() not in tables}
    with Catalogue(openmetadata) as catalogue:
        found = frozenset(_found(catalogue, openmetadata.dashboard_service, elsewhere))
    return Comparison(frozenset(expected(assets, tables)), found)


def _dataset_names(assets: Assets) -> set[str]:
    return {content["table_name"] for content in assets.of_kind("datasets").values()}


def expected(assets: Assets, tables: Mapping[str, str]) -> Iterator[Edge]:
    """The edges that the code of the dashboards expects; some more than once.

    Args:
        assets: the code of the dashboards.
        tables: ``database.schema.table`` of each table that there is, by its name.
    """
    datasets = {content["uuid"]: content for content in assets.of_kind("datasets").values()}
    charts = {content["uuid"]: content for content in assets.of_kind("charts").values()}
    for dashboard in assets.of_kind("dashboards").values():
        shown = f"dashboard:{dashboard['dashboard_title']}"
        for chart in (charts[uuid] for uuid in assets.charts_of(dashboard)):
            yield Edge(f"chart:{chart['slice_name']}", shown)
            dataset = datasets[chart["dataset_uuid"]]
            name = dataset["table_name"]
            if name.lower() in tables:
                yield from _of_dataset(dataset, tables[name.lower()])
                yield Edge(f"{DATASET}:{name}", shown)


def _of_dataset(dataset: dict[str, Any], relation: str) -> Iterator[Edge]:
    name = f"{DATASET}:{dataset['table_name']}"
    yield Edge(relation, name)
    for column in dataset["columns"]:
        if not column.get("expression"):
            yield Edge(f"{relation}.{column['column_name']}".lower(), f"{name}.{column['column_name']}")


def _found(catalogue: Catalogue, service: str, elsewhere: set[str]) -> Iterator[Edge]:
    for dataset in catalogue.datasets(service):
        if dataset.name not in elsewhere:
            into, out_of = catalogue.around(dataset.fully_qualified_name, DATASET)
            yield from (edge.edge for edge in [*into, *out_of])
            for source, target in (columns for edge in into for columns in edge.columns):
                yield Edge(source, f"{DATASET}:{dataset.name}.{target.rpartition('.')[2]}")
    for dashboard in catalogue.dashboards(service):
        yield from (Edge(chart, dashboard.name) for chart in dashboard.charts)
