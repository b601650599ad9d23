"""The process of the local stack that keeps openmetadata-ingestion imported."""

import socket as sockets
from pathlib import Path

from stack.config import StackConfig, interpreter


def socket(config: StackConfig) -> Path:
    """Where it listens."""
    return config.socket("workflows")


def command(config: StackConfig) -> list[str]:
    """Its command line; what it runs gives way to dbt."""
    return ["nice", "-n", "5", str(interpreter("openmetadata")), "-m", "include.openmetadata.warm", str(socket(config))]


def is_ready(config: StackConfig) -> bool:
    """Whether somebody listens; until the package is imported, who calls waits."""
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as probe:
        try:
            probe.connect(str(socket(config)))
        except OSError:
            return False
    return True
