"""What Airflow mounts: the page's application, made when it is first asked.

Plugins are imported in every process of Airflow. So nothing of FastAPI, SQLAlchemy or the manifest is imported before a
browser asks; and Airflow has no auth manager yet when it mounts the application.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from threading import Lock
from typing import Any

URL_PREFIX = "/dbt-lineage"
BUNDLE = "dbt-lineage/static/lineage-page.js"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class PageApp:
    """The application, as ASGI has it."""

    def __init__(self) -> None:
        self._making = Lock()
        self._app: Any = None

    @property
    def app(self) -> Any:
        """The FastAPI application."""
        with self._making:
            if self._app is None:
                from dbt_lineage.airflow.page.app import make_app

                self._app = make_app()
        return self._app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self.app(scope, receive, send)


def _react_app(destination: str, url_route: str) -> dict[str, Any]:
    """An entry of Airflow's page.

    Airflow shows the name, and finds the component under it in ``globalThis``, where the bundle leaves it.
    """
    return {"name": "Lineage", "destination": destination, "url_route": url_route, "bundle_url": BUNDLE}


FASTAPI_APPS = [{"app": PageApp(), "url_prefix": URL_PREFIX, "name": "dbt lineage"}]
REACT_APPS = [
    {**_react_app("nav", "dbt-lineage"), "nav_top_level": True},
    _react_app("dag", "dbt-lineage-dag"),
    _react_app("dag_run", "dbt-lineage-run"),
]
