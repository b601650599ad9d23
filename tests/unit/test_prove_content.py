"""What the proof makes of rows: which columns changed, whether rows stayed, and which values were carried."""

import pytest

from prove.content import Content, difference
from prove.mutations import MUTATIONS, Mutation

Rows = list[tuple[str | None, ...]]


def content(columns: str, *rows: tuple[str | None, ...]) -> Content:
    names = tuple(columns.split())
    return Content(names, tuple(zip(*rows, strict=True)) if rows else tuple(() for _ in names), len(rows))


def mutation(name: str, category: str) -> Mutation:
    return next(kind for kind in MUTATIONS if kind.name == name and category in kind.categories)


ORDERS = content("id name total", ("1", "ada", "10"), ("2", "ben", "20"), ("3", "cleo", "20"))


def test_the_text_of_copy_is_read() -> None:
    read = Content.parse("1\t\\N\t0.1000000000000001\n2\ta\\tb\t0.3\n", ["id", "note", "part"], {"part"})
    assert read == content("id note part", ("1", None, "0.1"), ("2", "a\\tb", "0.3"))
    assert Content.parse("", ["id", "note"]) == content("id note")


def test_the_order_of_rows_is_no_difference() -> None:
    shuffled = content("id name total", ("3", "cleo", "20"), ("1", "ada", "10"), ("2", "ben", "20"))
    assert not difference(ORDERS, shuffled, ORDERS.columns, set(), set()).moved


def test_a_column_with_other_values_moved_and_its_rows_stayed() -> None:
    after = content("id name total", ("1", "ada", "11"), ("2", "ben", "21"), ("3", "cleo", "20"))
    seen = difference(ORDERS, after, ORDERS.columns, {"id", "name"}, set())
    assert (seen.moved, seen.cells) == ({"total"}, {"total"})


def test_when_rows_come_or_go_every_column_is_another() -> None:
    after = content("id name total", ("1", "ada", "10"), ("2", "ben", "20"))
    seen = difference(ORDERS, after, ORDERS.columns, {"id"}, set())
    assert (seen.moved, seen.cells) == ({"id", "name", "total"}, set())


def test_a_row_that_stayed_is_recognised_although_others_went() -> None:
    after = content("id name total", ("1", "ada", "99"), ("2", "ben", "20"))
    assert difference(ORDERS, after, ORDERS.columns, {"id"}, set()).cells == {"total"}


def test_without_a_key_nothing_is_said_of_single_rows() -> None:
    after = content("id name total", ("1", "ada", "99"), ("2", "ben", "20"))
    assert difference(ORDERS, after, ORDERS.columns, set(), set()).cells == set()


def test_when_everything_that_recognises_a_row_is_another_the_rows_are_others() -> None:
    after = content("id name total", ("7", "gus", "1"), ("8", "hal", "2"), ("9", "ivo", "3"))
    seen = difference(ORDERS, after, ORDERS.columns, {"id", "name"}, set())
    assert (seen.moved, seen.cells) == ({"id", "name", "total"}, set())


def test_values_that_only_went_to_other_rows_are_seen_by_what_is_known_of_the_columns() -> None:
    after = content("id name total", ("1", "ben", "10"), ("2", "ada", "20"), ("3", "cleo", "20"))
    by_suspicion = difference(ORDERS, after, ORDERS.columns, {"id", "total"}, {"name"})
    by_key = difference(ORDERS, after, ORDERS.columns, {"id"}, set())
    assert by_suspicion.moved == by_key.moved == {"name"}


def test_where_nothing_tells_which_side_went_nothing_is_said() -> None:
    before = content("a b", ("x", "1"), ("x", "2"), ("y", "1"), ("y", "1"))
    after = content("a b", ("x", "1"), ("x", "1"), ("y", "2"), ("y", "1"))
    assert not difference(before, after, before.columns, {"a", "b"}, set()).moved


def test_a_number_of_a_row_goes_to_other_rows_and_what_recognises_them_stays() -> None:
    before = content("id place total", ("a", "1", "10"), ("b", "2", "20"), ("c", "3", "20"))
    after = content("id place total", ("a", "2", "10"), ("b", "1", "20"), ("c", "3", "20"))
    assert difference(before, after, before.columns, {"id", "total"}, set()).moved == {"place"}
    assert not difference(before, after, before.columns, set(), set()).moved, "three numbers, and no row is known"


def test_a_column_that_is_not_judged_hides_nothing_and_shows_nothing() -> None:
    after = content("id name total", ("1", "zoe", "10"), ("2", "ben", "20"), ("3", "cleo", "20"))
    assert not difference(ORDERS, after, ["id", "total"], {"id"}, set()).moved


TRACES: list[tuple[str, str, Rows, Rows, set[str]]] = [
    ("fresh", "S", [("ada", "3"), ("ben", "3")], [("QZXADAXZQ", "9"), ("x", "9")], {"a"}),
    ("fresh", "S", [("qzx", "3")], [("qzxqzx", "3")], set()),
    ("far", "N", [("5", "200")], [("1000000012", "250")], {"a"}),
    ("far", "N", [("5", None)], [("5", None)], set()),
    ("far", "N", [("a", "1")], [("1000000012", "1")], set()),
    ("far", "D", [("2020-01-01", "2020-01")], [("2231-02-03", "2231-02")], {"a", "b"}),
    ("far", "D", [("2020-01-01", "SKU-22310-12")], [("2020-01-02", "SKU-22310-12")], set()),
    ("far", "D", [("2020-01-01", "")], [("2231-02-03", "c0c6ee43-2345-12ab-8b4c-0c0b0a090807")], {"a"}),
    ("mark", "SND", [("ada", "1")], [("ada   ", "1")], {"a"}),
    ("mark", "SND", [("5", "2020-01-01")], [("5.00", "2020-01-01 00:00:00")], {"a", "b"}),
    ("mark", "SND", [("5", "2020-01-01 10:00:00")], [("6.00", "2020-01-01 10:00:00+00")], {"b"}),
]


@pytest.mark.parametrize(("name", "category", "before", "after", "carried"), TRACES)
def test_changed_values_leave_traces(name: str, category: str, before: Rows, after: Rows, carried: set[str]) -> None:
    trace = mutation(name, category).trace
    assert trace is not None
    assert trace(content("a b", *before), content("a b", *after)) == carried
