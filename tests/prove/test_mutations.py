"""Each way to change a column, in PostgreSQL: what it does to that column, and that it does nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from prove import mutations, states
from prove.domains import domains, rename
from prove.mutations import MUTATIONS, Mutation
from prove.relations import ColumnType, Relation
from prove.workbench import Workbench

COLUMNS = (
    ColumnType("id", "integer", "N"),
    ColumnType("name", "text", "S"),
    ColumnType("day", "date", "D"),
    ColumnType("paid", "boolean", "B"),
    ColumnType("token", "uuid", "U"),
    ColumnType("price", "numeric", "N"),
    ColumnType("small", "smallint", "N"),
    ColumnType("tags", "text[]", "A"),
    ColumnType("grades", "numeric[]", "A"),
    ColumnType("payload", "jsonb", "U"),
)
ITEMS = Relation("db.trial.items", "trial", "items", COLUMNS)
OTHER = Relation("db.trial.other", "trial", "other", (ColumnType("item", "bigint", "N"), ColumnType("k", "text", "S")))
Column = tuple[Any, ...]


@pytest.fixture
def bench(connection: Any) -> Iterator[Workbench]:
    """A copy with two tables, in a transaction that is rolled back."""
    opened = Workbench(connection)
    with opened.opened(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE SCHEMA trial;"
            "CREATE TABLE trial.items AS SELECT i::int AS id, 'name ' || i % 7 AS name, date '2020-01-01' + i AS day,"
            " i % 3 = 0 AS paid, md5((i % 5)::text)::uuid AS token,"
            " CASE WHEN i % 4 > 0 THEN (i * 1.25)::numeric(10, 2) END AS price, (-(i % 9))::smallint AS small,"
            " ARRAY['a,\"b', 't' || i % 6] AS tags, ARRAY[i, null, i % 4]::numeric[] AS grades,"
            " jsonb_build_object('kind', 'k' || i % 5, 'said', 'he: \"hi\"', 'n', i, 'list', jsonb_build_array('x', 2)) AS payload"
            " FROM generate_series(1, 60) AS i;"
            "CREATE TABLE trial.other AS SELECT i::bigint AS item, 'k' || i AS k FROM generate_series(1, 40, 2) AS i"
        )
        yield opened


def rows(connection: Any, relation: str = "trial.items") -> dict[str, Column]:
    """The columns of a table, in the physical order of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {relation}")
        names = [column.name for column in cursor.description]
        return dict(zip(names, zip(*cursor.fetchall(), strict=True), strict=True))


def changed(bench: Workbench, connection: Any, kind: Mutation, name: str, seed: int = 1) -> Column:
    """The column after a mutation; all others have to be as they were."""
    column = next(each for each in COLUMNS if each.name == name)
    before = rows(connection)
    with bench.undone():
        bench.replace(ITEMS, kind.query, column, seed)
        after = rows(connection)
    assert {other: values for other, values in after.items() if other != name} == {
        other: values for other, values in before.items() if other != name
    }
    return after[name]


CASES = [(kind, column.name) for kind in MUTATIONS for column in COLUMNS if kind.applies_to(column)]


@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda value: getattr(value, "name", value))
def test_a_mutation_changes_its_column_and_no_other(
    bench: Workbench, connection: Any, kind: Mutation, name: str
) -> None:
    before = rows(connection)[name]
    after = changed(bench, connection, kind, name)
    assert after == changed(bench, connection, kind, name), "the same seed gives the same"
    assert len(after) == len(before)
    unchanged_by_nature = kind.name.startswith("fill") and None not in before
    written_alike = kind.name == "mark" and name in ("id", "price", "small")
    assert (after == before) == (unchanged_by_nature or written_alike)


@pytest.mark.parametrize("name", ["id", "name", "day", "token", "price", "small"])
def test_a_rotation_keeps_the_values_and_gives_each_to_others(bench: Workbench, connection: Any, name: str) -> None:
    before = rows(connection)[name]
    after = changed(bench, connection, by_name("rotate"), name)
    pairs = set(zip(before, after, strict=True))
    assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs}), "it is one to one"
    assert {old for old, _ in pairs} == {new for _, new in pairs}
    assert not any(old == new for old, new in pairs if old is not None)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_a_permutation_keeps_how_often_each_value_is_there(
    bench: Workbench, connection: Any, column: ColumnType
) -> None:
    before = rows(connection)[column.name]
    after = changed(bench, connection, by_name("permute"), column.name)
    assert sorted(map(str, before)) == sorted(map(str, after))


def test_values_are_merged_two_by_two(bench: Workbench, connection: Any) -> None:
    after = changed(bench, connection, by_name("merge"), "name")
    assert len(set(after)) == 4
    assert set(after) < set(rows(connection)["name"])


def test_nulls_halves_constants_and_fillings(bench: Workbench, connection: Any) -> None:
    assert set(changed(bench, connection, by_name("nulls"), "token")) == {None}
    assert 15 < changed(bench, connection, by_name("half"), "id").count(None) < 45
    assert len(set(changed(bench, connection, by_name("constant"), "day"))) == 1
    assert None not in changed(bench, connection, by_name("fill"), "price")


@pytest.mark.parametrize(
    ("name", "written"), [("id", "1.00000000"), ("name", "name 1   "), ("day", "2020-01-02 00:00")]
)
def test_a_mark_is_equal_and_written_otherwise(bench: Workbench, connection: Any, name: str, written: str) -> None:
    column = next(each for each in COLUMNS if each.name == name)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE trial.before AS SELECT * FROM trial.items")
        bench.replace(ITEMS, by_name("mark").query, column, 1)
        cursor.execute(
            f"SELECT count(*), min(format('%s', i.{name})) FROM trial.items AS i JOIN trial.before AS b"
            f" ON i.{name} = b.{name} AND i.token = b.token AND b.id = 1 AND i.paid = b.paid"
        )
        matched, text = cursor.fetchone()
    assert matched >= 1
    assert text.startswith(written)


def test_far_values_fit_their_types_and_stay_different(bench: Workbench, connection: Any) -> None:
    ids = changed(bench, connection, by_name("far"), "id")
    smalls = changed(bench, connection, by_name("far"), "small")
    days = changed(
        bench, connection, next(kind for kind in MUTATIONS if kind.name == "far" and "D" in kind.categories), "day"
    )
    assert min(ids) > 1_000_000_000
    assert len(set(ids)) == 60
    assert min(smalls) > 9_000
    assert min(days).year > 2200


def test_what_stands_in_arrays_and_json_becomes_fresh_too(bench: Workbench, connection: Any) -> None:
    def after(name: str, column: str) -> Any:
        type_ = next(each.type for each in COLUMNS if each.name == column)
        kind = next(each for each in MUTATIONS if each.name == name and type_ in each.types)
        return changed(bench, connection, kind, column)[0]

    assert after("fresh", "tags") == ['qzxa,"bxzq', "qzxt1xzq"]
    assert after("far", "grades") == [1_000_000_008, None, 1_000_000_008]
    assert after("fresh", "payload") == {
        "kind": "qzxk1xzq",
        "said": 'qzxhe: "hi"xzq',
        "n": 1,
        "list": ["qzxxxzq", 2],
    }


def test_new_names_are_the_same_wherever_a_value_stands(bench: Workbench, connection: Any) -> None:
    found = domains(bench, (ITEMS, OTHER))
    shared = {
        (column.relation, column.name): {(each.relation, each.name) for each in all_} for column, all_ in found.items()
    }
    assert shared[("db.trial.items", "id")] == {("db.trial.items", "id"), ("db.trial.other", "item")}
    assert ("db.trial.other", "k") not in shared
    domain = next(all_ for column, all_ in found.items() if column.name == "item")
    rename(bench, (ITEMS, OTHER), domain)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(o.k), min(i.id) FROM trial.items AS i JOIN trial.other AS o ON i.id = o.item"
        )
        joined, least, new_id = cursor.fetchone()
    assert (joined, least) == (20, "k1")
    assert new_id > 1_000_000_000


def test_another_order_holds_the_same_rows(bench: Workbench, connection: Any) -> None:
    before = rows(connection)
    bench.replace(ITEMS, mutations.shuffle, 1)
    after = rows(connection)
    assert after["id"] != before["id"]
    assert sorted(map(repr, zip(*after.values(), strict=True))) == sorted(map(repr, zip(*before.values(), strict=True)))


def test_decorrelated_columns_hold_the_same_values_beside_others(bench: Workbench, connection: Any) -> None:
    before = rows(connection)
    bench.replace(ITEMS, states.decorrelate, 1)
    after = rows(connection)
    assert {name: sorted(map(str, column)) for name, column in after.items()} == {
        name: sorted(map(str, column)) for name, column in before.items()
    }
    assert list(zip(after["id"], after["day"], strict=True)) != list(zip(before["id"], before["day"], strict=True))
    assert not set(zip(after["id"], after["day"], strict=True)) >= set(zip(before["id"], before["day"], strict=True))


def test_sparse_columns_lack_a_part_of_their_values(bench: Workbench, connection: Any) -> None:
    bench.replace(ITEMS, states.sparse, 1)
    assert all(5 < column.count(None) < 40 for name, column in rows(connection).items() if name != "price")


def test_half_of_the_values_are_such_as_the_statement_asks_for(bench: Workbench, connection: Any) -> None:
    statement = "SELECT round(id / 7.0, 2) FROM t WHERE name IN ('none''s', 'x') AND id = 7777 AND day > '2031-05-01'"
    wanted = states.asked_for(statement)
    assert wanted == {"S": ["none's", "x", "2031-05-01"], "N": ["2", "7777"], "D": ["2031-05-01"]}
    before = rows(connection)
    bench.replace(ITEMS, states.asked, 1, wanted)
    after = rows(connection)
    for name, values in (("name", wanted["S"]), ("id", wanted["N"]), ("day", wanted["D"])):
        new = {str(value)[:10] for value in after[name]} - {str(value)[:10] for value in before[name]}
        assert new
        assert new <= set(values)
        assert 5 < sum(now == was for now, was in zip(after[name], before[name], strict=True)) < 40
    assert after["paid"] == before["paid"]


def test_a_statement_that_asks_for_no_value_is_tried_in_three_states() -> None:
    assert [state.name for state in states.states("SELECT id FROM t")] == ["as_is", "decorrelated", "sparse"]
    assert states.states("SELECT id FROM t WHERE name = 'x'")[-1].name == "asked"


def test_a_statement_that_postgresql_refuses_leaves_the_copy_as_it_was(bench: Workbench, connection: Any) -> None:
    before = rows(connection)
    dates = bench.query("SELECT name::date AS day FROM trial.items")
    assert bench.content(dates) is None
    assert "invalid input syntax for type date" in bench.failure
    assert rows(connection) == before


def test_a_statement_without_an_end_is_given_up(bench: Workbench) -> None:
    endless = bench.query("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT n FROM r")
    bench.limit_by(0, rows=10)
    assert bench.content(endless) is None
    assert bench.failure == "more than 100200 rows"


def by_name(name: str) -> Mutation:
    return next(kind for kind in MUTATIONS if kind.name == name)
