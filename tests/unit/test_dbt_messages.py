"""A message of dbt is the same whether dbt calls back with it or logs it as a line of JSON."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from dbt.events import core_types_pb2
from dbt_common.events.functions import msg_to_json

from dbt_lineage.events.dbt_messages import Message, NodeEnd, of_callback, of_line

AT = "2026-11-22T14:12:07.083879Z"
MOMENT = datetime(2026, 11, 22, 14, 12, 7, 83879, tzinfo=UTC)


def said(kind: str, level: str = "debug", unique_id: str = "") -> Any:
    message = getattr(core_types_pb2, f"{kind}Msg")()
    message.info.name, message.info.level, message.info.msg, message.info.invocation_id = kind, level, "words", "run"
    message.info.ts.FromJsonString(AT)
    if unique_id:
        message.data.node_info.unique_id = unique_id
        message.data.node_info.node_name = unique_id
    return message


def finished() -> Any:
    message = said("NodeFinished", unique_id="test.a")
    result = message.data.run_result
    result.status, result.message, result.num_failures = "fail", "Got 3 results", 3
    for name in ("compile", "execute"):
        timing = result.timing_info.add()
        timing.name = name
        timing.started_at.FromJsonString(AT)
    # One that began and did not end.
    result.timing_info[0].completed_at.FromJsonString(AT)
    return message


MESSAGES = {
    "the end of a node": (
        finished(),
        Message(
            *("NodeFinished", "debug", "words", MOMENT, "run", "test.a"),
            NodeEnd("fail", "Got 3 results", 3, ((MOMENT, MOMENT),)),
        ),
    ),
    "an end that says no more": (
        said("NodeFinished", unique_id="model.a"),
        Message("NodeFinished", "debug", "words", MOMENT, "run", "model.a", NodeEnd("", "", 0, ())),
    ),
    "the start of a node": (
        said("NodeStart", unique_id="model.a"),
        Message("NodeStart", "debug", "words", MOMENT, "run", "model.a"),
    ),
    "words about a node": (
        said("LogModelResult", "info", "model.a"),
        Message("LogModelResult", "info", "words", MOMENT, "run", "model.a"),
    ),
    "words about no node": (said("FoundStats", "warn"), Message("FoundStats", "warn", "words", MOMENT, "run")),
    "what is for debugging": (said("NodeCompiling", unique_id="model.a"), None),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_both_ways_give_the_same(name: str) -> None:
    message, expected = MESSAGES[name]
    assert of_callback(message) == expected
    assert of_line(json.loads(msg_to_json(message))) == expected


def test_a_dbt_that_says_less_of_an_end_is_read_too() -> None:
    line = json.loads(msg_to_json(said("NodeFinished", unique_id="model.a")))
    line["data"]["run_result"] = {"status": "success", "execution_time": 0.1}
    message = of_line(line)
    assert message is not None
    assert message.end == NodeEnd("success", "", 0, ())
