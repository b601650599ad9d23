"""Refresh the dashboards, and compare every chart with the warehouse.

Superset's own refresh answers 200 while charts stay stale. So a dataset's rows have a fingerprint, which is kept in the
dataset itself (``extra``). Storing a new one moves the dataset's time of change, which is part of the key of each cached
answer, so that no old answer is found again. With unchanged rows nothing is dropped, and charts answer from the cache;
they are compared all the same.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import LedgerSettings, SpoolSettings, SupersetSettings
from dbt_lineage.dashboards.charts import ChartUnreadable, column_names, missing_columns, unread_sql
from dbt_lineage.dashboards.client import Superset, SupersetError, SupersetRefused, SupersetUnavailable
from dbt_lineage.dashboards.files import FINGERPRINT
from dbt_lineage.dashboards.filters import filters_of
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.dashboards.proof import CheckError, Checks, checks, difference
from dbt_lineage.ledger.refreshes import DashboardLedger, DashboardRefresh
from dbt_lineage.spool.switch import Switch
from dbt_lineage.warehouse.port import Warehouse

# In place of a chart, for an error of a whole dashboard.
WHOLE_DASHBOARD = "the dashboard"


@dataclass(frozen=True)
class ChartResult:
    """What was found of one chart.

    Args:
        dashboard: slug of its dashboard.
        chart: its name; that of a filter whose column is gone, or ``the dashboard`` where it shows no chart at all.
        dataset: the table that it reads; empty if that is unknown.
        rows: how many rows it shows.
        recomputed: whether its data was computed anew.
        problem: why it is not proved to show what it should; None when it is.
    """

    dashboard: str
    chart: str
    dataset: str
    rows: int = 0
    recomputed: bool = False
    problem: str | None = None

    @property
    def verdict(self) -> str:
        """In a word, or in the words of what is wrong."""
        return self.problem or "equal"


@dataclass(frozen=True)
class Refreshed:
    """What a refresh found.

    Args:
        charts: each chart of each dashboard, and what is wrong with the dashboards beside their charts.
        changed: tables whose rows were not those of the last refresh.
        seconds: how long it took.
        began_at: when it began, with a time zone.
        everything: whether it was of all dashboards of the code.
    """

    charts: list[ChartResult]
    changed: list[str]
    seconds: float
    began_at: datetime
    everything: bool

    def counts(self) -> dict[str, Any]:
        """Charts, how many are equal to the warehouse, how many were computed anew, which tables had changed."""
        return {
            "charts": len(self.charts),
            "charts_equal": sum(chart.problem is None for chart in self.charts),
            "recomputed": sum(chart.recomputed for chart in self.charts),
            "changed": self.changed,
            "seconds": round(self.seconds, 1),
        }

    def of_dashboards(self) -> list[DashboardRefresh]:
        """The same, dashboard by dashboard, as the ledger keeps it."""
        slugs = dict.fromkeys(chart.dashboard for chart in self.charts)
        return [self._of_dashboard(slug, [each for each in self.charts if each.dashboard == slug]) for slug in slugs]

    def _of_dashboard(self, slug: str, charts: list[ChartResult]) -> DashboardRefresh:
        wrong = [f"{chart.chart}: {chart.problem}" for chart in charts if chart.problem]
        return DashboardRefresh(
            dashboard=slug,
            refreshed_at=self.began_at,
            charts=len(charts),
            charts_equal=len(charts) - len(wrong),
            recomputed=sum(chart.recomputed for chart in charts),
            seconds=round(self.seconds, 1),
            problem="; ".join(wrong),
        )

    def require_equal(self) -> None:
        """Raises ChartsDiffer unless every chart shows what the warehouse has."""
        wrong = [chart for chart in self.charts if chart.problem]
        if wrong or not self.charts:
            lines = [
                f"{each.dashboard}: {each.chart}{f' ({each.dataset})' if each.dataset else ''}: {each.problem}"
                for each in wrong
            ]
            raise ChartsDiffer(
                f"{len(wrong)} of {len(self.charts)} charts do not show what the warehouse says:\n" + "\n".join(lines)
            )


class ChartsDiffer(ExpectedError):
    """Charts do not show what the warehouse has; the message names each with the difference."""


@dataclass(frozen=True)
class _Dataset:
    """A dataset as it is after it was re-read.

    Args:
        name: its table, as far as it is known.
        content: Superset's; None if it could not be re-read.
        changed: whether its rows are not those of the last refresh.
        problem: why its charts cannot be proved; None when they can.
    """

    name: str
    content: dict[str, Any] | None = None
    changed: bool = False
    problem: str | None = None


class Refresh:
    """One refresh of some dashboards.

    Args:
        superset: as the service account.
        database: the warehouse.
        assets: the dashboards as code, with the checks of their charts.
    """

    def __init__(self, superset: Superset, database: Checks, assets: Assets) -> None:
        self._superset = superset
        self._database = database
        self._assets = assets

    def run(self, slugs: Sequence[str] = ()) -> Refreshed:
        """Refresh dashboards.

        Args:
            slugs: the last part of each one's address; all of the code when none is named.

        Raises:
            SupersetUnavailable: Superset is away.
            SupersetRefused: it does not let the account in, or there is no such dashboard, neither in the code. What is
                wrong with one chart, one dataset or one dashboard of the code is in the result, and the others are proved.
        """
        started, began_at = time.monotonic(), datetime.now(UTC)
        # A refused login is reported once, not for each chart.
        self._superset.get("/api/v1/security/csrf_token/", what="the refresh")
        entries = {slug: self._entries(slug) for slug in slugs or self._assets.slugs}
        # Datasets first: if the account cannot read a chart's dataset, Superset answers that there is no chart.
        names = {_dataset_id(entry): self._dataset_name(entry) for those in entries.values() for entry in those}
        datasets = {number: self._synchronised(number, name) for number, name in names.items() if number is not None}
        results = [each for slug, those in entries.items() for each in self._of_dashboard(slug, those, datasets)]
        changed = sorted(each.name for each in datasets.values() if each.changed)
        return Refreshed(results, changed, time.monotonic() - started, began_at, everything=not slugs)

    def _address(self, slug: str) -> str:
        # By its UUID: its slug may have been changed in Superset, and a slug of digits is taken for a number.
        known = self._assets.dashboards.get(slug)
        return f"/api/v1/dashboard/{known['uuid'] if known else slug}"

    def _entries(self, slug: str) -> list[dict[str, Any]]:
        """The charts of a dashboard; none of a dashboard of the code that is not there any more."""
        try:
            return self._superset.get(f"{self._address(slug)}/charts", what=f"dashboard {slug}")["result"]
        except SupersetRefused:
            if slug not in self._assets.dashboards:
                raise
            return []

    def _of_dashboard(
        self, slug: str, entries: list[dict[str, Any]], datasets: dict[int, _Dataset]
    ) -> Iterator[ChartResult]:
        yield from (self._result(slug, entry, datasets) for entry in entries)
        try:
            dashboard = self._superset.get(self._address(slug), what=f"dashboard {slug}")["result"]
            filters = list(filters_of(dashboard))
        except (SupersetRefused, ChartUnreadable) as error:
            yield ChartResult(slug, WHOLE_DASHBOARD, "", problem=str(error))
            return
        if not entries:
            yield ChartResult(slug, WHOLE_DASHBOARD, "", problem="it shows no chart")
        for each in filters:
            dataset = datasets.get(each.dataset)
            if dataset and dataset.content and each.column not in column_names(dataset.content):
                problem = f"there is no column {each.column}"
                yield ChartResult(slug, f"filter {each.title}", dataset.name, problem=problem)

    def _chart(self, entry: dict[str, Any]) -> dict[str, Any]:
        path, what = f"/api/v1/chart/{entry['id']}", f"chart {entry['slice_name']!r}"
        return {**self._superset.get(path, what=what)["result"], "id": entry["id"]}

    def _dataset_name(self, entry: dict[str, Any]) -> str:
        """The table of a chart in the code, else the number of its dataset; empty if neither is known."""
        charts = self._assets.of_kind("charts").values()
        uuids = {chart["dataset_uuid"] for chart in charts if chart["slice_name"] == entry["slice_name"]}
        path = self._assets.path_of(uuids.pop()) if len(uuids) == 1 else None
        number = _dataset_id(entry)
        return self._assets.files[path]["table_name"] if path else "" if number is None else f"number {number}"

    def _result(self, slug: str, entry: dict[str, Any], datasets: dict[int, _Dataset]) -> ChartResult:
        number, title = _dataset_id(entry), entry["slice_name"] or f"number {entry['id']}"
        if "form_data" not in entry:
            return ChartResult(slug, title, "", problem="its params are no object of JSON")
        if number is None:
            name = self._dataset_name(entry)
            which = f"dataset {name}" if name else "its dataset"
            return ChartResult(slug, title, name, problem=f"{which} is not in Superset: import the dashboards again")
        dataset = datasets[number]
        result = ChartResult(slug, title, dataset.name)
        try:
            chart = self._chart(entry)
        except SupersetRefused as refused:
            return replace(result, problem=str(refused))
        try:
            return self._proved(chart, dataset, result)
        except (SupersetError, CheckError, ChartUnreadable) as error:
            return replace(result, problem=str(error))

    def _synchronised(self, number: int, name: str) -> _Dataset:
        """Re-read a dataset's columns, and drop its cached answers when its rows are not those of the last refresh."""
        what, path = f"dataset {name}", f"/api/v1/dataset/{number}"
        try:
            answer = self._superset.call("PUT", f"{path}/refresh", what=what)
            if self._superset.json(answer, what) != {"message": "OK"}:
                raise SupersetError(
                    f"Superset at {self._superset.address}: {what}: PUT {path}/refresh said {answer.text}"
                )
            content = self._superset.get(path, what=what)["result"]
            return self._compared_with_last(number, content)
        except SupersetUnavailable:
            raise
        except SupersetError as error:
            return _Dataset(name, problem=str(error))

    def _compared_with_last(self, number: int, content: dict[str, Any]) -> _Dataset:
        name = content["table_name"]
        if content.get("sql"):
            problem = f"dataset {name} is virtual, a query of its own: make it a dbt model, and a dataset on that"
            return _Dataset(name, content, problem=problem)
        if not content.get("schema"):
            return _Dataset(name, content, problem=f"dataset {name} says no schema: import the dashboards again")
        try:
            fingerprint = self._database.fingerprint(content["schema"], name)
        except CheckError as error:
            return _Dataset(name, content, problem=str(error))
        extra = _extra(content)
        if extra is None:
            problem = f"the extra of dataset {name} is no object of JSON: {content['extra']!r}"
            return _Dataset(name, content, problem=problem)
        if extra.get(FINGERPRINT) == fingerprint:
            return _Dataset(name, content)
        self._forget_answers(number, f"dataset {name}", {**extra, FINGERPRINT: fingerprint})
        return _Dataset(name, content, changed=True)

    def _forget_answers(self, number: int, what: str, extra: dict[str, Any]) -> None:
        body = {"extra": json.dumps(extra)}
        self._superset.call("PUT", f"/api/v1/dataset/{number}", what=what, json=body)
        # No key leads to them any more; this frees their place.
        uids = {"datasource_uids": [f"{number}__table"]}
        self._superset.call("POST", "/api/v1/cachekey/invalidate", what=what, json=uids)

    def _proved(self, chart: dict[str, Any], dataset: _Dataset, result: ChartResult) -> ChartResult:
        if dataset.content is None:
            return replace(result, problem=dataset.problem)
        if missing := missing_columns(chart, dataset.content, self._database.adapter):
            return replace(result, problem=f"there is no {', no '.join(missing)}")
        if dataset.problem:
            return replace(result, problem=dataset.problem)
        check, schema = self._check(chart), dataset.content["schema"]
        # An answer from the cache would hide that a column is gone which only the warehouse can miss.
        unread = unread_sql(chart, dataset.content, self._database.adapter)
        try:
            rows, cached = self._superset.chart_data(chart, force=dataset.changed or bool(unread))
        except SupersetError as error:
            raise SupersetError(f"{error}; it uses {', '.join(unread)}" if unread else str(error)) from None
        problem = difference(self._database.expected(check, schema), rows)
        if problem and cached:
            rows, cached = self._superset.chart_data(chart, force=True)
            problem = difference(self._database.expected(check, schema), rows)
        return replace(result, rows=len(rows), recomputed=not cached, problem=problem)

    def _check(self, chart: dict[str, Any]) -> Path:
        path = self._assets.path_of(chart["uuid"])
        if path is None:
            raise CheckError("it is not in the code: `dbt-lineage dashboards export`, then write its check")
        return self._assets.folder / "checks" / Path(path).relative_to("charts").with_suffix(".sql")


def refresh(superset: SupersetSettings, database: Warehouse, slugs: Sequence[str] = ()) -> Refreshed:
    """Refresh dashboards and compare each chart with the warehouse.

    Args:
        superset: the server, the service account, and the folder of the dashboards as code.
        database: the warehouse.
        slugs: which dashboards; all of the folder when none is named.

    Raises:
        AssetsError: a file of the folder is broken.
        SupersetError: Superset is away, or lets nobody in, or there is no such dashboard.
        CheckError: the warehouse is away.
    """
    assets = Assets.load(superset.assets_dir)
    with Superset.as_service_account(superset) as client, checks(database, superset.timeout_seconds) as reader:
        return Refresh(client, reader, assets).run(slugs)


def conclude(refreshed: Refreshed, ledger: LedgerSettings, spool: SpoolSettings, project: str) -> None:
    """Keep in the ledger what a refresh found, and then be content with nothing but equal charts.

    Args:
        refreshed: what it found.
        ledger: where it is kept, unless the lineage was removed, and the ledger's tables with it: charts go on.
        spool: whose switch says so.
        project: name of the project whose dashboards they are.

    Raises:
        ChartsDiffer: a chart does not show what the warehouse has; also if the ledger is away.
        LedgerError: the ledger is away.
    """
    off = Switch(spool.dir).off()
    try:
        if off is None or off.keeps:
            with DashboardLedger(ledger) as kept:
                kept.refreshed(refreshed.of_dashboards(), all_there_are=refreshed.everything, project=project)
    finally:
        refreshed.require_equal()


def _dataset_id(entry: dict[str, Any]) -> int | None:
    """From ``7__table``; None from ``None__table``, when it was deleted, and from ``7__query``, which is no dataset."""
    # Superset leaves out the form data of a chart whose params it cannot read.
    number, _, kind = entry.get("form_data", {}).get("datasource", "").partition("__")
    return int(number) if number.isdigit() and kind == "table" else None


def _extra(dataset: dict[str, Any]) -> dict[str, Any] | None:
    """What a dataset has in ``extra``; None when that is no JSON object."""
    try:
        extra = json.loads(dataset.get("extra") or "{}")
    except ValueError:
        return None
    return extra if isinstance(extra, dict) else None
