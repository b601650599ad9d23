"""Column lineage to and from OpenLineage's columnLineage facet (1-2-0)."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import attr
from openlineage.client.facet_v2 import column_lineage_dataset
from openlineage.client.generated.base import DatasetFacet
from openlineage.client.serde import Serde

from dbt_lineage.columns.model import (
    AGGREGATION,
    CONDITIONAL,
    DIRECT,
    FILTER,
    GROUP_BY,
    IDENTITY,
    INDIRECT,
    JOIN,
    SORT,
    TRANSFORMATION,
    WINDOW,
    Column,
    ColumnEdge,
    ColumnLineage,
    Unresolved,
)

PRODUCER = "urn:dbt-lineage-airflow:columns"
UNRESOLVED = "lineageUnresolved"
DESCRIPTIONS = {
    IDENTITY: "the value as it is",
    TRANSFORMATION: "computed from the value",
    AGGREGATION: "computed from the values of several rows",
    FILTER: "decides which rows are taken",
    JOIN: "decides which rows are joined",
    GROUP_BY: "decides which rows are taken together",
    SORT: "decides the order in which rows are taken",
    WINDOW: "decides which rows a window function sees",
    CONDITIONAL: "decides which value is taken",
}


class Dataset(NamedTuple):
    """A dataset as OpenLineage names it."""

    namespace: str
    name: str


class FacetError(ValueError):
    """A facet does not have the form of the specification; the message has the place."""


@attr.define
class UnresolvedField:
    """A column whose lineage could not be resolved.

    Args:
        field: the column; ``*`` when it is about all of them.
        reason: why.
    """

    field: str
    reason: str


@attr.define
class LineageUnresolvedDatasetFacet(DatasetFacet):
    """A facet of our own: the columns of a dataset that could not be resolved, with reasons.

    Args:
        fields: each column that is concerned.
    """

    fields: list[UnresolvedField]


def to_facet(lineage: ColumnLineage, datasets: Mapping[str, Dataset]) -> dict[str, Any]:
    """The facet, in the form of an event.

    A resolved column is in ``fields``, with an empty list if it has no sources. An unresolved one is left out: half of
    its sources would look like all of them.

    Args:
        lineage: the lineage of the output.
        datasets: the dataset of each relation that is a source.
    """
    unresolved = {problem.column for problem in lineage.unresolved}
    of_column: dict[str, list[ColumnEdge]] = {name: [] for name in lineage.columns if name not in unresolved}
    for edge in sorted(lineage.edges):
        if edge.target.name in of_column:
            of_column[edge.target.name].append(edge)
    expressions = dict(lineage.expressions)
    fields = {
        name: column_lineage_dataset.Fields(
            inputFields=_input_fields(((edge.source, edge.kind, edge.subtype) for edge in edges), datasets),
            transformationDescription=expressions.get(name),
        )
        for name, edges in of_column.items()
    }
    of_dataset = ((source, INDIRECT, subtype) for source, subtype in sorted(lineage.dataset_edges))
    facet = column_lineage_dataset.ColumnLineageDatasetFacet(
        fields=fields, dataset=_input_fields(of_dataset, datasets), producer=PRODUCER
    )
    return Serde.to_dict(facet)


def to_unresolved_facet(unresolved: Iterable[Unresolved]) -> dict[str, Any]:
    """What could not be resolved, as a facet."""
    fields = [UnresolvedField(problem.column, problem.reason) for problem in unresolved]
    return Serde.to_dict(LineageUnresolvedDatasetFacet(fields=fields, producer=PRODUCER))


def from_facet(facet: Mapping[str, Any], relation: str) -> ColumnLineage:
    """The lineage in a facet of any producer.

    Args:
        facet: a columnLineage facet. An input field without transformations is, as the specification's first version
            had only such, a DIRECT one without a subtype.
        relation: the relation that carries it.

    Raises:
        FacetError: the facet has another form.
    """
    try:
        edges = {
            ColumnEdge(source, Column(relation, name), kind, subtype)
            for name, field in facet["fields"].items()
            for source, kind, subtype in _sources(field["inputFields"], DIRECT)
        }
        dataset_edges = {(source, subtype) for source, _, subtype in _sources(facet.get("dataset") or [], INDIRECT)}
    except (KeyError, TypeError, AttributeError) as error:
        raise FacetError(f"columnLineage of {relation} is not as the specification has it: {error!r}") from None
    return ColumnLineage(relation, tuple(facet["fields"]), frozenset(edges), frozenset(dataset_edges), ())


def _input_fields(
    sources: Iterable[tuple[Column, str, str]], datasets: Mapping[str, Dataset]
) -> list[column_lineage_dataset.InputField]:
    """One entry for each source column, with every way in which it is one."""
    transformations: dict[Column, list[column_lineage_dataset.Transformation]] = {}
    for column, kind, subtype in sources:
        transformations.setdefault(column, []).append(
            column_lineage_dataset.Transformation(
                type=kind,
                subtype=subtype,
                description=DESCRIPTIONS[subtype],
                # Of a computed value it is not known how much of the source it shows.
                masking=False if subtype == IDENTITY else None,
            )
        )
    return [
        column_lineage_dataset.InputField(*datasets[column.relation], field=column.name, transformations=ways)
        for column, ways in transformations.items()
    ]


def _sources(input_fields: Iterable[Mapping[str, Any]], usual: str) -> Iterable[tuple[Column, str, str]]:
    for field in input_fields:
        column = Column(field["name"].lower(), field["field"])
        for transformation in field.get("transformations") or [{"type": usual}]:
            yield column, transformation["type"], transformation.get("subtype") or ""
