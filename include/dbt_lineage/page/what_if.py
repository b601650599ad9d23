"""What a change would reach: of a column, or of a model's SQL."""

import re
from collections.abc import Iterable
from typing import Any

from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page.columns import EVERY_COLUMN
from dbt_lineage.page.effects import Reached, reached_from
from dbt_lineage.page.graph import Graph
from dbt_lineage.page.nodes import Kind

_REF = re.compile(r"""\{\{\s*ref\(\s*['"](\w+)['"]\s*(?:,\s*['"](\w+)['"]\s*)?\)\s*\}\}""")
_SOURCE = re.compile(r"""\{\{\s*source\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]\s*\)\s*\}\}""")
_JINJA = re.compile(r"\{[{%#][^\n]{0,60}")


class CannotTell(ExpectedError):
    """The effect of a change cannot be told; the message says why."""


def of_column(graph: Graph, place: int, name: str) -> dict[str, Any]:
    """What is reached from a column.

    Args:
        graph: the graph.
        place: place of its node.
        name: the column.

    Raises:
        CannotTell: the node has no such column.
    """
    return _answer(graph, reached_from(graph, [_column(graph, place, name)]))


def of_sql(graph: Graph, place: int, sql: str, manifest: Manifest) -> dict[str, Any]:
    """What other SQL of a model would change.

    Args:
        graph: the graph.
        place: place of the model.
        sql: the SQL; ``ref`` and ``source`` in it are replaced, other Jinja is not understood.
        manifest: of the model's project.

    Raises:
        CannotTell: the SQL has other Jinja, or names what is not there.
    """
    node = graph.nodes[place]
    schema = {
        each.id: {name: column.type for name, column in each.columns.items()}
        for each in graph.nodes
        if each.kind not in (Kind.CHART, Kind.DASHBOARD)
    }
    told = column_lineage(_compiled(sql, manifest), node.id, schema, manifest.content["metadata"]["adapter_type"])
    new = {
        (edge.source.relation, edge.source.name, edge.target.name, f"{edge.kind}/{edge.subtype}") for edge in told.edges
    }
    names = graph.columns.names
    old = {
        (graph.nodes[names[start][0]].id, names[start][1], names[end][1], graph.columns.kinds[kind])
        for start, end, kind, _ in graph.columns.edges
        if names[end][0] == place
    }
    if any(each.column == EVERY_COLUMN for each in told.unresolved):
        # Nothing is known of it then, not that it has no edges.
        new = old
    gone = [name for name in node.columns if name not in told.columns] if told.columns else []
    changed = {column for *_, column, _ in old ^ new if column in node.columns} | set(gone)
    reached = reached_from(graph, [_column(graph, place, name) for name in sorted(changed)])
    return {
        **_answer(graph, reached),
        "changed": sorted(changed),
        "new_columns": [name for name in told.columns if name not in node.columns],
        "gone_columns": gone,
        "added": [list(each) for each in sorted(new - old)],
        "removed": [list(each) for each in sorted(old - new)],
        "unresolved": [{"column": each.column, "reason": each.reason} for each in told.unresolved],
    }


def _answer(graph: Graph, reached: Reached) -> dict[str, Any]:
    def named(columns: Iterable[int]) -> list[list[str]]:
        return sorted([graph.nodes[graph.columns.names[each][0]].id, graph.columns.names[each][1]] for each in columns)

    shown = {graph.nodes[each].id for each in reached.nodes if graph.nodes[each].kind is Kind.CHART}
    return {
        "columns": named(reached.columns),
        "conditional": named(reached.conditional),
        "nodes": sorted(graph.nodes[each].id for each in reached.nodes),
        "charts": sorted(shown),
        "owners": sorted({owner for each in reached.nodes if (owner := graph.nodes[each].owner)}),
        "added": [],
        "removed": [],
        "unresolved": [],
    }


def _column(graph: Graph, place: int, name: str) -> int:
    found = next((at for at in graph.columns.of_node[place] if graph.columns.names[at][1] == name), None)
    if found is None:
        there = ", ".join(graph.nodes[place].columns) or "none"
        raise CannotTell(f"{graph.nodes[place].id} has no column {name!r}; there are: {there}")
    return found


def _compiled(sql: str, manifest: Manifest) -> str:
    """SQL with the relations that ``ref`` and ``source`` mean."""

    def of_ref(match: re.Match[str]) -> str:
        package, name = (match[1], match[2]) if match[2] else ("", match[1])
        for node in manifest.content["nodes"].values():
            is_meant = node["name"] == name and package in ("", node["package_name"])
            if is_meant and node["resource_type"] in ("model", "seed", "snapshot"):
                return str(node["relation_name"])
        raise CannotTell(f"the SQL names {match[0]}, and the project has no such model")

    def of_source(match: re.Match[str]) -> str:
        for source in manifest.content["sources"].values():
            if (source["source_name"], source["name"]) == (match[1], match[2]):
                return str(source["relation_name"])
        raise CannotTell(f"the SQL names {match[0]}, and the project has no such source")

    compiled = _SOURCE.sub(of_source, _REF.sub(of_ref, sql))
    if left := _JINJA.search(compiled):
        raise CannotTell(f"the SQL has Jinja other than ref and source, {left[0]!r}: take the compiled SQL")
    return compiled
