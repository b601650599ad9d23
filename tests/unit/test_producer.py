"""The task that runs dbt, as far as it needs no Airflow."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from dbt_lineage.airflow.dbt_tasks.producer import Reporter
from dbt_lineage.events.dbt_messages import Message


def message(name: str) -> Message:
    return Message(name, "debug", "said", datetime.now(UTC), "an invocation")


def test_a_node_is_known_before_it_is_told() -> None:
    """A build can be over sooner than the first telling: it is none in which nothing was selected."""
    ti: Any = SimpleNamespace(try_number=1, max_tries=0)
    reporter = Reporter(ti)
    reporter.hear(message("MainReportVersion"))
    assert not reporter.has_heard_of_nodes
    reporter.hear(message("NodeStart"))
    assert reporter.has_heard_of_nodes
