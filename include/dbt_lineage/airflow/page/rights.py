"""Who may see what: Airflow's login and rights, asked on every route."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import (
    AccessView,
    DagAccessEntity,
    DagDetails,
)
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_view
from airflow.models import DagModel
from fastapi import Depends, HTTPException

from dbt_lineage.core.errors import SettingsError
from dbt_lineage.core.projects import Project, projects

log = logging.getLogger(__name__)

# On the whole application: a plugin's routes are open unless it closes them itself.
SIGNED_IN = [Depends(requires_access_view(AccessView.PLUGINS))]


@dataclass
class Reader:
    """Who asks.

    Args:
        user: Airflow's user.
    """

    user: Any

    @cached_property
    def dag_ids(self) -> set[str]:
        """The DAGs that the reader may see; asked once a request."""
        return get_auth_manager().get_authorized_dag_ids(user=self.user)

    @cached_property
    def projects(self) -> list[Project]:
        """The projects whose DAG the reader may see. Of several, a broken one takes none of the others away.

        Raises:
            SettingsError: the configuration is wrong, or the settings of the only project.
        """
        return [each for each in projects() if self._may_see(each)]

    def _may_see(self, project: Project) -> bool:
        try:
            return project.dbt.dag_id in self.dag_ids
        except SettingsError as error:
            if project.is_only:
                raise
            log.warning("the lineage page does not show project %s: %s", project.name, error)
            return False

    def chosen(self, names: Sequence[str]) -> list[Project]:
        """Some of them, by name; all when none is named.

        Raises:
            HTTPException: there is none of a name that this reader may see.
        """
        by_name = {each.name: each for each in self.projects}
        if unknown := [name for name in names if name not in by_name]:
            there = ", ".join(by_name) or "none"
            raise HTTPException(404, f"there is no project {unknown[0]!r} that you may see; there are: {there}")
        return [each for each in self.projects if not names or each.name in names]

    def of_dag(self, dag_id: str) -> Project:
        """The project of a DAG.

        Raises:
            HTTPException: it is the DAG of none that this reader may see.
        """
        for each in self.projects:
            if each.dbt.dag_id == dag_id:
                return each
        raise HTTPException(404, f"there is no dbt DAG {dag_id!r} that you may see")

    def may(self, dag_id: str, what: DagAccessEntity, method: Literal["GET", "POST"] = "GET") -> bool:
        """Whether the reader has a right on a DAG.

        Args:
            dag_id: the DAG.
            what: which part of it.
            method: GET to see it, POST to make one.
        """
        details = DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
        return get_auth_manager().is_authorized_dag(method=method, access_entity=what, details=details, user=self.user)

    def require(self, dag_id: str, what: DagAccessEntity, method: Literal["GET", "POST"] = "GET") -> None:
        """Raises HTTPException unless the reader has a right on a DAG."""
        if not self.may(dag_id, what, method):
            does = "start" if method == "POST" else "see"
            raise HTTPException(403, f"you may not {does} {what.value.lower()} of DAG {dag_id}")


def _reader(user: GetUserDep) -> Reader:
    return Reader(user)


ReaderDep = Annotated[Reader, Depends(_reader)]
