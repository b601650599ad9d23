"""The probes of the parts that all projects share.

If a part is down, only its own line fails. Parts that need it are ``unknown``.
"""

import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar

import httpx

from dbt_lineage.core import settings, web
from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level, worst
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import (
    AirflowDatabaseSettings,
    AirflowSettings,
    CheckSettings,
    IngestionSettings,
    KafkaSettings,
    LedgerSettings,
    SpoolSettings,
)
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.switch import Switch
from dbt_lineage.watch.checks import waiting as lags
from dbt_lineage.watch.checks.results import Result
from dbt_lineage.watch.health.lines import Answer, Probe
from dbt_lineage.watch.health.of_projects import OfProject, PartsOfProjects, Server, Unwell

Got = TypeVar("Got")
# An SSLRequest, PostgreSQL's smallest request (protocol documentation, "Message Formats"). The answer is one byte.
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
# Airflow's components, by the name of their process and by the name in its health endpoint.
AIRFLOW_COMPONENTS = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}


# The errors in the relay's status.
_TROUBLES = ("kafka_error", "spool_error", "warehouse_error", "ledger_error")


@dataclass(frozen=True)
class Parts:
    """The parts of one installation, with short time-outs for a quick answer.

    Args:
        kafka: the cluster and the topics.
        spool: the spool's folder.
        ledger: the ledger's database.
        ingestion: the consumer group of the ingestion.
        airflow: the API server.
        airflow_database: Airflow's metadata database.
        check: the thresholds.
        projects: the parts of each project, at least one.
        seconds: how long one call may take, seconds.
        unread: the projects whose settings cannot be read, each with the reason.
    """

    kafka: KafkaSettings
    spool: SpoolSettings
    ledger: LedgerSettings
    ingestion: IngestionSettings
    airflow: AirflowSettings
    airflow_database: AirflowDatabaseSettings
    check: CheckSettings
    projects: tuple[OfProject, ...]
    seconds: float
    unread: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, projects: Sequence[Project], seconds: float) -> "Parts":
        """Make the parts from the settings.

        Args:
            projects: all projects. The thresholds for what they share are the first one's.
            seconds: how long one call may take, seconds.

        Raises:
            SettingsError: a setting is missing or wrong; with several projects, in each of them.
        """
        found, unread = [], []
        for each in projects:
            try:
                found.append(OfProject.of(each, seconds))
            except settings.SettingsError as error:
                unread.append((each.name, str(error)))
        if not found:
            raise settings.SettingsError("; ".join(why for _, why in unread))
        return cls(
            kafka=settings.kafka().model_copy(update={"timeout_seconds": seconds}),
            spool=settings.spool(),
            ledger=settings.ledger().model_copy(update={"timeout_seconds": max(1, int(seconds))}),
            ingestion=settings.ingestion(),
            airflow=settings.airflow(),
            airflow_database=settings.airflow_database(),
            check=projects[0].check,
            projects=tuple(found),
            seconds=seconds,
            unread=tuple(unread),
        )

    def probes(self) -> list[Probe]:
        """All probes, each after those that it needs."""
        return [
            *(Probe(f"settings {name}", partial(_raise, why)) for name, why in self.unread),
            *self._of_postgresql(),
            *self._of_kafka(),
            *self._of_the_spool(),
            *self._of_the_lag(),
            *self._of_projects.manifests(),
            *self._of_projects.catalogues(),
            *self._of_projects.dashboards(),
            *self._of_airflow(),
            *self._of_projects.mail(),
        ]

    @property
    def _of_projects(self) -> PartsOfProjects:
        return PartsOfProjects(self.projects, self.ledger, self.seconds)

    # --- PostgreSQL

    def _of_postgresql(self) -> list[Probe]:
        servers = {name: server for server, name in self._servers().items()}
        return [
            *(Probe(name, partial(self._postgresql, server)) for name, server in servers.items()),
            *self._of_projects.warehouses(),
            Probe("ledger", self._ledger, (self._ledger_server(),)),
        ]

    def _servers(self) -> dict[Server, str]:
        """Each server once, even with several databases, with its line's name."""
        found = self._of_projects.servers
        found.setdefault(_server(self.ledger.url.get_secret_value()), "postgresql-ledger")
        if self.airflow_database.sql_alchemy_conn is not None:
            address = self.airflow_database.sql_alchemy_conn.get_secret_value()
            if address.startswith("postgresql"):
                found.setdefault(_server(address), "postgresql-airflow")
        return found

    def _ledger_server(self) -> str:
        """The name of the line of the ledger's server."""
        return self._servers()[_server(self.ledger.url.get_secret_value())]

    def _postgresql(self, server: Server) -> Answer:
        """Probe the server without logging in. A hanging server accepts the connection, but does not answer."""
        where = f"{server[0]}:{server[1]}"
        try:
            with socket.create_connection(server, timeout=self.seconds) as connection:
                connection.sendall(_SSL_REQUEST)
                answer = connection.recv(1)
        except OSError as error:
            raise Unwell(f"PostgreSQL at {where}: {error}") from error
        if answer not in (b"S", b"N"):
            raise Unwell(f"{where} does not answer as PostgreSQL does: {answer!r}")
        return Answer(Level.OK, where)

    def _ledger(self) -> Answer:
        from dbt_lineage.ledger.migrations import newest_version

        with Ledger(self.ledger) as ledger:
            version = ledger.schema_version()
        if version != newest_version():
            return Answer(
                Level.FAIL, f"its schema is {version}, not {newest_version()}: run dbt-lineage ledger migrate"
            )
        return Answer(Level.OK, f"schema {version}")

    # --- Kafka

    def _of_kafka(self) -> list[Probe]:
        needs = ("broker", "topics")
        return [
            Probe("broker", self._broker),
            Probe("topics", self._topics, ("broker",)),
            Probe("offsets", self._offsets, needs),
            Probe("dead-letters", self._dead_letters, needs),
        ]

    def _topic_admin(self) -> TopicAdmin:
        # The line has the reason, so librdkafka's log on stderr would only repeat it.
        return TopicAdmin.of(self.kafka, {"log_level": 0})

    def _broker(self) -> Answer:
        brokers = self._topic_admin().brokers()
        there = f"{len(brokers)} of {self.kafka.bootstrap_servers}: {', '.join(brokers)}"
        return Answer(Level.OK, f"{self.kafka.login}; {there}" if self.kafka.client else there)

    def _topics(self) -> Answer:
        kafka, admin = self.kafka, self._topic_admin()
        wanted = [TopicSpec.as_set(topic, kafka) for topic in kafka.topics.values()]
        wrong = [each for topic in wanted for each in admin.differences(topic)]
        missing = [each for topic in wanted for each in admin.missing_replicas(topic)]
        if wrong:
            return Answer(Level.FAIL, "; ".join([*wrong, *missing]))
        if missing:
            return Answer(Level.WARN, "; ".join(missing))
        return Answer(Level.OK, f"{', '.join(kafka.topics.values())}: as wanted")

    def _offsets(self) -> Answer:
        ends = {topic: Bookmarks(self.kafka, topic).ends() for topic in self.kafka.topics.values()}
        return Answer(Level.OK, "; ".join(f"{topic} {_numbers(offsets)}" for topic, offsets in ends.items()))

    def _dead_letters(self) -> Answer:
        from dbt_lineage.relay.dead_letters import DeadLetters

        count = DeadLetters(self.kafka).count()
        if count:
            return Answer(Level.WARN, f"{count} in {self.kafka.dlq_topic} that nobody has taken up")
        return Answer(Level.OK, "none that nobody has taken up")

    # --- spool and relay

    def _of_the_spool(self) -> list[Probe]:
        return [
            Probe("switch", self._switch),
            Probe("spool", self._spool),
            Probe("relay", lambda: _answer([lags.of_relay(self.spool, self.check, _now())])),
            *([Probe("ingestion", self._ingestion)] if self.ingestion.by == "service" else []),
            Probe("other-spools", self._others, ("ledger",)),
            # A healthy relay cannot deliver to a broken part. That is not the relay's error.
            Probe("delivery", self._delivery, ("relay", "broker", "topics", "ledger")),
        ]

    def _ingestion(self) -> Answer:
        return _answer([lags.of_ingestion(self.spool, self.check, _now())])

    def _switch(self) -> Answer:
        off = Switch(self.spool.dir).off()
        if off is None:
            return Answer(Level.OK, "lineage is on")
        aside = Aside(self.spool.dir, self.spool.aside_max_bytes)
        try:
            return Answer(Level.WARN, f"{off}; {aside.count()} events are kept aside")
        finally:
            aside.close()

    def _spool(self) -> Answer:
        """The spool's use and, unless the lineage is off, its events and how long they have waited."""
        results = lags.of_spool(self.spool, self.check, _now())
        return _answer(results if Switch(self.spool.dir).off() is None else results[:1])

    def _others(self) -> Answer:
        """The spools of other machines, and the events that ended workers handed over."""
        return _answer(lags.of_others(self.ledger, self.spool, self.check, _now()))

    def _delivery(self) -> Answer:
        from dbt_lineage.relay import status

        told = status.read(self.spool.dir) or {}
        troubles = {name: told[name] for name in _TROUBLES if told.get(name)}
        if follow_ups := told.get("follow_ups"):
            why = troubles.get("warehouse_error", "the warehouse answers again")
            troubles["warehouse_error"] = f"{follow_ups} events wait for their columns: {why}"
        if let_go := told.get("follow_ups_let_go"):
            troubles["let_go"] = f"{let_go} events keep no columns: there was no room for more that wait for them"
        if troubles:
            # Events never wait for the ledger, and only briefly for the warehouse.
            waits = set(troubles) & {"kafka_error", "spool_error"}
            return Answer(Level.FAIL if waits else Level.WARN, "; ".join(troubles.values()))
        if told.get("off_since"):
            return Answer(Level.OK, f"nothing is sent: lineage is off since {told['off_since']}")
        return Answer(Level.OK, f"{told.get('sent', 0)} sent, {told.get('dead', 0)} to the dead letters")

    def _of_the_lag(self) -> list[Probe]:
        group, needs = self.ingestion.consumer_group, ("broker", "topics")
        return [
            Probe("verified", lambda: _answer([lags.of_events(self.kafka, group, self.check, _now())]), needs),
            Probe("retention", lambda: _answer(lags.of_retention(self.kafka, group, _now())), needs),
        ]

    # --- Airflow

    def _of_airflow(self) -> list[Probe]:
        ask = _Once(self._airflow)
        database = self._airflow_server()
        below = ("airflow-api-server", *database)
        return [
            Probe("airflow-api-server", lambda: self._api_server(ask()), database),
            Probe("airflow-metadatabase", lambda: _component("metadatabase", ask()), below),
            *(
                Probe(
                    f"airflow-{process}",
                    partial(lambda name: _component(name, ask()), name),
                    (*below, "airflow-metadatabase"),
                )
                for process, name in AIRFLOW_COMPONENTS.items()
            ),
        ]

    def _airflow_server(self) -> tuple[str, ...]:
        """The name of the line of the server with Airflow's metadata database; empty if unknown."""
        if self.airflow_database.sql_alchemy_conn is None:
            return ()
        address = self.airflow_database.sql_alchemy_conn.get_secret_value()
        name = self._servers().get(_server(address))
        return (name,) if name else ()

    def _airflow(self) -> dict[str, Any]:
        url = f"{str(self.airflow.url).rstrip('/')}/api/v2/monitor/health"
        try:
            answer = httpx.get(url, timeout=self.seconds, verify=web.trust())
        except httpx.TransportError as error:
            raise Unwell(f"Airflow: GET {url} failed: {error!r}") from error
        if answer.status_code != 200:
            raise Unwell(f"Airflow: GET {url} answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()

    def _api_server(self, _: dict[str, Any]) -> Answer:
        return Answer(Level.OK, str(self.airflow.url))


class _Once(Generic[Got]):
    """One call that several threads share: the first thread makes it, the others wait for its result."""

    def __init__(self, call: Callable[[], Got]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._got: list[Got | Exception] = []

    def __call__(self) -> Got:
        with self._lock:
            if not self._got:
                try:
                    self._got.append(self._call())
                except Unwell as error:
                    self._got.append(error)
        got = self._got[0]
        if isinstance(got, Exception):
            raise got
        return got


def _raise(why: str) -> Answer:
    raise Unwell(why)


def _component(name: str, health: dict[str, Any]) -> Answer:
    told = health.get(name) or {}
    heartbeat = told.get(f"latest_{name}_heartbeat")
    seen = f"last heartbeat {_age(heartbeat)} ago" if heartbeat else "no heartbeat yet"
    if name == "metadatabase":
        seen = "Airflow reads it" if told.get("status") == "healthy" else "Airflow cannot read it"
    if told.get("status") != "healthy":
        return Answer(Level.FAIL, f"Airflow calls it {told.get('status')}: {seen}")
    return Answer(Level.OK, seen)


def _age(moment: str) -> str:
    return in_words((_now() - datetime.fromisoformat(moment)).total_seconds())


def _answer(results: list[Result]) -> Answer:
    level = worst(result.level for result in results)
    return Answer(level, "; ".join(result.seen for result in results if level is Level.OK or result.level is level))


def _server(url: str) -> Server:
    """Host and port in a database's address."""
    # urlsplit would end the address at a # in the password.
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    return parts.host or "", parts.port or 5432


def _numbers(offsets: dict[int, int]) -> str:
    return " ".join(f"{partition}:{offset}" for partition, offset in sorted(offsets.items()))


def _now() -> datetime:
    return datetime.now(UTC)
