"""Facts: for one job and one output, the tables and columns that it was made from, and when."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from dbt_lineage.catalogue.qualified_names import joined, kept
from dbt_lineage.events.run_event import Dataset, MalformedEvent, RunEvent, problem
from dbt_lineage.ingest.warehouses import Warehouses
from dbt_lineage.warehouse.naming import Adapter, adapter_of_type

COLUMN_LINEAGE = "columnLineage"
# As ``dbt_lineage.columns.facet`` writes it, which takes long to import.
UNRESOLVED = "lineageUnresolved"
DIRECT = "DIRECT"
# Producers in Python write this for a part of a name that they do not know.
_NOTHING = "None"
_ANY_ADAPTER = adapter_of_type(None)
# INDIRECT subtypes that always decide the value of one column. The others decide rows if all columns have them.
OF_ONE_COLUMN = ("CONDITIONAL", "WINDOW")


class Table(NamedTuple):
    """A relation, as an event or the catalogue spells it.

    Args:
        database: its database.
        schema: its schema.
        name: its own name.
        service: the catalogue's database service that has it.
    """

    database: str
    schema: str
    name: str
    service: str = ""

    @property
    def key(self) -> str:
        """Its unique key. The name alone is not unique: two servers may have relations of the same name."""
        return f"{self.service}:{self}" if self.service else str(self)

    def spelled(self, name: str) -> "Table":
        """The same relation in the spelling of a name that differs from its own in case alone."""
        start, end = len(self.database) + 1, len(name) - len(self.name)
        return Table(name[: start - 1], name[start : end - 1], name[end:], self.service)

    def with_other_parts(self) -> Iterator["Table"]:
        """Other relations with the same full name. If schema or table contain dots, the full name is ambiguous."""
        name = f"{self.schema}.{self.name}"
        for place, letter in enumerate(name):
            if letter == "." and place not in (0, len(self.schema), len(name) - 1):
                yield Table(self.database, name[:place], name[place + 1 :], self.service)

    @property
    def schema_fqn(self) -> str:
        """Fully qualified name of its schema in the catalogue."""
        return joined(self.service, self.database, self.schema)

    @property
    def fqn(self) -> str:
        """Its fully qualified name in the catalogue."""
        return joined(self.service, self.database, self.schema, kept(self.name))

    def __str__(self) -> str:
        return f"{self.database}.{self.schema}.{self.name}"


class ColumnLink(NamedTuple):
    """A column edge: a column of an output is made from a column of an input.

    Args:
        source: the input's column.
        target: the output's column.
        ways: OpenLineage's subtypes: IDENTITY, TRANSFORMATION, AGGREGATION, CONDITIONAL, WINDOW, or DIRECT. Also FILTER,
            JOIN, GROUP_BY or SORT if they decide this column alone, such as an aggregate's FILTER.
    """

    source: str
    target: str
    ways: tuple[str, ...]


class Described(NamedTuple):
    """A column as described by an event's schema facet."""

    type: str
    description: str


@dataclass(frozen=True)
class EdgeFact:
    """A fact's edge from one input to the output.

    Args:
        upstream: the input.
        links: its column edges.
        deciding: input columns that decide the output's rows, by subtype: FILTER, JOIN, GROUP_BY, SORT.
    """

    upstream: Table
    links: tuple[ColumnLink, ...] = ()
    deciding: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Fact:
    """The lineage of one output, by one run of a job.

    Args:
        job: the job's namespace and name.
        output: the relation that was made.
        at: the event time.
        run: id of the run.
        edges: the edges into the output, by the key of the input.
        sql: the compiled SQL; empty when the event has none.
        expressions: the SQL expression of each output column, by its name.
        schemas: the columns of its datasets as described by the event, by the dataset's key and the column's name.
        not_tables: names of its datasets that are not tables of a warehouse.
        unresolved: the columns of the output without known sources, each with the reason; ``*`` for all columns.
    """

    job: tuple[str, str]
    output: Table
    at: datetime
    run: str
    edges: Mapping[str, EdgeFact]
    sql: str = ""
    expressions: Mapping[str, str] = field(default_factory=dict)
    schemas: Mapping[str, Mapping[str, Described]] = field(default_factory=dict)
    not_tables: tuple[str, ...] = ()
    unresolved: tuple[tuple[str, str], ...] = ()

    @property
    def subject(self) -> tuple[str, str, str]:
        """Its job and output. The newest fact of a subject counts."""
        return (*self.job, self.output.key)

    @property
    def order(self) -> tuple[datetime, str]:
        """Its place among the facts of its subject."""
        return self.at, self.run

    def __str__(self) -> str:
        return f"{'.'.join(self.job)} at {self.at.isoformat()}: {self.output}"


class _InputField(BaseModel):
    namespace: str
    name: str
    field: str
    transformations: list[dict[str, Any]] | None = None

    @property
    def ways(self) -> Iterator[tuple[str, str]]:
        """Type and subtype of each transformation. Without one the field counts as DIRECT, as in the facet's version 1."""
        for each in self.transformations or [{"type": DIRECT}]:
            kind = str(each.get("type"))
            yield kind, str(each.get("subtype") or kind)


class _Column(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    input_fields: list[_InputField]
    transformation_description: str | None = None


class _ColumnLineage(BaseModel):
    fields: dict[str, _Column]
    dataset: list[_InputField] | None = None


def facts_of(event: RunEvent, warehouses: Warehouses) -> list[Fact]:
    """A fact for each output of an event; none when the event carries no lineage.

    Args:
        event: the event.
        warehouses: the warehouses that its datasets may be in.

    Raises:
        MalformedEvent: a columnLineage facet is not valid by OpenLineage's specification.
    """
    if not event.says_lineage:
        return []
    inputs = [(each, table_of_dataset(each, warehouses)) for each in event.inputs or []]
    outputs = [(each, table_of_dataset(each, warehouses)) for each in event.outputs or []]
    not_tables = tuple(_named(each, warehouses) for each, table in [*inputs, *outputs] if table is None)
    upstream = {_key(each): table for each, table in [*inputs, *outputs] if table is not None}
    read = {table.key for _, table in inputs if table is not None}
    schemas = {table.key: _schema(each) for each, table in [*inputs, *outputs] if table is not None}
    query = event.job.facets.get("sql", {}).get("query")
    found = []
    for dataset, output in outputs:
        if output is None:
            continue
        facet = _facet(dataset)
        found.append(
            Fact(
                (event.job.namespace, event.job.name),
                output,
                event.at,
                event.run.run_id,
                {edge.upstream.key: edge for edge in _edges(facet, upstream, read)},
                query if isinstance(query, str) else "",
                {name: each.transformation_description or "" for name, each in facet.fields.items()},
                {key: columns for key, columns in schemas.items() if columns},
                not_tables,
                _unresolved(dataset),
            )
        )
    return found


def newest(facts: Iterable[Fact]) -> dict[tuple[str, str, str], Fact]:
    """The newest fact of each subject, by event time, then by run id."""
    found: dict[tuple[str, str, str], Fact] = {}
    for fact in facts:
        other = found.get(fact.subject)
        if other is None or fact.order >= other.order:
            found[fact.subject] = fact
    return found


def table_of_dataset(dataset: Dataset, warehouses: Warehouses) -> Table | None:
    """The relation of a dataset; None when it cannot be in the catalogue.

    Args:
        dataset: a dataset of an event.
        warehouses: the warehouses that it may be in.
    """
    warehouse = warehouses.of_dataset(dataset)
    if warehouse is None:
        return None
    return table_of(dataset.name, warehouse.database, warehouse.service, warehouse.adapter)


def table_of(name: str, database: str, service: str = "", adapter: Adapter = _ANY_ADAPTER) -> Table | None:
    """The relation of a dataset's name; None when it cannot be in the catalogue.

    Names have no quotes, so a name with more than three parts is ambiguous. In the warehouse's own database its schema is
    assumed to contain the dots. In another database it has no relation.

    Args:
        name: the dataset's name.
        database: the warehouse's database, and that of a name without one.
        service: the catalogue's database service of that warehouse.
        adapter: the naming rules of that warehouse, such as where it cuts off a part that is too long.
    """
    parts = name.split(".")
    if len(parts) > 3 and name.startswith(f"{database}."):
        parts = [database, *name.removeprefix(f"{database}.").rsplit(".", 1)]
    elif len(parts) == 2:
        parts = [database, *parts]
    if len(parts) != 3 or not all(parts) or _NOTHING in parts:
        return None
    named, schema, table = map(adapter.kept, parts)
    return Table(named, schema, table, service)


def _named(dataset: Dataset, warehouses: Warehouses) -> str:
    """The name of a dataset that is not a table, with its server if no project builds there."""
    is_elsewhere = warehouses.is_of_their_kind(dataset.namespace) and warehouses.of_dataset(dataset) is None
    return f"{dataset.name} of {dataset.namespace}" if is_elsewhere else dataset.name


def _key(dataset: Any) -> tuple[str, str]:
    return dataset.namespace.removesuffix("/"), dataset.name.removeprefix("/")


def _facet(dataset: Dataset) -> _ColumnLineage:
    try:
        return _ColumnLineage.model_validate(dataset.facets.get(COLUMN_LINEAGE) or {"fields": {}})
    except ValidationError as error:
        problems = "; ".join(problem(each) for each in error.errors())
        raise MalformedEvent(f"columnLineage of {dataset.name}: {problems}") from None


def _edges(facet: _ColumnLineage, upstream: Mapping[tuple[str, str], Table], read: set[str]) -> Iterator[EdgeFact]:
    links: dict[str, dict[tuple[str, str], dict[str, None]]] = {key: {} for key in read}
    deciding: dict[str, dict[str, dict[str, None]]] = {key: {} for key in read}
    # Some producers repeat the columns that decide rows at every output column.
    told = Counter(
        (source.namespace, source.name, source.field, way)
        for column in facet.fields.values()
        for source in column.input_fields
        for kind, way in source.ways
        if kind != DIRECT
    )

    def is_of_one(source: _InputField, way: str) -> bool:
        return way in OF_ONE_COLUMN or told[source.namespace, source.name, source.field, way] < len(facet.fields)

    def take(source: _InputField, target: str | None) -> None:
        table = upstream.get(_key(source))
        if table is None or table.key not in read:
            return
        for kind, way in source.ways:
            if target is not None and (kind == DIRECT or is_of_one(source, way)):
                links[table.key].setdefault((source.field, target), {})[way] = None
            else:
                deciding[table.key].setdefault(way, {})[source.field] = None

    for target, column in facet.fields.items():
        for source in column.input_fields:
            take(source, target)
    for source in facet.dataset or ():
        take(source, None)
    tables = {table.key: table for table in upstream.values()}
    for key in sorted(read):
        yield EdgeFact(
            tables[key],
            tuple(ColumnLink(*ends, tuple(ways)) for ends, ways in sorted(links[key].items())),
            {way: tuple(columns) for way, columns in sorted(deciding[key].items())},
        )


def _unresolved(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    """What our own facet says of columns whose sources could not be told; nothing where it has another form."""
    fields = dataset.facets.get(UNRESOLVED, {}).get("fields")
    return tuple(
        (str(each["field"]), str(each["reason"]))
        for each in (fields if isinstance(fields, list) else [])
        if isinstance(each, dict) and {"field", "reason"} <= each.keys()
    )


def _schema(dataset: Dataset) -> dict[str, Described]:
    """The columns of a dataset's schema facet; empty if it has none, or one of another form."""
    fields = dataset.facets.get("schema", {}).get("fields")
    return {
        field["name"]: Described(str(field.get("type") or ""), str(field.get("description") or ""))
        for field in (fields if isinstance(fields, list) else [])
        if isinstance(field, dict) and isinstance(field.get("name"), str) and field["name"]
    }
