"""The base of every error that a user may expect."""


class ExpectedError(Exception):
    """Something that was to be expected went wrong.

    The message names what failed, where (service, path, file, setting), and what to do. A command prints it as it is,
    without a traceback (``dbt_lineage.core.commands``).
    """
