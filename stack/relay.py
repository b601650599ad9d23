"""The relay of the local stack."""

import math
import sys

from stack import airflow
from stack.config import StackConfig

NICENESS = "10"


def command(_: StackConfig) -> list[str]:
    """Command line of the relay, which works when dbt and Airflow leave it time: their machine is the same."""
    return ["nice", "-n", NICENESS, sys.executable, "-m", "dbt_lineage", "relay", "run"]


def environment(config: StackConfig) -> dict[str, str]:
    """Its variables: the settings, with the secrets of the warehouse and of the ledger only."""
    return airflow.environment_without(
        config, "AIRFLOW_*", "SUPERSET_*", "OPENMETADATA_TOKEN", "ALERT_WEBHOOK_URL", "KAFKA_CONNECTOR_*"
    )


def is_ready(config: StackConfig) -> bool:
    """Whether a relay says that it is at work. One that waits for Kafka is: the spool holds what it cannot send."""
    from dbt_lineage.core.liveness import silence
    from dbt_lineage.relay.status import FILE_NAME

    return silence(config.home / "spool" / FILE_NAME, allowed_seconds=math.inf) is None
