"""The statements that dbt compiled, with the relations that each reads."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

from psycopg2 import sql

from dbt_lineage.manifest.graph import BUILT, Manifest
from prove.relations import ColumnType, ProveError, Relation, Statement


def described(cursor: Any, manifest: Manifest, database: str) -> dict[str, Relation]:
    """Everything that a statement may read, by its name in the warehouse, with the columns that it has.

    Args:
        cursor: of a scratch copy.
        manifest: of the project, compiled for that copy.
        database: the warehouse's database, by which relations are named whatever the copy is called.
    """
    return {name: with_columns(cursor, relation) for name, relation in _relations(manifest, database).items()}


def statements(
    relations: Mapping[str, Relation],
    database: str,
    full: Sequence[Manifest],
    incremental: Sequence[Manifest] = (),
) -> list[Statement]:
    """Every statement of a project whose sources can be changed.

    Args:
        relations: see ``described``.
        database: the warehouse's database.
        full: the manifest of each copy, compiled to build everything anew.
        incremental: the same, compiled to add to what is there.

    Returns:
        The full statements, then the incremental ones that are different.
    """
    found = list(_of_variant(full, "full", relations, database))
    known = {statement.relation: statement.sql for statement in found}
    return [
        *found,
        *(
            statement
            for statement in _of_variant(incremental, "incremental", relations, database)
            if statement.sql != known[statement.relation]
        ),
    ]


def unproved(manifest: Manifest, database: str) -> dict[str, str]:
    """Relations without known SQL, and why."""
    return {
        _in_warehouse(manifest.relation(unique_id), database): f"a model in {node.get('language')}"
        for unique_id, node in _built(manifest)
        if not _sql_of(node)
    }


def in_order(found: Iterable[Statement]) -> list[Statement]:
    """The statements that build anew, each after those that make what it reads."""
    full = {statement.relation: statement for statement in found if statement.variant == "full"}
    read = {name: [parent.name for parent in statement.parents] for name, statement in full.items()}
    return [full[name] for name in TopologicalSorter(read).static_order() if name in full]


def fingerprints(cursor: Any, found: Sequence[Statement]) -> dict[str, str]:
    """Names what each relation that is read holds, by the rows of the roots and the SQL of what is made from them.

    Not by its own rows: dbt writes times into some, and they would differ after each build.

    Args:
        cursor: of a scratch copy.
        found: all statements.
    """
    known: dict[str, str] = {}
    made = in_order(found)
    made_relations = {statement.relation for statement in made}
    read = {parent.name: parent for statement in found for parent in statement.parents}
    for name in read.keys() - made_relations:
        known[name] = _content_digest(cursor, read[name])
    for statement in made:
        parts = [statement.sql[0], *(known[parent.name] for parent in statement.parents)]
        if statement.keeps_history and statement.relation in read:
            parts.append(str(_row_count(cursor, read[statement.relation])))
        known[statement.relation] = hashlib.sha256("".join(parts).encode()).hexdigest()
    return known


def _content_digest(cursor: Any, relation: Relation) -> str:
    """Names the columns and rows of a relation, whatever their order."""
    cursor.execute(
        sql.SQL(
            "SELECT md5(coalesce(string_agg(hash, '' ORDER BY hash), '')) FROM (SELECT md5(t::text) AS hash FROM {} t)"
        ).format(sql.Identifier(relation.schema, relation.identifier))
    )
    return hashlib.sha256((repr(relation.columns) + cursor.fetchone()[0]).encode()).hexdigest()


def _row_count(cursor: Any, relation: Relation) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(relation.schema, relation.identifier)))
    return cursor.fetchone()[0]


def _of_variant(
    manifests: Sequence[Manifest], variant: str, relations: Mapping[str, Relation], database: str
) -> Iterator[Statement]:
    if not manifests:
        return
    first = manifests[0]
    read: dict[str, list[str]] = {}
    for edge in sorted(first.edges()):
        read.setdefault(_in_warehouse(edge.downstream, database), []).append(_in_warehouse(edge.upstream, database))
    for unique_id, node in _built(first):
        if not _sql_of(node) or (variant == "incremental" and node["config"]["materialized"] != "incremental"):
            continue
        name = _in_warehouse(first.relation(unique_id), database)
        parents = [*read.get(name, []), *([name] if variant == "incremental" else [])]
        yield Statement(
            relation=name,
            variant=variant,
            sql=tuple(_sql_of(manifest.content["nodes"][unique_id]) for manifest in manifests),
            parents=tuple(relations[parent] for parent in dict.fromkeys(parents)),
            database=node["database"].lower(),
            keeps_history=node["resource_type"] == "snapshot",
        )


def _built(manifest: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    for unique_id, node in manifest.content["nodes"].items():
        if node["resource_type"] in BUILT and node["config"].get("materialized") != "ephemeral":
            yield unique_id, node


def _sql_of(node: dict[str, Any]) -> str:
    return (node.get("compiled_code") or "") if node.get("language") == "sql" else ""


def _relations(manifest: Manifest, database: str) -> dict[str, Relation]:
    """Everything that a statement may read, by its name in the warehouse."""
    nodes = {
        unique_id: (node["schema"], node["alias"])
        for unique_id, node in manifest.content["nodes"].items()
        if node["resource_type"] in (*BUILT, "seed") and node["config"].get("materialized") != "ephemeral"
    }
    sources = {
        unique_id: (source["schema"], source["identifier"]) for unique_id, source in manifest.content["sources"].items()
    }
    named = {
        _in_warehouse(manifest.relation(unique_id), database): where
        for unique_id, where in {**nodes, **sources}.items()
    }
    return {name: Relation(name, *where) for name, where in named.items()}


def with_columns(cursor: Any, relation: Relation) -> Relation:
    """The relation with the columns that it has; none where it is not there."""
    cursor.execute(
        "SELECT attname, format_type(atttypid, -1), typcategory FROM pg_attribute JOIN pg_type t ON t.oid = atttypid"
        " WHERE attrelid = to_regclass(quote_ident(%s) || '.' || quote_ident(%s)) AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum",
        (relation.schema, relation.identifier),
    )
    return replace(relation, columns=tuple(ColumnType(*row) for row in cursor.fetchall()))


def _in_warehouse(name: str, database: str) -> str:
    return f"{database}.{name.split('.', 1)[1]}".lower()


def require_columns(found: Sequence[Statement]) -> None:
    """Make sure that everything that is read is there. Raises ProveError with what is not."""
    missing = sorted({parent.name for statement in found for parent in statement.parents if not parent.columns})
    if missing:
        raise ProveError(f"not in the warehouse, or without columns: {', '.join(missing)}. Load the sources first")
