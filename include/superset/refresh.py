"""A refresh that proves what people see: columns re-read, stale answers dropped, every chart compared with its table.

Superset's own refresh answers 200 while charts stay stale. Here a dataset's rows have a fingerprint. It is kept in the
dataset itself (``extra``): writing a new one also moves the dataset's time of change, which is part of the key of each
cached answer, so that no answer from before is found again. When the rows are the same, nothing is dropped, and charts
answer from the cache; they are compared all the same.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.errors import ExpectedError
from include.ledger.dashboards import DashboardLedger, DashboardRefresh
from include.settings import LedgerSettings, SpoolSettings, SupersetSettings, WarehouseSettings
from include.spool.switch import Switch
from include.superset.assets import Assets
from include.superset.charts import missing_columns
from include.superset.client import Superset, SupersetError
from include.superset.proof import CheckError, Warehouse, difference, warehouse

FINGERPRINT = "warehouse_fingerprint"


@dataclass(frozen=True)
class ChartResult:
    """What was found of one chart.

    Args:
        dashboard: slug of its dashboard.
        chart: its name.
        dataset: the table that it reads.
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
        charts: each chart of each dashboard.
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
        """Raises ChartsDiffer unless every chart shows what the warehouse says."""
        wrong = [chart for chart in self.charts if chart.problem]
        if wrong or not self.charts:
            lines = [f"{each.dashboard}: {each.chart} ({each.dataset}): {each.problem}" for each in wrong]
            raise ChartsDiffer(
                f"{len(wrong)} of {len(self.charts)} charts do not show what the warehouse says:\n" + "\n".join(lines)
            )


class ChartsDiffer(ExpectedError):
    """Charts do not show what the warehouse says; the message names each with what is wrong."""


@dataclass(frozen=True)
class _Dataset:
    content: dict[str, Any]
    changed: bool
    problem: str | None


class Refresh:
    """One refresh of some dashboards.

    Args:
        superset: as the service account.
        database: the warehouse.
        assets: whose checks say what the charts should show.
    """

    def __init__(self, superset: Superset, database: Warehouse, assets: Assets) -> None:
        self._superset = superset
        self._database = database
        self._assets = assets

    def run(self, slugs: Sequence[str] = ()) -> Refreshed:
        """Refresh dashboards.

        Args:
            slugs: the last part of each one's address; all of the code when none is named.

        Raises:
            SupersetError: a dashboard or a dataset cannot be read or written; what only one chart has is in its result.
        """
        started, began_at = time.monotonic(), datetime.now(UTC)
        entries = [(slug, entry) for slug in slugs or self._assets.slugs for entry in self._entries(slug)]
        # First, since who has no dataset for a chart is told that there is no chart.
        names = {_dataset_id(entry): self._dataset_name(entry) for _, entry in entries}
        datasets = {number: self._synchronised(number, name) for number, name in names.items() if number is not None}
        results = [self._result(slug, entry, datasets) for slug, entry in entries]
        changed = sorted(each.content["table_name"] for each in datasets.values() if each.changed)
        return Refreshed(results, changed, time.monotonic() - started, began_at, everything=not slugs)

    def _entries(self, slug: str) -> list[dict[str, Any]]:
        return self._superset.get(f"/api/v1/dashboard/{slug}/charts", what=f"dashboard {slug}")["result"]

    def _chart(self, entry: dict[str, Any]) -> dict[str, Any]:
        path, what = f"/api/v1/chart/{entry['id']}", f"chart {entry['slice_name']!r}"
        return {**self._superset.get(path, what=what)["result"], "id": entry["id"]}

    def _dataset_name(self, entry: dict[str, Any]) -> str:
        """The table of a chart as the code has it, else the number of its dataset."""
        charts = self._assets.of_kind("charts").values()
        uuid = next((chart["dataset_uuid"] for chart in charts if chart["slice_name"] == entry["slice_name"]), "")
        path = self._assets.path_of(uuid)
        return self._assets.files[path]["table_name"] if path else f"number {_dataset_id(entry)}"

    def _result(self, slug: str, entry: dict[str, Any], datasets: dict[int, _Dataset]) -> ChartResult:
        number = _dataset_id(entry)
        if number is None:
            name = self._dataset_name(entry)
            problem = f"dataset {name} is not in Superset: import the dashboards again"
            return ChartResult(slug, entry["slice_name"], name, problem=problem)
        return self._proved(slug, self._chart(entry), datasets[number])

    def _synchronised(self, number: int, name: str) -> _Dataset:
        """Re-read a dataset's columns, and drop its cached answers when its rows are not those of the last refresh."""
        what, path = f"dataset {name}", f"/api/v1/dataset/{number}"
        answer = self._superset.call("PUT", f"{path}/refresh", what=what)
        if self._superset.json(answer, what) != {"message": "OK"}:
            raise SupersetError(f"Superset at {self._superset.address}: {what}: PUT {path}/refresh said {answer.text}")
        content = self._superset.get(path, what=what)["result"]
        try:
            fingerprint = self._database.fingerprint(content["schema"], content["table_name"])
        except CheckError as error:
            return _Dataset(content, changed=False, problem=str(error))
        extra = json.loads(content.get("extra") or "{}")
        if extra.get(FINGERPRINT) == fingerprint:
            return _Dataset(content, changed=False, problem=None)
        self._forget_answers(number, what, {**extra, FINGERPRINT: fingerprint})
        return _Dataset(content, changed=True, problem=None)

    def _forget_answers(self, number: int, what: str, extra: dict[str, str]) -> None:
        body = {"extra": json.dumps(extra)}
        self._superset.call("PUT", f"/api/v1/dataset/{number}", what=what, json=body)
        # No key leads to them any more; this frees their place.
        uids = {"datasource_uids": [f"{number}__table"]}
        self._superset.call("POST", "/api/v1/cachekey/invalidate", what=what, json=uids)

    def _proved(self, slug: str, chart: dict[str, Any], dataset: _Dataset) -> ChartResult:
        named = {"dashboard": slug, "chart": chart["slice_name"], "dataset": dataset.content["table_name"]}
        if missing := missing_columns(chart, dataset.content):
            return ChartResult(**named, problem=f"there is no {', no '.join(missing)}")
        if dataset.problem:
            return ChartResult(**named, problem=dataset.problem)
        try:
            return self._compared(chart, dataset, named)
        except (SupersetError, CheckError) as error:
            return ChartResult(**named, problem=str(error))

    def _compared(self, chart: dict[str, Any], dataset: _Dataset, named: dict[str, str]) -> ChartResult:
        check, schema = self._check(chart), dataset.content["schema"]
        rows, cached = self._superset.chart_data(chart, force=dataset.changed)
        problem = difference(self._database.expected(check, schema), rows)
        if problem and cached:
            rows, cached = self._superset.chart_data(chart, force=True)
            problem = difference(self._database.expected(check, schema), rows)
        return ChartResult(**named, rows=len(rows), recomputed=not cached, problem=problem)

    def _check(self, chart: dict[str, Any]) -> Path:
        path = self._assets.path_of(chart["uuid"])
        if path is None:
            raise CheckError("it is not in the code: `python -m include.superset export`, then write its check")
        return self._assets.folder / "checks" / f"{Path(path).stem}.sql"


def refresh(superset: SupersetSettings, database: WarehouseSettings, slugs: Sequence[str] = ()) -> Refreshed:
    """Refresh dashboards and compare each chart with the warehouse.

    Args:
        superset: the server, the service account, and the folder of the dashboards as code.
        database: the warehouse, and the role that the charts read with.
        slugs: which dashboards; all of the folder when none is named.

    Raises:
        AssetsError: a file of the folder is broken.
        SupersetError: Superset is away or refuses.
        CheckError: the warehouse is away.
    """
    assets = Assets.load(superset.assets_dir)
    with Superset.as_service_account(superset) as client, warehouse(database, superset.timeout_seconds) as reader:
        return Refresh(client, reader, assets).run(slugs)


def conclude(refreshed: Refreshed, ledger: LedgerSettings, spool: SpoolSettings) -> None:
    """Keep in the ledger what a refresh found, and then be content with nothing but equal charts.

    Args:
        refreshed: what it found.
        ledger: where it is kept, unless the lineage was removed, and the ledger's tables with it: charts go on.
        spool: whose switch says so.

    Raises:
        ChartsDiffer: a chart does not show what the warehouse says; also when the ledger is away.
        LedgerError: the ledger is away.
    """
    off = Switch(spool.dir).off()
    try:
        if off is None or off.keeps:
            with DashboardLedger(ledger) as kept:
                kept.refreshed(refreshed.of_dashboards(), all_there_are=refreshed.everything)
    finally:
        refreshed.require_equal()


def _dataset_id(entry: dict[str, Any]) -> int | None:
    """From ``7__table``; ``None__table`` when it was deleted."""
    number = entry["form_data"]["datasource"].split("__")[0]
    return int(number) if number.isdigit() else None
