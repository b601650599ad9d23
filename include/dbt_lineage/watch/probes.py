"""Check that a service answers before long work begins, so that an unreachable one is named within seconds."""

from dbt_lineage.catalogue.client import Catalogue
from dbt_lineage.core.settings import OpenMetadataSettings, SupersetSettings


def require_catalogue(openmetadata: OpenMetadataSettings) -> None:
    """Raise CatalogueError unless the catalogue answers."""
    with Catalogue(openmetadata) as catalogue:
        catalogue.version()


def require_superset(superset: SupersetSettings) -> None:
    """Raise SupersetError unless the service account can log in to Superset."""
    from dbt_lineage.dashboards.client import Superset

    with Superset.as_service_account(superset) as client:
        client.sign_in()
