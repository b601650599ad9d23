"""Errors that reach the caller as an answer."""


class CatalogueError(Exception):
    """A request the catalogue refuses.

    Args:
        status: HTTP status of the answer.
        message: What is wrong, in words for the caller.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class InvalidAnswerError(Exception):
    """The stand-in was about to send something that the client's own model would refuse: a fault of the stand-in."""


def not_found(entity_type: str, key: object) -> CatalogueError:
    """The error for an entity that the catalogue does not hold.

    Args:
        entity_type: Type of the entity, such as `table`.
        key: The id or fully qualified name that was asked for.
    """
    return CatalogueError(404, f"{entity_type} instance for {key} not found")
