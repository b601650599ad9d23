"""The services that events go through, without Airflow."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from lineage_shop import Shop, new_shop
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text
from topics import delete_topics, make_topics

from dbt_lineage.core import settings
from dbt_lineage.core.settings import KafkaSettings, LedgerSettings
from dbt_lineage.ledger.migrations import migrate
from stack import airflow, lifecycle
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings
from tests.stacks import running
from tests.support import Catalogue

HOME = PROJECT_ROOT / ".stack-services"


@pytest.fixture(scope="session")
def stack() -> Iterator[StackConfig]:
    """A running part of the stack."""
    # The usual ports are those of a whole stack, which may run beside this one and restart its services.
    config = StackConfig(StackSettings(home=HOME, well_known_ports=False))
    lifecycle.clean(config)
    with running(config, "postgres", "kafka", "openmetadata-standin", "relay"):
        yield config


@pytest.fixture(scope="session")
def catalogue(stack: StackConfig) -> Iterator[Catalogue]:
    """The catalogue's REST API; at the end the stand-in must have known every route that it was asked for."""
    with Catalogue(settings.openmetadata()) as client:
        yield client
        assert client.unknown_routes() == []


@pytest.fixture
def shop(catalogue: Catalogue) -> Iterator[Shop]:
    """A shop of the test's own."""
    with new_shop() as made:
        yield made


@pytest.fixture
def kafka(stack: StackConfig) -> Iterator[KafkaSettings]:
    """Topics of the test's own."""
    name = f"relay-{uuid4()}"
    own = KafkaSettings(
        bootstrap_servers=stack.address("kafka"), events_topic=f"{name}.events", dlq_topic=f"{name}.dlq"
    )
    make_topics(own, own.events_topic, own.dlq_topic)
    yield own
    delete_topics(own)


@pytest.fixture
def store(stack: StackConfig) -> Iterator[LedgerSettings]:
    """A ledger of the test's own: the stack's relay takes nothing over from it."""
    name = f"handover_{uuid4().hex}"
    url = make_url(airflow.environment(stack)["LEDGER_URL"])
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as database:
        database.execute(text(f"CREATE SCHEMA {name}"))
        own = url.update_query_dict({"options": f"-c search_path={name}"})
        made = LedgerSettings(url=SecretStr(own.render_as_string(hide_password=False)))
        migrate(made)
        yield made
        database.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()
