"""Complete events: columns from the warehouse, column lineage from the compiled SQL."""

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from dbt_lineage.columns.cache import LineageCache
from dbt_lineage.columns.complete import COLUMN_LINEAGE, completed, unresolved, with_schema
from dbt_lineage.columns.facet import PRODUCER, UNRESOLVED
from dbt_lineage.columns.model import EVERY_COLUMN
from dbt_lineage.core.moments import moment
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.core.spelling import Spellings
from dbt_lineage.events.run_event import FOLLOW_UP, tells_outputs
from dbt_lineage.spool.facts import event_facts
from dbt_lineage.spool.follow_ups import FollowUp
from dbt_lineage.spool.spool import Waiting, entry
from dbt_lineage.warehouse.naming import adapter_of_namespace
from dbt_lineage.warehouse.port import Warehouse

# Columns and their types, by ``database.schema.table`` as the warehouse spells it.
Columns = Mapping[str, Mapping[str, str]]


class Database(NamedTuple):
    """A database that is asked for columns.

    Args:
        namespace: OpenLineage namespace of its datasets.
        name: its name.
    """

    namespace: str
    name: str


# The relations whose columns an event needs, by the database to ask.
Needs = Mapping[Database, frozenset[str]]

_RUN_FACET = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet"
# A follow-up is newer than its event and older than any later run.
_NEXT = timedelta(microseconds=1)

_logger = logging.getLogger(__name__)


class Completion:
    """Completes events. The column lineage is cached: the same SQL with the same columns is analysed once.

    Args:
        warehouses: the warehouses to ask for columns. A dataset's namespace decides which one. Those of one database
            share a connection. One that only dbt may open is not asked: its events carry the columns.
        spool: its folder holds the cache.
    """

    def __init__(self, warehouses: Iterable[Warehouse], spool: SpoolSettings) -> None:
        self._all: dict[Database, Warehouse] = {}
        for each in warehouses:
            self._all.setdefault(Database(each.namespace, each.database), each)
        self._warehouses = {database: each for database, each in self._all.items() if each.is_shared}
        self._namespaces: dict[str, list[Database]] = {}
        for database in self._warehouses:
            self._namespaces.setdefault(database.namespace, []).append(database)
        self._cache = LineageCache(spool.dir / "columns")

    @property
    def places(self) -> Mapping[Database, str]:
        """Each database that is asked for columns, with its place in words."""
        return {database: warehouse.place for database, warehouse in self._warehouses.items()}

    def needs(self, event: Mapping[str, Any]) -> Needs:
        """The relations whose columns an event needs; none when it wrote nothing or is complete already.

        Args:
            event: a valid event, parsed from JSON. Its facets may hold anything.
        """
        if not tells_outputs(event) or all(_has_all(event, output) for output in event["outputs"]):
            return {}
        found: dict[Database, set[str]] = {}
        for each in (*(event.get("inputs") or []), *event["outputs"]):
            name = adapter_of_namespace(each["namespace"]).relation(each["name"])
            if (database := self._database(each["namespace"], name)) is not None:
                found.setdefault(database, set()).add(name)
        return {database: frozenset(names) for database, names in found.items()}

    def columns(self, database: Database, relations: Iterable[str]) -> Columns:
        """The columns of relations in a database. Relations that are not there are left out. Raises WarehouseError."""
        return self._warehouses[database].columns(relations)

    def _database(self, namespace: str, name: str) -> Database | None:
        """The database of a relation; None when no warehouse is on its server."""
        there = self._namespaces.get(namespace)
        if not there:
            return None
        exact = (each for each in there if name.startswith(f"{each.name}."))
        alike = (each for each in there if name.lower().startswith(f"{each.name}.".lower()))
        return next(exact, None) or next(alike, there[0])

    def of(self, body: bytes, columns: Mapping[Database, Columns]) -> bytes:
        """Add columns and column lineage to a valid event. An event that wrote nothing is returned unchanged.

        Unresolved columns are named in the event, each with its reason. Facets may hold anything. If not even the
        reason can be added, the event is returned unchanged, because others wait behind it.

        Args:
            body: the event as it was emitted.
            columns: by database, the columns of the relations that the event needs, as far as they exist.
        """
        event: dict[str, Any] = json.loads(body)
        if not tells_outputs(event) or all(_has_all(event, output) for output in event["outputs"]):
            return body

        carried: Mapping[str, Mapping[str, Mapping[str, str]]] = {}

        def columns_of(namespace: str, names: Iterable[str]) -> Columns:
            relation = adapter_of_namespace(namespace).relation
            # A relation's name begins with its database, so names are unique on a server.
            told = {**carried.get(namespace, {})} | {
                name: found
                for database, of_database in columns.items()
                if database.namespace == namespace
                for name, found in of_database.items()
            }
            found = {name: told[kept] for name in names if (kept := relation(name)) in told}
            if others := set(names) - found.keys():
                spellings = Spellings(told)
                found |= {name: told[real] for name in others if (real := spellings.find(relation(name))) is not None}
            return found

        kind = event["eventType"]
        described = {**event, "eventType": "COMPLETE"}
        try:
            carried = self._carried(event)
            described = with_schema(described, columns_of)
            told = completed(described, columns_of, self._cache.facets) | {"eventType": kind}
            self._say_who_was_not_asked(told, carried)
            return _written(told)
        except Exception as error:
            # The event keeps its table lineage, and the reason is named in it.
            _logger.exception("the column lineage of %s failed", event["job"]["name"])
            reason = f"the analysis failed: {type(error).__name__}: {error}"
        return self._unresolved(described | {"eventType": kind}, reason, body)

    def _carried(self, event: Mapping[str, Any]) -> dict[str, dict[str, Mapping[str, str]]]:
        """All columns that an event carries of relations that only dbt may read."""
        alone = {each.namespace for each in self._all.values() if not each.is_shared}
        found: dict[str, dict[str, Mapping[str, str]]] = {}
        for each in (*(event.get("inputs") or []), *event["outputs"]):
            schema = (each.get("facets") or {}).get("schema") or {}
            if each["namespace"] in alone and schema.get("_producer") == PRODUCER:
                name = adapter_of_namespace(each["namespace"]).relation(each["name"])
                columns = {field["name"]: field.get("type") or "" for field in schema.get("fields") or []}
                found.setdefault(each["namespace"], {})[name] = columns
        return found

    def _say_who_was_not_asked(self, event: Mapping[str, Any], carried: Mapping[str, Collection[str]]) -> None:
        """Add to unresolved outputs the namespaces whose columns no warehouse was asked for."""
        datasets = [*(event.get("inputs") or []), *event["outputs"]]
        known = list(self._all.values())
        for each in known:
            if not each.is_shared and any(
                dataset["namespace"] == each.namespace
                and each.adapter.relation(dataset["name"]) not in carried.get(each.namespace, {})
                for dataset in datasets
            ):
                _say(
                    event,
                    f"only dbt's process can read {each.place}, and its event does not carry all columns",
                )
        others = sorted(
            {
                each["namespace"]
                for each in datasets
                if known and all(warehouse.is_other_server(each["namespace"]) for warehouse in known)
            }
        )
        if not others:
            return
        words = sorted({warehouse.namespace_in_words for warehouse in known})
        reason = (
            f"the warehouse was not asked for the columns of datasets in {', '.join(others)}: it is {words[0]}"
            if len(words) == 1
            else f"no warehouse was asked for the columns of datasets in {', '.join(others)}: there are {', '.join(words)}"
        )
        _say(event, reason)

    def without(self, body: bytes, why: str) -> bytes:
        """Mark all columns of a valid event as unresolved, because the warehouse did not answer.

        Args:
            body: the event as it was emitted.
            why: the warehouse's error.
        """
        return self._unresolved(json.loads(body), f"{why}; they follow in an event of type OTHER of the same run", body)

    def _unresolved(self, event: dict[str, Any], reason: str, body: bytes) -> bytes:
        try:
            return _written(unresolved(event, reason))
        except Exception:
            _logger.exception(
                "the event of %s is sent as it was emitted: nothing can be added to it", event["job"]["name"]
            )
            return body


def subject_of(event: Waiting) -> tuple[str, str]:
    """The job and outputs of an event as one key, and its event time. The newest event of a key counts.

    Args:
        event: a valid event.

    Returns:
        The key, JSON, and the event time, ISO 8601.
    """
    facts, outputs = event_facts(event.event_id, event.body, event.emitted_at), json.loads(event.body)["outputs"]
    names = sorted([each["namespace"], each["name"]] for each in outputs)
    return json.dumps([facts.job_namespace, facts.job_name, names]), facts.event_time


def follow_up_of(event: Waiting) -> FollowUp | None:
    """The follow-up of an event that is sent without its columns. It is deterministic.

    Its type is OTHER, because a run has one COMPLETE, and OpenLineage has OTHER for additions after the end. It repeats
    the whole event, so that it can replace it. Its event time is a microsecond later: it is ordered right behind its
    event, and before any later run.

    Args:
        event: a valid event.

    Returns:
        The follow-up; None where it cannot be made, since facets may hold anything.
    """
    try:
        document = json.loads(event.body)
        happened = moment(document["eventTime"])
        told = {"_producer": PRODUCER, "_schemaURL": _RUN_FACET, "eventId": event.event_id}
        run = document["run"]
        document |= {
            "eventType": "OTHER",
            "eventTime": (happened + _NEXT).isoformat(),
            "run": {**run, "facets": {**(run.get("facets") or {}), FOLLOW_UP: told}},
        }
        return FollowUp(entry(_written(document)), event.event_id, *subject_of(event))
    except Exception:
        _logger.exception("the columns of event %s will not follow", event.event_id)
        return None


def _say(event: Mapping[str, Any], reason: str) -> None:
    """Add a reason to the unresolved columns of each output."""
    for output in event["outputs"]:
        if facet := output["facets"].get(UNRESOLVED):
            facet["fields"].append({"field": EVERY_COLUMN, "reason": reason})


def _has_all(event: Mapping[str, Any], output: Mapping[str, Any]) -> bool:
    """Whether an output has its columns and column lineage already, from a relay or from a producer without SQL."""
    facets = output.get("facets")
    if not isinstance(facets, dict) or UNRESOLVED in facets:
        return False
    both = [each for name in ("schema", COLUMN_LINEAGE) if isinstance(each := facets.get(name), dict)]
    if len(both) < 2 or not all(each.get("fields") for each in both):
        return False
    job = event["job"].get("facets")
    return all(each.get("_producer") == PRODUCER for each in both) or not (isinstance(job, dict) and job.get("sql"))


def _written(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
