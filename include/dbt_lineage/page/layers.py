"""Where each node stands in the overview: its layer, by the longest path to it, and its place in the layer."""

from collections.abc import Sequence

SWEEPS = 2


def layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each node: 0 for what is made from nothing, else one more than that of its last input.

    An edge that closes a circle is left out.

    Args:
        count: how many nodes there are.
        edges: from node to node.
    """
    downstream: list[list[int]] = [[] for _ in range(count)]
    for start, end in edges:
        if start != end:
            downstream[start].append(end)
    order, forward = _order(downstream)
    found = [0] * count
    for node in order:
        for other in forward[node]:
            found[other] = max(found[other], found[node] + 1)
    return found


def places(layer_of: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[int]:
    """The place of each node in its layer, near to what it is connected with.

    Args:
        layer_of: the layer of each node.
        edges: from node to node.
    """
    upstream: list[list[int]] = [[] for _ in layer_of]
    downstream: list[list[int]] = [[] for _ in layer_of]
    for start, end in edges:
        upstream[end].append(start)
        downstream[start].append(end)
    columns: list[list[int]] = [[] for _ in range(max(layer_of, default=-1) + 1)]
    for node, layer in enumerate(layer_of):
        columns[layer].append(node)
    at = [0.0] * len(layer_of)
    for column in columns:
        _place(column, at)
    for _ in range(SWEEPS):
        for neighbours, ordered in ((upstream, columns), (downstream, columns[::-1])):
            for column in ordered:
                # Nodes without neighbours on this side stay where they are.
                means = {node: _mean([at[each] for each in neighbours[node]], at[node]) for node in column}
                column.sort(key=means.__getitem__)
                _place(column, at)
    found = [0] * len(layer_of)
    for column in columns:
        for place, node in enumerate(column):
            found[node] = place
    return found


def _place(column: Sequence[int], at: list[float]) -> None:
    """Spread a layer over the same height, however many nodes it has."""
    for place, node in enumerate(column):
        at[node] = (place + 0.5) / len(column)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _order(downstream: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """The nodes, each before what is made from it, and the edges without those that close a circle."""
    open_, closed = 1, 2
    state = [0] * len(downstream)
    forward: list[list[int]] = [[] for _ in downstream]
    finished: list[int] = []
    for root in range(len(downstream)):
        if state[root]:
            continue
        state[root] = open_
        path = [(root, iter(downstream[root]))]
        while path:
            node, rest = path[-1]
            other = next(rest, None)
            if other is None:
                state[node] = closed
                finished.append(node)
                path.pop()
            elif state[other] != open_:
                forward[node].append(other)
                if not state[other]:
                    state[other] = open_
                    path.append((other, iter(downstream[other])))
    return finished[::-1], forward
