"""What is reached from a table or a column: downstream models, charts, dashboards and their owners."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from dbt_lineage.page.graph import Graph
from dbt_lineage.page.nodes import Kind, Node


@dataclass(frozen=True)
class Reached:
    """What is reached from a column.

    Args:
        columns: places of the columns that its values flow into, without itself.
        conditional: places of the columns whose rows or values it only decides.
        nodes: places of all nodes that are reached.
    """

    columns: frozenset[int]
    conditional: frozenset[int]
    nodes: frozenset[int]


def downstream_of_each(graph: Graph, kind: Kind) -> dict[int, list[str]]:
    """Ids of the nodes of a kind that are made from each node, at whatever distance, by the node's place.

    A node of the kind is among its own. The ids are in the graph's order.

    Asked once for all: a walk from every node would cost the square of the nodes.

    Args:
        graph: the graph.
        kind: such as dashboards, which are few.
    """
    found: dict[int, list[str]] = {}
    for place, node in enumerate(graph.nodes):
        if node.kind is kind:
            for before in _closed({place}, lambda each: graph.upstream.get(each, [])):
                found.setdefault(before, []).append(node.id)
    return found


def _downstream(graph: Graph, places: Iterable[int]) -> Iterator[Node]:
    seen = set(places)
    waiting = deque(sorted(seen))
    while waiting:
        for other in graph.downstream.get(waiting.popleft(), []):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
                yield graph.nodes[other]


def reached_from(graph: Graph, columns: Iterable[int]) -> Reached:
    """What is reached from columns: by value, and by condition alone.

    A column that decides which rows a table has reaches all columns of it, and what is made from them.

    Args:
        graph: the graph.
        columns: places of the columns.
    """
    told = graph.columns
    begun = set(columns)
    by_value = _closed(begun, lambda column: told.value_targets[column])
    all_reached = _closed(
        begun,
        lambda column: chain(
            told.value_targets[column],
            told.condition_targets[column],
            *(told.of_node[node] for node in told.row_targets[column]),
        ),
    )
    nodes = {told.names[each][0] for each in all_reached - begun}
    shows = {node for column in all_reached for node in told.charts[column]}
    shows |= {graph.place_of[node.id] for node in _downstream(graph, shows)}
    # A dashboard without code of its own shows whole tables.
    shows |= {
        other
        for node in nodes | {told.names[each][0] for each in begun}
        for other in graph.downstream.get(node, [])
        if graph.nodes[other].kind is Kind.DASHBOARD
    }
    return Reached(frozenset(by_value - begun), frozenset(all_reached - by_value), frozenset(nodes | shows))


def _closed(begun: set[int], following: Callable[[int], Iterable[int]]) -> set[int]:
    seen, waiting = set(begun), deque(begun)
    while waiting:
        for other in following(waiting.popleft()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


@dataclass(frozen=True)
class Hit:
    """What is behind broken models.

    Args:
        models: names of the models, snapshots and tables that are made from them.
        dashboards: names of the dashboards that show them.
        owners: who looks after all of these, the broken ones too.
    """

    models: list[str]
    dashboards: list[str]
    owners: list[str]


def hit(graph: Graph, named: Iterable[str]) -> Hit:
    """What is behind some nodes.

    Args:
        graph: the graph.
        named: dbt's unique ids, or ids in the graph; what is not in the graph is passed over.
    """
    wanted = set(named)
    broken = [place for place, node in enumerate(graph.nodes) if wanted & {node.unique_id, node.id}]
    behind = list(_downstream(graph, broken))
    owners = [each.owner for each in [*(graph.nodes[place] for place in broken), *behind] if each.owner]
    return Hit(
        [each.name for each in behind if each.kind not in (Kind.CHART, Kind.DASHBOARD)],
        [each.name for each in behind if each.kind is Kind.DASHBOARD],
        list(dict.fromkeys(owners)),
    )
