"""The stand-in as an ASGI application."""

import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .answers import Call, Handler
from .connection_tests import seed
from .errors import CatalogueError, InvalidAnswerError
from .faults import Faults
from .middleware import Authentication, FaultInjection, RequestLog
from .options import Options
from .routes import ROUTES
from .settings import Settings
from .store import Document, Store

_LOGGED_REQUESTS = 10_000
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

log = logging.getLogger(__name__)


class Catalogue:
    """The state behind the routes: the durable store, and what a restart forgets."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.faults = Faults()
        self.requests: deque[Document] = deque(maxlen=_LOGGED_REQUESTS)
        self.options = Options()
        self.graphs: dict[Any, tuple[float, Document]] = {}


def create_app(settings: Settings) -> Starlette:
    """The application on the database that the settings name.

    Args:
        settings: The stand-in's settings.

    Raises:
        sqlite3.Error: The database cannot be used.
    """
    catalogue = Catalogue(Store(settings.database))
    with catalogue.store.transaction():
        seed(catalogue.store)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        catalogue.store.close()

    routes = [
        Route(
            path if path.startswith("/standin") else f"/api/v1{path}", _endpoint(catalogue, handler), methods=[method]
        )
        for method, path, handler in ROUTES
    ]
    routes.append(Route("/{path:path}", _endpoint(catalogue, _unknown), methods=_METHODS))
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(RequestLog, requests=catalogue.requests),
            Middleware(FaultInjection, faults=catalogue.faults),
            Middleware(Authentication, token=settings.token, options=catalogue.options),
        ],
    )


def _endpoint(catalogue: Catalogue, handler: Handler) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """A handler in a transaction that is durable before the answer leaves.

    Handlers run on the event loop, one at a time: that is what makes the single connection safe.
    """

    async def endpoint(request: Request) -> Response:
        call = Call(
            store=catalogue.store,
            path=request.path_params,
            query=request.query_params,
            headers=request.headers,
            body=await request.body(),
            faults=catalogue.faults,
            requests=catalogue.requests,
            options=catalogue.options,
            graphs=catalogue.graphs,
        )
        if _has_bare_slash(request):
            return _error(404, "HTTP 404 Not Found")
        try:
            with catalogue.store.transaction():
                return handler(call)
        except UnknownRouteError:
            with catalogue.store.transaction():
                catalogue.store.add_unknown_route(request.method, request.url.path)
            return _error(404, "HTTP 404 Not Found")
        except CatalogueError as error:
            return _error(error.status, error.message)
        except InvalidAnswerError as error:
            log.error("%s %s would be answered wrongly: %s", request.method, request.url.path, error)
            return _error(500, f"fault of the stand-in: {error}")

    return endpoint


def _has_bare_slash(request: Request) -> bool:
    """Whether a name in the path has a slash that is not encoded: a fully qualified name is one segment."""
    slashes = sum(value.count("/") for name, value in request.path_params.items() if name.endswith("fqn"))
    return slashes > request.scope["raw_path"].lower().count(b"%2f")


class UnknownRouteError(Exception):
    """No route has this method and path."""


def _unknown(call: Call) -> Response:
    raise UnknownRouteError


def _error(status: int, message: str) -> Response:
    return JSONResponse({"code": status, "message": message, "reason": HTTPStatus(status).phrase}, status)
