"""Airflow's own API server with the lineage page in it, on a metadata database of the tests' own."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

PREFIX = "/dbt-lineage"
API = f"{PREFIX}/api/v1"
RUN = "scheduled__2026-11-20"
STARTED = datetime(2026, 11, 20, 5, tzinfo=UTC)


@dataclass
class AirflowPage:
    """The server.

    Args:
        http: talks to it, without login.
        page: the page's own application.
        tokens: of a user of each role.
    """

    http: TestClient
    page: Any
    tokens: Mapping[str, str]

    def get(self, path: str, role: str | None = "viewer", **sent: Any) -> Any:
        """GET a route of the page's API."""
        return self.http.get(f"{API}{path}", headers={**self.login(role), **sent.pop("headers", {})}, **sent)

    def post(self, path: str, role: str | None = "viewer", **sent: Any) -> Any:
        """POST to a route of the page's API."""
        return self.http.post(f"{API}{path}", headers={**self.login(role), **sent.pop("headers", {})}, **sent)

    def login(self, role: str | None) -> dict[str, str]:
        """The headers of a user of a role; of nobody, when None."""
        return {} if role is None else {"Authorization": f"Bearer {self.tokens[role]}"}


@contextmanager
def airflow_page(folder: Path, artifacts: Path, environment: Mapping[str, str]) -> Iterator[AirflowPage]:
    """A server whose database knows the DAGs, and a run of the dbt project.

    Args:
        folder: of its database.
        artifacts: with the project's manifest.
        environment: of the settings.
    """
    chosen = {
        **environment,
        "DBT_ARTIFACTS_DIR": str(artifacts),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(Path(__file__).resolve().parents[1] / "plugins"),
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "viewer:viewer,user:user,admin:admin",
        "AIRFLOW__API_AUTH__JWT_SECRET": "of-the-unit-tests-and-of-nobody-else-at-all-in-64-characters-....",
        "AIRFLOW__API__SECRET_KEY": "of-the-unit-tests",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in chosen.items():
            patch.setenv(name, value)
        from airflow import plugins_manager
        from airflow import settings as of_airflow
        from airflow.api_fastapi.app import create_app, get_auth_manager, purge_cached_app
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
        from airflow.models import import_all_models
        from airflow.models.base import Base

        from dbt_lineage.airflow.page.mounted import FASTAPI_APPS
        from dbt_lineage.core import settings

        settings.forget()
        of_airflow.configure_vars()
        # An earlier test may have loaded the plugins of another folder.
        for each in vars(plugins_manager).values():
            if hasattr(each, "cache_clear"):
                each.cache_clear()
        of_airflow.reconfigure_orm()
        import_all_models()
        try:
            Base.metadata.create_all(of_airflow.get_engine())
            _fill()
            purge_cached_app()
            with TestClient(create_app("core"), raise_server_exceptions=False) as http:
                manager = get_auth_manager()
                tokens = {
                    role: manager.generate_jwt(SimpleAuthManagerUser(username=role, role=role.upper()))
                    for role in ("viewer", "user", "admin")
                }
                yield AirflowPage(http, FASTAPI_APPS[0]["app"].app, tokens)
        finally:
            purge_cached_app()
            of_airflow.dispose_orm(do_log=False)
    settings.forget()
    of_airflow.configure_vars()
    if "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" not in os.environ:
        of_airflow.reconfigure_orm()


def _fill() -> None:
    from airflow.models import DagModel, DagRun, TaskInstance
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.serialization.serialized_objects import LazyDeserializedDAG
    from airflow.utils.db import synchronize_log_template
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from sqlalchemy import insert

    from dbt_lineage.airflow.dags.lineage_replay import lineage_replay

    synchronize_log_template()
    with create_session() as session:
        session.add(DagBundleModel(name="dags"))
        session.flush()
        for dag_id in ("jaffle_shop", "lineage_replay", "lineage_checks"):
            place = {"fileloc": f"/dags/{dag_id}.py", "relative_fileloc": f"{dag_id}.py"}
            session.add(DagModel(dag_id=dag_id, bundle_name="dags", is_paused=False, **place))
        session.flush()
        run = DagRun("jaffle_shop", RUN, run_type="scheduled", run_after=STARTED, start_date=STARTED)
        run.state = DagRunState.FAILED
        session.add(run)
        session.flush()
        for task_id, state in (("seeds", "success"), ("models.orders", "failed"), ("models.customers", None)):
            began = STARTED if state else None
            named = {"id": uuid.uuid4(), "dag_id": "jaffle_shop", "run_id": RUN, "task_id": task_id}
            session.execute(insert(TaskInstance).values(**named, state=state, pool="default_pool", start_date=began))
    # As the DAG processor does it, so that a run of it can be started.
    (dag,) = lineage_replay()
    SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(dag), bundle_name="dags")
