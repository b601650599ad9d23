"""The page's application: every route is behind Airflow's login, and answers errors with one sentence."""

from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from dbt_lineage.airflow.page.rights import SIGNED_IN
from dbt_lineage.airflow.page.routes import graph, health, letters, nodes, receipts
from dbt_lineage.airflow.page.tasks import tasks_of
from dbt_lineage.core import settings
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.kafka.topics import BrokerError
from dbt_lineage.ledger.job_lineage import LineageLedger
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.page.answers import Views
from dbt_lineage.page.what_if import CannotTell
from dbt_lineage.spool.errors import SpoolError

API = "/api/v1"
STATIC = Path(__file__).parent / "static"
NOT_BUILT = (
    "the page's client is not in this installation: build it with `make page` in a checkout, or install the wheel"
)


def make_app() -> FastAPI:
    """The application, as Airflow mounts it. Raises SettingsError."""
    # FastAPI adds its own pages without the dependencies of the application, so they are off, and made again below.
    app = FastAPI(
        title="dbt lineage",
        description="Graph, health and receipts of the lineage of dbt projects.",
        version="1",
        dependencies=SIGNED_IN,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    ledger = LineageLedger(settings.ledger()) if settings.ledger_is_configured() else None
    app.state.views = Views(ledger, settings.page().proof, tasks_of)
    for router in (each.router for each in (graph, nodes, receipts, letters, health)):
        app.include_router(router, prefix=API)
    _add_documentation(app)
    _add_static(app)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(CannotTell, _refused)
    app.add_exception_handler(LedgerError, partial(_away, "ledger"))
    app.add_exception_handler(BrokerError, partial(_away, "kafka"))
    app.add_exception_handler(SpoolError, partial(_away, "spool"))
    app.add_exception_handler(ExpectedError, partial(_away, "settings"))
    return app


def _add_documentation(app: FastAPI) -> None:
    @app.get(f"{API}/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @app.get(f"{API}/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(openapi_url="openapi.json", title=app.title)


def _add_static(app: FastAPI) -> None:
    """The built client, behind login like all else: an ``import()`` of the same origin sends the cookie."""
    files = StaticFiles(directory=STATIC, check_dir=False)

    @app.get("/static/{path:path}", include_in_schema=False)
    async def static(path: str, request: Request) -> Response:
        if not (STATIC / "lineage-page.js").is_file():
            raise HTTPException(404, NOT_BUILT)
        answer = await files.get_response(path, request.scope)
        # The browser asks each time, and is mostly told that nothing has changed.
        answer.headers["Cache-Control"] = "no-cache"
        return answer


async def _bad_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for these
    said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return JSONResponse({"detail": said}, 422)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422)


async def _away(part: str, _: Request, error: Exception) -> JSONResponse:
    content: dict[str, Any] = {"detail": str(error), "part": part}
    return JSONResponse(content, 503)
