"""The package on other dbt projects and targets: each is a DAG file of settings."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.projects import make_project
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.ledger.ledger import Ledger, Pending
from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.manifest.parse import make_manifest
from stack.airflow_api import AirflowApi, await_condition
from stack.config import StackConfig, StackError
from tests.conftest import TRIGGERS
from tests.support import BuiltProject, Event, Topic, dbt_by_hand, query

DAG_FILE = '''"""A DAG of the tests: another project, another target, or other settings."""

from datetime import timedelta

from airflow.sdk import DAG

from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.airflow.dbt_tasks.task_group import dbt_tasks, run_params

dbt = DbtSettings(**{settings})

with DAG(
    dag_id=dbt.dag_id, schedule=None, params=run_params(), default_args={{"retry_delay": timedelta(seconds=1)}}
):
    dbt_tasks(dbt)
'''
WAITING_DAG_FILE = '''"""A DAG of the tests: its task waits for a moment, in the triggerer."""

from datetime import timedelta

from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import DAG, BaseOperator


class Wait(BaseOperator):
    def execute(self, context):
        self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=1)), method_name="go_on")

    def go_on(self, context, event):
        pass


with DAG(dag_id="waits_a_moment", schedule=None):
    Wait(task_id="wait")
'''
AddDag = Callable[..., DbtSettings]


@pytest.fixture
def add_dag(stack: StackConfig, built: BuiltProject, api: AirflowApi) -> Iterator[AddDag]:
    """Adds a DAG with settings of its own, and as a rule waits until Airflow has read it.

    At the end its file goes: Airflow would read it twice a minute while all other tests run.
    """
    files: list[Path] = []

    def add(dag_id: str, awaited: bool = True, **changed: str) -> DbtSettings:
        wanted = {"dag_id": dag_id, "artifacts_dir": str(stack.home / "dbt" / dag_id), **changed}
        dbt = settings.dbt().model_copy(update=DbtSettings(**wanted).model_dump(include=set(wanted)))
        make_manifest(dbt)
        kept = {name: str(value) for name, value in dbt.model_dump(exclude_none=True).items()}
        files.append(stack.settings.dags_dir / f"{dag_id}.py")
        files[-1].write_text(DAG_FILE.format(settings=json.dumps(kept)))
        if awaited:
            api.await_dags({dag_id})
        return dbt

    yield add
    for each in files:
        each.unlink()


@pytest.fixture
def generated(stack: StackConfig, add_dag: AddDag) -> Callable[..., DbtSettings]:
    """Adds a DAG for a made-up project of so many models."""

    def add(models: int, name: str | None = None, awaited: bool = True, **changed: str) -> DbtSettings:
        name = name or f"generated_{models}"
        folder = make_project(stack.home / "project" / name, models, schema=name)
        return add_dag(name, awaited, project_dir=str(folder), profile="generated", seeds="", **changed)

    return add


def states(api: AirflowApi, dag_id: str, run_id: str) -> Counter[str]:
    return Counter(task["state"] for task in api.tasks(dag_id, run_id).values())


def test_a_project_of_one_model(generated: Callable[..., DbtSettings], api: AirflowApi) -> None:
    dbt = generated(1)
    run = api.run_once(dbt.dag_id)
    assert run["state"] == "success"
    assert states(api, dbt.dag_id, run["dag_run_id"]) == {"success": 3}
    assert query("select count(*) from generated_1.model_0000") == [(100,)]


@pytest.mark.parametrize("count", [30, pytest.param(300, marks=pytest.mark.long)])
def test_a_project_of_many_models(generated: Callable[..., DbtSettings], api: AirflowApi, count: int) -> None:
    dbt = generated(count)
    run = api.run_once(dbt.dag_id)
    assert run["state"] == "success"
    assert states(api, dbt.dag_id, run["dag_run_id"]) == {"success": count + 2}
    assert len(api.updated_assets(dbt.dag_id, run["dag_run_id"])) == count + 1
    models = [f"model_{number:04}" for number in range(count)]
    assert [
        model for model in models if "OK created" not in api.log(dbt.dag_id, run["dag_run_id"], f"models.{model}")
    ] == []


@pytest.fixture
def waiting(stack: StackConfig) -> Iterator[Path]:
    """The file of a DAG that a test adds; at the end it goes."""
    file = stack.settings.dags_dir / "waits_a_moment.py"
    yield file
    file.unlink(missing_ok=True)


@pytest.mark.long
def test_a_triggerer_that_waits_for_more_nodes_than_it_takes_triggers_has_room_for_others(
    generated: Callable[..., DbtSettings], waiting: Path, api: AirflowApi
) -> None:
    dbt = generated(2 * TRIGGERS)
    assert dbt.manifest.read_text().count('"model.generated.') > TRIGGERS
    waiting.write_text(WAITING_DAG_FILE)
    api.await_dags({"waits_a_moment"})
    for dag_id in (dbt.dag_id, "waits_a_moment"):
        api.unpause(dag_id)
    build = api.trigger(dbt.dag_id)
    await_condition(lambda: states(api, dbt.dag_id, build)["deferred"] > TRIGGERS, 120, "its tasks do not wait")
    waited = api.await_run("waits_a_moment", api.trigger("waits_a_moment"))
    built = api.await_run(dbt.dag_id, build)
    assert (waited["state"], built["state"]) == ("success", "success")
    assert waited["end_date"] < built["end_date"], "it had to wait for the nodes"


@pytest.mark.long
def test_two_targets_are_built_at_once(add_dag: AddDag, api: AirflowApi) -> None:
    prod = add_dag("jaffle_shop_prod", target="prod")
    api.unpause(prod.dag_id)
    events = Topic(settings.kafka().events_topic)
    before = events.ends()
    runs = {dag_id: api.trigger(dag_id) for dag_id in ("jaffle_shop", prod.dag_id)}
    ended = [api.await_run(dag_id, run_id) for dag_id, run_id in runs.items()]
    assert [run["state"] for run in ended] == ["success", "success"]
    assert max(run["start_date"] for run in ended) < min(run["end_date"] for run in ended), "they ran one by one"
    for dag_id, schema in (("jaffle_shop", "jaffle_shop_dev"), ("jaffle_shop_prod", "jaffle_shop")):
        run_id = runs[dag_id]
        assert states(api, dag_id, run_id) == {"success": len(api.tasks(dag_id, run_id))}
        uris = api.updated_assets(dag_id, run_id) - {f"dbt_built__{dag_id}"}
        assert {uri.split("/")[-2] for uri in uris} == {schema}
        assert query(f"select count(*) > 0 from {schema}.orders") == [(True,)]
    emitted = events.since(before)
    for dbt in (settings.dbt(), prod):
        assert edges_of_run(emitted, dbt.dag_id) == Manifest.load(dbt.manifest).edges()


@pytest.mark.parametrize(("at_once", "beside"), [(3, 1), pytest.param(10, 3, marks=pytest.mark.long)])
def test_projects_are_built_at_once_and_others_by_hand_beside_them(
    generated: Callable[..., DbtSettings], api: AirflowApi, at_once: int, beside: int
) -> None:
    of_airflow = [generated(3 + number, f"crowd_{number}", awaited=False) for number in range(at_once)]
    by_hand = [generated(3, f"crowd_by_hand_{number}", awaited=False) for number in range(beside)]
    # New files are looked for now and then: all of them are found at once.
    api.await_dags({dbt.dag_id for dbt in of_airflow})
    for dbt in of_airflow:
        api.unpause(dbt.dag_id)
    events = Topic(settings.kafka().events_topic)
    before = events.ends()
    runs = {dbt.dag_id: api.trigger(dbt.dag_id) for dbt in of_airflow}
    commands = [dbt_by_hand(dbt) for dbt in by_hand]
    assert [command.wait(timeout=600) for command in commands] == [0] * beside
    ended = [api.await_run(dag_id, run_id) for dag_id, run_id in runs.items()]
    assert [run["state"] for run in ended] == ["success"] * at_once
    assert max(run["start_date"] for run in ended) < min(run["end_date"] for run in ended), "they ran one by one"
    emitted = events.since(before)
    # Airflow says the start of a task again that comes back from the triggerer.
    ids = Counter((event["run"]["runId"], event["eventType"]) for event in emitted if is_of_node(event))
    assert [key for key, count in ids.items() if count > 1] == [], "said twice"
    expected = set()
    for dbt in of_airflow:
        found = Manifest.load(dbt.manifest)
        assert edges_of_run(emitted, dbt.dag_id) == found.edges()
        expected |= found.edges()
    for dbt in by_hand:
        expected |= Manifest.load(dbt.manifest).edges()
    said = {
        Edge(upstream["name"], downstream["name"])
        for event in emitted
        if event["eventType"] == "COMPLETE" and "crowd_" in json.dumps(event.get("outputs"))
        for upstream in event["inputs"]
        for downstream in event["outputs"]
    }
    assert said == expected
    await_verified(emitted)


def is_of_node(event: Event) -> bool:
    """Whether it is of a model or a test of dbt."""
    return event["job"]["name"].startswith(("model.", "test."))


def await_verified(events: list[Event]) -> None:
    """Wait until what each event of dbt's nodes says was read back from the catalogue."""
    runs = {event["run"]["runId"] for event in events if is_of_node(event)}
    pending: list[Pending] = []

    def nothing_is_pending() -> bool:
        with Ledger(settings.ledger()) as ledger:
            pending[:] = [each for each in ledger.pending(limit=10_000) if each.facts.run_id in runs]
        return not pending

    try:
        await_condition(nothing_is_pending, 120, "not every event was verified")
    except StackError as error:
        raise StackError(f"{error}: {pending}") from None


def root_of(event: Event) -> str | None:
    """The root job, in Airflow the DAG; dbt by hand has none."""
    root = event["run"]["facets"]["parent"].get("root")
    return root["job"]["name"] if root else None


def edges_of_run(events: list[Event], dag_id: str) -> set[Edge]:
    """The edges that a DAG's run says, by the root of each event."""
    return {
        Edge(upstream["name"], downstream["name"])
        for event in events
        if event["eventType"] == "COMPLETE" and event["job"]["name"].startswith("model.")
        if root_of(event) == dag_id
        for upstream in event["inputs"]
        for downstream in event["outputs"]
    }


def test_a_project_whose_dbt_is_a_program_of_its_own(generated: Callable[..., DbtSettings], api: AirflowApi) -> None:
    dbt = generated(3, "by_program", executable=str(Path(sys.executable).with_name("dbt")))
    events = Topic(settings.kafka().events_topic)
    before = events.ends()
    run = api.run_once(dbt.dag_id)
    run_id = run["dag_run_id"]
    assert run["state"] == "success"
    assert states(api, dbt.dag_id, run_id) == {"success": 5}
    assert len(api.updated_assets(dbt.dag_id, run_id)) == 4
    emitted = events.since(before)
    assert edges_of_run(emitted, dbt.dag_id) == Manifest.load(dbt.manifest).edges()
    await_verified(emitted)
    build = api.log(dbt.dag_id, run_id, "models.dbt_build")
    assert "emitted the lineage of 9 nodes, 9 as they finished" in build
    assert "Trying to run dbtRunner" not in build
    assert "OK created sql table model by_program.model_0001" in api.log(dbt.dag_id, run_id, "models.model_0001")

    api.clear(dbt.dag_id, run_id, "models.model_0001")
    assert api.await_run(dbt.dag_id, run_id)["state"] == "success"
    assert api.tasks(dbt.dag_id, run_id)["models.model_0001"]["try_number"] == 2
    assert "OK created sql table model" in api.log(dbt.dag_id, run_id, "models.model_0001", attempt=2)

    (Path(dbt.project_dir) / "models" / "model_0000.sql").write_text("select 1 / 0 as id")
    failed = api.run_once(dbt.dag_id)
    assert failed["state"] == "failed"
    assert "model.generated.model_0000: Database Error" in api.log(dbt.dag_id, failed["dag_run_id"], "models.dbt_build")
    assert "division by zero" in api.log(dbt.dag_id, failed["dag_run_id"], "models.model_0000")


@pytest.fixture
def flaky(stack: StackConfig, generated: Callable[..., DbtSettings]) -> DbtSettings:
    """A project whose first model fails each first time that it is built, in a DAG that tries once more."""
    dbt = generated(3, retries="1")
    query("create schema if not exists generated_3; create sequence generated_3.attempts")
    model = Path(dbt.project_dir) / "models" / "model_0000.sql"
    model.write_text("select id, id / (nextval('generated_3.attempts') - 1) as amount from generate_series(1, 1) as id")
    return dbt


def test_a_build_that_failed_is_tried_again_and_so_is_a_model(flaky: DbtSettings, api: AirflowApi) -> None:
    dag_id = flaky.dag_id
    run = api.run_once(dag_id)
    run_id = run["dag_run_id"]
    assert run["state"] == "success"
    tasks = api.tasks(dag_id, run_id)
    assert tasks["models.dbt_build"]["try_number"] == 2
    assert {task["state"] for task in tasks.values()} == {"success"}

    query("alter sequence generated_3.attempts restart")
    api.clear(dag_id, run_id, "models.model_0000")
    assert api.await_run(dag_id, run_id)["state"] == "success"
    assert api.tasks(dag_id, run_id)["models.model_0000"]["try_number"] == 3
    assert "division by zero" in api.log(dag_id, run_id, "models.model_0000", attempt=2)
