"""What the ledger keeps of an event: all that it tells, and something storable of whatever was emitted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_lineage.spool.facts import EventFacts, event_facts, storable

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUN, TASK_RUN, DAG_RUN = "run-of-the-model", "run-of-the-task", "run-of-the-dag"


def event(**parts: Any) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-22T13:00:00.5+02:00",
        "job": {"namespace": "jaffle_shop", "name": "model.jaffle_shop.orders"},
        "run": {"runId": RUN},
        **parts,
    }


def facts(document: Any) -> EventFacts:
    return event_facts("id", json.dumps(document).encode(), NOW)


def texts_of(found: EventFacts) -> dict[str, str]:
    return {name: value for name, value in vars(found).items() if isinstance(value, str)}


def test_all_that_an_event_tells_is_kept() -> None:
    assert facts(event()) == EventFacts(
        event_id="id",
        job_namespace="jaffle_shop",
        job_name="model.jaffle_shop.orders",
        run_id=RUN,
        root_run_id=RUN,
        event_type="COMPLETE",
        event_time="2026-11-22T11:00:00.500000+00:00",
        emitted_at=NOW,
    )


@pytest.mark.parametrize(
    ("parent", "root"),
    [
        ({"run": {"runId": TASK_RUN}, "root": {"run": {"runId": DAG_RUN}}}, DAG_RUN),
        ({"run": {"runId": TASK_RUN}}, TASK_RUN),
        ({"run": {"runId": TASK_RUN}, "root": {"run": {}}}, TASK_RUN),
        ({"root": None}, RUN),
        ("a text", RUN),
    ],
)
def test_the_root_run_is_the_furthest_that_the_event_names(parent: Any, root: str) -> None:
    assert facts(event(run={"runId": RUN, "facets": {"parent": parent}})).root_run_id == root


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"null", b"[1, 2]", b'"a text"', b"[" * 100_000, b"9" * 10_000, b'{"job": []}'],
)
def test_what_is_no_event_has_facts_too(body: bytes) -> None:
    assert set(texts_of(event_facts("id", body, NOW)).values()) == {"id", ""}


@pytest.mark.parametrize("wrong", [None, 1, True, [], {}, ["orders"]])
def test_a_part_of_another_type_is_left_out(wrong: Any) -> None:
    found = facts(event(job={"namespace": wrong, "name": "orders"}, run={"runId": wrong}, eventTime=wrong))
    assert (found.job_namespace, found.job_name, found.run_id, found.event_time) == ("", "orders", "", "")


@pytest.mark.parametrize("time", ["yesterday", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_is_left_out(time: str) -> None:
    assert facts(event(eventTime=time)).event_time == ""


def test_the_order_of_times_is_the_order_of_their_texts() -> None:
    in_order = ["2026-11-22T10:59:59.9Z", "2026-11-22T13:00:00+02:00", "2026-11-22T11:00:00.000001", "2026-11-23"]
    texts = [facts(event(eventTime=time)).event_time for time in in_order]
    assert texts == sorted(set(texts))


def test_long_names_are_cut() -> None:
    found = facts(event(job={"namespace": "n" * 10**6, "name": "é" * 10**6}, run={"runId": "r" * 10**6}))
    assert (len(found.job_namespace), len(found.job_name), len(found.run_id)) == (500, 500, 64)


@given(st.text())
def test_a_storable_text_has_no_nul_and_is_utf8(text: str) -> None:
    stored = storable(text + "\0\ud800", 100)
    assert "\0" not in stored
    assert stored.encode().decode() == stored
    assert len(stored) == min(len(text) + 2, 100)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["run", "job", "runId", "facets", "name"]), inner),
)


@given(st.binary() | _json.map(lambda document: json.dumps(document).encode()))
def test_anything_has_storable_facts(body: bytes) -> None:
    for text in texts_of(event_facts("id", body, NOW)).values():
        assert storable(text, 500) == text


def test_a_leap_second_is_a_time() -> None:
    assert facts({"eventTime": "2016-12-31T23:59:60Z"}).event_time == "2017-01-01T00:00:00.000000+00:00"
