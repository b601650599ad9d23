"""Start a stack for trials; kill a service and start it again."""

import os
import signal
import time
from collections.abc import Sequence

from dbt_lineage.core import settings
from stack import airflow, lifecycle
from stack.chaos.plan import Strike
from stack.chaos.until import until
from stack.config import StackConfig
from stack.supervisor import Supervisor

SERVICE_OF = {"kafka": "kafka", "relay": "relay", "catalogue": "openmetadata-standin", "postgres": "postgres"}
STACK = tuple(SERVICE_OF[name] for name in ("postgres", "kafka", "catalogue", "relay"))


def begin(config: StackConfig, services: Sequence[str], *more_topics: str) -> None:
    """Start a new stack with the topics of the project, and set its environment in this process.

    Args:
        config: the stack.
        services: names of the services to start.
        more_topics: names of further topics.

    Raises:
        StackError: the stack does not start.
    """
    _forget_choices()
    lifecycle.clean(config)
    lifecycle.up(config, *services)
    os.environ.update(airflow.environment(config))
    # Starting the stack has read some of them already.
    _forget_choices(of_environment=False)
    _make_topics(more_topics)


def hit(config: StackConfig, strike: Strike) -> None:
    """SIGKILL the service that a strike is at, and start it again after the strike's time. Raises StackError."""
    name = SERVICE_OF[strike.target]
    kill(config, name)
    time.sleep(strike.away_seconds)
    lifecycle.start(config, name)


def kill(config: StackConfig, name: str) -> None:
    """SIGKILL a service, and keep it from starting again. Raises StackError."""
    supervisor = Supervisor(config)
    os.kill(supervisor.states()[name]["pid"], signal.SIGKILL)

    def is_held() -> bool:
        # supervisord would start it again at once; while it is between two states it cannot be told to leave it.
        supervisor.stop(name)
        return supervisor.states()[name]["statename"] == "STOPPED"

    until(is_held, f"{name} was killed and supervisord would not leave it stopped", seconds=30)


def _forget_choices(of_environment: bool = True) -> None:
    """Forget what was chosen for another stack: nothing but the stack of the trials may ever be hit."""
    for group in settings.GROUPS if of_environment else ():
        for variable in settings.variables(group).values():
            os.environ.pop(variable, None)
    settings.forget()


def _make_topics(more: Sequence[str]) -> None:
    from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec

    kafka = settings.kafka()
    admin = TopicAdmin.of(kafka)
    for topic in (*kafka.topics.values(), *more):
        admin.ensure(TopicSpec.as_set(topic, kafka))
