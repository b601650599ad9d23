"""The warehouse that a project builds in, from its dbt profile."""

import logging
from typing import TYPE_CHECKING

from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import SettingsError
from dbt_lineage.warehouse.port import Warehouse

if TYPE_CHECKING:
    from dbt_lineage.warehouse.profile import Target

log = logging.getLogger(__name__)


def warehouse_of(project: Project) -> Warehouse:
    """Make the warehouse of a project.

    PostgreSQL has an implementation of its own, with the settings ``WAREHOUSE_*``. A process that cannot see the project's
    folder uses it too, such as a relay on a machine without dbt.

    Args:
        project: the project.

    Raises:
        SettingsError: the profile cannot be read or names an unknown warehouse, or a setting is missing or wrong.
    """
    from dbt_lineage.warehouse.by_dbt import AdapterWarehouse
    from dbt_lineage.warehouse.postgres import PostgresWarehouse

    target = _target(project)
    if target is None or target["type"] == PostgresWarehouse.adapter.type:
        return PostgresWarehouse(project.warehouse)
    return AdapterWarehouse(target)


def _target(project: Project) -> "Target | None":
    from dbt_lineage.warehouse.profile import target_of

    try:
        dbt = project.dbt
    except SettingsError as error:
        # A process that runs dbt fails with this error. Others need only the warehouse's address.
        log.warning(
            "the warehouse of project %s is taken from WAREHOUSE_*, because its dbt profile cannot be found: %s",
            project.name,
            error,
        )
        return None
    return target_of(dbt.profiles_file, dbt.profile, dbt.target)
