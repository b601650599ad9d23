"""Charts and dashboards in the graph: of the dashboards' code, and of dbt's exposures that are none of them."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from dbt_lineage.core.projects import Project
from dbt_lineage.dashboards.charts import ChartUnreadable, columns_shown
from dbt_lineage.dashboards.dataset_tables import Tables
from dbt_lineage.dashboards.files import AssetsError, TableNotMade
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page.nodes import Kind, Node, owner_in_words

log = logging.getLogger(__name__)


@dataclass
class Shown:
    """What a project shows.

    Args:
        nodes: charts and dashboards.
        edges: from relation or node id to node id.
        columns: of a relation, the columns that a chart shows, by relation and the chart's node id.
        problem: why the dashboards' code cannot be read; None when it can, or there is none.
    """

    nodes: list[Node] = field(default_factory=list)
    edges: list[tuple[str, str]] = field(default_factory=list)
    columns: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    problem: str | None = None


def shown(project: Project, manifest: Manifest) -> Shown:
    """The charts and dashboards of a project. Code that cannot be read costs the charts, not the graph."""
    found = Shown()
    slugs: dict[str, Node] = {}
    settings = project.superset_without_password
    if settings is not None:
        try:
            _add_superset(found, slugs, project.name, str(settings.url), Assets.load(settings.assets_dir), manifest)
        except AssetsError as error:
            log.warning("the charts of project %s are not shown: %s", project.name, error)
            found = Shown(problem=str(error))
            slugs = {}
    for exposure in manifest.content.get("exposures", {}).values():
        _add_exposure(found, slugs, project.name, exposure, manifest)
    return found


def _add_superset(
    found: Shown, slugs: dict[str, Node], project: str, url: str, assets: Assets, manifest: Manifest
) -> None:
    tables = Tables(manifest)
    datasets = {content["uuid"]: (path, content) for path, content in assets.of_kind("datasets").items()}
    charts = {content["uuid"]: content for content in assets.of_kind("charts").values()}
    for slug, dashboard in assets.dashboards.items():
        page = f"{url.rstrip('/')}/superset/dashboard/{slug}/"
        links = {"openmetadata": None, "airflow": None, "superset": page}
        node = Node(f"dashboard:{slug}", Kind.DASHBOARD, dashboard["dashboard_title"], project, links=links)
        node.description = dashboard.get("description") or ""
        for uuid in dict.fromkeys(assets.charts_of(dashboard)):
            chart = charts[uuid]
            shows = Node(f"chart:{slug}/{chart['slice_name']}", Kind.CHART, chart["slice_name"], project, links=links)
            shows.description = chart.get("description") or ""
            path, dataset = datasets[chart["dataset_uuid"]]
            # A folder of another project's dashboards may be there: only charts of this project's tables are its own.
            with suppress(TableNotMade):
                relation = manifest.named(".".join(tables.of(path, dataset)))
                if slug not in slugs:
                    slugs[slug] = node
                    found.nodes.append(node)
                found.nodes.append(shows)
                found.edges += [(relation, shows.id), (shows.id, node.id)]
                found.columns[relation, shows.id] = _columns(chart, dataset, manifest)


def _columns(chart: dict[str, Any], dataset: dict[str, Any], manifest: Manifest) -> frozenset[str]:
    try:
        return columns_shown(chart, dataset, manifest.adapter)
    except ChartUnreadable as error:
        log.warning("the columns of chart %s are not known: %s", chart["slice_name"], error)
        return frozenset()


def _add_exposure(
    found: Shown, slugs: Mapping[str, Node], project: str, exposure: Mapping[str, Any], manifest: Manifest
) -> None:
    """An exposure: it names the owner of a dashboard that is there by its address or title, or is one of its own."""
    url, title = exposure.get("url") or "", exposure.get("label") or exposure["name"]
    same = next(
        (node for slug, node in slugs.items() if f"/{slug}/" in f"{url.rstrip('/')}/" or node.name == title), None
    )
    owner = owner_in_words(exposure.get("owner") or {})
    if same is not None:
        same.owner = same.owner or owner
        same.unique_id = exposure["unique_id"]
        return
    links = {"openmetadata": None, "airflow": None, "superset": url or None}
    node = Node(f"dashboard:{exposure['name']}", Kind.DASHBOARD, title, project, links=links, owner=owner)
    node.unique_id, node.description = exposure["unique_id"], exposure.get("description") or ""
    node.tags, node.package = sorted(exposure.get("tags") or []), exposure["package_name"]
    found.nodes.append(node)
    found.edges += [(relation, node.id) for relation in _read(exposure, manifest)]


def _read(exposure: Mapping[str, Any], manifest: Manifest) -> Iterator[str]:
    """The relations that an exposure is made from; an ephemeral model is seen through."""
    found: set[str] = set()
    waiting, ephemeral = list(exposure["depends_on"]["nodes"]), manifest.ephemeral
    while waiting:
        unique_id = waiting.pop()
        if unique_id in ephemeral:
            waiting += manifest.content["parent_map"].get(unique_id, [])
        elif unique_id in manifest.content["nodes"] or unique_id in manifest.content["sources"]:
            found.add(manifest.relation(unique_id))
    yield from sorted(found)
