"""Which warehouse a project builds in: its dbt profile tells it."""

import logging
from typing import TYPE_CHECKING

from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import SettingsError
from dbt_lineage.warehouse.port import Warehouse

if TYPE_CHECKING:
    from dbt_lineage.warehouse.profile import Target

log = logging.getLogger(__name__)


def warehouse_of(project: Project) -> Warehouse:
    """The warehouse of a project.

    PostgreSQL has an implementation of its own, with the settings ``WAREHOUSE_*``. It is also that of a process that does
    not see the project's folder, as a relay on a machine without dbt.

    Args:
        project: the project.

    Raises:
        SettingsError: the profile cannot be read or names no warehouse that is known, or a setting is missing or wrong.
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
        # What runs dbt fails by it. Others need of the project only where its warehouse is.
        log.warning(
            "the warehouse of project %s is taken from WAREHOUSE_*, since its dbt profile is not seen: %s",
            project.name,
            error,
        )
        return None
    return target_of(dbt.profiles_file, dbt.profile, dbt.target)
