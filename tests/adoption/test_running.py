"""Their DAGs run beside two dbt projects, and the lineage of all of them reaches Kafka."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from adopter import THEIR_DAGS, Adopter, Adoption

from dbt_lineage.core import settings
from dbt_lineage.core.airflow_variables import VARIABLES
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages
from stack import airflow, lifecycle
from stack.airflow_api import AirflowApi, await_condition
from stack.checkout import PROJECT_ROOT
from stack.config import HOST, StackConfig, StackSettings
from tests import second_project
from tests.stacks import running
from tests.support import integration, query

# Three minutes on two quiet cores, most of it in the first test's setup.
pytestmark = pytest.mark.timeout(1800)

SERVICES_HOME = PROJECT_ROOT / ".stack-adoption"
JAFFLE_SHOP = PROJECT_ROOT / "dbt-jaffle-shop"
COMPONENTS = {
    "api-server": "metadatabase",
    "scheduler": "scheduler",
    "triggerer": "triggerer",
    "dag-processor": "dag_processor",
}
# This one runs when the asset of another is updated.
BY_AN_ASSET = "consumer_of_an_asset"
PROJECTS = {
    "shop": {"project_dir": "dbt/shop", "profile": "jaffle_shop", "target": "dev"},
    "books": {"project_dir": "dbt/books", "profile": "finance", "target": "night"},
}


@dataclass(frozen=True)
class Done:
    """What ran.

    Args:
        runs: the ended run of each DAG, with its tasks.
        waiting: events in the spool before they were relayed.
        events: those in the topic.
        logs: the end of each process's log.
    """

    runs: dict[str, dict[str, Any]]
    waiting: int
    events: list[dict[str, Any]]
    logs: str

    def of_dbt(self, state: str) -> list[dict[str, Any]]:
        """The events of dbt's nodes that ended so."""
        return [each for each in self.events if integration(each) == "DBT" and each["eventType"] == state]


@pytest.fixture(scope="module")
def services() -> Iterator[StackConfig]:
    """Their PostgreSQL and their Kafka."""
    config = StackConfig(StackSettings(home=SERVICES_HOME, well_known_ports=False))
    lifecycle.clean(config)
    with running(config, "postgres", "kafka"):
        yield config


@pytest.fixture(scope="module")
def done(adoption: Adoption, services: StackConfig) -> Done:
    """Every DAG ran once, and what they emitted was relayed."""
    adopter = adoption.adopter
    take_up(adopter, services)
    variables = variables_of(adopter, services)
    for words in (("manifest",), ("topics",)):
        adopter.run("dbt-lineage", *words, **variables)
    airflow.write_login(services)
    adopter.run("airflow", "db", "migrate", **variables)
    with ExitStack() as processes:
        for component in COMPONENTS:
            processes.enter_context(process(adopter, services, component, variables))
        for health in COMPONENTS.values():
            await_condition(
                lambda health=health: airflow.component_is_healthy(services, health), 400, f"{health} is not healthy"
            )
        runs = run_all(AirflowApi(services))
    status = json.loads(adopter.run("dbt-lineage", "relay", "status", "--json", **variables))
    adopter.run("dbt-lineage", "relay", "drain", "--timeout", "120", **variables)
    return Done(runs, status["spool"]["waiting"], events(), logs(adopter))


def logs(adopter: Adopter) -> str:
    """The last lines of the log of each process, for a test that fails."""
    ends = {each: log_of(adopter, each).read_text(errors="replace").splitlines()[-40:] for each in COMPONENTS}
    return "\n".join("\n".join([f"--- {component}", *lines]) for component, lines in ends.items())


def log_of(adopter: Adopter, component: str) -> Path:
    """The log of a process."""
    return adopter.home.parent / f"{component}.log"


def take_up(adopter: Adopter, services: StackConfig) -> None:
    """Put two dbt projects and their sources where they belong, and name them in lineage.yml."""
    for name, source in (("shop", JAFFLE_SHOP), ("books", second_project.PROJECT)):
        shutil.copytree(
            source, adopter.home / "dbt" / name, ignore=shutil.ignore_patterns("target", "logs", ".user.yml")
        )
    query(second_project.SOURCES)
    configuration = {
        "projects": [{"name": name, "dbt": dbt} for name, dbt in PROJECTS.items()],
        "defaults": {
            "warehouse": {
                "host": HOST,
                "port": services.ports["postgres"],
                "password": {"env": "WAREHOUSE_PASSWORD"},
                "reader_password": {"env": "WAREHOUSE_READER_PASSWORD"},
            }
        },
        "shared": {
            "kafka": {"bootstrap_servers": services.address("kafka")},
            "spool": {"dir": "spool"},
        },
    }
    (adopter.home / "lineage.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")


def variables_of(adopter: Adopter, services: StackConfig) -> dict[str, str]:
    """The variables of all their processes: Airflow's own as they have them, and those that init names."""
    of_stack = airflow.environment(services)
    theirs = {
        name: value
        for name, value in of_stack.items()
        if name.startswith(("AIRFLOW__CORE__", "AIRFLOW__API", "AIRFLOW__DATABASE__"))
    }
    # What their dbt profiles read, as dbt has it.
    of_profiles = {name: value for name, value in of_stack.items() if name.startswith("WAREHOUSE_")}
    return {
        **theirs,
        "AIRFLOW__CORE__DAGS_FOLDER": str(adopter.home / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(adopter.home / "plugins"),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        # On a machine that runs other tests too, a task may wait for its own DAG file.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "300",
        **of_profiles,
        **VARIABLES,
        "LINEAGE_CONFIG": str(adopter.home / "lineage.yml"),
    }


def process(
    adopter: Adopter, services: StackConfig, component: str, variables: dict[str, str]
) -> "subprocess.Popen[bytes]":
    """One of Airflow's processes, ended at the end of its context."""
    options = {
        "api-server": ["--host", HOST, "--port", str(services.ports["airflow"]), "--workers", "1"],
        "dag-processor": [],
    }
    log = log_of(adopter, component).open("wb")
    command = [adopter.python, "-m", "airflow", component, *options.get(component, ["--skip-serve-logs"])]
    return Ended(
        command, env={**adopter.variables, **variables}, cwd=adopter.home, stdout=log, stderr=subprocess.STDOUT
    )


class Ended(subprocess.Popen):
    """A process that is asked to end when its context is left."""

    def __exit__(self, *raised: Any) -> None:
        self.terminate()
        super().__exit__(*raised)


def run_all(api: AirflowApi) -> dict[str, dict[str, Any]]:
    """Run every DAG once, all at the same time."""
    api.await_dags({*THEIR_DAGS, *PROJECTS, "kafka_topics"}, 400)
    for dag_id in (*THEIR_DAGS, *PROJECTS):
        # A scheduled one starts the run of its latest interval by itself.
        api.unpause(dag_id)
        if dag_id not in (BY_AN_ASSET, *PROJECTS):
            api.trigger(dag_id)
    ended = {dag_id: api.await_new_run(dag_id, set()) for dag_id in (*THEIR_DAGS, *PROJECTS)}
    return {dag_id: {**run, "tasks": api.tasks(dag_id, run["dag_run_id"])} for dag_id, run in ended.items()}


def events() -> list[dict[str, Any]]:
    """All that is in the topic."""
    kafka = settings.kafka()
    ends = Bookmarks(kafka, kafka.events_topic).ends()
    found = messages(kafka, kafka.events_topic, dict.fromkeys(ends, 0), ends)
    return [json.loads(each.value() or b"") for each in found]


def test_every_dag_of_theirs_runs_as_before(done: Done) -> None:
    states = {dag_id: done.runs[dag_id]["state"] for dag_id in THEIR_DAGS}
    assert states == dict.fromkeys(THEIR_DAGS, "success"), done.logs


def test_each_dbt_project_is_built_by_a_task_for_each_model(done: Done) -> None:
    assert {name: done.runs[name]["state"] for name in PROJECTS} == dict.fromkeys(PROJECTS, "success"), done.logs
    states = {task_id: task["state"] for task_id, task in done.runs["shop"]["tasks"].items()}
    models = {f"models.{file.stem}" for file in JAFFLE_SHOP.glob("models/**/*.sql")}
    assert models <= states.keys()
    assert {states[each] for each in models} == {"success"}


def test_the_events_of_all_that_ran_wait_in_the_spool_until_they_are_in_kafka(done: Done) -> None:
    assert done.waiting == len(done.events) > 0
    finished = {each["job"]["name"] for each in done.of_dbt("COMPLETE")}
    assert {f"model.jaffle_shop.{file.stem}" for file in JAFFLE_SHOP.glob("models/**/*.sql")} <= finished
    written = {output["name"].lower() for each in done.of_dbt("COMPLETE") for output in each.get("outputs", [])}
    assert {edge.downstream for edge in second_project.LINEAGE} <= written
    of_airflow = {each["job"]["name"] for each in done.events if integration(each) == "AIRFLOW"}
    assert {"greet_ada.greet", "shop.models.dbt_build"} <= of_airflow


def test_the_relay_added_the_column_lineage(done: Done) -> None:
    [orders] = [each for each in done.of_dbt("COMPLETE") if each["job"]["name"] == "model.jaffle_shop.orders"]
    assert orders["outputs"][0]["facets"]["columnLineage"]["fields"]["order_id"]["inputFields"]


def test_what_failed_left_no_mark_in_the_installed_package(done: Done, adoption: Adoption) -> None:
    packages: Path = adoption.adopter.packages
    assert not [each for each in (packages / "build", packages / "spool") if each.exists()]
    assert (adoption.adopter.home / "spool").is_dir()
