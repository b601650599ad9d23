"""What can go wrong with the spool."""

from dbt_lineage.core.errors import ExpectedError


class SpoolError(ExpectedError):
    """The disk did not store or return an event; the message names the file and the error."""


class SpoolFull(SpoolError):
    """The spool holds as much as it may, or the disk is full; the message names the limit and its setting."""


class SpoolUnreadable(SpoolError):
    """The file cannot be used: truncated, overwritten, no spool at all, or of a newer version.

    Args:
        message: what was found.
        identity: which file it was, device and inode; another one may have its name by now.
        label: what the file is called once it is set aside.
    """

    def __init__(self, message: str, identity: tuple[int, int] | None, label: str = "unreadable") -> None:
        super().__init__(message)
        self.identity = identity
        self.label = label
