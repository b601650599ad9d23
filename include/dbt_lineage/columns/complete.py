"""Complete a run event of any producer with the lineage of its output."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from openlineage.client.facet_v2 import schema_dataset
from openlineage.client.serde import Serde

from dbt_lineage.columns.dialects import sqlglot_name
from dbt_lineage.columns.facet import PRODUCER, UNRESOLVED, Dataset, to_facet, to_unresolved_facet
from dbt_lineage.columns.lineage import Schema, column_lineage
from dbt_lineage.columns.model import EVERY_COLUMN, Column, ColumnLineage, Unresolved
from dbt_lineage.warehouse.naming import adapter_of_namespace

ColumnsOf = Callable[[str, Iterable[str]], Mapping[str, Mapping[str, str]]]
Facets = dict[str, Any]

COLUMN_LINEAGE = "columnLineage"
# dbt's Python models carry their code where others carry SQL.
PYTHON_MODEL = re.compile(r"^\s*def\s+model\s*\(", re.MULTILINE)


@dataclass(frozen=True)
class Statement:
    """A statement with all that the facets of its output depend on.

    Args:
        sql: the SQL.
        output: the relation that it writes.
        schema: the columns and types, in order, of the output and of each relation that it may read; without columns
            where they are not known.
        dialect: the SQL's dialect.
        namespaces: the namespace of each of these relations' datasets.
        is_written: whether the output has the columns in ``schema`` because the statement has run.
    """

    sql: str
    output: str
    schema: Schema
    dialect: str
    namespaces: Mapping[str, str]
    is_written: bool


FacetsOf = Callable[[Statement], Facets]


def facets_of(statement: Statement) -> Facets:
    """The facets ``columnLineage`` and ``lineageUnresolved`` of a statement's output, as far as it has them."""
    lineage = column_lineage(statement.sql, statement.output, statement.schema, statement.dialect)
    if statement.is_written:
        lineage = _as_it_is_now(lineage, statement.schema[statement.output])
    return _facets_of(lineage, statement.namespaces)


def completed(event: dict[str, Any], columns_of: ColumnsOf, facets: FacetsOf = facets_of) -> dict[str, Any]:
    """The event with the column lineage of its one output, made from its SQL.

    The output gets the facet ``columnLineage``, in place of the producer's, if there is one. The facet
    ``lineageUnresolved`` names what could not be resolved, with the reason. If nothing could be resolved, the producer's
    facet stays. An event without outputs, or without SQL and with the producer's columnLineage, is unchanged.

    Args:
        event: a run event as it is sent, parsed from JSON; it is not changed.
        columns_of: gives, for a namespace and names of datasets in it, the columns and types in order of those that it
            knows, by these names.
        facets: computes the facets of a statement; ``LineageCache.facets`` does so from memory or disk.

    Raises:
        WarehouseError: or whatever ``columns_of`` raises when it cannot ask.
    """
    outputs = event.get("outputs") or []
    if not outputs or (_sql(event) is None and any(COLUMN_LINEAGE in _facets(output) for output in outputs)):
        return event
    if len(outputs) > 1:
        return unresolved(event, f"the event has {len(outputs)} outputs, and one statement makes one")
    event = _with_own_facets(event)
    [output] = event["outputs"]
    _describe(output, _Told(event, output, columns_of).facets(facets))
    return event


def unresolved(event: dict[str, Any], reason: str) -> dict[str, Any]:
    """The event, with the reason why no column of its outputs is resolved.

    Args:
        event: a run event, parsed from JSON; it is not changed.
        reason: why, in words.
    """
    event = _with_own_facets(event)
    for output in event.get("outputs") or []:
        _describe(output, _facets_of(_nothing_told(output, reason), {}))
    return event


def with_schema(event: dict[str, Any], columns_of: ColumnsOf) -> dict[str, Any]:
    """The event with the columns and types that its outputs have now, once it is COMPLETE.

    The producer's descriptions stay. An output without columns in ``columns_of`` is unchanged.

    Args:
        event: a run event as it is sent, parsed from JSON; it is not changed.
        columns_of: as for ``completed``.

    Raises:
        WarehouseError: or whatever ``columns_of`` raises when it cannot ask.
    """
    if event.get("eventType") != "COMPLETE":
        return event
    event = _with_own_facets(event)
    outputs = event.get("outputs") or []
    known = _known_columns([_dataset(output) for output in outputs], columns_of)
    for output in outputs:
        columns = known.get(_dataset(output))
        if columns:
            output.setdefault("facets", {})["schema"] = _schema_facet(columns, _facets(output).get("schema") or {})
    return event


@dataclass(frozen=True)
class _Told:
    """One output of an event, with what its lineage needs.

    Args:
        event: the event.
        output: the output.
        columns_of: gives the columns of relations.
    """

    event: Mapping[str, Any]
    output: Mapping[str, Any]
    columns_of: ColumnsOf

    @property
    def relation(self) -> str:
        """The output as a relation."""
        return str(self.output["name"])

    @property
    def datasets(self) -> dict[str, Dataset]:
        """The dataset of each relation: the inputs, and the output, which its own SQL may read."""
        parts = [self.output, *(self.event.get("inputs") or [])]
        return {dataset.name: dataset for dataset in map(_dataset, parts)}

    def facets(self, facets: FacetsOf) -> Facets:
        """The sources of the output's columns, as far as they can be resolved."""
        sql = _sql(self.event)
        if sql is None:
            return _facets_of(self._without_sql(), {})
        if PYTHON_MODEL.search(sql):
            return self._nothing("it is a Python model")
        dialect = _dialect(self.event, self.output)
        if dialect is None:
            return self._nothing("the event does not tell the SQL's dialect")
        twice = self._told_twice()
        if twice:
            return self._nothing(f"datasets of several namespaces are called {', '.join(twice)}")
        namespaces = {name: dataset.namespace for name, dataset in self.datasets.items()}
        is_written = self.event.get("eventType") == "COMPLETE"
        return facets(Statement(sql, self.relation, self._schema(), dialect, namespaces, is_written))

    def _nothing(self, reason: str) -> Facets:
        return _facets_of(_nothing_told(self.output, reason), {})

    def _without_sql(self) -> ColumnLineage:
        if _job_type(self.event) != "SEED":
            return _nothing_told(self.output, "the event has no SQL")
        columns = _known_columns([_dataset(self.output)], self.columns_of).get(_dataset(self.output), {})
        return ColumnLineage(self.relation, tuple(columns), frozenset(), frozenset(), ())

    def _told_twice(self) -> list[str]:
        datasets = {_dataset(part) for part in (self.output, *(self.event.get("inputs") or []))}
        names = Counter(dataset.name for dataset in datasets)
        return sorted(name for name, count in names.items() if count > 1)

    def _schema(self) -> dict[str, Mapping[str, str]]:
        known = _known_columns(list(self.datasets.values()), self.columns_of)
        schema = {relation: known.get(dataset, {}) for relation, dataset in self.datasets.items()}
        for part in self.event.get("inputs") or []:
            relation = part["name"]
            schema[relation] = schema[relation] or self._told_columns(part)
        return schema

    def _told_columns(self, part: Mapping[str, Any]) -> dict[str, str]:
        """An input's columns in the event; dbt lists only documented ones."""
        if _integration(self.event) == "DBT":
            return {}
        fields = (_facets(part).get("schema") or {}).get("fields") or []
        return {field["name"]: field.get("type") or "" for field in fields}


def _as_it_is_now(lineage: ColumnLineage, columns: Mapping[str, str]) -> ColumnLineage:
    """In terms of the columns that the output really has, once it was written; they may not be known."""
    if not columns or (not lineage.columns and lineage.unresolved):
        return lineage
    names = {name: _spelled(name, columns) for name in lineage.columns}
    gone = [
        Unresolved(name, "the SQL makes it, and the relation does not have it") for name in names if not names[name]
    ]
    made = {now for now in names.values() if now}
    added = [
        Unresolved(name, "the relation has it, and the SQL does not make it") for name in columns if name not in made
    ]
    edges = frozenset(
        replace(edge, target=Column(lineage.relation, now))
        for edge in lineage.edges
        if (now := names.get(edge.target.name))
    )
    unresolved = [
        replace(problem, column=names.get(problem.column) or problem.column) for problem in lineage.unresolved
    ]
    return ColumnLineage(
        relation=lineage.relation,
        columns=tuple(name for name in columns if name in made),
        edges=edges,
        dataset_edges=lineage.dataset_edges,
        unresolved=tuple(sorted({*unresolved, *gone, *added})),
        expressions=tuple((now, text) for name, text in lineage.expressions if (now := names.get(name))),
    )


def _facets_of(lineage: ColumnLineage, namespaces: Mapping[str, str]) -> Facets:
    found: Facets = {}
    if lineage.columns or not lineage.unresolved:
        datasets = {name: Dataset(namespace, name) for name, namespace in namespaces.items()}
        found[COLUMN_LINEAGE] = to_facet(lineage, datasets)
    if lineage.unresolved:
        found[UNRESOLVED] = to_unresolved_facet(lineage.unresolved)
    return found


def _describe(output: dict[str, Any], facets: Facets) -> None:
    there = output.setdefault("facets", {})
    there.pop(UNRESOLVED, None)
    there |= facets


def _with_own_facets(event: dict[str, Any]) -> dict[str, Any]:
    """The event with outputs and facets of its own, which may be changed."""
    outputs = [
        {**output, "facets": dict(output["facets"])} if isinstance(output.get("facets"), dict) else dict(output)
        for output in event.get("outputs") or []
    ]
    return {**event, "outputs": outputs} if outputs else event


def _nothing_told(output: Mapping[str, Any], reason: str) -> ColumnLineage:
    unresolved = (Unresolved(EVERY_COLUMN, reason),)
    return ColumnLineage(output["name"], (), frozenset(), frozenset(), unresolved)


def _known_columns(datasets: list[Dataset], columns_of: ColumnsOf) -> dict[Dataset, Mapping[str, str]]:
    known: dict[Dataset, Mapping[str, str]] = {}
    for namespace in dict.fromkeys(dataset.namespace for dataset in datasets):
        wanted = [dataset for dataset in datasets if dataset.namespace == namespace]
        found = columns_of(namespace, [dataset.name for dataset in wanted])
        known |= {dataset: found[dataset.name] for dataset in wanted if dataset.name in found}
    return known


def _spelled(name: str, columns: Mapping[str, str]) -> str | None:
    """The column as the relation spells it: the one of that name, or the only one that differs in case."""
    if name in columns:
        return name
    folded = [column for column in columns if column.casefold() == name.casefold()]
    return folded[0] if len(folded) == 1 else None


def _schema_facet(columns: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    # A producer may write anything there.
    texts = {
        field["name"]: text for field in before.get("fields") or [] if isinstance(text := field.get("description"), str)
    }
    facet: dict[str, Any] = json.loads(
        _schema_text(tuple((name, type_, texts.get(name)) for name, type_ in columns.items()))
    )
    return facet


@lru_cache(maxsize=1000)
def _schema_text(columns: tuple[tuple[str, str, str | None], ...]) -> str:
    """The facet as JSON. A model has the same columns in most runs, and OpenLineage's classes take their time."""
    fields = [
        schema_dataset.SchemaDatasetFacetFields(name=name, type=type_, description=description, fields=None)
        for name, type_, description in columns
    ]
    return json.dumps(Serde.to_dict(schema_dataset.SchemaDatasetFacet(fields=fields, producer=PRODUCER)))


def _dataset(part: Mapping[str, Any]) -> Dataset:
    return Dataset(part["namespace"], part["name"])


def _facets(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return part.get("facets") or {}


def _sql(event: Mapping[str, Any]) -> str | None:
    return (_facets(event["job"]).get("sql") or {}).get("query") or None


def _job_type(event: Mapping[str, Any]) -> str | None:
    return (_facets(event["job"]).get("jobType") or {}).get("jobType")


def _integration(event: Mapping[str, Any]) -> str | None:
    return (_facets(event["job"]).get("jobType") or {}).get("integration")


def _dialect(event: Mapping[str, Any], output: Mapping[str, Any]) -> str | None:
    """The SQL facet's dialect, else that of the warehouse in the output's namespace."""
    told = (_facets(event["job"]).get("sql") or {}).get("dialect")
    if told:
        return sqlglot_name(told)
    scheme, separator, _ = output["namespace"].partition(":")
    return adapter_of_namespace(output["namespace"]).dialect or (sqlglot_name(scheme) if separator else None)
