"""The lineage page on the running product: how long each route takes, the first view in a browser, and its memory."""

import gzip
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import psutil
from playwright.sync_api import Page

from bench.parts import part
from bench.parts.thousand import FAST, RUN_SECONDS, await_verified, running
from bench.stack import BenchStack
from bench.usage import MEBIBYTE, family, memory_bytes
from dbt_lineage.airflow.page.mounted import URL_PREFIX
from dbt_lineage.core import settings
from stack.airflow_api import AirflowApi
from stack.browser import chromium, install
from stack.screenshots import log_in
from stack.supervisor import Supervisor

MODELS = (1000, 3000)
COLUMNS = 20
REQUESTS = 100
API_SERVER = "airflow-api-server"


@part("page", by_default=False)
def page(rounds: int) -> dict[str, Any]:
    """Made-up projects of 1,000 and 3,000 models with 20 columns each; ``MODELS`` in the environment names others.

    Each project is built once, and its lineage is read back before anything is asked.
    """
    sizes = tuple(map(int, os.environ.get("MODELS", "").split())) or MODELS
    # It takes minutes until the browser is needed.
    install()
    return {"by_models": {models: _measured(models, rounds) for models in sizes}, "ways": {}, "ratios": {}}


def _measured(models: int, rounds: int) -> dict[str, Any]:
    with running(models, FAST, COLUMNS) as stack:
        dag_id = settings.dbt().dag_id
        stack.run_dag(dag_id, RUN_SECONDS)
        await_verified(datetime.fromtimestamp(0, UTC))
        api = AirflowApi(stack.config)
        # What Airflow's own pages need is not counted as the lineage page's.
        before = _memory(stack)
        with httpx.Client(base_url=f"{api.address}{URL_PREFIX}/api/v1", headers=api.login, timeout=60) as http:
            cold = {path: _seconds(partial(http.get, path)) for path in ("/graph", "/columns")}
            nodes, columns = (http.get(path).json() for path in ("/graph", "/columns"))
            run_id = api.runs(dag_id)[-1]["dag_run_id"]
            routes = {name: _quantiles(ask) for name, ask in _routes(http, dag_id, run_id, nodes).items()}
            sizes = {path: len(gzip.compress(http.get(path).content)) for path in ("/graph", "/columns")}
        return {
            "models": models,
            "columns": models * COLUMNS,
            "column_edges": len(columns["edges"]),
            "first_request_s": cold,
            "routes_ms": routes,
            "slowest_p95_ms": max(each["p95"] for each in routes.values()),
            "packed_bytes": sizes,
            "first_view_s": _first_view(stack, rounds),
            "memory_added_mib": round(_memory(stack) - before, 1),
        }


def _routes(http: httpx.Client, dag_id: str, run_id: str, graph: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """A call of each route that a view needs, by its name."""
    first, last = (graph["nodes"][place]["id"] for place in (0, -1))
    paths = {
        "projects": "/projects",
        "graph": "/graph",
        "columns": "/columns",
        "state": "/state",
        "node": f"/nodes/{last}",
        "receipts": "/receipts",
        "receipt": f"/receipts/{dag_id}/{run_id}",
        "health": "/health",
        "dead letters": "/dead-letters",
    }
    calls: dict[str, Callable[[], Any]] = {name: partial(http.get, path) for name, path in paths.items()}
    calls["what if"] = partial(http.post, "/what-if", json={"node": first, "column": "amount"})
    return calls


def _seconds(ask: Callable[[], httpx.Response]) -> float:
    started = time.monotonic()
    ask().raise_for_status()
    return round(time.monotonic() - started, 3)


def _quantiles(ask: Callable[[], httpx.Response]) -> dict[str, float]:
    """Median and 95th percentile, milliseconds."""
    at = statistics.quantiles([_seconds(ask) * 1000 for _ in range(REQUESTS)], n=20)
    return {"median": round(at[9], 1), "p95": round(at[18], 1)}


def _first_view(stack: BenchStack, rounds: int) -> list[float]:
    """Seconds from the address to the drawn graph, each time in a browser window without a cache."""
    seconds = []
    with chromium() as browser:
        for _ in range(rounds):
            window: Page = browser.new_page(viewport={"width": 1360, "height": 840})
            log_in(window, stack.config)
            started = time.monotonic()
            window.goto(f"http://{stack.config.address('airflow')}/plugin/dbt-lineage")
            # Few tables are cards, many are drawn.
            window.wait_for_selector(".dbtl-canvas, .dbtl-card")
            seconds.append(round(time.monotonic() - started, 2))
            window.close()
    return seconds


def _memory(stack: BenchStack) -> float:
    """Memory of the API server with its workers, MiB."""
    server = psutil.Process(Supervisor(stack.config).states()[API_SERVER]["pid"])
    return memory_bytes(family(server)) / MEBIBYTE
