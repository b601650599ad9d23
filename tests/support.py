"""What the integration tests look through: the topic, the mails, the catalogue, and a finished run."""

import email
import json
import mailbox
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg2
from confluent_kafka import Message
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core import settings
from dbt_lineage.core.projects import projects
from dbt_lineage.core.settings import DbtSettings, KafkaSettings, OpenMetadataSettings
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages
from dbt_lineage.spool.spool import Spool
from stack.config import PYTHON_PATH, StackConfig, port_is_free

Event = dict[str, Any]


@dataclass(frozen=True)
class BuiltProject:
    """A run of the dbt project: its DAG run, those of the ingestion and of the refresh that it started, its events."""

    dbt_run: dict[str, Any]
    ingestion: dict[str, Any]
    refresh: dict[str, Any]
    events: list[Event]

    def of_dbt(self) -> list[Event]:
        """The events of dbt nodes."""
        return [event for event in self.events if integration(event) == "DBT"]

    def of_airflow(self) -> list[Event]:
        """The events of Airflow's own tasks and DAG runs."""
        return [event for event in self.events if integration(event) == "AIRFLOW"]


def integration(event: Event) -> str:
    """Who made an event: DBT or AIRFLOW."""
    return event["job"]["facets"]["jobType"]["integration"]


def await_empty_spool(seconds: float = 60) -> None:
    """Wait until the relay has sent what waits, and the ledger knows."""
    spool = Spool(settings.spool().dir, settings.spool().max_bytes)

    def left() -> int:
        usage = spool.usage()
        return usage.waiting + usage.acknowledged

    retry(retry=retry_if_result(lambda events: events > 0), stop=stop_after_delay(seconds), wait=wait_fixed(0.1))(
        left
    )()
    spool.close()


class Topic:
    """What stands in a topic."""

    def __init__(self, name: str) -> None:
        self._name = name

    def ends(self) -> dict[int, int]:
        """Where it ends, when all that was emitted so far is in it."""
        await_empty_spool()
        return Bookmarks(settings.kafka(), self._name).ends()

    def since(self, start: dict[int, int]) -> list[Event]:
        """The events since then."""
        return [json.loads(each.value() or b"") for each in self.messages_since(start)]

    def messages_since(self, start: dict[int, int]) -> list[Message]:
        """The messages since then."""
        return list(messages(settings.kafka(), self._name, start, self.ends()))


class Inbox:
    """The mails of a Maildir that arrived after it was opened."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, factory=None, create=True)
        self._before = set(self._box.keys())

    def await_mail(self, subject: str, seconds: float = 30) -> EmailMessage:
        """The first new mail whose subject contains these words."""
        found = retry(
            retry=retry_if_result(lambda mail: mail is None),
            stop=stop_after_delay(seconds),
            wait=wait_fixed(0.5),
            retry_error_callback=lambda _: None,
        )(self._find)(subject)
        assert found is not None, f"no mail about {subject!r}; there are {[mail['Subject'] for mail in self.new()]}"
        return found

    def new(self) -> list[EmailMessage]:
        """Every new mail."""
        new = [key for key in self._box.keys() if key not in self._before]  # noqa: SIM118 - a mailbox is no dict
        return [email.message_from_bytes(self._box.get_bytes(key), policy=default) for key in new]

    def _find(self, subject: str) -> EmailMessage | None:
        return next((mail for mail in self.new() if subject in str(mail["Subject"]).replace("\n", "")), None)


def text_of(mail: EmailMessage) -> str:
    """The HTML body of a mail."""
    body = mail.get_body(preferencelist=("html",))
    assert body is not None
    return body.get_content()


class Catalogue:
    """The catalogue's REST API, and the stand-in's control routes."""

    def __init__(self, openmetadata: OpenMetadataSettings) -> None:
        self._http = httpx.Client(
            base_url=str(openmetadata.url),
            headers={"Authorization": f"Bearer {openmetadata.token.get_secret_value()}"},
            timeout=30,
        )

    def __enter__(self) -> "Catalogue":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """The answer to GET /api/v1/path."""
        answer = self._http.get(f"/api/v1/{path}", params=params)
        answer.raise_for_status()
        return answer.json()

    def delete_edge(self, upstream: str, downstream: str) -> None:
        """Delete the edge between two tables, by their fully qualified names."""
        ids = [self.get(f"tables/name/{name}")["id"] for name in (upstream, downstream)]
        self._http.delete(f"/api/v1/lineage/table/{ids[0]}/table/{ids[1]}").raise_for_status()

    def delete(self, path: str) -> None:
        """DELETE /api/v1/path."""
        self._http.delete(f"/api/v1/{path}").raise_for_status()

    def edge(self, upstream: str, downstream: str) -> Any:
        """The request that writes the edge between two tables as it is now."""
        ends = [self.get(f"tables/name/{name}")["id"] for name in (upstream, downstream)]
        details = self.get(f"lineage/getLineageEdge/{ends[0]}/{ends[1]}")["edge"]
        references = [{"id": end, "type": "table"} for end in ends]
        return {"edge": {"fromEntity": references[0], "toEntity": references[1], "lineageDetails": details}}

    def put(self, path: str, body: Any) -> None:
        """PUT /api/v1/path."""
        self._http.put(f"/api/v1/{path}", json=body).raise_for_status()

    def delete_service(self, kind: str, name: str) -> None:
        """Delete a service with everything in it, if there is one.

        Args:
            kind: ``databaseServices`` or ``pipelineServices``.
            name: its name.
        """
        found = self._http.get(f"/api/v1/services/{kind}/name/{name}")
        if found.status_code == 200:
            everything = {"recursive": "true", "hardDelete": "true"}
            path = f"/api/v1/services/{kind}/{found.json()['id']}"
            self._http.delete(path, params=everything).raise_for_status()

    def unknown_routes(self) -> list[Any]:
        """The routes that were asked for and that the stand-in does not have."""
        answer = self._http.get("/standin/unknown-routes")
        answer.raise_for_status()
        return answer.json()


def dbt_by_hand(dbt: DbtSettings, *words: str) -> subprocess.Popen[bytes]:
    """A command of dbt by hand, under way: a build of the project, if none is named."""
    where = {f"DBT_{name.upper()}": str(value) for name, value in dbt.model_dump(exclude_none=True).items()}
    return subprocess.Popen(
        [sys.executable, "-m", "dbt_lineage", "dbt", *(words or ("build",))], env={**os.environ, **where}
    )


def query(sql: str, *parameters: Any, database: str | None = None) -> list[tuple]:
    """Rows of a query on the warehouse, as the role that dbt builds with. All projects of the tests build in one."""
    warehouse = projects()[0].warehouse
    connection = psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname=database or warehouse.database,
        user=warehouse.user,
        password=warehouse.password.get_secret_value(),
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def path_without_dbt(folder: Path) -> str:
    """A PYTHONPATH with which Python has our code, and every package of this environment but dbt.

    Args:
        folder: where to put what hides dbt; made.
    """
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "class WithoutDbt:\n"
        "    def __init__(self, finder):\n"
        "        self.finder = finder\n"
        "    def __getattr__(self, name):\n"
        "        return getattr(self.finder, name)\n"
        "    def find_spec(self, name, *more):\n"
        "        hidden = name.partition('.')[0] in ('dbt', 'dbt_common')\n"
        "        return None if hidden else self.finder.find_spec(name, *more)\n"
        "sys.meta_path[:] = map(WithoutDbt, sys.meta_path)\n"
    )
    return os.pathsep.join((str(folder), PYTHON_PATH))


def leftovers(config: StackConfig) -> tuple[list[str], list[int]]:
    """Processes and ports of a stack that should be gone."""
    processes = [
        " ".join(process.info["cmdline"])
        for process in psutil.process_iter(["cmdline"])
        if str(config.home) in " ".join(process.info["cmdline"] or [])
    ]
    return processes, [port for port in config.ports.values() if not port_is_free(port)]


def set_limit(kafka: KafkaSettings, topic: str, limit: int) -> None:
    """Set a topic's ``max.message.bytes``, and wait until the broker says so."""
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    name, asked = "max.message.bytes", ConfigResource(ResourceType.TOPIC, topic)
    entry = ConfigEntry(name, str(limit), incremental_operation=AlterConfigOpType.SET)
    change = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([change])[change].result(timeout=10)
    is_there = retry(retry=retry_if_result(lambda found: not found), stop=stop_after_delay(10), wait=wait_fixed(0.02))(
        lambda: admin.describe_configs([asked])[asked].result(timeout=10)[name].value == str(limit)
    )
    assert is_there


def noise(characters: int) -> str:
    """Hexadecimal digits by chance, the same every time: no compression makes them smaller than half."""
    return random.Random(7).randbytes(characters // 2).hex()  # noqa: S311 - it only must not be compressible
