"""Stacks of the tests' own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stack import airflow, lifecycle
from stack.config import StackConfig
from stack.rollback import forget_settings
from tests.support import leftovers


@contextmanager
def running(config: StackConfig, *services: str, **variables: str) -> Iterator[StackConfig]:
    """A stack from nothing, in whose environment the tests are; afterwards no process and no port of it is left.

    Args:
        config: where it lives.
        services: those that are started; all when none is named.
        variables: of the environment, before the stack starts.
    """
    with pytest.MonkeyPatch.context() as environment:
        for name, value in variables.items():
            environment.setenv(name, value)
        lifecycle.up(config, *services)
        for name, value in airflow.environment(config).items():
            environment.setenv(name, value)
        forget_settings()
        try:
            yield config
        finally:
            lifecycle.down(config)
    forget_settings()
    assert leftovers(config) == ([], [])
