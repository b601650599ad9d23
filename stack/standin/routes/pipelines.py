"""The run statuses of pipelines."""

from metadata.generated.schema.entity.data.pipeline import PipelineStatus
from starlette.responses import Response

from ..answers import Call, answer, listing
from ..errors import CatalogueError
from ..kinds import KINDS
from ..names import existing

_PIPELINE = KINDS["pipeline"]
_END_OF_TIME = 2**62


def _put_status(call: Call) -> Response:
    pipeline = existing(call.store, "pipeline", call.path["fqn"])
    status = call.read(PipelineStatus)
    tasks = {task["name"] for task in pipeline.get("tasks", [])}
    for task in status.get("taskStatus", []):
        if task["name"] not in tasks:
            raise CatalogueError(400, f"Invalid task name {task['name']}")
    call.store.put_point(pipeline["id"], status["timestamp"], status)
    latest = call.store.points(pipeline["id"], 0, _END_OF_TIME)[0]
    updated = pipeline | {"pipelineStatus": latest}
    call.store.put_entity("pipeline", updated)
    return answer(_PIPELINE.entity, updated)


def _list_statuses(call: Call) -> Response:
    call.only_parameters("startTs", "endTs", "limit")
    pipeline = existing(call.store, "pipeline", call.path["fqn"])
    start = call.number("startTs", 0, 0, _END_OF_TIME)
    end = call.number("endTs", _END_OF_TIME, 0, _END_OF_TIME)
    statuses = call.store.points(pipeline["id"], start, end)
    shown = statuses[: call.number("limit", len(statuses), 0, _END_OF_TIME)]
    return listing(PipelineStatus, shown, {"total": len(statuses)})


ROUTES = [
    ("PUT", "/pipelines/{fqn:path}/status", _put_status),
    ("GET", "/pipelines/{fqn:path}/status", _list_statuses),
]
