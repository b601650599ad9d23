"""The catalogue under test: a stand-in of the tests' own, and a warehouse made in it."""

import os
import signal
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from stack.config import unused_ports

REPOSITORY = Path(__file__).parents[2]
PYTHON = os.environ.get("OPENMETADATA_PYTHON", str(REPOSITORY / ".venvs" / "openmetadata" / "bin" / "python"))


class Standin:
    """A stand-in of the tests' own.

    Args:
        directory: Where its database and log go.
    """

    def __init__(self, directory: Path) -> None:
        self.token = uuid.uuid4().hex
        [self.port] = unused_ports(1)
        self.root = f"http://127.0.0.1:{self.port}"
        self._log = directory / "standin.log"
        self._database = directory / "standin.db"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        environment = os.environ | {
            "STANDIN_TOKEN": self.token,
            "STANDIN_DATABASE": str(self._database),
            "STANDIN_PORT": str(self.port),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [PYTHON, "-m", "stack.standin"], cwd=REPOSITORY, env=environment, stdout=log, stderr=log
            )
        for attempt in Retrying(
            stop=stop_after_delay(120), wait=wait_fixed(0.1), retry=retry_if_exception_type(httpx.TransportError)
        ):
            with attempt:
                if self._process.poll() is not None:
                    pytest.fail(f"the stand-in did not start:\n{self._log.read_text()}")
                httpx.get(f"{self.root}/api/v1/system/version").raise_for_status()

    def kill(self, number: signal.Signals) -> int:
        """Send the signal, wait for the end and return the exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(timeout=30)

    def client(self) -> httpx.Client:
        """A client of its REST calls."""
        return rest_client(f"{self.root}/api", self.token)

    def control(self) -> httpx.Client:
        """A client of its own routes."""
        return httpx.Client(
            base_url=f"{self.root}/standin", headers={"Authorization": f"Bearer {self.token}"}, trust_env=False
        )


def rest_client(url: str, token: str) -> httpx.Client:
    """A client of a catalogue's REST calls, at `url` with its /api."""
    return httpx.Client(base_url=f"{url}/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False)


@dataclass(frozen=True)
class Warehouse:
    """A database service with a schema, made for one test.

    Attributes:
        catalogue: The catalogue that it is in.
        service: The service, as answered.
        schema: Fully qualified name of the schema.
    """

    catalogue: httpx.Client
    service: dict[str, Any]
    schema: str

    def table(self, name: str, *columns: str) -> dict[str, Any]:
        """Create a table, or bring its columns to the ones given, and return it."""
        answer = self.catalogue.put(
            "/tables",
            json={
                "name": name,
                "databaseSchema": self.schema,
                "columns": [{"name": column, "dataType": "INT"} for column in columns],
            },
        )
        answer.raise_for_status()
        table: dict[str, Any] = answer.json()
        return table


def make_warehouse(catalogue: httpx.Client) -> Warehouse:
    """Create a database service with a database and a schema."""
    name = f"contract_{uuid.uuid4().hex[:8]}"
    service = catalogue.put("/services/databaseServices", json={"name": name, "serviceType": "Postgres"})
    service.raise_for_status()
    catalogue.put("/databases", json={"name": "shop", "service": name}).raise_for_status()
    catalogue.put("/databaseSchemas", json={"name": "dev", "database": f"{name}.shop"}).raise_for_status()
    return Warehouse(catalogue, service.json(), f"{name}.shop.dev")
