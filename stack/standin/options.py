"""Options: how the stand-in behaves where servers differ or fail."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import CatalogueError


class Options(BaseModel):
    """Options of the stand-in; the defaults are a healthy server without a cache.

    Attributes:
        search_delay: Seconds until search has what was written.
        search_down: Whether the search engine is away: a lineage write is stored and answers 500, a search answers 500.
        stale_delay: Seconds until `deleteStale` has deleted.
        cache_seconds: How long the graph around an entity is answered from a cache, which a PATCH does not invalidate.
        version: The server's version; empty for the one of the installed client.
        token: The token that callers must send; empty for the one of the settings. A new one replaces the old one at once.
    """

    model_config = ConfigDict(extra="forbid")

    search_delay: float = Field(default=0, ge=0)
    search_down: bool = False
    stale_delay: float = Field(default=0, ge=0)
    cache_seconds: float = Field(default=0, ge=0)
    version: str = ""
    token: str = ""

    def change(self, document: Any) -> None:
        """Take over the options that a document names.

        Raises:
            CatalogueError: 400, it names none that there is, or a value that is not allowed.
        """
        try:
            changed = Options.model_validate({**self.model_dump(), **document})
        except (ValidationError, TypeError) as error:
            raise CatalogueError(400, str(error)) from error
        for name in Options.model_fields:
            setattr(self, name, getattr(changed, name))

    def reset(self) -> None:
        """Back to the defaults."""
        self.change(Options().model_dump())
