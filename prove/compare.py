"""dbt-ol's parser and ours, compared on the same models' columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openlineage_sql import parse

from dbt_lineage.columns.compiled import CompiledModel, Project
from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import DIRECT, Column, ColumnLineage

Sources = Mapping[str, frozenset[Column]]


@dataclass(frozen=True)
class Told:
    """The result of one parser for a model.

    Args:
        resolved: the number of columns that it resolved.
        right: the number of columns whose sources are exactly right; None if the right ones are unknown.
    """

    resolved: int
    right: int | None


@dataclass(frozen=True)
class Comparison:
    """One model.

    Args:
        model: its relation.
        columns: how many of its columns are made from others.
        dbt_ol: the result of dbt-ol's parser.
        ours: the result of ours.
    """

    model: str
    columns: int
    dbt_ol: Told
    ours: Told


def compared(project: Project, golden: Mapping[str, ColumnLineage] | None) -> list[Comparison]:
    """Compare the two parsers on every SQL model of a project.

    Counted are the columns with sources, by the golden list where there is one, else by what either parser told:
    dbt-ol's cannot say that a column has none. It does not tell DIRECT and INDIRECT apart either, so it is right about
    a column when it names the DIRECT sources, or those and the column's INDIRECT ones.

    Args:
        project: the compiled models.
        golden: the edges that are right, by relation; None when nobody has written them down.
    """
    return [
        _comparison(model, project, golden[model.relation] if golden else None)
        for _, model in sorted(project.models.items())
        if model.language == "sql" and (golden is None or model.relation in golden)
    ]


def table(comparisons: Iterable[Comparison]) -> str:
    """The comparison as a Markdown table with a line of totals."""
    rows = list(comparisons)
    lines = [
        "| Model | Columns with sources | dbt-ol: resolved | dbt-ol: right | ours: resolved | ours: right |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(_line(row.model.rsplit(".", 1)[-1], [row]) for row in rows),
        _line("**all**", rows),
    ]
    return "\n".join(lines)


def _comparison(model: CompiledModel, project: Project, golden: ColumnLineage | None) -> Comparison:
    ours = _ours(model, project)
    theirs = _of_dbt_ol(model)
    if golden is None:
        columns = {name for side in (ours, theirs) for name, sources in side.items() if sources}
        return Comparison(model.relation, len(columns), _told(theirs, columns), _told(ours, columns))
    direct, every = _sources(golden, DIRECT), _sources(golden, None)
    columns = {name for name, sources in every.items() if sources}
    return Comparison(
        model.relation,
        len(columns),
        _told(theirs, columns, direct, every),
        _told(ours, columns, direct),
    )


def _told(found: Sources, columns: set[str], *right: Sources) -> Told:
    resolved = [name for name in columns if name in found]
    if not right:
        return Told(len(resolved), None)
    return Told(len(resolved), sum(any(found[name] == side[name] for side in right) for name in resolved))


def _ours(model: CompiledModel, project: Project) -> Sources:
    schema = {relation: project.columns.get(relation, {}) for relation in model.inputs}
    lineage = column_lineage(model.code, model.relation, schema, project.dialect)
    unresolved = {problem.column for problem in lineage.unresolved}
    return {name: sources for name, sources in _sources(lineage, DIRECT).items() if name not in unresolved}


def _of_dbt_ol(model: CompiledModel) -> Sources:
    """What dbt-ol puts into the facet: it passes the parser no dialect either, and names relations alike."""
    parsed = parse([model.code])
    lineages = parsed.column_lineage if parsed is not None else []
    return {
        item.descendant.name: frozenset(
            Column(_relation(source.origin), source.name) for source in item.lineage if source.origin
        )
        for item in lineages
    }


def _relation(origin: object) -> str:
    parts = [getattr(origin, part, None) for part in ("database", "schema", "name")]
    return ".".join(part for part in parts if part).lower()


def _sources(lineage: ColumnLineage, kind: str | None) -> Sources:
    return {
        name: frozenset(edge.source for edge in lineage.edges if edge.target.name == name and kind in (None, edge.kind))
        for name in lineage.columns
    }


def _line(name: str, rows: list[Comparison]) -> str:
    cells = [str(sum(row.columns for row in rows))]
    for side in ([row.dbt_ol for row in rows], [row.ours for row in rows]):
        cells.append(str(sum(told.resolved for told in side)))
        known = [told.right for told in side if told.right is not None]
        cells.append(str(sum(known)) if known else "not known")
    return f"| {name} | {' | '.join(cells)} |"
