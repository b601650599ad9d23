"""Column lineage as OpenLineage's facet, held to the specification's own schema."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dbt_lineage.columns.facet import PRODUCER, Dataset, FacetError, from_facet, to_facet, to_unresolved_facet
from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import DIRECT, Column, ColumnEdge, Unresolved
from prove.golden import claims
from tests.column_corpus import Case, cases
from tests.openlineage_spec import SPEC

SCHEMA = json.loads((SPEC / "facets" / "ColumnLineageDatasetFacet.json").read_text())
NAMESPACE = "postgres://warehouse:5432"
CASES = [case for case in cases() if case.expected.edges]


def facet_of(case: Case) -> dict[str, Any]:
    lineage = column_lineage(case.sql, case.expected.relation, case.schema, case.dialect)
    return to_facet(lineage, {relation: Dataset(NAMESPACE, relation) for relation in case.schema})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_facet_is_as_the_specification_has_it_and_comes_back(case: Case) -> None:
    facet = facet_of(case)
    definition = SCHEMA["$defs"]["ColumnLineageDatasetFacet"]["allOf"][1]
    Draft202012Validator({**definition, "$defs": SCHEMA["$defs"]}).validate(facet)
    assert json.loads(json.dumps(facet)) == facet
    told = {
        claim for claim in claims(case.expected) if claim.target.name not in case.unresolved or claim.target.name == "*"
    }
    assert claims(from_facet(facet, case.expected.relation)) == told


def lineage_of(sql: str, columns: dict[str, str]) -> dict[str, Any]:
    lineage = column_lineage(sql, "db.s.output", {"db.s.t": columns}, "postgres")
    return to_facet(lineage, {"db.s.t": Dataset(NAMESPACE, "DB.S.T")})


def test_a_source_has_one_entry_with_each_way_in_which_it_is_one() -> None:
    facet = lineage_of("select case when a > 1 then a end as x from t where b", {"a": "int", "b": "bool"})
    assert facet["fields"]["x"]["inputFields"] == [
        {
            "namespace": NAMESPACE,
            "name": "DB.S.T",
            "field": "a",
            "transformations": [
                {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": "computed from the value"},
                {"type": "INDIRECT", "subtype": "CONDITIONAL", "description": "decides which value is taken"},
            ],
        }
    ]
    assert [(field["field"], field["transformations"][0]["subtype"]) for field in facet["dataset"]] == [("b", "FILTER")]
    assert facet["_producer"] == PRODUCER


def test_only_a_value_that_is_not_changed_is_known_not_to_be_masked() -> None:
    facet = lineage_of("select a, md5(a) as h from t", {"a": "text"})
    ways = {name: field["inputFields"][0]["transformations"][0] for name, field in facet["fields"].items()}
    assert ways["a"]["masking"] is False
    assert "masking" not in ways["h"]


def test_a_column_without_sources_is_told_from_one_that_is_not_known() -> None:
    facet = lineage_of("select 1 as constant, nowhere as unknown, a from t", {"a": "int"})
    assert facet["fields"]["constant"] == {"inputFields": [], "transformationDescription": "1"}
    assert list(facet["fields"]) == ["constant", "a"]


def test_a_facet_of_the_first_version_has_direct_sources() -> None:
    facet = {"fields": {"x": {"inputFields": [{"namespace": NAMESPACE, "name": "DB.S.T", "field": "a"}]}}}
    lineage = from_facet(facet, "db.s.output")
    assert lineage.edges == {ColumnEdge(Column("db.s.t", "a"), Column("db.s.output", "x"), DIRECT, "")}


@pytest.mark.parametrize(
    "facet",
    [{}, {"fields": None}, {"fields": {"x": {}}}, {"fields": {"x": {"inputFields": [{"name": "t"}]}}}],
)
def test_a_facet_of_another_form_is_named(facet: dict[str, Any]) -> None:
    with pytest.raises(FacetError, match=r"columnLineage of db\.s\.output"):
        from_facet(facet, "db.s.output")


def test_what_is_not_known_stands_with_its_reason() -> None:
    facet = to_unresolved_facet([Unresolved("x", "why"), Unresolved("*", "why not")])
    assert facet["fields"] == [{"field": "x", "reason": "why"}, {"field": "*", "reason": "why not"}]
    assert facet["_producer"] == PRODUCER
    assert facet["_schemaURL"].startswith("https://openlineage.io/spec/")
