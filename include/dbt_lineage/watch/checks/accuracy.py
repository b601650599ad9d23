"""Check accuracy: compare the edges and column edges in the catalogue with the expected ones."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dbt_lineage.catalogue.marks import FROM_EVENTS
from dbt_lineage.catalogue.ours import OurLineage, StoredLineage, between_tables, is_from_own_pipeline
from dbt_lineage.core.levels import Level
from dbt_lineage.core.settings import CheckSettings
from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.relay.left_out import REMEDY, left_out
from dbt_lineage.watch.checks.results import Result
from dbt_lineage.watch.checks.sources import Sources

if TYPE_CHECKING:
    from confluent_kafka import Message

    from dbt_lineage.ingest.fact import EdgeFact, Fact

CHECK = "accuracy"
# Source column and target column: the relation as in the manifest, a dot, and the column in lower case.
ColumnEdge = tuple[str, str]


@dataclass(frozen=True)
class Shares:
    """The sizes of two sets and of their intersection.

    Args:
        expected: number of expected elements.
        found: number of found elements.
        both: number of elements in both sets.
    """

    expected: int
    found: int
    both: int

    @classmethod
    def of(cls, expected: Collection[object], found: Collection[object]) -> "Shares":
        """Compare what is expected with what was found."""
        return cls(len(expected), len(found), len(set(expected) & set(found)))

    @property
    def precision(self) -> float:
        """The share of the found elements that is expected; 1 when nothing was found."""
        return self.both / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the expected elements that was found; 1 when nothing is expected."""
        return self.both / self.expected if self.expected else 1.0


@dataclass(frozen=True)
class ExpectedColumns:
    """The column edges of the newest events.

    Args:
        columns: the column edges, by edge. Edges without column edges are left out.
        left_out: the parts that a job's newest event lacks because it was too large for Kafka, by the job's name.
        partial: the edges of those jobs.
    """

    columns: Mapping[Edge, frozenset[ColumnEdge]]
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    partial: frozenset[Edge] = frozenset()


def check(sources: Sources) -> list[Result]:
    """Check the edges of tables, columns and dashboards.

    Raises ManifestError, CatalogueError, BrokerError, AssetsError; WarehouseError only if an edge from a source is missing.
    """
    from dbt_lineage.catalogue.absent import absent_sources

    stored = sources.stored_lineage
    lacking = sources.manifest.edges() - {each.edge for each in stored.edges}
    absent = absent_sources(sources.manifest, lacking, sources.warehouse)
    return [
        *of_tables(sources.manifest, stored, sources.ours, sources.check, absent, sources.beside.edges),
        *of_columns(expected_columns(sources), stored, sources.check),
        *of_dashboards(sources),
    ]


def of_tables(
    manifest: Manifest,
    stored: StoredLineage,
    ours: OurLineage,
    check: CheckSettings,
    absent: Collection[str] = (),
    elsewhere: Collection[Edge] = (),
) -> list[Result]:
    """Compare the edges between tables with those of the manifest.

    An expected edge must have come from an event. These edges do not count:

    - edges of models that no longer exist, which are the subject of the check ``stale``;
    - edges from the project's tables to tables of others, and from tables of others to its sources;
    - edges of another target, from a source that both read;
    - edges that another project expects;
    - edges from a node's pipeline to its own table.

    Args:
        manifest: the project's manifest, with the expected edges.
        stored: the catalogue's lineage.
        ours: decides what is stale.
        check: the thresholds.
        absent: sources that the warehouse does not have. No edge from them is expected, and each is a warning.
        elsewhere: edges that other projects expect.
    """
    there = between_tables(stored.edges, manifest.schemas())
    expected = {edge for edge in manifest.edges() if edge in there or edge.upstream not in absent}
    built = manifest.built_relations()
    found = {
        edge
        for edge, each in there.items()
        if (
            each.is_from_events
            if edge in expected
            else (edge.downstream in built or ours.made_edge(each)) and not ours.is_stale_edge(each)
        )
        and not ours.is_of_another_target(each)
        and not is_from_own_pipeline(edge, manifest)
        and (edge in expected or edge not in elsewhere)
    }
    missing: dict[object, str] = {
        edge: f"not in the catalogue from events: it has one from {there[edge].source}"
        if edge in there
        else "not in the catalogue"
        for edge in sorted(expected - found)
    }
    unexpected: dict[object, str] = {
        edge: f"not in the manifest: it is from {there[edge].source}" for edge in sorted(found - expected)
    }
    return [
        *_judged("tables", Shares.of(expected, found), missing | unexpected, set(missing), check),
        *(
            Result(CHECK, source, Level.WARN, "source is not in the warehouse: models are built without it", "there")
            for source in sorted(absent)
        ),
    ]


def of_columns(expected: ExpectedColumns, stored: StoredLineage, check: CheckSettings) -> list[Result]:
    """Compare the column edges with those of the newest event of each model.

    Args:
        expected: the expected column edges.
        stored: the catalogue's lineage.
        check: the thresholds.
    """
    lacking = [
        Result(
            CHECK, job, Level.WARN, f"lineage was left out of its newest event; {REMEDY}: {', '.join(parts)}", "whole"
        )
        for job, parts in sorted(expected.left_out.items())
    ]
    columns = expected.columns
    if not columns:
        return [Result(CHECK, "columns", Level.OK, "no event has columns"), *lacking]
    found = {
        column
        for edge in stored.edges
        if edge.is_from_events and edge.edge in columns
        # More columns may be somebody else's part of the edge, or may lack in an event that was too large.
        for column in (
            edge.columns
            if edge.source == FROM_EVENTS and edge.edge not in expected.partial
            else edge.columns & columns[edge.edge]
        )
    }
    wanted = {column for of_edge in columns.values() for column in of_edge}
    missing: dict[object, str] = {_column(each): "column not in the catalogue" for each in sorted(wanted - found)}
    unexpected: dict[object, str] = {
        _column(each): "column in the catalogue, and not in the newest event" for each in sorted(found - wanted)
    }
    shares = Shares.of(wanted, found)
    return [*_judged("columns", shares, missing | unexpected, set(missing), check), *lacking]


def of_dashboards(sources: Sources) -> list[Result]:
    """Compare the edges up to the dashboards, if there are any. Raises CatalogueError, ManifestError, AssetsError."""
    from dbt_lineage.catalogue.dashboard_lineage import verified_dashboards

    if sources.superset is None or not sources.manifest.dashboard_models:
        return []
    comparison = verified_dashboards(sources.dbt, sources.superset, sources.openmetadata, sources.others)
    missing: dict[object, str] = dict.fromkeys(comparison.missing, "of a dashboard, not in the catalogue")
    unexpected: dict[object, str] = dict.fromkeys(comparison.unexpected, "not in the code of the dashboards")
    shares = Shares.of(comparison.expected, comparison.found)
    return list(_judged("dashboards", shares, missing | unexpected, set(missing), sources.check))


def expected_columns(sources: Sources) -> ExpectedColumns:
    """The column edges of the newest event of each node of the project.

    Raises:
        BrokerError: the cluster did not answer.
    """
    from dbt_lineage.events.run_event import carries_lineage
    from dbt_lineage.ingest.slices import Event
    from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
    from dbt_lineage.kafka.offsets import Bookmarks
    from dbt_lineage.kafka.reader import messages

    topic, service = sources.kafka.events_topic, sources.openmetadata.database_service
    warehouse = CatalogueWarehouse(
        sources.warehouse.namespace, sources.warehouse.database, service, sources.openmetadata.pipeline_service
    )
    # A dataset in the warehouse of another project is not a table of this one.
    is_alone = all(
        (each.namespace, each.database) == (warehouse.namespace, warehouse.database)
        for each in sources.other_warehouses
    )
    warehouses = Warehouses([warehouse], is_alone)
    nodes = sources.manifest.nodes
    start, ends = Bookmarks(sources.kafka, topic).newest(sources.check.max_events)
    read = (
        Event.read(message, warehouses)
        for message in messages(sources.kafka, topic, start, ends)
        if carries_lineage(message) and (not sources.others or _is_of(message, nodes))
    )
    facts = ((fact, each.event.run.facets) for each in read if each.event for fact in each.facts)
    return expected_of(facts, sources.manifest.edges(), sources.manifest.named)


def _is_of(message: "Message", nodes: Collection[str]) -> bool:
    """Whether an event's key may be of one of these nodes, so that events of other projects are not parsed."""
    key = message.key()
    return key is None or key.decode(errors="replace").rpartition("/")[2] in nodes


def expected_of(
    facts: Iterable[tuple["Fact", Mapping[str, Any]]],
    expected_edges: Collection[Edge],
    named: Callable[[str], str] = str.lower,
) -> ExpectedColumns:
    """The column edges of the newest fact of each node.

    Args:
        facts: facts in any order, each with the facets of its run.
        expected_edges: the edges that the manifest expects. Others are left out.
        named: maps a relation's name in an event to that in the manifest.
    """
    from dbt_lineage.ingest.fact import newest

    lacks: dict[Fact, tuple[str, ...]] = {}

    def noted() -> Iterator["Fact"]:
        for fact, facets in facts:
            if parts := left_out(facets):
                lacks[fact] = parts
            yield fact

    columns: dict[Edge, frozenset[ColumnEdge]] = {}
    found: dict[str, tuple[str, ...]] = {}
    partial: set[Edge] = set()
    for fact in newest(noted()).values():
        edges = {Edge(named(str(each.upstream)), named(str(fact.output))): each for each in fact.edges.values()}
        edges = {edge: each for edge, each in edges.items() if edge in expected_edges}
        columns |= {edge: of_edge for edge, each in edges.items() if (of_edge := _columns_of(edge, each))}
        if edges and fact in lacks:
            found[fact.job[1]] = lacks[fact]
            partial |= edges.keys()
    return ExpectedColumns(columns, found, frozenset(partial))


def _columns_of(edge: Edge, fact: "EdgeFact") -> frozenset[ColumnEdge]:
    return frozenset(
        (f"{edge.upstream}.{link.source.lower()}", f"{edge.downstream}.{link.target.lower()}") for link in fact.links
    )


def _judged(
    what: str, shares: Shares, problems: Mapping[object, str], missing: Collection[object], check: CheckSettings
) -> Iterator[Result]:
    """The results for both shares, and for each wrong edge if a share is too small."""
    allowed = {"recall": check.min_recall, "precision": check.min_precision}
    broken = {name for name, least in allowed.items() if getattr(shares, name) < least}
    for name, least in allowed.items():
        share = getattr(shares, name)
        yield Result(
            CHECK,
            f"{name} of {what}",
            Level.FAIL if name in broken else Level.OK,
            f"{share:.4g}, {shares.both} of {shares.expected if name == 'recall' else shares.found}",
            f"at least {least:g}",
            value=round(share, 6),
            unit="share",
        )
    for each, seen in problems.items():
        if ("recall" if each in missing else "precision") in broken:
            yield Result(CHECK, str(each), Level.FAIL, seen, "none")


def _column(edge: ColumnEdge) -> str:
    return f"{edge[0]} -> {edge[1]}"
