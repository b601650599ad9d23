"""Is a service there? Asked before long work, so that a dead one is named in seconds."""

from dbt_lineage.catalogue.client import Catalogue
from dbt_lineage.core.settings import OpenMetadataSettings, SupersetSettings


def require_catalogue(openmetadata: OpenMetadataSettings) -> None:
    """Raises CatalogueError unless the catalogue answers."""
    with Catalogue(openmetadata) as catalogue:
        catalogue.version()


def require_superset(superset: SupersetSettings) -> None:
    """Raises SupersetError unless Superset lets the service account in."""
    from dbt_lineage.dashboards.client import Superset

    with Superset.as_service_account(superset) as client:
        client.sign_in()
