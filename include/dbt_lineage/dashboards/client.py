"""Superset's REST API (/api/v1): signing in, calling, classifying errors."""

from types import TracebackType
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from dbt_lineage.core import web
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import SettingsError, SupersetSettings
from dbt_lineage.dashboards.charts import SESSION_CHARTS, browser_form_data


class SupersetError(ExpectedError):
    """Superset did not do what it was asked; the message names its address, the URL path and the status."""


class SupersetUnavailable(SupersetError):
    """Superset could not be reached, or answered 429 or 5xx: worth another try."""


class SupersetRefused(SupersetError):
    """Superset answered 401, 403 or 404: the account may not, or there is no such thing."""


class _TokenExpired(Exception):
    """The token is no longer valid: sign in again."""


class Superset:
    """A client of one Superset server, used as a context manager; it signs in when it is first needed.

    Args:
        settings: the server's address, timeout and number of attempts.
        user: whose rights the calls have.
        password: of that user.
    """

    def __init__(self, settings: SupersetSettings, user: str, password: str) -> None:
        self._settings = settings
        self._user = user
        self._password = password
        self.address = str(settings.url).rstrip("/")
        self._http = httpx.Client(
            base_url=self.address,
            timeout=settings.timeout_seconds,
            verify=web.trust(),
            headers={"Accept": "application/json", "Referer": self.address},
            # A call without a valid CSRF token is answered with a redirect to a page that answers 200.
            follow_redirects=False,
        )
        self._has_session = False

    @classmethod
    def as_service_account(cls, settings: SupersetSettings) -> "Superset":
        """With the rights of the account that refreshes the dashboards."""
        return cls(settings, settings.user, settings.password.get_secret_value())

    @classmethod
    def as_administrator(cls, settings: SupersetSettings) -> "Superset":
        """With all rights. Raises SettingsError without the administrator's password."""
        if settings.admin_password is None:
            raise SettingsError("SUPERSET_ADMIN_PASSWORD (password of who imports dashboards) is not set")
        return cls(settings, settings.admin_user, settings.admin_password.get_secret_value())

    def __enter__(self) -> "Superset":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def sign_in(self) -> None:
        """Sign in, whether or not it was done before.

        Raises:
            SupersetUnavailable: it could not be reached, or answered 429 or 5xx.
            SupersetRefused: wrong user or password.
        """
        self._sign_in()

    def get(self, path: str, params: dict[str, Any] | None = None, what: str = "") -> Any:
        """The JSON answer to GET.

        Args:
            path: URL path, such as ``/api/v1/chart/``.
            params: of the query string.
            what: what the call is about, for the message of an error.

        Raises:
            SupersetError: it failed.
        """
        return self.json(self.call("GET", path, what=what, params=params), what)

    def call(self, method: str, path: str, *, what: str = "", again: bool = True, **request: Any) -> httpx.Response:
        """One call with the rights of the user.

        Args:
            method: HTTP method.
            path: URL path.
            what: what the call is about, for the message of an error.
            again: whether it may be made again when Superset is away or answers 429 or 5xx.
            **request: what httpx takes besides.

        Returns:
            The answer, whose status is 2xx.

        Raises:
            SupersetUnavailable: it could not be reached, or answered 429 or 5xx to the last attempt.
            SupersetRefused: it answered 401, 403 or 404.
            SupersetError: any other status, a redirect included.
        """
        attempts = Retrying(
            retry=retry_if_exception_type(SupersetUnavailable),
            stop=stop_after_attempt(self._settings.attempts if again else 1),
            wait=wait_exponential_jitter(initial=0.2, max=5, jitter=0.2),
            reraise=True,
        )
        return attempts(self._signed_in, method, path, what, request)

    def pages(self, path: str, what: str = "") -> list[dict[str, Any]]:
        """Every entry of a list.

        Args:
            path: of the list, such as ``/api/v1/dataset/``.
            what: for the message of an error.

        Raises:
            SupersetError: a call failed.
        """
        # Without an order a database may put an entry on two pages and another on none.
        order = "id" if path.startswith("/api/v1/security/") else "changed_on_delta_humanized"
        found: list[dict[str, Any]] = []
        while True:
            query = f"(page:{len(found) // 100},page_size:100,order_column:{order},order_direction:asc)"
            page = self.get(path, {"q": query}, what)
            found += page["result"]
            if len(found) >= page["count"] or not page["result"]:
                return found

    def chart_data(self, chart: dict[str, Any], force: bool) -> tuple[list[dict[str, Any]], bool]:
        """What a browser is given for a chart.

        Args:
            chart: as ``GET /api/v1/chart/{id}`` gives it, with its id.
            force: compute it anew, also when there is an answer in the cache.

        Returns:
            The rows, and whether they come from the cache.

        Raises:
            SupersetError: a call failed, or the chart has an error.
        """
        what = f"chart {chart['slice_name']!r}"
        if chart["viz_type"] in SESSION_CHARTS:
            return self._session_chart_data(chart, force, what)
        path = f"/api/v1/chart/{chart['id']}/data/"
        results = self.get(path, {"force": "true"} if force else None, what)["result"]
        for result in results:
            if result.get("error"):
                raise SupersetError(f"{self._where('GET', path, what)} computed nothing: {result['error']}")
        rows = [row for result in results for row in result["data"]]
        return rows, all(result["is_cached"] for result in results)

    def json(self, answer: httpx.Response, what: str = "") -> Any:
        """The JSON of an answer. Raises SupersetError when it is something else, such as a page."""
        if "application/json" not in answer.headers.get("content-type", ""):
            request = answer.request
            raise SupersetError(
                f"{self._where(request.method, request.url.path, what)} answered {answer.status_code} with "
                f"{answer.headers.get('content-type', 'nothing')} instead of JSON: {answer.text[:100]!r}"
            )
        return answer.json()

    def _session_chart_data(self, chart: dict[str, Any], force: bool, what: str) -> tuple[list[dict[str, Any]], bool]:
        self._open_session()
        path = "/superset/explore_json/"
        params = {"force": "true"} if force else None
        form = {"form_data": browser_form_data(chart)}
        answer = self.json(self.call("POST", path, what=what, params=params, data=form), what)
        if problems := answer.get("errors") or answer.get("error"):
            raise SupersetError(f"{self._where('POST', path, what)} computed nothing: {problems}")
        return answer["data"] or [], bool(answer["is_cached"])

    def _signed_in(self, method: str, path: str, what: str, request: dict[str, Any]) -> httpx.Response:
        if "Authorization" not in self._http.headers:
            self._sign_in()
        try:
            return self._once(method, path, what, request)
        except _TokenExpired:
            self._sign_in()
        try:
            return self._once(method, path, what, request)
        except _TokenExpired:
            raise SupersetRefused(
                f"{self._where(method, path, what)} answered 401 right after {self._user} signed in"
            ) from None

    def _sign_in(self) -> None:
        """A token, the session that the CSRF token belongs to, and that token."""
        self._http.headers.pop("Authorization", None)
        self._http.headers.pop("X-CSRFToken", None)
        self._http.cookies.clear()
        self._has_session = False
        login = {"username": self._user, "password": self._password, "provider": "db", "refresh": False}
        what = f"user {self._user}"
        try:
            answer = self._once("POST", "/api/v1/security/login", what, {"json": login})
        except _TokenExpired:
            raise SupersetRefused(
                f"{self._where('POST', '/api/v1/security/login', what)} answered 401: wrong user or password"
            ) from None
        self._http.headers["Authorization"] = f"Bearer {self.json(answer, what)['access_token']}"
        answer = self._once("GET", "/api/v1/security/csrf_token/", what, {})
        self._http.headers["X-CSRFToken"] = self.json(answer, what)["result"]

    def _open_session(self) -> None:
        """Sign in a second time, by the login page as a person would: addresses older than the API need that."""
        if self._has_session:
            return
        if "X-CSRFToken" not in self._http.headers:
            self._sign_in()
        form = {
            "username": self._user,
            "password": self._password,
            "csrf_token": self._http.headers["X-CSRFToken"],
        }
        try:
            answer = self._http.post("/login/", data=form)
        except httpx.TransportError as error:
            raise SupersetUnavailable(f"{self._where('POST', '/login/')} failed: {error!r}") from error
        # The page answers with a redirect: to itself when it refuses.
        if answer.status_code != 302 or "/login" in answer.headers.get("location", ""):
            raise SupersetRefused(
                f"{self._where('POST', '/login/', f'user {self._user}')} answered {answer.status_code}: not signed in"
            )
        self._has_session = True

    def _once(self, method: str, path: str, what: str, request: dict[str, Any]) -> httpx.Response:
        where = self._where(method, path, what)
        try:
            answer = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise SupersetUnavailable(f"{where} failed: {error!r}") from error
        status, said = answer.status_code, _said(answer)
        if status == 429 or status >= 500:
            raise SupersetUnavailable(f"{where} answered {status}: {said}")
        if status == 401:
            raise _TokenExpired
        if status in (403, 404):
            raise SupersetRefused(f"{where} answered {status}: {said} (user {self._user})")
        if answer.is_redirect:
            raise SupersetError(f"{where} answered {status}, a redirect to {answer.headers.get('location')}: not done")
        if not answer.is_success:
            raise SupersetError(f"{where} answered {status}: {said}")
        return answer

    def _where(self, method: str, path: str, what: str = "") -> str:
        about = f"{what}: " if what else ""
        return f"Superset at {self.address}: {about}{method} {path}"


def _said(answer: httpx.Response) -> str:
    """An answer in short: its message, if it has one."""
    try:
        content = answer.json()
    except ValueError:
        return " ".join(answer.text.split())[:200]
    if isinstance(content, dict):
        problems = [problem.get("message") for problem in content.get("errors") or [] if isinstance(problem, dict)]
        content = content.get("message") or problems or content
    # A database's message has several lines.
    return " ".join(str(content).split())[:500]
