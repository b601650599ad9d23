"""Pipelines and the statuses of their runs."""

from typing import Any
from urllib.parse import quote

import httpx


def status(timestamp: int, state: str) -> dict[str, Any]:
    return {"timestamp": timestamp, "executionStatus": state, "executionId": f"run-{timestamp}", "taskStatus": []}


def test_name_with_dots_is_quoted(catalogue: httpx.Client, pipeline: dict[str, Any]) -> None:
    fqn = pipeline["fullyQualifiedName"]
    assert fqn == f'{pipeline["service"]["name"]}."dbt-shop.dev.orders"'
    assert catalogue.get(f"/pipelines/name/{quote(fqn, safe='')}").json()["id"] == pipeline["id"]


def test_statuses_are_read_back_newest_first(catalogue: httpx.Client, pipeline: dict[str, Any]) -> None:
    path = f"/pipelines/{quote(pipeline['fullyQualifiedName'], safe='')}/status"
    times = [1_790_000_000_000, 1_790_000_060_000]
    for moment, state in zip(times, ("Failed", "Successful"), strict=True):
        assert catalogue.put(path, json=status(moment, state)).status_code == 200
    found = catalogue.get(path, params={"startTs": times[0], "endTs": times[1]}).json()["data"]
    assert [(item["timestamp"], item["executionStatus"]) for item in found] == [
        (times[1], "Successful"),
        (times[0], "Failed"),
    ]
    latest = catalogue.get(f"/pipelines/{pipeline['id']}", params={"fields": "pipelineStatus"}).json()
    assert latest["pipelineStatus"]["executionId"] == f"run-{times[1]}"


def test_same_run_again_is_one_status(catalogue: httpx.Client, pipeline: dict[str, Any]) -> None:
    path = f"/pipelines/{quote(pipeline['fullyQualifiedName'], safe='')}/status"
    moment = 1_790_000_000_000
    for _ in range(2):
        assert catalogue.put(path, json=status(moment, "Successful")).status_code == 200
    assert len(catalogue.get(path, params={"startTs": moment, "endTs": moment}).json()["data"]) == 1


def test_status_of_an_unknown_task_is_refused(catalogue: httpx.Client, pipeline: dict[str, Any]) -> None:
    path = f"/pipelines/{quote(pipeline['fullyQualifiedName'], safe='')}/status"
    body = status(1_790_000_000_000, "Successful")
    body["taskStatus"] = [{"name": "nowhere", "executionStatus": "Successful"}]
    assert catalogue.put(path, json=body).status_code == 400
