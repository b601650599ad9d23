"""Cut a connection in the middle of a request, which ASGI cannot."""

import asyncio

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}


class CuttableProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1 with connections that can be found by the address of the peer, as a request's scope has it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection."""
        super().connection_made(transport)
        if self.client is not None:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self.client is not None:
            _open.pop(self.client, None)
        super().connection_lost(exc)


async def cut(scope: Scope, receive: Receive) -> None:
    """Close the request's connection without an answer.

    Args:
        scope: The request's scope.
        receive: The request's messages; read to the end, so that the server stops waiting for them.
    """
    _open[tuple(scope["client"])].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
