"""The base class of expected errors, and the error of a wrong setting."""


class ExpectedError(Exception):
    """An error that can happen in normal operation, such as an unreachable service or a wrong setting.

    The message names what failed, where (service, path, file, setting), and what to do. A command prints it without a
    traceback (``dbt_lineage.core.commands``).
    """


class SettingsError(ExpectedError, ValueError):
    """A setting is missing or wrong. The message names its variable or place, its value, and what is allowed."""
