"""Verify the lineage beyond the warehouse: table to dataset, dataset and chart to dashboard, and their columns."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from dbt_lineage.catalogue.client import Catalogue
from dbt_lineage.catalogue.stored import DATASET
from dbt_lineage.catalogue.verify import Comparison
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import DbtSettings, OpenMetadataSettings, SettingsError, SupersetSettings
from dbt_lineage.dashboards.dataset_tables import Tables
from dbt_lineage.dashboards.files import AssetsError, TableNotMade
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.manifest.graph import Edge, Manifest

log = logging.getLogger(__name__)


def verified_dashboards(
    dbt: DbtSettings, superset: SupersetSettings, openmetadata: OpenMetadataSettings, others: Iterable[Project] = ()
) -> Comparison:
    """Compare the edges that the code of the dashboards expects with those in the catalogue.

    Args:
        dbt: the project.
        superset: its dashboards.
        openmetadata: the catalogue, and the name of its dashboard service.
        others: other projects, whose dashboards may be in the same service.

    Raises:
        ManifestError: there is no manifest.
        AssetsError: a file of the dashboards is broken.
        CatalogueError: the catalogue could not be read.
    """
    beside = list(_assets_of(others, openmetadata.dashboard_service))
    return compared(Assets.load(superset.assets_dir), Manifest.load(dbt.manifest), openmetadata, beside)


def compared(
    assets: Assets, manifest: Manifest, openmetadata: OpenMetadataSettings, others: Sequence[Assets] = ()
) -> Comparison:
    """Compare what the code of the dashboards expects with the catalogue.

    Args:
        assets: the code of the dashboards.
        manifest: the project's manifest. Datasets on tables that it does not have are left out.
        openmetadata: the catalogue, and the name of its dashboard service.
        others: the code of other projects' dashboards in that service, which are left out too.

    Raises:
        AssetsError: a file of the dashboards is broken.
        CatalogueError: the catalogue could not be read.
    """
    relations = _relations(assets, manifest)
    datasets = assets.of_kind("datasets").values()
    followed = {content["table_name"] for content in datasets if content["uuid"] in relations}
    elsewhere = _names([assets, *others], "datasets", "table_name") - followed
    theirs = _names(others, "dashboards", "dashboard_title") - _names([assets], "dashboards", "dashboard_title")
    with Catalogue(openmetadata) as catalogue:
        found = frozenset(_found(catalogue, openmetadata.dashboard_service, elsewhere, theirs))
    return Comparison(frozenset(expected(assets, relations)), found)


def _assets_of(projects: Iterable[Project], service: str) -> Iterator[Assets]:
    """The code of other projects' dashboards in a dashboard service. Code that cannot be read is logged."""
    for each in projects:
        try:
            if each.superset is not None and each.openmetadata.dashboard_service == service:
                yield Assets.load(each.superset.assets_dir)
        except (AssetsError, SettingsError) as error:
            log.warning("the dashboards of project %s are unknown: %s", each.name, error)


def _names(assets: Iterable[Assets], kind: str, name: str) -> set[str]:
    return {content[name] for each in assets for content in each.of_kind(kind).values()}


def _relations(assets: Assets, manifest: Manifest) -> dict[str, str]:
    """``database.schema.table`` of each dataset on a table of the project, by the dataset's uuid."""
    tables, relations = Tables(manifest), {}
    for path, content in assets.of_kind("datasets").items():
        with suppress(TableNotMade):
            relations[content["uuid"]] = tables.of(path, content).relation
    return relations


def expected(assets: Assets, relations: Mapping[str, str]) -> Iterator[Edge]:
    """The edges that the code of the dashboards expects. Some are repeated.

    Args:
        assets: the code of the dashboards.
        relations: ``database.schema.table`` of each dataset's table, in lower case, by the dataset's uuid.
    """
    datasets = {content["uuid"]: content for content in assets.of_kind("datasets").values()}
    charts = {content["uuid"]: content for content in assets.of_kind("charts").values()}
    for dashboard in assets.of_kind("dashboards").values():
        shown = f"dashboard:{dashboard['dashboard_title']}"
        for chart in (charts[uuid] for uuid in assets.charts_of(dashboard)):
            yield Edge(f"chart:{chart['slice_name']}", shown)
            dataset = datasets[chart["dataset_uuid"]]
            if relation := relations.get(dataset["uuid"]):
                yield from _of_dataset(dataset, relation)
                yield Edge(f"{DATASET}:{dataset['table_name']}", shown)


def _of_dataset(dataset: dict[str, Any], relation: str) -> Iterator[Edge]:
    name = f"{DATASET}:{dataset['table_name']}"
    yield Edge(relation, name)
    for column in dataset["columns"]:
        if not column.get("expression"):
            yield Edge(f"{relation}.{column['column_name']}".lower(), f"{name}.{column['column_name']}")


def _found(catalogue: Catalogue, service: str, elsewhere: set[str], theirs: set[str]) -> Iterator[Edge]:
    for dataset in catalogue.datasets(service):
        if dataset.name not in elsewhere:
            into, out_of = catalogue.around(dataset.fully_qualified_name, DATASET)
            yield from (edge.edge for edge in [*into, *out_of])
            for source, target in (columns for edge in into for columns in edge.columns):
                yield Edge(source, f"{DATASET}:{dataset.name}.{target.rpartition('.')[2]}")
    for dashboard in catalogue.dashboards(service):
        if dashboard.name.removeprefix("dashboard:") in theirs:
            continue
        yield from (Edge(chart, dashboard.name) for chart in dashboard.charts)
