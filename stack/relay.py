"""The relay of the local stack."""

import sys

import psutil

from stack.config import StackConfig


def command(_: StackConfig) -> list[str]:
    """Command line of the relay."""
    return [sys.executable, "-m", "include.relay", "run"]


def is_ready(config: StackConfig) -> bool:
    """Whether a relay says that it is at work. One that waits for Kafka is: the spool holds what it cannot send."""
    from include.relay import status

    told = status.read(config.home / "spool")
    return told is not None and told["stopped_at"] is None and psutil.pid_exists(told["pid"])
