"""Stacks of the tests' own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dbt_lineage.core import settings
from stack import airflow, lifecycle
from stack.config import StackConfig
from tests.support import leftovers

# The variables of the stack that is running, outside first.
_in_force: list[set[str]] = []


@contextmanager
def running(config: StackConfig, *services: str, **variables: str) -> Iterator[StackConfig]:
    """A stack from nothing, in whose environment the tests are; afterwards no process and no port of it is left.

    Args:
        config: where it lives.
        services: those that are started; all when none is named.
        variables: of the environment, before the stack starts.
    """
    with pytest.MonkeyPatch.context() as environment:
        # A variable of the environment wins over the stack's own value: what another stack left there is not meant.
        for name in _in_force[-1] if _in_force else ():
            environment.delenv(name, raising=False)
        for name, value in variables.items():
            environment.setenv(name, value)
        lifecycle.up(config, *services)
        values = airflow.environment(config)
        for name, value in values.items():
            environment.setenv(name, value)
        _in_force.append(set(values))
        settings.forget()
        try:
            yield config
        finally:
            _in_force.pop()
            lifecycle.down(config)
    settings.forget()
    assert leftovers(config) == ([], [])
