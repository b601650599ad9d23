"""Killing a service of the stack, and starting it again."""

import os
import signal
import time

from stack import lifecycle
from stack.chaos.plan import Strike
from stack.chaos.until import until
from stack.config import StackConfig
from stack.supervisor import Supervisor

SERVICE_OF = {"kafka": "kafka", "relay": "relay", "catalogue": "openmetadata-standin", "postgres": "postgres"}
STACK = tuple(SERVICE_OF[name] for name in ("postgres", "kafka", "catalogue", "relay"))


def hit(config: StackConfig, strike: Strike) -> None:
    """SIGKILL the service that a strike is at, and start it again after the strike's time. Raises StackError."""
    name = SERVICE_OF[strike.target]
    supervisor = Supervisor(config)
    os.kill(supervisor.states()[name]["pid"], signal.SIGKILL)

    def is_held() -> bool:
        # supervisord would start it again at once; while it is between two states it cannot be told to leave it.
        supervisor.stop(name)
        return supervisor.states()[name]["statename"] == "STOPPED"

    until(is_held, f"{name} was killed and supervisord would not leave it stopped", seconds=30)
    time.sleep(strike.away_seconds)
    lifecycle.start(config, name)
