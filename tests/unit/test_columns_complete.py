"""Run events that are completed with the column lineage of their output."""

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from dbt_runs import events_of, result
from jaffle_shop import RAW, SCHEMA, model_id

from dbt_lineage.columns.cache import LineageCache
from dbt_lineage.columns.compiled import Project
from dbt_lineage.columns.complete import completed, with_schema
from dbt_lineage.columns.complete import unresolved as unresolved_event
from dbt_lineage.columns.facet import UNRESOLVED, from_facet
from prove.golden import claims, load_golden
from tests.openlineage_spec import validate_event

DATA = Path(__file__).parent.parent / "data"
PROJECT = Project.load(DATA / "compiled_models.json")
GOLDEN = load_golden(DATA / "golden_columns.yml")
NAMESPACE = "postgres://db:5432"
COLUMNS: dict[str, dict[str, str]] = {
    "db.s.orders": {"id": "integer", "amount": "numeric", "status": "text"},
    "db.s.totals": {"id": "integer", "total": "numeric"},
}


def columns_of(namespace: str, names: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    return {name: COLUMNS[name.lower()] for name in names if namespace == NAMESPACE and name.lower() in COLUMNS}


def of_project(namespace: str, names: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    return {name: PROJECT.columns[name] for name in names if name in PROJECT.columns}


def nobody_knows(namespace: str, names: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    return {}


def dataset(name: str, namespace: str = NAMESPACE, **facets: Any) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, **({"facets": facets} if facets else {})}


def event(
    sql: str | None,
    *,
    inputs: list[dict[str, Any]] | None = None,
    outputs: list[dict[str, Any]] | None = None,
    event_type: str = "COMPLETE",
    dialect: str | None = "postgres",
    job_type: str = "QUERY",
    integration: str = "SPARK",
) -> dict[str, Any]:
    facet = {"_producer": "https://example.com", "_schemaURL": "https://example.com/facet"}
    facets: dict[str, Any] = {
        "jobType": {**facet, "processingType": "BATCH", "integration": integration, "jobType": job_type}
    }
    if sql is not None:
        facets["sql"] = {**facet, "query": sql, **({"dialect": dialect} if dialect else {})}
    return {
        "eventType": event_type,
        "eventTime": "2026-11-22T14:12:18Z",
        "producer": "https://example.com",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "0193f1b4-0000-7000-8000-000000000001"},
        "job": {"namespace": "jobs", "name": "job", "facets": facets},
        "inputs": [dataset("db.s.orders")] if inputs is None else inputs,
        "outputs": [dataset("db.s.totals")] if outputs is None else outputs,
    }


def facets(completed_event: dict[str, Any]) -> dict[str, Any]:
    return completed_event["outputs"][0].get("facets", {})


def sources(completed_event: dict[str, Any]) -> dict[str, list[str]]:
    fields = facets(completed_event)["columnLineage"]["fields"]
    return {name: [source["field"] for source in field["inputFields"]] for name, field in fields.items()}


def unresolved(completed_event: dict[str, Any]) -> dict[str, str]:
    fields = facets(completed_event).get(UNRESOLVED, {"fields": []})["fields"]
    return {field["field"]: field["reason"] for field in fields}


TOTALS = "select id, sum(amount) as total from orders where status = 'paid' group by id"


def test_an_event_gets_the_column_lineage_of_its_output() -> None:
    before = event(TOTALS)
    untouched = copy.deepcopy(before)
    after = completed(before, columns_of)
    assert before == untouched
    assert sources(after) == {"id": ["id"], "total": ["amount"]}
    ways = {
        (source["field"], way["subtype"])
        for source in facets(after)["columnLineage"]["dataset"]
        for way in source["transformations"]
    }
    assert ways == {("status", "FILTER"), ("id", "GROUP_BY")}
    assert UNRESOLVED not in facets(after)
    assert {**after, "outputs": before["outputs"]} == before


@pytest.mark.parametrize("model", sorted(GOLDEN))
def test_the_events_of_dbts_models_get_every_edge(manifest_content: dict[str, Any], model: str) -> None:
    unique_id = PROJECT.models[model].unique_id
    manifest_content["nodes"][unique_id]["compiled_code"] = PROJECT.models[model].code
    start, complete = events_of(manifest_content, result(unique_id, "success"))
    assert completed(start, of_project) == start
    after = completed(complete, of_project)
    validate_event(after)
    assert unresolved(after) == {}
    assert claims(from_facet(facets(after)["columnLineage"], model)) == claims(GOLDEN[model])


def test_a_seed_has_columns_without_sources(manifest_content: dict[str, Any]) -> None:
    complete = events_of(manifest_content, result("seed.jaffle_shop.raw_orders", "success"))[1]
    after = completed(complete, of_project)
    validate_event(after)
    assert unresolved(after) == {}
    assert sources(after) == {name: [] for name in PROJECT.columns[f"{RAW}.raw_orders"]}


def test_a_test_has_no_output_and_stays_as_it_is(manifest_content: dict[str, Any]) -> None:
    test = next(key for key in manifest_content["nodes"] if key.startswith("test."))
    for each in events_of(manifest_content, result(test, "pass", failures=0)):
        assert completed(each, of_project) == each


def test_a_python_model_is_declared_unknown(manifest_content: dict[str, Any]) -> None:
    unique_id = model_id("orders")
    manifest_content["nodes"][unique_id]["compiled_code"] = (
        "def model(dbt, session):\n    return dbt.ref('stg_orders')\n"
    )
    after = completed(events_of(manifest_content, result(unique_id, "success"))[1], of_project)
    validate_event(after)
    assert unresolved(after) == {"*": "it is a Python model"}
    assert "columnLineage" not in facets(after)


def test_dbts_own_list_of_columns_is_not_taken_for_all_of_them(manifest_content: dict[str, Any]) -> None:
    """It has the documented ones only, so a star would lose the others."""
    unique_id = model_id("orders")
    manifest_content["nodes"][unique_id]["compiled_code"] = (
        f'select * from "jaffle_db"."{SCHEMA.split(".")[1]}"."stg_orders"'
    )
    each = events_of(manifest_content, result(unique_id, "success"))[1]
    assert each["inputs"][0]["facets"]["schema"]["fields"]
    after = completed(each, nobody_knows)
    assert "columnLineage" not in facets(after)
    assert "are not known" in unresolved(after)["*"]


def test_an_event_without_sql_is_declared_unknown() -> None:
    after = completed(event(None), columns_of)
    assert unresolved(after) == {"*": "the event has no SQL"}
    assert "columnLineage" not in facets(after)


def test_a_producer_that_tells_columns_without_sql_is_left_alone() -> None:
    told = event(None, outputs=[dataset("db.s.totals", columnLineage={"fields": {}})])
    assert completed(told, columns_of) == told


def test_an_event_without_outputs_stays_as_it_is() -> None:
    nothing = event(TOTALS, outputs=[])
    assert completed(nothing, columns_of) == nothing
    del nothing["outputs"]
    assert completed(nothing, columns_of) == nothing


def test_of_several_outputs_each_is_declared_unknown() -> None:
    after = completed(event(TOTALS, outputs=[dataset("db.s.totals"), dataset("db.s.other")]), columns_of)
    for output in after["outputs"]:
        assert "2 outputs" in output["facets"][UNRESOLVED]["fields"][0]["reason"]
        assert "columnLineage" not in output["facets"]


def test_ours_replaces_what_the_producer_told_and_what_was_unknown_before() -> None:
    before = event(TOTALS, outputs=[dataset("db.s.totals", columnLineage={"fields": {"x": {}}}, lineageUnresolved={})])
    after = completed(before, columns_of)
    assert set(sources(after)) == {"id", "total"}
    assert UNRESOLVED not in facets(after)


def test_what_the_producer_told_stays_when_nothing_can_be_told() -> None:
    told = {"fields": {"x": {"inputFields": []}}}
    after = completed(event("not sql at all (", outputs=[dataset("db.s.totals", columnLineage=told)]), columns_of)
    assert facets(after)["columnLineage"] == told
    assert list(unresolved(after)) == ["*"]


def test_what_cannot_be_told_is_named_and_left_out() -> None:
    after = completed(event("select id, nothing as total from orders"), columns_of)
    assert sources(after) == {"id": ["id"]}
    assert unresolved(after)["total"].startswith("column nothing is in no relation")


def test_completing_twice_changes_nothing() -> None:
    for sql in (TOTALS, "select id, nothing as total from orders", "(", None):
        once = completed(event(sql), columns_of)
        assert completed(once, columns_of) == once


def test_a_relation_that_is_not_among_the_inputs_is_named() -> None:
    after = completed(event("select o.id, x.total from orders o, elsewhere x"), columns_of)
    assert sources(after) == {"id": ["id"]}
    assert "elsewhere is not among the inputs" in unresolved(after)["total"]


def test_the_output_may_be_read_by_its_own_sql() -> None:
    after = completed(event("select o.id, t.total from orders o join totals t on t.id = o.id"), columns_of)
    assert facets(after)["columnLineage"]["fields"]["total"]["inputFields"][0]["name"] == "db.s.totals"


def test_names_are_those_of_the_event() -> None:
    shouted = event(TOTALS, inputs=[dataset("DB.S.ORDERS")], outputs=[dataset("DB.S.TOTALS")])
    source = facets(completed(shouted, columns_of))["columnLineage"]["fields"]["id"]["inputFields"][0]
    assert (source["namespace"], source["name"]) == (NAMESPACE, "DB.S.ORDERS")


def test_inputs_of_another_namespace_are_asked_for_there() -> None:
    asked: dict[str, list[str]] = {}

    def remember(namespace: str, names: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        asked[namespace] = sorted(names)
        return columns_of(namespace, names)

    lake = dataset("lake.s.clicks", "s3://lake")
    completed(event(TOTALS, inputs=[dataset("db.s.orders"), lake]), remember)
    assert asked == {NAMESPACE: ["db.s.orders", "db.s.totals"], "s3://lake": ["lake.s.clicks"]}


def test_one_name_in_two_namespaces_is_not_guessed() -> None:
    after = completed(
        event(TOTALS, inputs=[dataset("db.s.orders"), dataset("db.s.orders", "postgres://b:1")]), columns_of
    )
    assert "several namespaces" in unresolved(after)["*"]


def test_two_inputs_that_differ_in_case_alone_stay_two() -> None:
    columns = {"db.s.Sale": {"id": "integer"}, "db.s.sale": {"id": "integer"}, "db.s.totals": {"a": "int", "b": "int"}}
    sql = 'select one.id as a, two.id as b from "db"."s"."Sale" as one join db.s.SALE as two on true'
    inputs = [dataset(name) for name in ("db.s.Sale", "db.s.sale")]
    after = completed(event(sql, inputs=inputs), lambda _, names: {name: columns[name] for name in names})
    assert unresolved(after) == {}
    fields = facets(after)["columnLineage"]["fields"]
    assert {to: [each["name"] for each in told["inputFields"]] for to, told in fields.items()} == {
        "a": ["db.s.Sale"],
        "b": ["db.s.sale"],
    }


@pytest.mark.parametrize("written", ["n" * 70, "n" * 63])
def test_a_relation_whose_name_postgresql_cuts_is_found_by_both_of_its_names(written: str) -> None:
    inputs = [dataset(f"db.s.{'n' * 70}")]
    after = completed(
        event(f"select id from db.s.{written}", inputs=inputs), lambda _, names: {name: {"id": "int"} for name in names}
    )
    assert sources(after) == {"id": ["id"]}


def test_columns_that_another_producer_tells_are_taken_where_nobody_knows_better() -> None:
    schema = {"fields": [{"name": "id", "type": "int"}, {"name": "price", "type": "int"}]}
    told = event("select * from orders", inputs=[dataset("db.s.orders", schema=schema)])
    assert set(sources(completed(told, nobody_knows))) == {"id", "price"}
    assert "price" not in sources(completed(told, columns_of))


@pytest.mark.parametrize(
    ("namespace", "dialect", "sql"),
    [
        ("postgres://db:5432", None, "select a::text as x from t"),
        ("snowflake://account", None, "select a:b::string as x from t"),
        ("bigquery", None, "select `a` as x from `t`"),
        ("mysql://db:3306", None, "select `a` as x from `t`"),
        ("arn:aws:glue:eu-west-1:123456789012", None, "select `a` as x from `t`"),
        ("arn:aws:glue:eu-west-1:123456789012", "glue", "select `a` as x from `t`"),
        ("fabric-warehouse://host", None, "select [a] as x from [t]"),
        ("postgres://db:5432", "mssql", "select [a] as x from [t]"),
    ],
)
def test_the_dialect_is_that_of_the_sql_or_of_the_database(namespace: str, dialect: str | None, sql: str) -> None:
    inputs, outputs = [dataset("db.s.t", namespace)], [dataset("db.s.out", namespace)]
    after = completed(event(sql, inputs=inputs, outputs=outputs, dialect=dialect), nobody_knows)
    assert [[each.lower() for each in field] for field in sources(after).values()] == [["a"]]


@pytest.mark.parametrize("namespace", ["lake", "cobol://mainframe"])
def test_a_dialect_that_nobody_knows_is_named(namespace: str) -> None:
    after = completed(event(TOTALS, outputs=[dataset("db.s.totals", namespace)], dialect=None), columns_of)
    assert "dialect" in unresolved(after)["*"]


# --- the output as it is after the run


def test_a_column_that_the_sql_does_not_make_is_named_once_it_is_there() -> None:
    sql = "select id from orders"
    assert unresolved(completed(event(sql), columns_of)) == {
        "total": "the relation has it, and the SQL does not make it"
    }
    assert unresolved(completed(event(sql, event_type="START"), columns_of)) == {}


def test_a_column_that_the_relation_does_not_have_is_left_out_and_named() -> None:
    after = completed(event("select id, amount as total, status from orders"), columns_of)
    assert set(sources(after)) == {"id", "total"}
    assert list(unresolved(after)) == ["status"]


def test_a_snapshots_own_columns_are_named() -> None:
    known = {
        "db.s.orders": COLUMNS["db.s.orders"],
        "db.s.totals": {"id": "integer", "dbt_scd_id": "text", "dbt_valid_from": "timestamp"},
    }
    after = completed(event("select id from orders", job_type="SNAPSHOT", integration="DBT"), lambda _, names: known)
    assert sources(after) == {"id": ["id"]}
    assert sorted(unresolved(after)) == ["dbt_scd_id", "dbt_valid_from"]


def test_columns_are_spelled_as_the_relation_has_them() -> None:
    known = {"db.s.orders": {"id": "integer"}, "db.s.totals": {"ID": "integer"}}
    after = completed(event("select id from orders"), lambda _, names: known)
    assert (sources(after), unresolved(after)) == ({"ID": ["id"]}, {})


def test_the_schema_is_what_is_there_after_the_run() -> None:
    documented = {"fields": [{"name": "total", "description": "The sum."}, {"name": "dropped", "type": "text"}]}
    before = event(TOTALS, outputs=[dataset("db.s.totals", schema=documented), dataset("db.s.elsewhere")])
    after = with_schema(before, columns_of)
    validate_event(after)
    assert facets(after)["schema"]["fields"] == [
        {"name": "id", "type": "integer"},
        {"name": "total", "type": "numeric", "description": "The sum."},
    ]
    assert after["outputs"][1] == before["outputs"][1]
    assert with_schema({**before, "eventType": "START"}, columns_of) == {**before, "eventType": "START"}


def test_from_memory_it_is_the_same(tmp_path: Path) -> None:
    cache = LineageCache(tmp_path)
    for _ in range(2):
        assert completed(event(TOTALS), columns_of, cache.facets) == completed(event(TOTALS), columns_of)
    assert (cache.hits, cache.misses) == (1, 1)


def test_the_event_that_was_given_is_not_changed() -> None:
    before = event(TOTALS, outputs=[{**dataset("db.s.totals"), "facets": {}}])
    kept = copy.deepcopy(before)
    for after in (completed(before, columns_of), with_schema(before, columns_of), unresolved_event(before, "why")):
        assert after != before
    assert before == kept


def test_a_description_that_is_no_text_is_left_out() -> None:
    told = {"fields": [{"name": "total", "description": ["no", "text"]}, {"name": "id", "description": "Key."}]}
    after = with_schema(event(TOTALS, outputs=[dataset("db.s.totals", schema=told)]), columns_of)
    assert facets(after)["schema"]["fields"] == [
        {"name": "id", "type": "integer", "description": "Key."},
        {"name": "total", "type": "numeric"},
    ]
