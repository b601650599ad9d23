"""A whole stack whose tasks run on Celery workers, two machines of them, with a scheduler and a triggerer more."""

from collections.abc import Iterator

import pytest

from stack import lifecycle
from stack.airflow_api import AirflowApi
from stack.celery import Machine, machines, redis, variables
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings
from tests.stacks import running

HOME = PROJECT_ROOT / ".stack-celery"
SERVICES = (
    *("postgres", "kafka", "mail", "openmetadata-standin", "relay", "ingestion"),
    *("airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"),
)


@pytest.fixture(scope="session")
def cluster() -> Iterator[tuple[StackConfig, dict[str, Machine]]]:
    """The stack, and the machines beside it by their names."""
    config = StackConfig(StackSettings(home=HOME, well_known_ports=False))
    lifecycle.clean(config)
    with redis() as (broker, _):
        shared = variables(broker)
        with (
            running(config, *SERVICES, SUPERSET_PASSWORD="", **shared),
            machines(
                config,
                shared,
                one=("relay", "worker"),
                two=("relay", "worker"),
                three=("relay", "scheduler", "triggerer"),
            ) as made,
        ):
            yield config, made


@pytest.fixture(scope="session")
def api(cluster: tuple[StackConfig, dict[str, Machine]]) -> AirflowApi:
    client = AirflowApi(cluster[0])
    client.await_dags({"jaffle_shop", "openmetadata_ingestion", "lineage_ingestion", "kafka_topics"})
    assert client.run_once("kafka_topics")["state"] == "success"
    return client
