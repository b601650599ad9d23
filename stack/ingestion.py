"""The ingestion of the local stack, as a service."""

import math
import sys

from dbt_lineage.core.liveness import silence
from dbt_lineage.ingest.follow import SIGN_OF_LIFE
from stack import airflow
from stack.config import StackConfig


def command(_: StackConfig) -> list[str]:
    """Command line of the ingestion."""
    return [sys.executable, "-m", "dbt_lineage", "ingest", "run", "--follow"]


def environment(config: StackConfig) -> dict[str, str]:
    """Its variables: the settings, without those of Airflow and of Superset."""
    return airflow.environment_without(config, "AIRFLOW_*", "SUPERSET_*", "ALERT_WEBHOOK_URL", "KAFKA_CONNECTOR_*")


def is_ready(config: StackConfig) -> bool:
    """Whether it says that it is at work. One that waits for Kafka or the catalogue is."""
    return silence(config.home / "spool" / SIGN_OF_LIFE, allowed_seconds=math.inf) is None
