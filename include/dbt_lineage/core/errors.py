"""The base of every error that a user may expect, and that of a wrong setting."""


class ExpectedError(Exception):
    """Something that was to be expected went wrong.

    The message names what failed, where (service, path, file, setting), and what to do. A command prints it as it is,
    without a traceback (``dbt_lineage.core.commands``).
    """


class SettingsError(ExpectedError, ValueError):
    """A setting is missing or wrong; the message names its variable or its place, its value and what is allowed."""
