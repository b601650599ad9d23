"""PostgreSQL and Kafka of a local stack with TLS: who gets in, and what each of our clients makes of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from dbt_lineage.core import settings
from dbt_lineage.core.settings import LedgerSettings, WarehouseSettings
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.ledger.ledger import Ledger, LedgerError
from dbt_lineage.ledger.migrations import newest_version
from dbt_lineage.warehouse.port import WarehouseError
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack import airflow, ledger, lifecycle, postgres
from stack.certificates import Authority
from stack.config import HOST, StackConfig, StackSettings
from tests.stacks import running


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackConfig]:
    """PostgreSQL and Kafka, as `make stack-up TLS=1` starts them."""
    config = StackConfig(StackSettings(home=tmp_path_factory.mktemp("tls") / "stack", well_known_ports=False, tls=True))
    if postgres.with_tls() is None:
        pytest.skip("no PostgreSQL of this system knows TLS")
    try:
        with running(config, "postgres", "kafka"):
            yield config
    finally:
        lifecycle.clean(config)


def test_the_ledger_is_reached_over_tls_only(secured: StackConfig, tmp_path: Path) -> None:
    address = make_url(ledger.url(secured))
    assert address.query["sslmode"] == "verify-full"
    with Ledger(LedgerSettings(url=SecretStr(ledger.url(secured)))) as opened:
        assert opened.schema_version() == newest_version()
    plain = address.update_query_dict({"sslmode": "disable"}).render_as_string(hide_password=False)
    with Ledger(LedgerSettings(url=SecretStr(plain))) as opened, pytest.raises(LedgerError, match="no encryption"):
        opened.schema_version()
    other = Authority(tmp_path / "other").file
    strange = address.update_query_dict({"sslrootcert": str(other)}).render_as_string(hide_password=False)
    with (
        Ledger(LedgerSettings(url=SecretStr(strange))) as opened,
        pytest.raises(LedgerError, match="certificate verify"),
    ):
        opened.schema_version()


def test_the_relay_s_reader_knows_the_warehouse_by_its_certificate(secured: StackConfig, tmp_path: Path) -> None:
    with airflow.in_force(secured):
        warehouse = settings.warehouse()
    assert warehouse.sslmode == "verify-full"
    own = PostgresWarehouse(warehouse)
    assert own.ping(10)
    assert own.columns([f"{warehouse.database}.pg_catalog.pg_class"])
    with own.reader(10) as reader:
        [row] = reader.rows("select ssl from pg_stat_ssl where pid = pg_backend_pid()", "public")
        assert row == {"ssl": True}
    other = Authority(tmp_path / "other").file
    for update, said in (
        ({"sslmode": "disable"}, "no encryption"),
        ({"sslrootcert": other}, "certificate verify failed"),
    ):
        with pytest.raises(WarehouseError, match=said):
            PostgresWarehouse(warehouse.model_copy(update=update)).ping(10)
    # What the server itself says of a connection.
    with psycopg2.connect(_reader(warehouse), **warehouse.tls) as connection, connection.cursor() as cursor:
        cursor.execute("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()")
        assert cursor.fetchone() == (True, "TLSv1.3")


def test_kafka_of_the_stack_takes_who_logs_in_over_tls(secured: StackConfig) -> None:
    with airflow.in_force(secured):
        kafka = settings.kafka()
        connection = json.loads(airflow.environment(secured)["AIRFLOW_CONN_KAFKA_DEFAULT"])
    assert kafka.login == "TLS, as lineage"
    assert kafka.client.items() <= connection["extra"].items()
    admin = TopicAdmin.of(kafka)
    for topic in kafka.topics.values():
        admin.ensure(TopicSpec.as_set(topic, kafka))
        assert admin.differences(TopicSpec.as_set(topic, kafka)) == []


def test_every_address_of_the_stack_names_its_authority(secured: StackConfig) -> None:
    environment = airflow.environment(secured)
    for name in ("LEDGER_URL", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        assert dict(make_url(environment[name]).query) == postgres.tls(secured)
    assert environment["WAREHOUSE_SSLROOTCERT"] == str(secured.authority)


def _reader(warehouse: WarehouseSettings) -> str:
    password = warehouse.reader_password.get_secret_value()
    return f"host={HOST} port={warehouse.port} dbname={warehouse.database} user={warehouse.reader_user} password={password}"
