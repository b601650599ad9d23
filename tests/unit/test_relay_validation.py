"""The judge of events: what OpenLineage's schema refuses is refused, whatever it is, and never with another error."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from dbt_lineage.events.run_event import NOTHING, NotOfARun, parsed, says, tells_outputs
from dbt_lineage.relay.validation import FORMATS, SCHEMA, InvalidEvent, job_key, validated
from dbt_lineage.spool import strict_json
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.strict_json import MAX_DEPTH
from tests.openlineage_events import body, mutated, run_event

Event = dict[str, Any]
FACET = {"_producer": "https://example.com", "_schemaURL": "https://example.com/F.json#/$defs/F"}


def changed(path: str, value: object) -> Event:
    """An event with one value changed."""
    event = run_event(1, outputs=[{"namespace": "postgres://h:1", "name": "a.b.c", "facets": {"own": dict(FACET)}}])
    *parents, last = path.split("/")
    at: Any = event
    for key in parents:
        at = at[int(key)] if key.isdigit() else at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return event


def test_an_event_as_small_as_may_be_is_valid() -> None:
    assert validated(body(1)) == run_event(1)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(changed("outputs/0/facets/own", {**FACET, "any": [{"thing": None}]}), id="unknown facet"),
        pytest.param(changed("unknown", {"field": 1}), id="unknown field"),
        pytest.param(changed("eventType", None), id="no type"),
        pytest.param(changed("inputs", None), id="no inputs"),
        pytest.param(changed("eventTime", "2026-11-22T14:12:07Z"), id="time without fraction"),
        pytest.param(changed("eventTime", "2026-11-22T14:12:07.123456789-05:30"), id="time in nanoseconds"),
        pytest.param(changed("eventTime", "2016-12-31T23:59:60Z"), id="leap second"),
        pytest.param(changed("eventTime", "2017-01-01t05:29:60.5+05:30"), id="leap second elsewhere"),
        pytest.param(changed("job/name", "na\u00efve \U0001f600 \0"), id="any text as a name"),
    ],
)
def test_what_the_schema_allows_is_valid(event: Event) -> None:
    assert validated(json.dumps(event).encode()) == event


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("eventTime", None, "$: 'eventTime' is a required property"),
        ("producer", None, "$: 'producer' is a required property"),
        ("run/runId", None, r"$.run: 'runId' is a required property"),
        ("job/namespace", None, "$.job: 'namespace' is a required property"),
        ("run/runId", "manual__1", "$.run.runId: 'manual__1' is not a 'uuid'"),
        ("run/runId", "{0190c2b4-7a3c-7b1a-8a2e-0242ac1200}", "$.run.runId"),
        ("eventTime", "2026-11-22T14:12:07", "$.eventTime"),
        ("eventTime", "2026-11-22", "$.eventTime"),
        ("eventTime", "2026-11-22T14:12:60Z", "$.eventTime"),
        ("eventTime", "2026-13-22T14:12:07Z", "$.eventTime"),
        ("eventTime", "\u0662026-11-22T14:12:07Z", "$.eventTime"),
        ("producer", "no address", "$.producer"),
        ("schemaURL", "https://example.com/%zz", "$.schemaURL"),
        ("eventType", "DONE", "$.eventType: 'DONE' is not one of"),
        ("inputs", {}, "$.inputs: {} is not of type 'array'"),
        ("job/name", 5, "$.job.name: 5 is not of type 'string'"),
        ("outputs/0/name", None, "$.outputs[0]: 'name' is a required property"),
        ("outputs/0/facets/own/_schemaURL", None, "$.outputs[0].facets.own: '_schemaURL' is a required"),
        ("outputs/0/facets/own", "text", "$.outputs[0].facets.own: 'text' is not of type 'object'"),
    ],
)
def test_what_the_schema_refuses_is_refused_with_its_place(path: str, value: object, where: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        validated(json.dumps(changed(path, value)).encode())
    assert str(refusal.value).startswith(where)


def with_facet(text: str) -> bytes:
    return body(1).replace(b'"outputs": []', b'"outputs": [], "own": ' + text.encode())


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        pytest.param(b"", "no JSON", id="nothing"),
        pytest.param(b"no event", "no JSON", id="text"),
        pytest.param(body(1)[:-1], "no JSON", id="cut off"),
        pytest.param(b"null", "not of type 'object'", id="null"),
        pytest.param(b"[]", "not of type 'object'", id="list"),
        pytest.param(body(1).decode().encode("utf-16"), "no UTF-8", id="UTF-16"),
        pytest.param(body(1).replace(b"COMPLETE", b"COMPLET\xff"), "no UTF-8: byte", id="half a character"),
        pytest.param(b"\xef\xbb\xbf" + body(1), "no JSON", id="byte order mark"),
        pytest.param(with_facet("NaN"), "NaN is no JSON", id="NaN"),
        pytest.param(with_facet("-Infinity"), "-Infinity is no JSON", id="infinity"),
        pytest.param(with_facet("1e999"), "number 1e999 is too large", id="infinite float"),
        pytest.param(with_facet("9" * 5000), "no JSON", id="integer of 5000 digits"),
        pytest.param(with_facet('{"a": 1, "a": 2}'), "key 'a' stands twice", id="key twice"),
        pytest.param(with_facet(r'"\ud800"'), "half of a surrogate pair", id="lone surrogate"),
        pytest.param(with_facet("[" * 501 + "]" * 501), "nested more than 500", id="deep"),
        pytest.param(with_facet("[" * 200_000), "nested more than 500", id="bottomless"),
        pytest.param(with_facet('{"a":' * 200_000), "nested more than 500", id="bottomless objects"),
    ],
)
def test_what_readers_could_read_differently_is_refused(raw: bytes, problem: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        validated(raw)
    assert problem in str(refusal.value)


def test_the_compiled_schema_says_what_the_published_one_says() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    published = Draft202012Validator(
        {"$ref": f"{schema['$id']}#/$defs/RunEvent"},
        registry=Resource.from_contents(schema) @ Registry(),
        format_checker=FORMATS,
    )
    dice = random.Random(5)  # noqa: S311 - the same events every time
    verdicts = {True: 0, False: 0}
    for raw in (mutated(dice, number) for number in range(2000)):
        try:
            event = strict_json.loads(raw)
        except strict_json.NotStrictJson:
            continue
        try:
            validated(raw)
            valid = True
        except InvalidEvent:
            valid = False
        assert valid == published.is_valid(event), raw
        verdicts[valid] += 1
    assert min(verdicts.values()) > 200


def test_a_large_number_and_deep_nesting_are_no_reason_to_refuse() -> None:
    deep = "[" * (MAX_DEPTH - 2) + "]" * (MAX_DEPTH - 2)
    assert (
        validated(with_facet(f'{{"hash": {2**200}, "tree": {deep}, "pair": "\\ud83d\\ude00"}}'))["own"]["hash"]
        == 2**200
    )


def test_a_reason_is_short_however_large_the_value() -> None:
    with pytest.raises(InvalidEvent) as refusal:
        validated(json.dumps(changed("eventType", "x" * 1_000_000)).encode())
    assert len(str(refusal.value)) < 400


def of_a_job(**more: Any) -> Event:
    event = run_event(1, "job", **more)
    return {key: value for key, value in event.items() if key not in ("run", "eventType")}


def of_a_dataset() -> Event:
    event = of_a_job(dataset={"namespace": "postgres://h:1", "name": "a.b.c"})
    return {key: value for key, value in event.items() if key not in ("job", "inputs", "outputs")}


@pytest.mark.parametrize(("event", "key"), [(of_a_job(), b"tests/job"), (of_a_dataset(), b"postgres://h:1/a.b.c")])
def test_an_event_of_a_job_or_a_dataset_is_valid_and_makes_no_lineage(event: Event, key: bytes) -> None:
    """OpenLineage has three kinds of events: those two are not broken, and not of a run."""
    raw = json.dumps(event).encode()
    assert validated(raw) == event
    assert job_key(event) == key
    assert says(event) == NOTHING
    assert not tells_outputs(event)
    with pytest.raises(NotOfARun, match=r"not a run event, but a (Job|Dataset)Event"):
        parsed(raw)


def test_one_of_those_that_is_broken_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidEvent, match=r"\$\.dataset: 'namespace' is a required property"):
        validated(json.dumps({**of_a_dataset(), "dataset": {"name": "a"}}).encode())


def test_events_of_one_job_have_one_key() -> None:
    assert job_key(run_event(1, "a")) == job_key(run_event(2, "a", eventType="FAIL")) != job_key(run_event(1, "b"))


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
JSON = LEAF | st.lists(LEAF, max_size=3) | st.dictionaries(st.text(max_size=8), LEAF, max_size=3)
SAMPLE = changed("run/facets", {"own": dict(FACET)})


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, child in inner for each in places(child, (*path, key)))]


def with_value_at(document: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(document)
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = with_value_at(document[path[0]], path[1:], change)  # type: ignore[index,call-overload]
    return copy


@st.composite
def mutated_events(draw: st.DrawFn) -> bytes:
    """A valid event with one to three changes: in its tree, then perhaps in its bytes."""
    event: Any = SAMPLE
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(places(event)))
        value = draw(JSON)
        event = with_value_at(event, path, lambda _, value=value: value)
    raw = json.dumps(event, ensure_ascii=draw(st.booleans())).encode("utf-8", errors="surrogatepass")
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(raw)))
        raw = raw[:at] + draw(st.binary(max_size=6)) + raw[at + draw(st.integers(0, 6)) :]
    return raw


@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(mutated_events())
def test_a_mutated_event_is_valid_or_invalid_and_nothing_else(raw: bytes) -> None:
    identity = event_id(raw)
    event, refusal = None, ""
    try:
        event = validated(raw)
    except InvalidEvent as problem:
        refusal = str(problem)
    # Two libraries must say no: the compiled check, and the one that finds the words.
    assert "jsonschema finds nothing wrong" not in refusal
    refusal.encode(errors="backslashreplace")
    if event is None:
        return
    # What is valid can be sent on by every reader, under its job's key and with the same id.
    assert job_key(event)
    assert event_id(json.dumps(event, ensure_ascii=False).encode()) == identity
