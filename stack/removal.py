"""Removing the lineage from the local stack: what it made elsewhere, and the services that are there for it alone."""

import re
import shutil

from dbt_lineage.core import settings
from dbt_lineage.core.projects import projects
from dbt_lineage.ops.removal import parts_of, remove, require_sent, things_of
from dbt_lineage.spool.switch import Switch
from stack import airflow
from stack.airflow_api import AirflowApi
from stack.config import StackConfig
from stack.lifecycle import step
from stack.of_lineage import ANY_OF_THEM, DAGS, SERVICES, STOPPED_FIRST
from stack.supervisor import Supervisor


def remove_lineage(config: StackConfig, force: bool = False) -> dict[str, list[str]]:
    """Remove the lineage; dbt and Airflow go on without.

    Args:
        config: the running stack, whose variables are in the environment.
        force: even when events are lost that Kafka does not have.

    Returns:
        What is left over, by where it is.

    Raises:
        UnsentEvents: events would be lost; nothing was changed.
        StackError, CatalogueError, BrokerError, LedgerError, SpoolError: a part cannot be removed; those before it are.
    """
    spool, supervisor = settings.spool(), Supervisor(config)
    if not force:
        require_sent(spool)
    Switch(spool.dir).turn_off(keeps=False)
    if airflow.component_is_healthy(config, "scheduler"):
        with step(f"pause {', '.join(DAGS)}"):
            api = AirflowApi(config)
            for dag_id in sorted(dag_id for dag_id in api.dags() if re.match(ANY_OF_THEM, dag_id)):
                api.pause(dag_id)
    for name in STOPPED_FIRST:
        supervisor.stop(name)
    with step("what the lineage made"):
        left = remove(parts_of(projects()))
    with step(f"services {', '.join(SERVICES)}"):
        for name in SERVICES:
            supervisor.stop(name)
        shutil.rmtree(config.data / "kafka", ignore_errors=True)
    running = [name for name in SERVICES if supervisor.states()[name]["statename"] != "STOPPED"]
    volumes = [str(folder) for folder in (config.data / "kafka",) if folder.exists()]
    return {**left, "services": running, "volumes": volumes}


def show(config: StackConfig) -> None:
    """Say what would be removed, and what would be lost by it. Raises what ``remove_lineage`` raises."""
    print(things_of(parts_of(projects())))
    print(f"services: {', '.join(SERVICES)}; their data: {config.data / 'kafka'}")
    print(f"DAGs that would be paused: {', '.join(DAGS)}; those of the dbt projects go on")
    require_sent(settings.spool())
