"""Asynchronous client of OpenMetadata's REST API (/api/v1), for many calls at once."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from dbt_lineage.catalogue.client import AT_ONCE, CatalogueUnavailable, checked
from dbt_lineage.core import web
from dbt_lineage.core.settings import OpenMetadataSettings

_PAGE = 500
_LEAVING = ("send_request_headers.started", "send_request_body.started")


class AsyncClient:
    """A client of one OpenMetadata server, used as an asynchronous context manager.

    Args:
        settings: the server's address, token and timeout.

    Attributes:
        calls: number of calls made.
    """

    def __init__(self, settings: OpenMetadataSettings) -> None:
        self._address = str(settings.url).rstrip("/")
        self._seconds = settings.timeout_seconds
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
        self._extensions: dict[str, Any] = {"timeout": httpx.Timeout(settings.timeout_seconds / 2).as_dict()}
        self.calls = 0
        # Clients with one connection each: httpx goes through all connections of a client before every request.
        self._idle: asyncio.Queue[httpx.AsyncClient] = asyncio.Queue()
        trusted = web.trust()
        for _ in range(AT_ONCE):
            self._idle.put_nowait(httpx.AsyncClient(verify=trusted, limits=httpx.Limits(max_connections=1)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in range(AT_ONCE):
            await (await self._idle.get()).aclose()

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The answer to a GET. Raises CatalogueError."""
        return (await self.call("GET", path, params=params)).json()

    async def find(self, path: str, **params: Any) -> dict[str, Any] | None:
        """The answer to a GET; None for 404. Raises CatalogueError."""
        answer = await self.call("GET", path, params=params, or_status=(404,))
        return None if answer.status_code == 404 else answer.json()

    async def pages(self, path: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """All entities of a listing; none for 404. Raises CatalogueError."""
        after: dict[str, str] | None = {}
        while after is not None:
            page = await self.find(path, **params, limit=_PAGE, **after) or {"data": []}
            for each in page["data"]:
                yield each
            cursor = (page.get("paging") or {}).get("after")
            after = {"after": cursor} if cursor else None

    async def call(
        self,
        method: str,
        path: str,
        json: Any = None,
        params: dict[str, Any] | None = None,
        or_status: Collection[int] = (),
        may: Callable[[], None] | None = None,
    ) -> httpx.Response:
        """Make one call. It is retried while the server is unreachable or answers 429 or 5xx.

        Args:
            method: HTTP method.
            path: path below /api/v1, with names already quoted.
            json: the body.
            params: the query.
            or_status: statuses to return instead of raising.
            may: called right before each part of the request is sent. It raises if the request must not be sent.

        Raises:
            CatalogueError: the server refused, or is still unreachable after ``OPENMETADATA_TIMEOUT_SECONDS``.
        """
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(CatalogueUnavailable),
            stop=stop_after_delay(self._seconds),
            wait=wait_exponential_jitter(initial=0.1, max=2),
            reraise=True,
        ):
            with attempt:
                http = await self._idle.get()
                try:
                    return await self._once(http, method, path, json, params, or_status, may)
                finally:
                    self._idle.put_nowait(http)
        raise AssertionError("unreachable: tenacity reraises")

    async def _once(
        self,
        http: httpx.AsyncClient,
        method: str,
        path: str,
        json: Any,
        params: dict[str, Any] | None,
        or_status: Collection[int],
        may: Callable[[], None] | None,
    ) -> httpx.Response:
        where = f"OpenMetadata at {self._address}: {method} /api/v1{path}"
        self.calls += 1
        try:
            answer = await http.send(
                # The whole address at once: httpx would parse it three times to merge it with a client's base address.
                httpx.Request(
                    method,
                    httpx.URL(f"{self._address}/api/v1{path}", params=params),
                    headers=self._headers,
                    json=json,
                    extensions=self._extensions if may is None else {**self._extensions, "trace": _asking(may)},
                )
            )
        # A server that wants a certificate says so only as its answer is read, and httpx passes that on as it is.
        except (httpx.TransportError, ssl.SSLError) as error:
            raise CatalogueUnavailable(f"{where} failed: {error!r}") from error
        return answer if answer.status_code in or_status else checked(answer, where)


def _asking(may: Callable[[], None]) -> Callable[[str, Any], Awaitable[None]]:
    """A trace extension (https://www.python-httpx.org/advanced/extensions/#trace) that asks before a request is sent.

    Asking before the call would be too early: a process that is paused in between would send when it continues.
    """

    async def trace(event: str, _: Any) -> None:
        if event.endswith(_LEAVING):
            may()

    return trace
