"""The webhook is told, or says who did not take the message; its address stays secret."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from dbt_lineage.watch.checks.webhook import WebhookError, post

SECRET_PATH = "/services/very/secret"


class Server(HTTPServer):
    """Takes messages, or refuses them."""

    status = 200
    taken: list[dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    """Keeps what was posted."""

    server: Server

    def do_POST(self) -> None:
        """Keep a message and answer."""
        length = int(self.headers["Content-Length"])
        self.server.taken.append({"path": self.path, "body": json.loads(self.rfile.read(length))})
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"words of the server")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.taken = []
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def address(port: int) -> SecretStr:
    return SecretStr(f"http://127.0.0.1:{port}{SECRET_PATH}")


def test_a_message_is_posted_as_slack_takes_it(server: Server) -> None:
    post(address(server.server_port), "broken: coverage")
    assert server.taken == [{"path": SECRET_PATH, "body": {"text": "broken: coverage"}}]


def test_a_refusal_names_host_and_status_and_not_the_path(server: Server) -> None:
    server.status = 404
    with pytest.raises(WebhookError) as refused:
        post(address(server.server_port), "text")
    assert str(refused.value) == "webhook at 127.0.0.1 answered 404: words of the server"


def test_one_that_is_away_is_named_without_its_path(server: Server) -> None:
    port = server.server_port
    server.shutdown()
    server.server_close()
    with pytest.raises(WebhookError) as refused:
        post(address(port), "text")
    assert str(refused.value).startswith("webhook at 127.0.0.1: ConnectError")
    assert SECRET_PATH not in str(refused.value)
