"""What the client makes of a Superset that is away, slow, or answers something else than it should."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from dbt_lineage.core.settings import SettingsError, SupersetSettings
from dbt_lineage.dashboards.client import Superset, SupersetError, SupersetRefused, SupersetUnavailable
from stack.config import unused_ports

Answer = tuple[int, str, dict[str, str]]
CHART = "/api/v1/chart/7"
SIGNING_IN = {
    "/api/v1/security/login": (200, json.dumps({"access_token": "t"}), {}),
    "/api/v1/security/csrf_token/": (200, json.dumps({"result": "c"}), {}),
}


class Server:
    """Answers what a test wants, over real HTTP, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, list[Answer]] = {path: [answer] for path, answer in SIGNING_IN.items()}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                path = self.path.split("?")[0]
                outer.asked.append(path)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                queue = outer.answers[path]
                status, body, headers = queue.pop(0) if len(queue) > 1 else queue[0]
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - http.server calls them so

            def log_message(self, *_: Any) -> None:
                """Nothing on the terminal."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def connect() -> Iterator[Callable[[str], Superset]]:
    clients: list[Superset] = []

    def to(url: str, **more: Any) -> Superset:
        settings = SupersetSettings.model_validate({"url": url, "password": "secret-word", "attempts": 3, **more})
        clients.append(Superset.as_service_account(settings))
        return clients[-1]

    yield to
    for client in clients:
        client.__exit__(None, None, None)


def test_one_that_is_away_is_named_with_the_path(connect: Callable[..., Superset]) -> None:
    url = f"http://127.0.0.1:{unused_ports(1)[0]}"
    with pytest.raises(
        SupersetUnavailable, match=f"Superset at {url}: user lineage_refresh: POST /api/v1/security/login"
    ):
        connect(url).get(CHART)


def test_one_that_does_not_answer_in_time_is_named(connect: Callable[..., Superset]) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        client = connect(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=0.2, attempts=2)
        with pytest.raises(SupersetUnavailable, match=r"POST /api/v1/security/login failed: ReadTimeout"):
            client.get(CHART)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_may_pass_is_tried_again(server: Server, connect: Callable[..., Superset], status: int) -> None:
    server.answers[CHART] = [(status, "{}", {}), (status, "{}", {}), (200, '{"result": 1}', {})]
    assert connect(server.url).get(CHART) == {"result": 1}
    assert server.asked.count(CHART) == 3


def test_what_does_not_pass_is_named_with_its_status(server: Server, connect: Callable[..., Superset]) -> None:
    server.answers[CHART] = [(503, '{"message": "upgrading"}', {})]
    with pytest.raises(SupersetUnavailable, match=r"chart 'Orders': GET /api/v1/chart/7 answered 503: upgrading"):
        connect(server.url).get(CHART, what="chart 'Orders'")
    assert server.asked.count(CHART) == 3


def test_what_a_database_says_is_one_line(server: Server, connect: Callable[..., Superset]) -> None:
    server.answers[CHART] = [(400, json.dumps({"message": "Error: refused\n\tIs it running?\n\n(Background)"}), {})]
    with pytest.raises(SupersetError, match=r"answered 400: Error: refused Is it running\? \(Background\)$"):
        connect(server.url).get(CHART)


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_not_tried_again(server: Server, connect: Callable[..., Superset], status: int) -> None:
    server.answers[CHART] = [(status, '{"message": "no"}', {})]
    with pytest.raises(SupersetRefused, match=f"GET /api/v1/chart/7 answered {status}: no"):
        connect(server.url).get(CHART)
    assert server.asked.count(CHART) == 1


def test_a_redirect_is_not_followed(server: Server, connect: Callable[..., Superset]) -> None:
    server.answers["/api/v1/dataset/1/refresh"] = [(302, "", {"Location": "/login/"})]
    server.answers["/login/"] = [(200, "<html>", {"Content-Type": "text/html"})]
    with pytest.raises(SupersetError, match=r"PUT /api/v1/dataset/1/refresh answered 302, a redirect to /login/"):
        connect(server.url).call("PUT", "/api/v1/dataset/1/refresh")
    assert "/login/" not in server.asked


def test_a_page_instead_of_json_is_named(server: Server, connect: Callable[..., Superset]) -> None:
    server.answers[CHART] = [(200, "<html>welcome</html>", {"Content-Type": "text/html; charset=utf-8"})]
    with pytest.raises(
        SupersetError, match=r"GET /api/v1/chart/7 answered 200 with text/html; .* instead of JSON: '<html>"
    ):
        connect(server.url).get(CHART)


def test_an_expired_token_is_renewed_once(server: Server, connect: Callable[..., Superset]) -> None:
    server.answers[CHART] = [(401, "{}", {}), (200, '{"result": 1}', {})]
    assert connect(server.url).get(CHART) == {"result": 1}
    assert server.asked.count("/api/v1/security/login") == 2


def test_a_token_that_never_does_is_an_error(server: Server, connect: Callable[..., Superset]) -> None:
    server.answers[CHART] = [(401, "{}", {})]
    with pytest.raises(SupersetRefused, match="answered 401 right after lineage_refresh signed in"):
        connect(server.url).get(CHART)
    assert server.asked.count(CHART) == 2


def test_no_message_has_the_password(server: Server, connect: Callable[..., Superset]) -> None:
    server.answers["/api/v1/security/login"] = [(401, '{"message": "Not authorized"}', {})]
    with pytest.raises(SupersetRefused) as refused:
        connect(server.url).get(CHART)
    assert "wrong user or password" in str(refused.value)
    assert "secret-word" not in str(refused.value)


def test_an_import_needs_the_administrators_password() -> None:
    with pytest.raises(SettingsError, match="SUPERSET_ADMIN_PASSWORD"):
        Superset.as_administrator(SupersetSettings(password="p"))  # type: ignore[arg-type]
