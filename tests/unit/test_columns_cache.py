"""Results in memory and on disk: there when nothing changed, made anew when anything did."""

import os
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from dbt_lineage.columns.cache import LineageCache
from dbt_lineage.columns.complete import Statement, facets_of

SQL = "select a, b + 1 as c, nothing as d from t where b > 1"
OUTPUT = "db.s.output"
SCHEMA = {"db.s.t": {"a": "int", "b": "int"}, "db.s.u": {"x": "text"}, OUTPUT: {"a": "int", "c": "int", "d": "int"}}
ASKED = Statement(SQL, OUTPUT, SCHEMA, "postgres", dict.fromkeys(SCHEMA, "postgres://db:5432"), is_written=False)


def test_a_result_is_the_same_from_disk(tmp_path: Path) -> None:
    made = LineageCache(tmp_path).facets(ASKED)
    again = LineageCache(tmp_path)
    assert again.facets(ASKED) == made == facets_of(ASKED)
    assert (again.hits, again.misses) == (1, 0)
    assert set(made) == {"columnLineage", "lineageUnresolved"}


def forget_files(folder: Path) -> None:
    for file in folder.glob("*.json"):
        file.unlink()


def test_what_was_asked_for_before_is_in_memory_and_what_is_given_out_may_be_changed(tmp_path: Path) -> None:
    cache = LineageCache(tmp_path)
    cache.facets(ASKED).clear()
    forget_files(tmp_path)
    cache.facets(ASKED)["columnLineage"].clear()
    assert cache.facets(ASKED) == facets_of(ASKED)
    assert (cache.hits, cache.misses) == (2, 1)


def test_memory_that_is_full_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbt_lineage.columns.cache._CHARACTERS", 1)
    cache = LineageCache(tmp_path)
    for sql in (SQL, "select a from t"):
        cache.facets(replace(ASKED, sql=sql))
    forget_files(tmp_path)
    assert cache.facets(ASKED) == facets_of(ASKED)
    assert (cache.hits, cache.misses) == (0, 3)


def test_the_order_of_the_inputs_does_not_matter(tmp_path: Path) -> None:
    cache = LineageCache(tmp_path)
    cache.facets(ASKED)
    cache.facets(replace(ASKED, schema=dict(reversed(SCHEMA.items()))))
    assert (cache.hits, cache.misses) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"sql": f"{SQL} "}, id="SQL"),
        pytest.param({"output": "db.s.t"}, id="output"),
        pytest.param({"schema": {**SCHEMA, "db.s.t": {"a": "int"}}}, id="a column less"),
        pytest.param({"schema": {**SCHEMA, "db.s.t": {"b": "int", "a": "int"}}}, id="order of columns"),
        pytest.param({"schema": {**SCHEMA, "db.s.t": {"a": "int", "b": "text"}}}, id="type"),
        pytest.param({"dialect": "duckdb"}, id="dialect"),
        pytest.param({"namespaces": dict.fromkeys(SCHEMA, "postgres://other:5432")}, id="namespace"),
        pytest.param({"is_written": True}, id="the output is there"),
    ],
)
def test_anything_that_changed_is_made_anew(tmp_path: Path, change: dict[str, Any]) -> None:
    cache, asked = LineageCache(tmp_path), replace(ASKED, **change)
    cache.facets(ASKED)
    assert cache.facets(asked) == facets_of(asked)
    assert (cache.hits, cache.misses) == (0, 2)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"relation": "db.s.output"}', "\0"])
def test_a_damaged_result_is_made_anew_and_replaced(tmp_path: Path, damage: str) -> None:
    made = LineageCache(tmp_path).facets(ASKED)
    (file,) = tmp_path.glob("*.json")
    file.write_text(damage)
    assert LineageCache(tmp_path).facets(ASKED) == made
    again = LineageCache(tmp_path)
    assert (again.facets(ASKED), again.hits) == (made, 1)


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = LineageCache(tmp_path, max_entries=3)
    asked = [replace(ASKED, sql=f"select {number} as n") for number in range(4)]
    for age, each in zip((30, 20, 10), asked, strict=False):
        before = set(tmp_path.iterdir())
        cache.facets(each)
        (new,) = set(tmp_path.iterdir()) - before
        os.utime(new, (1_000_000_000 - age, 1_000_000_000 - age))
    for extra in range(3):
        # The oldest is in use, though from memory, so that the second is the one to go.
        cache.facets(asked[0])
        cache.facets(replace(ASKED, sql=f"select 'new' as n{extra}"))
    assert len(list(tmp_path.glob("*.json"))) == 3
    later = LineageCache(tmp_path)
    later.facets(asked[0])
    later.facets(asked[1])
    assert (later.hits, later.misses) == (1, 1)


def test_half_a_file_of_a_killed_process_is_no_result_and_goes(tmp_path: Path) -> None:
    half = tmp_path / "killed.new"
    half.write_text("{")
    os.utime(half, (0, 0))
    cache = LineageCache(tmp_path, max_entries=1)
    cache.facets(ASKED)
    assert not half.exists()


def _ask(folder: str) -> int:
    cache = LineageCache(Path(folder), max_entries=5)
    for number in range(40):
        asked = replace(ASKED, sql=f"select a + {number % 10} as n from t")
        assert cache.facets(asked) == facets_of(asked)
    return cache.hits + cache.misses


def test_several_processes_share_a_folder(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        assert pool.map(_ask, [str(tmp_path)] * 3) == [40, 40, 40]


def test_a_disk_that_keeps_nothing_costs_no_result(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "cache"
    cache = LineageCache(folder)
    folder.rmdir()
    folder.write_text("no folder any more")
    assert cache.facets(ASKED) == facets_of(ASKED)
    assert "is not kept" in caplog.text


def test_a_statement_whose_analysis_takes_too_long_is_named_and_holds_nothing_up(tmp_path: Path) -> None:
    """Each level takes sqlglot about twice as long as the one below: 15 of them about a second."""
    nested = f"select {'unnest(array(select ' * 15}1{'))' * 15} as x"
    cache = LineageCache(tmp_path, seconds=0.2)
    slow = replace(ASKED, sql=nested)
    [unresolved] = cache.facets(slow)["lineageUnresolved"]["fields"]
    assert unresolved["reason"] == "the analysis of the SQL took longer than 0.2 s"
    cache.facets(slow)
    assert (cache.hits, cache.misses) == (1, 1)
    assert cache.facets(ASKED) == facets_of(ASKED)
