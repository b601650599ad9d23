"""Make smaller forms of an event that is too large for Kafka. All of them keep the lineage between tables.

Each form leaves out one part more than the form before:

1. the tasks of an Airflow DAG
2. columns that only decide rows or values (INDIRECT)
3. all column lineage
4. the SQL
5. the columns' names and types
6. facets of the run and the job that nothing here reads
7. everything but the names of run, job, inputs and outputs

The run facet ``lineageLeftOut`` lists what was left out. The facet ``lineageUnresolved`` of the outputs gives it as the
reason for missing columns.
"""

import copy
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

from dbt_lineage.columns.complete import COLUMN_LINEAGE, unresolved
from dbt_lineage.columns.facet import PRODUCER
from dbt_lineage.columns.model import INDIRECT
from dbt_lineage.relay.left_out import LEFT_OUT

_logger = logging.getLogger(__name__)

# Airflow's facets that grow with the DAG. START of a DAG run has the job facet, its end has the run facet. A task's run
# facet lists its neighbours.
_TASKS_OF_JOBS, _TASKS_OF_RUNS = ("airflow",), ("airflowState", "airflow")
_READ_OF_RUNS = ("parent", "nominalTime", "errorMessage", "processing_engine", LEFT_OUT)
_READ_OF_JOBS = ("jobType", "sql")
_FIELDS = ("eventTime", "eventType", "producer", "schemaURL", "run", "job", "inputs", "outputs")
# The catalogue gets no more of an error message than this.
_ERROR_CHARACTERS = 2000


def smaller(body: bytes) -> Iterator[bytes]:
    """Smaller and smaller forms of an event.

    Args:
        body: a valid event.

    Yields:
        Each form, JSON. A step that changes nothing yields none.
    """
    event: dict[str, Any] = json.loads(body)
    left_out: list[str] = []
    for what, leave_out in _STEPS:
        before = copy.deepcopy(event)
        try:
            leave_out(event)
            if event == before:
                continue
            told = _told(event, [*left_out, what])
        except (AttributeError, KeyError, TypeError, ValueError):
            # Facets may hold anything. An unreadable one is kept here, and a later step removes it as a whole.
            _logger.exception("an event is too large for Kafka, and this part of it cannot be left out: %s", what)
            event = before
            continue
        left_out.append(what)
        yield told


def _told(event: dict[str, Any], left_out: list[str]) -> bytes:
    """The event as JSON, with the list of what was left out."""
    event["run"].setdefault("facets", {})[LEFT_OUT] = {
        "_producer": PRODUCER,
        "_schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet",
        "parts": left_out,
    }
    told = unresolved(event, f"the event is larger than Kafka takes; left out: {', '.join(left_out)}")
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _without_tasks(event: dict[str, Any]) -> None:
    for part, names in ((event["run"], _TASKS_OF_RUNS), (event["job"], _TASKS_OF_JOBS)):
        for name in names:
            (part.get("facets") or {}).pop(name, None)


def _without_indirect(event: dict[str, Any]) -> None:
    for output in event.get("outputs") or []:
        facet = (output.get("facets") or {}).get(COLUMN_LINEAGE)
        if facet is None:
            continue
        facet.pop("dataset", None)
        for made in facet.get("fields", {}).values():
            kept = []
            for field in made.get("inputFields") or []:
                ways = field.get("transformations") or []
                direct = [way for way in ways if way.get("type") != INDIRECT]
                if direct or not ways:
                    kept.append({**field, **({"transformations": direct} if ways else {})})
            made["inputFields"] = kept


def _without_columns(event: dict[str, Any]) -> None:
    for output in event.get("outputs") or []:
        (output.get("facets") or {}).pop(COLUMN_LINEAGE, None)


def _without_sql(event: dict[str, Any]) -> None:
    (event["job"].get("facets") or {}).pop("sql", None)


def _without_schema(event: dict[str, Any]) -> None:
    for part in [*(event.get("inputs") or []), *(event.get("outputs") or [])]:
        (part.get("facets") or {}).pop("schema", None)


def _without_others(event: dict[str, Any]) -> None:
    for part, read in ((event["run"], _READ_OF_RUNS), (event["job"], _READ_OF_JOBS)):
        for name in list(part.get("facets") or {}):
            if name not in read:
                del part["facets"][name]


def _without_all_but_names(event: dict[str, Any]) -> None:
    for name in event.keys() - set(_FIELDS):
        del event[name]
    for side in ("inputs", "outputs"):
        if event.get(side):
            event[side] = [{"namespace": each["namespace"], "name": each["name"]} for each in event[side]]
    run, job = event["run"], event["job"]
    facets = {name: facet for name, facet in (run.get("facets") or {}).items() if name in _READ_OF_RUNS}
    if "errorMessage" in facets:
        error = facets["errorMessage"]
        error["message"] = str(error.get("message"))[:_ERROR_CHARACTERS]
        error.pop("stackTrace", None)
    event["run"] = {"runId": run["runId"], "facets": facets}
    facets = {name: facet for name, facet in (job.get("facets") or {}).items() if name == "jobType"}
    event["job"] = {"namespace": job["namespace"], "name": job["name"], "facets": facets}


_STEPS: tuple[tuple[str, Callable[[dict[str, Any]], None]], ...] = (
    ("tasks of the DAG", _without_tasks),
    ("INDIRECT columns", _without_indirect),
    ("column lineage", _without_columns),
    ("SQL", _without_sql),
    ("columns", _without_schema),
    ("other facets of run and job", _without_others),
    ("all but names", _without_all_but_names),
)
