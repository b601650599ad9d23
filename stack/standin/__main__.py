"""Start the stand-in: `python -m stack.standin`."""

import os
import sys

import uvicorn
from metadata.ingestion.models import custom_pydantic

from .app import create_app
from .connections import CuttableProtocol
from .settings import Settings, SettingsError


def main() -> int:
    """Serve until SIGTERM or SIGINT.

    Returns:
        0, or 2 when the settings cannot be used.
    """
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        print(f"stand-in: {error}", file=sys.stderr)
        return 2
    # The models are the client's, which rename entities for its own use. A server renames nothing, and is quicker for it.
    custom_pydantic.transform_entity_names = lambda entity, model: entity
    app = create_app(settings)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http=CuttableProtocol,
        ws="none",
        access_log=False,
        log_level="warning",
        # A client that keeps its connection open must not hold up a stop.
        timeout_graceful_shutdown=5,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
