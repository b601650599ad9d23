"""The catalogue's state, in one SQLite file that survives `kill -9`."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, fqn TEXT NOT NULL, document TEXT NOT NULL, UNIQUE (type, fqn)
) STRICT;
CREATE TABLE IF NOT EXISTS edge (
    from_id TEXT NOT NULL, to_id TEXT NOT NULL, from_type TEXT NOT NULL, to_type TEXT NOT NULL,
    pipeline_id TEXT, details TEXT NOT NULL, PRIMARY KEY (from_id, to_id)
) STRICT;
CREATE INDEX IF NOT EXISTS edge_to ON edge (to_id);
CREATE INDEX IF NOT EXISTS edge_pipeline ON edge (pipeline_id);
CREATE TABLE IF NOT EXISTS time_series (
    entity_id TEXT NOT NULL, timestamp INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (entity_id, timestamp)
) STRICT;
CREATE TABLE IF NOT EXISTS unknown_route (
    method TEXT NOT NULL, path TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (method, path)
) STRICT;
"""
_EDGES = "SELECT from_id, to_id, from_type, to_type, details FROM edge WHERE "


class Edge(NamedTuple):
    """A lineage edge; (from_id, to_id) is its identity."""

    from_id: str
    to_id: str
    from_type: str
    to_type: str
    details: Document


class Store:
    """Entities, lineage edges, time series and the unknown routes met.

    One connection, used by one thread. A transaction that has ended outlives a SIGKILL: write-ahead log, synchronous
    NORMAL. It need not outlive a power cut.

    Args:
        path: The SQLite file; created when missing.

    Raises:
        sqlite3.Error: The file cannot be opened or is no database of the stand-in.
    """

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens together, or not at all when an exception leaves the block."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # Entities

    def put_entity(self, entity_type: str, document: Document) -> None:
        """Insert or replace an entity by its id."""
        self._connection.execute(
            "INSERT INTO entity VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET fqn = excluded.fqn, document = excluded.document",
            (document["id"], entity_type, document["fullyQualifiedName"], json.dumps(document)),
        )

    def entity_by_id(self, entity_type: str, entity_id: str) -> Document | None:
        """The entity with this id, or None."""
        return self._document("SELECT document FROM entity WHERE type = ? AND id = ?", entity_type, entity_id)

    def entity_by_name(self, entity_type: str, fqn: str) -> Document | None:
        """The entity with this fully qualified name, or None."""
        return self._document("SELECT document FROM entity WHERE type = ? AND fqn = ?", entity_type, fqn)

    def entities(self, entity_type: str) -> Iterator[Document]:
        """All entities of a type, by fully qualified name."""
        rows = self._connection.execute(
            "SELECT document FROM entity WHERE type = ? ORDER BY fqn", (entity_type,)
        ).fetchall()
        return (json.loads(row[0]) for row in rows)

    def entities_named(self, entity_type: str, pattern: str) -> Iterator[Document]:
        """Entities whose fully qualified name matches the pattern with `*` and `?`, letter case aside."""
        literal = re.sub(r"([\\%_])", r"\\\1", pattern)
        rows = self._connection.execute(
            "SELECT document FROM entity WHERE type = ? AND fqn LIKE ? ESCAPE '\\' ORDER BY fqn",
            (entity_type, literal.replace("*", "%").replace("?", "_")),
        ).fetchall()
        return (json.loads(row[0]) for row in rows)

    def descendants(self, fqn: str) -> list[tuple[str, Document]]:
        """Type and document of every entity whose name lies below `fqn`."""
        rows = self._connection.execute(
            "SELECT type, document FROM entity WHERE substr(fqn, 1, ?) = ?", (len(fqn) + 1, f"{fqn}.")
        ).fetchall()
        return [(entity_type, json.loads(document)) for entity_type, document in rows]

    def delete_entity(self, entity_id: str) -> None:
        """Remove an entity with its edges and time series."""
        self._connection.execute("DELETE FROM entity WHERE id = ?", (entity_id,))
        self._connection.execute("DELETE FROM edge WHERE from_id = ?1 OR to_id = ?1", (entity_id,))
        self._connection.execute("DELETE FROM time_series WHERE entity_id = ?", (entity_id,))

    # Lineage edges

    def put_edge(self, edge: Edge) -> None:
        """Insert the edge, or replace the one with the same ends."""
        pipeline = edge.details.get("pipeline") or {}
        self._connection.execute(
            "INSERT INTO edge VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (from_id, to_id) DO UPDATE"
            " SET pipeline_id = excluded.pipeline_id, details = excluded.details",
            (*edge[:4], pipeline.get("id"), json.dumps(edge.details)),
        )

    def edge(self, from_id: str, to_id: str) -> Edge | None:
        """The edge between two entities, or None."""
        return next(self._edges("from_id = ? AND to_id = ?", from_id, to_id), None)

    def upstream_edges(self, entity_id: str) -> list[Edge]:
        """Edges that end at the entity."""
        return list(self._edges("to_id = ?", entity_id))

    def downstream_edges(self, entity_id: str) -> list[Edge]:
        """Edges that start at the entity."""
        return list(self._edges("from_id = ?", entity_id))

    def edges_of_pipeline(self, pipeline_id: str) -> list[Edge]:
        """Edges between other entities that name this pipeline as their maker."""
        return list(self._edges("pipeline_id = ?", pipeline_id))

    def delete_edge(self, from_id: str, to_id: str) -> bool:
        """Remove an edge; False when there was none."""
        return self._connection.execute(
            "DELETE FROM edge WHERE from_id = ? AND to_id = ?", (from_id, to_id)
        ).rowcount > 0  # fmt: skip

    # Time series: pipeline statuses and test case results

    def put_point(self, entity_id: str, timestamp: int, document: Document) -> None:
        """Insert or replace what happened to an entity at a time."""
        self._connection.execute(
            "INSERT OR REPLACE INTO time_series VALUES (?, ?, ?)", (entity_id, timestamp, json.dumps(document))
        )

    def points(self, entity_id: str, start: int, end: int) -> list[Document]:
        """What happened from `start` to `end`, both included, newest first."""
        rows = self._connection.execute(
            "SELECT document FROM time_series WHERE entity_id = ? AND timestamp BETWEEN ? AND ?"
            " ORDER BY timestamp DESC",
            (entity_id, start, end),
        )
        return [json.loads(row[0]) for row in rows]

    # Unknown routes

    def add_unknown_route(self, method: str, path: str) -> None:
        """Count a call of a route the stand-in does not have."""
        self._connection.execute(
            "INSERT INTO unknown_route VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1", (method, path)
        )

    def unknown_routes(self) -> list[Document]:
        """Method, path and number of calls of every unknown route met."""
        rows = self._connection.execute("SELECT method, path, count FROM unknown_route ORDER BY path, method")
        return [{"method": method, "path": path, "count": count} for method, path, count in rows]

    def clear_unknown_routes(self) -> None:
        """Forget the unknown routes."""
        self._connection.execute("DELETE FROM unknown_route")

    def _document(self, query: str, *parameters: str) -> Document | None:
        row = self._connection.execute(query, parameters).fetchone()
        return json.loads(row[0]) if row else None

    def _edges(self, condition: str, *parameters: str) -> Iterator[Edge]:
        rows = self._connection.execute(_EDGES + condition + " ORDER BY from_id, to_id", parameters).fetchall()
        return (
            Edge(from_id, to_id, from_type, to_type, json.loads(details))
            for from_id, to_id, from_type, to_type, details in rows
        )
