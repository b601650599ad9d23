"""HTTPS with an authority of one's own and a certificate of the client, for every HTTP client of ours."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import HttpUrl, SecretStr

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.catalogue.client import Catalogue, CatalogueError
from dbt_lineage.core import settings, web
from dbt_lineage.core.settings import SettingsError
from dbt_lineage.dashboards.client import Superset, SupersetError
from dbt_lineage.watch.checks import webhook
from dbt_lineage.watch.checks.webhook import WebhookError
from stack.certificates import Authority, Pair


class Answers(BaseHTTPRequestHandler):
    """Answers everything with what each of the clients reads."""

    def do_GET(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b'{"version": "2.0.6", "result": "token", "access_token": "a", "data": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - as its server calls it

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def mine(authority: Authority) -> Pair:
    """The certificate of the client."""
    return authority.issue("client")


@pytest.fixture(scope="module")
def address(authority: Authority) -> Iterator[str]:
    """A server that asks for the client's certificate."""
    pair = authority.issue("server", "127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.file))
    context.load_cert_chain(pair.certificate, pair.key)
    context.verify_mode = ssl.CERT_REQUIRED
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()


def asks(address: str) -> dict[str, Callable[[], object]]:
    """A call of each client."""
    openmetadata = settings.openmetadata().model_copy(update={"url": HttpUrl(address), "timeout_seconds": 1})
    superset = settings.superset().model_copy(update={"url": HttpUrl(address), "attempts": 1, "timeout_seconds": 4})

    async def asked() -> object:
        async with AsyncClient(openmetadata) as client:
            return await client.get("/system/version")

    def catalogue() -> object:
        with Catalogue(openmetadata) as client:
            return client.version()

    def dashboards() -> object:
        with Superset.as_service_account(superset) as client:
            client.sign_in()
        return None

    return {
        "catalogue": catalogue,
        "ingestion": lambda: asyncio.run(asked()),
        "superset": dashboards,
        "webhook": lambda: webhook.post(SecretStr(f"{address}/hook"), "all is well"),
    }


@pytest.mark.parametrize("client", ["catalogue", "ingestion", "superset", "webhook"])
def test_each_client_knows_the_server_and_is_known(
    environment: pytest.MonkeyPatch, authority: Authority, mine: Pair, address: str, client: str
) -> None:
    failures = (CatalogueError, SupersetError, WebhookError)
    with pytest.raises(failures, match="CERTIFICATE_VERIFY_FAILED"):
        asks(address)[client]()
    environment.setenv("WEB_CA_FILE", str(authority.file))
    settings.forget()
    with pytest.raises(failures):
        asks(address)[client]()
    environment.setenv("WEB_CLIENT_CERTIFICATE", str(mine.certificate))
    environment.setenv("WEB_CLIENT_KEY", str(mine.key))
    settings.forget()
    asks(address)[client]()


def test_a_file_without_a_certificate_is_named(environment: pytest.MonkeyPatch, tmp_path: Path, mine: Pair) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    environment.setenv("WEB_CA_FILE", str(file))
    settings.forget()
    with pytest.raises(SettingsError, match=f"WEB_CA_FILE={file} holds no certificate"):
        web.trust()
    environment.delenv("WEB_CA_FILE")
    environment.setenv("WEB_CLIENT_CERTIFICATE", str(file))
    environment.setenv("WEB_CLIENT_KEY", str(mine.key))
    settings.forget()
    with pytest.raises(SettingsError, match=f"WEB_CLIENT_CERTIFICATE={file} and WEB_CLIENT_KEY=.* are no pair"):
        web.trust()


def test_workflows_are_told_of_the_authority(environment: pytest.MonkeyPatch, authority: Authority) -> None:
    assert web.variables() == {}
    environment.setenv("WEB_CA_FILE", str(authority.file))
    settings.forget()
    assert web.variables() == {"SSL_CERT_FILE": str(authority.file), "REQUESTS_CA_BUNDLE": str(authority.file)}
