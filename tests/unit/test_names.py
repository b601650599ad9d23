"""Names as the warehouse and OpenMetadata have them: dots, quotes, blanks, capitals, other scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_lineage.catalogue.ours import is_in
from dbt_lineage.catalogue.qualified_names import joined, kept, parts, plain
from dbt_lineage.catalogue.stored import edges_around
from dbt_lineage.core.spelling import Spellings
from stack.checkout import PROJECT_ROOT

ODD = ["pr-123", "a.b", "größe", "with blank", "50%", 'a"b', "a::b", "a>b", "x/y", "Sale"]
NAMES = st.lists(st.text(st.characters(exclude_characters='"', codec="utf-8"), min_size=1), min_size=1, max_size=5)


@given(NAMES)
def test_what_is_joined_is_taken_apart_into_the_same_names(names: list[str]) -> None:
    assert parts(joined(*names)) == names


@pytest.mark.parametrize("name", ODD)
def test_what_the_catalogue_keeps_of_a_name_is_the_name_again(name: str) -> None:
    assert plain(kept(name)) == name
    assert parts(joined("service", kept(name)))[1] == kept(name)


def test_names_are_kept_as_openmetadatas_own_clients_keep_them() -> None:
    source = next(
        (PROJECT_ROOT / ".venvs/openmetadata/lib").glob(
            "python*/site-packages/metadata/ingestion/models/custom_basemodel_validation.py"
        )
    ).read_text(encoding="utf-8")
    for characters in ("::", ">", '"', "\n", "\r", "\t"):
        word = kept(characters)
        assert f'"{word}"' in source


@pytest.mark.parametrize("schema", ODD)
@pytest.mark.parametrize("table", ODD)
def test_an_edge_between_odd_names_is_read_back_as_the_warehouse_names_it(schema: str, table: str) -> None:
    """As the manifest and the events name it, in lower case."""

    def node(name: str, number: str) -> dict[str, str]:
        fqn = joined("my.service", "db", schema, kept(name))
        return {"id": number, "type": "table", "fullyQualifiedName": fqn}

    up, down = node("raw", "1"), node(table, "2")
    columns = {
        "fromColumns": [f"{up['fullyQualifiedName']}.id"],
        "toColumn": f"{down['fullyQualifiedName']}.{joined(kept('a.b'))}",
    }
    graph = {
        "entity": down,
        "nodes": [up],
        "upstreamEdges": [{"fromEntity": "1", "toEntity": "2", "lineageDetails": {"columnsLineage": [columns]}}],
    }
    [edge], _ = edges_around(graph, "my.service")
    assert edge.edge == (f"db.{schema}.raw".lower(), f"db.{schema}.{table}".lower())
    assert edge.columns == {(f"db.{schema}.raw.id".lower(), f"db.{schema}.{table}.a.b".lower())}


@pytest.mark.parametrize(
    ("table", "schemas", "expected"),
    [
        ("db.a.b.t", {"db.a.b"}, True),
        ("db.dev.my.seed", {"db.dev"}, True),
        ("db.DEV.t", {"db.dev"}, True),
        ("db.development.t", {"db.dev"}, False),
        ("db.dev", {"db.dev"}, False),
    ],
)
def test_a_table_is_in_its_schema_whatever_has_the_dots(table: str, schemas: set[str], expected: bool) -> None:
    assert is_in(table, schemas) is expected


@pytest.mark.parametrize(
    ("names", "asked", "found"),
    [
        (["Sale", "sale"], "sale", "sale"),
        (["Sale", "sale"], "Sale", "Sale"),
        (["Sale", "sale"], "SALE", None),
        (["Sale"], "sale", "Sale"),
        ([], "sale", None),
    ],
)
def test_a_name_means_the_same_one_else_the_only_one_alike(names: list[str], asked: str, found: str | None) -> None:
    assert Spellings(names).find(asked) == found
