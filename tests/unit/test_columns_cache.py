"""Results on disk: there when nothing changed, made anew when anything did."""

import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from dbt_lineage.columns.cache import LineageCache
from dbt_lineage.columns.lineage import column_lineage

SQL = "select a, b + 1 as c, nothing as d from t where b > 1"
OUTPUT = "db.s.output"
SCHEMA = {"db.s.t": {"a": "int", "b": "int"}, "db.s.u": {"x": "text"}}
ASKED = (SQL, OUTPUT, SCHEMA, "postgres")


def test_a_result_is_the_same_from_disk(tmp_path: Path) -> None:
    made = LineageCache(tmp_path).column_lineage(*ASKED)
    again = LineageCache(tmp_path)
    assert again.column_lineage(*ASKED) == made == column_lineage(*ASKED)
    assert (again.hits, again.misses) == (1, 0)
    assert made.unresolved


def test_the_order_of_the_inputs_does_not_matter(tmp_path: Path) -> None:
    cache = LineageCache(tmp_path)
    cache.column_lineage(*ASKED)
    cache.column_lineage(SQL, OUTPUT, dict(reversed(SCHEMA.items())), "postgres")
    assert (cache.hits, cache.misses) == (1, 1)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param((f"{SQL} ", OUTPUT, SCHEMA, "postgres"), id="SQL"),
        pytest.param((SQL, "db.s.other", SCHEMA, "postgres"), id="output"),
        pytest.param((SQL, OUTPUT, {"db.s.t": {"a": "int"}}, "postgres"), id="a column less"),
        pytest.param((SQL, OUTPUT, {**SCHEMA, "db.s.t": {"b": "int", "a": "int"}}, "postgres"), id="order of columns"),
        pytest.param((SQL, OUTPUT, {**SCHEMA, "db.s.t": {"a": "int", "b": "text"}}, "postgres"), id="type"),
        pytest.param((SQL, OUTPUT, SCHEMA, "duckdb"), id="dialect"),
    ],
)
def test_anything_that_changed_is_made_anew(
    tmp_path: Path, asked: tuple[str, str, dict[str, dict[str, str]], str]
) -> None:
    cache = LineageCache(tmp_path)
    cache.column_lineage(*ASKED)
    assert cache.column_lineage(*asked) == column_lineage(*asked)
    assert (cache.hits, cache.misses) == (0, 2)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"relation": "db.s.output"}', "\0"])
def test_a_damaged_result_is_made_anew_and_replaced(tmp_path: Path, damage: str) -> None:
    made = LineageCache(tmp_path).column_lineage(*ASKED)
    (file,) = tmp_path.glob("*.json")
    file.write_text(damage)
    assert LineageCache(tmp_path).column_lineage(*ASKED) == made
    again = LineageCache(tmp_path)
    assert (again.column_lineage(*ASKED), again.hits) == (made, 1)


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = LineageCache(tmp_path, max_entries=3)
    asked = [(f"select {number} as n", OUTPUT, {}, "postgres") for number in range(4)]
    for age, each in zip((30, 20, 10), asked, strict=False):
        before = set(tmp_path.iterdir())
        cache.column_lineage(*each)
        (new,) = set(tmp_path.iterdir()) - before
        os.utime(new, (1_000_000_000 - age, 1_000_000_000 - age))
    # The oldest is used once more, so that the second is the one to go.
    cache.column_lineage(*asked[0])
    for extra in range(3):
        cache.column_lineage(f"select 'new' as n{extra}", OUTPUT, {}, "postgres")
    assert len(list(tmp_path.glob("*.json"))) == 3
    hits = cache.hits
    cache.column_lineage(*asked[1])
    assert cache.hits == hits


def test_half_a_file_of_a_killed_process_is_no_result_and_goes(tmp_path: Path) -> None:
    half = tmp_path / "killed.new"
    half.write_text("{")
    os.utime(half, (0, 0))
    cache = LineageCache(tmp_path, max_entries=1)
    cache.column_lineage(*ASKED)
    assert not half.exists()


def _ask(folder: str) -> int:
    cache = LineageCache(Path(folder), max_entries=5)
    for number in range(40):
        sql = f"select a + {number % 10} as n from t"
        assert cache.column_lineage(sql, OUTPUT, SCHEMA, "postgres") == column_lineage(sql, OUTPUT, SCHEMA, "postgres")
    return cache.hits + cache.misses


def test_several_processes_share_a_folder(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        assert pool.map(_ask, [str(tmp_path)] * 3) == [40, 40, 40]


def test_a_disk_that_keeps_nothing_costs_no_result(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "cache"
    cache = LineageCache(folder)
    folder.rmdir()
    folder.write_text("no folder any more")
    assert cache.column_lineage(*ASKED) == column_lineage(*ASKED)
    assert "is not kept" in caplog.text


def test_a_statement_whose_analysis_takes_too_long_is_named_and_holds_nothing_up(tmp_path: Path) -> None:
    """Each level takes sqlglot about twice as long as the one below: 15 of them about a second."""
    nested = f"select {'unnest(array(select ' * 15}1{'))' * 15} as x"
    cache = LineageCache(tmp_path, seconds=0.2)
    [unresolved] = cache.column_lineage(nested, OUTPUT, SCHEMA, "postgres").unresolved
    assert unresolved.reason == "the analysis of the SQL took longer than 0.2 s"
    cache.column_lineage(nested, OUTPUT, SCHEMA, "postgres")
    assert (cache.hits, cache.misses) == (1, 1)
    assert cache.column_lineage(*ASKED) == column_lineage(*ASKED)
