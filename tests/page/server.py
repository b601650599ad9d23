"""A small HTTP server that answers as the page's API does, from answers that a test may change meanwhile."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.page import answers

ROOT = Path(__file__).parents[2]
# What Airflow loads, and the plain page around it.
FOLDERS = (ROOT / "include" / "dbt_lineage" / "airflow" / "page" / "static", ROOT / "build" / "plain-page")
TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8"}
API, FILES = "/dbt-lineage/api/v1/", "/dbt-lineage/static/"
Answer = Any | Callable[[], Any]


@dataclass(frozen=True)
class Refusal:
    """An answer that is an error."""

    status: int
    detail: str
    part: str | None = None


@dataclass
class Site:
    """What the server answers, and what it was asked."""

    address: str = ""
    given: dict[str, Answer] = field(default_factory=dict)
    posted: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def page(self) -> str:
        """Address of the plain page."""
        return f"{self.address}{FILES}index.html"

    def answer(self, path: str) -> Any:
        """What a path below the API is answered with."""
        found = self.given.get(path, Refusal(404, f"there is no {path}"))
        return found() if callable(found) else found


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith(FILES):
            file = next(found for each in FOLDERS if (found := each / path.removeprefix(FILES)).exists())
            self._send(200, file.read_bytes(), TYPES[file.suffix])
        else:
            self._answer(path.removeprefix(API))

    def do_POST(self) -> None:
        path = urlsplit(self.path).path.removeprefix(API)
        self.site.posted.append((path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self._answer(path)

    def _answer(self, path: str) -> None:
        found = self.site.answer(path)
        if isinstance(found, Refusal):
            body = {"detail": found.detail} | ({"part": found.part} if found.part else {})
            self._send(found.status, json.dumps(body).encode())
        else:
            self._send(200, json.dumps(found).encode())

    def _send(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing: the tests' output is for failures."""


def site_of(lineage: answers.Lineage) -> Site:
    """A site with all that the page asks for, where all is well."""
    models = [node for node in lineage.nodes if node["kind"] == "model"]
    project = {
        "name": lineage.project,
        "dag_id": lineage.project,
        "models": len(models),
        "columns": len(lineage.columns),
        "dashboards": 1,
        "lineage_on": True,
        "lineage_reason": None,
        "last_run": answers.run(2, "success"),
        "problem": None,
    }
    tests = {"passed": 3, "failed": 0, "warned": 0}
    state = {"state": "success", "started_at": answers.AT.format(2, 0), "ended_at": answers.AT.format(2, 9)}
    states = {node["id"]: state | {"tests": tests, "verified_at": answers.AT.format(2, 12)} for node in models}
    receipt = answers.receipt(done=99)
    head = {key: receipt[key] for key in ("dag_id", "run_id", "project", "state")}
    site = Site()
    site.given = {
        "projects": [project],
        "graph": lineage.graph(),
        "columns": lineage.columns_answer(),
        "state": {
            "runs": [answers.run(2, "success") | {"project": lineage.project, "dag_id": lineage.project}],
            "now": answers.AT.format(5, 0),
            "nodes": states,
        },
        "health": answers.health(),
        "receipts": [
            head
            | {"started_at": answers.AT.format(2, 0), "models": len(receipt["rows"]), "read_back": len(receipt["rows"])}
        ],
        f"receipts/{receipt['dag_id']}/{receipt['run_id']}": receipt,
        "dead-letters": answers.dead_letters(),
        "dead-letters/replay": {"dag_id": "lineage_replay", "run_id": "manual__9"},
        "events": [
            {
                "event_id": "event-1",
                "type": "COMPLETE",
                "job": "shop.order_totals",
                "emitted_at": answers.AT.format(2, 1),
                "ingested_at": answers.AT.format(2, 4),
                "reason": None,
                "acknowledged_at": answers.AT.format(2, 2),
                "verified_at": answers.AT.format(2, 5),
            }
        ],
        "events/event-1": {"eventType": "COMPLETE", "job": {"namespace": "dbt", "name": "shop.order_totals"}},
        "what-if": {
            "columns": [["warehouse.shop.order_totals", "revenue"]],
            "nodes": ["warehouse.shop.order_totals"],
            "charts": ["chart:shop/Revenue"],
            "conditional": [["warehouse.shop.customer_lifetime_value", "customer_id"]],
            "owners": ["Finance"],
            "added": [["warehouse.shop.stg_orders", "amount", "revenue", "DIRECT/IDENTITY"]],
            "removed": [],
            "unresolved": [],
        },
    }
    for node in lineage.nodes:
        site.given[f"nodes/{node['id']}"] = partial(lineage.node, node["id"])
    return site


@contextmanager
def served(site: Site) -> Iterator[Site]:
    """Serve a site on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, site))
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
