"""Is a service there? Asked before long work, so that a dead one is named in seconds."""

import psycopg2

from include.errors import ExpectedError
from include.openmetadata.catalogue import Catalogue
from include.settings import OpenMetadataSettings, SupersetSettings, WarehouseSettings


class WarehouseError(ExpectedError):
    """The warehouse does not take connections; the message names its address."""


def require_warehouse(warehouse: WarehouseSettings, seconds: int = 10) -> None:
    """Raises WarehouseError unless the read-only role can connect within so many seconds."""
    try:
        psycopg2.connect(
            host=warehouse.host,
            port=warehouse.port,
            dbname=warehouse.database,
            user=warehouse.reader_user,
            password=warehouse.reader_password.get_secret_value(),
            connect_timeout=seconds,
        ).close()
    except psycopg2.OperationalError as error:
        raise WarehouseError(
            f"PostgreSQL at {warehouse.host}:{warehouse.port} (database {warehouse.database}): {str(error).strip()}"
        ) from None


def require_catalogue(openmetadata: OpenMetadataSettings) -> None:
    """Raises CatalogueError unless the catalogue answers."""
    with Catalogue(openmetadata) as catalogue:
        catalogue.version()


def require_superset(superset: SupersetSettings) -> None:
    """Raises SupersetError unless Superset lets the service account in."""
    from include.superset.client import Superset

    with Superset.as_service_account(superset) as client:
        client.sign_in()
