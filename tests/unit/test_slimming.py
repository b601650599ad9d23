"""Smaller forms of an event: what goes first, and what never goes."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from openlineage.client.serde import Serde

from dbt_lineage.relay.slimming import smaller
from dbt_lineage.relay.validation import validated
from tests.openlineage_events import PRODUCER, run_event

FACET = {"_producer": PRODUCER, "_schemaURL": f"{PRODUCER}/schema.json"}
PARENT = {**FACET, "run": {"runId": "0193f1b4-0000-7000-8000-000000000001"}, "job": {"namespace": "n", "name": "dag"}}
TABLES = [{"namespace": "postgres://h:1", "name": f"a.b.{name}"} for name in ("c", "d")]


def forms(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Each form of an event, which has to be valid."""
    return [validated(body) for body in smaller(json.dumps(event).encode())]


def parts(event: dict[str, Any]) -> list[str]:
    return event["run"]["facets"]["lineageLeftOut"]["parts"]


def test_the_start_of_a_dag_run_as_airflow_makes_it_loses_its_tasks_first() -> None:
    from airflow.providers.openlineage.utils.utils import get_airflow_job_facet
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG

    with DAG("many") as dag:
        for number in range(1000):
            EmptyOperator(task_id=f"model_{number}")
    facets = {
        name: cast("dict[str, Any]", Serde.to_dict(facet))
        for name, facet in get_airflow_job_facet(cast("Any", SimpleNamespace(dag=dag))).items()
    }
    own = {"jobType": {**FACET, "processingType": "BATCH", "integration": "AIRFLOW", "jobType": "DAG"}}
    start = run_event(1, eventType="START")
    start["job"]["facets"] = {**facets, **own}
    assert len(facets["airflow"]["tasks"]) == 1000
    first = forms(start)[0]
    assert parts(first) == ["tasks of the DAG"]
    assert first["job"]["facets"] == own
    assert len(json.dumps(first)) < 1000


def test_the_end_of_a_dag_run_and_of_a_task_lose_what_names_every_task() -> None:
    end = run_event(1, eventType="FAIL")
    end["run"]["facets"] = {"airflowState": {**FACET, "tasksState": {}}, "airflow": FACET, "airflowDagRun": FACET}
    assert forms(end)[0]["run"]["facets"].keys() == {"airflowDagRun", "lineageLeftOut"}


def test_the_smallest_form_says_which_table_is_made_from_which_by_whom_and_how_it_ended() -> None:
    error = {**FACET, "message": "x" * 9000, "programmingLanguage": "SQL", "stackTrace": "y" * 9000}
    event = run_event(
        1,
        eventType="FAIL",
        own="unknown",
        inputs=[{**TABLES[0], "facets": {"own": FACET}, "inputFacets": {"own": FACET}, "own": 1}],
        outputs=[{**TABLES[1], "facets": {"own": FACET}, "outputFacets": {"own": FACET}}],
    )
    kept = {"jobType": {**FACET, "processingType": "BATCH", "integration": "DBT", "jobType": "MODEL"}}
    event["run"]["facets"] = {"parent": PARENT, "errorMessage": error, "own": FACET}
    event["job"] |= {"facets": {**kept, "own": FACET, "sql": {**FACET, "query": "select 1"}}, "own": 1}
    last = forms(event)[-1]
    assert parts(last)[-1] == "all but names"
    assert {key: last[key] for key in ("eventTime", "eventType", "producer", "schemaURL", "inputs")} == {
        **{key: event[key] for key in ("eventTime", "eventType", "producer", "schemaURL")},
        "inputs": TABLES[:1],
    }
    assert [each["name"] for each in last["outputs"]] == ["a.b.d"]
    assert last["outputs"][0]["facets"].keys() == {"lineageUnresolved"}
    assert last["job"] == {**{key: event["job"][key] for key in ("namespace", "name")}, "facets": kept}
    assert last["run"]["runId"] == event["run"]["runId"]
    told = last["run"]["facets"]
    assert told.keys() == {"parent", "errorMessage", "lineageLeftOut"}
    assert told["parent"] == PARENT
    assert told["errorMessage"] == {**FACET, "message": "x" * 2000, "programmingLanguage": "SQL"}
    assert "own" not in last


@pytest.mark.parametrize("absent", [{}, {"inputs": [], "outputs": []}, {"inputs": None, "outputs": None}])
def test_an_event_of_names_alone_has_no_smaller_form(absent: dict[str, Any]) -> None:
    event = {key: part for key, part in run_event(1).items() if key not in ("inputs", "outputs")} | absent
    assert list(smaller(json.dumps(event).encode())) == []
