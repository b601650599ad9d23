"""What is verified up to where: superseded events, poisonous ones, and what the connector has to read again."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from confluent_kafka import Message

from include.dbt.manifest import Edge
from include.kafka.offsets import NOTE_BYTES
from include.lineage.curate import CASED_COLUMNS
from include.openmetadata.curated import CuratedEvent, Source, curated_event
from include.openmetadata.standing import (
    Attempt,
    Range,
    Tries,
    counting,
    events_verified_up_to,
    living,
    verified_up_to,
    waiting,
)

EVENTS = "events"
ENDS = {0: 10, 1: 20}


def message(partition: int, offset: int, value: bytes, headers: Mapping[str, str]) -> Message:
    return Message(
        topic="lineage",
        partition=partition,
        offset=offset,
        value=value,
        headers=[(name, each.encode()) for name, each in headers.items()],
    )


def dataset(name: str, **columns: list[tuple[str, str]]) -> dict[str, Any]:
    """A dataset, with the columns (input, field) that each of its own is drawn from."""
    fields = {
        column: {"inputFields": [{"namespace": "db", "name": table, "field": field} for table, field in sources]}
        for column, sources in columns.items()
    }
    return {"namespace": "db", "name": name, "facets": {"columnLineage": {"fields": fields}} if fields else {}}


def event(
    job: str,
    partition: int,
    offset: int,
    *,
    source: str | None = None,
    reads: str = "shop.dev.raw",
    output: str = "",
    **headers: str,
) -> CuratedEvent:
    content = {
        "job": {"namespace": "jobs", "name": job},
        "inputs": [dataset(reads)],
        "outputs": [dataset(f"shop.dev.{output or job}")],
    }
    if source is not None:
        headers["source"] = source
    return curated_event(message(partition, offset, json.dumps(content).encode(), headers), "shop")


def curated(value: bytes) -> CuratedEvent:
    return curated_event(message(0, 0, value, {}), "shop")


# --- what an event says


def test_columns_whose_names_have_capitals_count_and_are_known_as_they_are_spelled() -> None:
    output = dataset("shop.Dev.Orders", id=[("shop.dev.raw", "id")])
    cased = dataset("shop.Dev.Orders", Total=[("shop.dev.raw", "amount")], n=[("shop.dev.raw", "N")])
    output["facets"][CASED_COLUMNS] = cased["facets"]["columnLineage"]
    content = {"job": {"namespace": "jobs", "name": "orders"}, "inputs": [dataset("shop.dev.raw")], "outputs": [output]}
    said = curated(json.dumps(content).encode())
    edge = Edge("shop.dev.raw", "shop.dev.orders")
    pairs = (("id", "id"), ("amount", "total"), ("n", "n"))
    assert said.edges == {edge: {(f"shop.dev.raw.{source}", f"shop.dev.orders.{made}") for source, made in pairs}}
    assert said.cased == {edge: {("amount", "Total"), ("N", "n")}}


def test_an_event_says_its_tables_and_columns_in_lower_case_with_the_database() -> None:
    content = {
        "job": {"namespace": "jobs", "name": "orders"},
        "inputs": [dataset("Shop.DEV.raw"), dataset("dev.other")],
        "outputs": [dataset("shop.dev.orders", Amount=[("Shop.DEV.raw", "Cents"), ("dev.other", "rate")])],
    }
    assert curated(json.dumps(content).encode()).edges == {
        Edge("shop.dev.raw", "shop.dev.orders"): {("shop.dev.raw.cents", "shop.dev.orders.amount")},
        Edge("shop.dev.other", "shop.dev.orders"): {("shop.dev.other.rate", "shop.dev.orders.amount")},
    }


def test_a_column_of_a_table_that_is_no_input_is_on_no_edge() -> None:
    content = {
        "job": {"namespace": "jobs", "name": "orders"},
        "inputs": [dataset("shop.dev.raw")],
        "outputs": [dataset("shop.dev.orders", amount=[("shop.dev.elsewhere", "cents")])],
    }
    assert curated(json.dumps(content).encode()).edges == {Edge("shop.dev.raw", "shop.dev.orders"): frozenset()}


@pytest.mark.parametrize("fields", [None, [], "amount", {"amount": None}, {"amount": {"inputFields": [None, 7]}}])
def test_a_malformed_facet_says_no_columns(fields: Any) -> None:
    output = {"namespace": "db", "name": "shop.dev.orders", "facets": {"columnLineage": {"fields": fields}}}
    content = {
        "job": {"namespace": "jobs", "name": "orders"},
        "inputs": [dataset("shop.dev.raw")],
        "outputs": [output],
    }
    assert set(curated(json.dumps(content).encode()).edges.values()) == {frozenset()}


@pytest.mark.parametrize(
    ("value", "problem"), [(b"{", "not JSON: "), (b"[]", "event: "), (b"{}", "job: Field required"), (b"", "not JSON")]
)
def test_what_is_no_event_has_a_problem_and_never_counts(value: bytes, problem: str) -> None:
    broken = curated(value)
    assert broken.problem is not None
    assert broken.problem.startswith(problem)
    assert living([broken], Tries()) == []


def test_an_event_without_an_id_goes_by_where_it_comes_from() -> None:
    assert event("a", 0, 3, source="events[1]@7").event_id == "events[1]@7"
    assert event("a", 0, 3).event_id == "lineage[0]@3"
    assert event("a", 0, 3, source="events[1]@7", event_id="x").event_id == "x"
    assert event("a", 0, 3, source="events[1]@7").source == Source("events", 1, 7)
    assert event("a", 0, 3, source="nonsense").source is None


# --- which event counts


def test_the_last_event_of_a_job_counts() -> None:
    events = [event("a", 0, 0), event("b", 0, 1), event("a", 0, 2)]
    assert counting(events) == events[1:]


def test_an_older_event_that_was_replayed_does_not_count() -> None:
    newer, older = event("a", 0, 0, source="events[0]@9"), event("a", 0, 1, source="events[0]@4", replayed="now")
    assert counting([newer, older]) == [newer]


def test_a_copy_counts_in_place_of_its_original() -> None:
    original, copy = event("a", 0, 0, source="events[0]@9"), event("a", 0, 5, source="events[0]@9")
    assert counting([original, copy]) == [copy]


def test_the_same_model_of_another_target_is_another_fact() -> None:
    events = [event("a", 0, 0, output="a"), event("a", 0, 1, output="prod_a")]
    assert counting(events) == events


# --- up to where


def test_nothing_missing_is_verified_to_the_end() -> None:
    assert verified_up_to(ENDS, []) == ENDS


def test_the_first_missing_event_of_each_partition_stops_it() -> None:
    events = [event("a", 0, 3), event("b", 0, 5), event("c", 1, 8)]
    assert verified_up_to(ENDS, waiting(events, events[1:])) == {0: 5, 1: 8}


def test_what_a_missing_event_supersedes_waits_with_it() -> None:
    events = [event("a", 0, 1), event("b", 0, 2), event("a", 0, 6)]
    assert verified_up_to(ENDS, waiting(events, [events[2]])) == {0: 1, 1: 20}


def test_the_events_topic_is_verified_up_to_the_first_event_whose_lineage_is_missing() -> None:
    missing = [event("a", 0, 1, source="events[1]@40"), event("b", 1, 1, source="events[1]@30")]
    assert events_verified_up_to(EVENTS, {0: 100, 1: 50}, missing) == {0: 100, 1: 30}


def test_what_was_replayed_or_comes_from_elsewhere_says_nothing_of_the_events_topic() -> None:
    missing = [event("a", 0, 1, source="events[1]@40", replayed="now"), event("b", 0, 2, source="others[1]@3")]
    assert events_verified_up_to(EVENTS, {0: 100, 1: 50}, missing) == {0: 100, 1: 50}


def test_nothing_is_told_while_an_event_does_not_say_where_it_comes_from() -> None:
    assert events_verified_up_to(EVENTS, {0: 100}, [event("a", 0, 1)]) is None


# --- the attempt


def test_without_superseded_events_the_connector_starts_where_the_range_does() -> None:
    events = [event("a", 0, 3), event("b", 1, 4)]
    assert Attempt.on(events, set(events), {0: 2, 1: 4}) == Attempt({0: 2, 1: 4}, [])


def test_the_connector_starts_after_what_is_superseded() -> None:
    events = [event("a", 0, 0), event("b", 0, 1), event("a", 0, 2), event("b", 0, 3)]
    assert Attempt.on(events, set(counting(events)), {0: 0}) == Attempt({0: 2}, [])


def test_what_counts_and_stands_before_something_superseded_is_copied_once() -> None:
    events = [event("b", 0, 0), event("a", 0, 1), event("a", 0, 2)]
    attempt = Attempt.on(events, set(counting(events)), {0: 0})
    assert attempt == Attempt({0: 2}, [events[0]])
    copied = [*events, event("b", 0, 3)]
    assert Attempt.on(copied, set(counting(copied)), {0: 0}) == Attempt({0: 2}, [])


# --- tries


def test_tries_are_kept_in_the_notes_of_the_partitions() -> None:
    tries, events = Tries(), [event("a", 0, 3, event_id="a"), event("b", 1, 4, event_id="b")]
    assert [tries.add(events[0]), tries.add(events[0]), tries.add(events[1])] == [1, 2, 1]
    notes = tries.notes(events, {0: 3, 1: 4})
    assert [Tries.read([notes[0]]).of(each) for each in events] == [2, 0]
    assert [Tries.read(notes.values()).of(each) for each in events] == [2, 1]


def test_a_dead_event_stays_dead_until_the_offset_has_passed_it() -> None:
    tries, events = Tries(), [event("a", 0, 3, event_id="a"), event("b", 0, 4, event_id="b")]
    tries.add(events[0])
    tries.bury(events[1])
    again = Tries.read(tries.notes(events, {0: 3}).values())
    assert [again.is_dead(each) for each in events] == [False, True]
    assert living(events, again) == [events[0]]
    assert tries.notes(events, {0: 5}) == {0: ""}


def test_deaths_of_the_connector_are_kept_until_it_survives() -> None:
    events = [event("a", 0, 3, event_id="a"), event("b", 1, 4, event_id="b")]
    tries = Tries(deaths=2)
    assert [tries.died_alone(events[1:]), tries.died_alone(events[1:])] == [1, 2]
    notes = tries.notes(events, {0: 3, 1: 4})
    again = Tries.read(notes.values())
    assert (again.deaths, again.counts) == (2, {})
    again.survived(events[1:])
    assert again.died_alone(events[1:]) == 1
    again.bury(events[1])
    again.deaths = 0
    kept = Tries.read(again.notes(events, {0: 3, 1: 4}).values())
    assert (kept.alone, kept.deaths, kept.is_dead(events[1])) == ({}, 0, True)


def test_what_is_under_way_is_remembered_when_nobody_lives_to_say_how_it_ended() -> None:
    events, verified = [event("a", 0, 3, event_id="a"), event("b", 1, 4, event_id="b")], {0: 3, 1: 4}
    tries = Tries(deaths=1)
    tries.begin(None)
    after = Tries.read(tries.notes(events, verified).values())
    assert (after.deaths, after.under_way, after.counts) == (2, None, {})
    tries.begin(events[1])
    after = Tries.read(tries.notes(events, verified).values())
    assert (after.deaths, after.counts, after.alone) == (1, {}, {})
    assert [after.is_under_way(each) for each in events] == [False, True]
    after.end()
    assert not Tries.read(after.notes(events, verified).values()).is_under_way(events[1])


def test_the_last_try_gives_up_what_says_the_same_and_nothing_else_of_the_job() -> None:
    older = event("a", 0, 0, reads="shop.dev.other", event_id="0")
    same, last = (event("a", 0, offset, event_id=str(offset)) for offset in (1, 2))
    found = Range({0: 0}, {0: 4}, [older, same, last, event("b", 0, 3)], Tries())
    assert found.tried(last, ["missing x"], 2) == {}
    assert found.tried(last, ["missing x"], 2) == dict.fromkeys(
        [same, last], "not in the catalogue after 2 tries: missing x"
    )


def test_a_model_that_runs_more_often_than_it_is_tried_is_given_up_nevertheless() -> None:
    events = [event("a", 0, offset, event_id=str(offset)) for offset in range(3)]
    other = event("a", 0, 3, reads="shop.dev.other", event_id="other")
    tries = Tries()
    assert Range({0: 0}, {0: 1}, events[:1], tries).tried(events[0], ["missing x"], 3) == {}
    assert Range({0: 0}, {0: 2}, events[:2], tries).tried(events[1], ["missing x"], 3) == {}
    assert set(Range({0: 0}, {0: 3}, events, tries).tried(events[2], ["missing x"], 3)) == set(events)
    assert Range({0: 0}, {0: 4}, [*events, other], tries).tried(other, ["missing x"], 2) == {}
    assert tries.died_alone([events[0]]) == 1
    assert tries.died_alone([events[0], events[1]]) == 2
    assert tries.deaths_alone([events[1], events[2]]) == 2


def test_a_copy_shares_the_tries_and_a_replay_does_not() -> None:
    tries = Tries()
    tries.add(event("a", 0, 3, event_id="a"))
    assert tries.of(event("a", 0, 9, event_id="a")) == 1
    assert tries.of(event("a", 0, 9, event_id="a", replayed="now")) == 0


def test_a_note_never_gets_too_long_and_keeps_the_dead() -> None:
    events = [event("a", 0, offset, event_id=str(uuid.uuid4())) for offset in range(1000)]
    tries = Tries()
    for each in events:
        tries.add(each)
    tries.bury(events[-1])
    tries.died_alone([events[-2]])
    tries.begin(events[-2])
    note = tries.notes(events, {0: 0})[0]
    assert len(note.encode()) <= NOTE_BYTES
    kept = Tries.read([note])
    assert kept.is_dead(events[-1])
    assert (kept.deaths_alone([events[-2]]), kept.is_under_way(events[-2])) == (1, True)
    assert sum(kept.of(each) for each in events) > 150


@pytest.mark.parametrize("note", ["", "somebody else's words", "[1]", '{"a": "b"}', "null"])
def test_a_note_that_cannot_be_read_means_more_tries_only(note: str) -> None:
    assert Tries.read([note]).of(event("a", 0, 0)) == 0
