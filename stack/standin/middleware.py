"""What every request passes: the log, the faults on demand, the token check."""

import asyncio
import hmac
from collections import deque

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .connections import cut
from .faults import Faults
from .options import Options
from .store import Document

_OPEN = {"/api/v1/system/version"}
_CONTROL = "/standin/"


class RequestLog:
    """Keeps method, path, query and status of the latest requests; a status of 0 means no answer.

    Args:
        app: The application inside.
        requests: Where to keep them; requests of the control routes are left out.
    """

    def __init__(self, app: ASGIApp, requests: deque[Document]) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note it before its answer leaves."""
        if scope["type"] != "http" or scope["path"].startswith(_CONTROL):
            await self._app(scope, receive, send)
            return
        entry: Document = {
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode(),
            "status": 0,
        }
        self._requests.append(entry)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            await send(message)

        await self._app(scope, receive, noting)


class FaultInjection:
    """Lets requests fail by the faults on demand.

    Args:
        app: The application inside.
        faults: The faults on demand.
    """

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or let it fail."""
        faulty = scope["type"] == "http" and not scope["path"].startswith(_CONTROL)
        fault = self._faults.take(scope["method"], scope["path"]) if faulty else None
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.delay is not None:
            await asyncio.sleep(fault.delay)
            await self._app(scope, receive, send)
        else:
            if fault.applied:
                await self._app(scope, receive, _discard)
            if fault.status is not None:
                body = {"code": fault.status, "message": "a fault on demand"}
                await JSONResponse(body, fault.status)(scope, receive, send)
            else:
                await cut(scope, receive)


class Authentication:
    """Refuses requests without the token; the version is open to all, as on a real server.

    Args:
        app: The application inside.
        token: The token that callers must send.
        options: May replace it. The control routes take the old one, too.
    """

    def __init__(self, app: ASGIApp, token: str, options: Options) -> None:
        self._app = app
        self._token = token
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it may."""
        if scope["type"] == "http" and scope["path"] not in _OPEN:
            given = Headers(scope=scope).get("authorization", "")
            control = scope["path"].startswith(_CONTROL)
            token = self._token if control else self._options.token or self._token
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                body = {"code": 401, "message": "Not Authorized! Token not present or not valid"}
                await JSONResponse(body, 401)(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _discard(message: Message) -> None:
    """Discard an answer that is not sent."""
