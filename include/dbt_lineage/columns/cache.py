"""Column lineage kept on disk, so that an unchanged statement is read once."""

import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import sqlglot

from dbt_lineage.columns.lineage import Schema, column_lineage
from dbt_lineage.columns.model import EVERY_COLUMN, Column, ColumnEdge, ColumnLineage, Unresolved
from dbt_lineage.columns.time_limit import TookTooLong, time_limit

_logger = logging.getLogger(__name__)

WRITES_BETWEEN_LOOKS = 100
SECONDS_TO_WRITE = 3600


class LineageCache:
    """A folder with one JSON file for each result; several processes may share it.

    A result is named by the digest of all that it depends on: the SQL, the output, the columns and types of the inputs
    in their order, the dialect, the version of sqlglot and this package's own code. A file that is not whole is
    analysed anew and replaced.

    Args:
        folder: where the files are; made when it is missing.
        max_entries: about how many are kept; those that were not used for longest go first.
        seconds: how long the analysis of one statement may take.

    Attributes:
        hits: how many results were there.
        misses: how many had to be made.
    """

    def __init__(self, folder: Path, max_entries: int = 10_000, seconds: float = 20) -> None:
        self._folder = folder
        self._max_entries = max_entries
        self._seconds = seconds
        self._writes = 0
        self.hits = 0
        self.misses = 0
        # The spool's own folder, too, is there for its user only, whoever makes it first.
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)

    def column_lineage(self, sql: str, output: str, schema: Schema, dialect: str) -> ColumnLineage:
        """``dbt_lineage.columns.lineage.column_lineage``, or what it gave before.

        Where the folder cannot be written or read, the result is made and not kept.
        """
        file = self._folder / f"{_digest(sql, output, schema, dialect)}.json"
        found = self._read(file)
        if found is not None:
            self.hits += 1
            return found
        self.misses += 1
        made = self._made(sql, output, schema, dialect)
        try:
            self._write(file, made)
        except OSError as error:
            _logger.warning("a result of column lineage is not kept: %s", error)
        return made

    def _made(self, sql: str, output: str, schema: Schema, dialect: str) -> ColumnLineage:
        """The result. A time-out is a result too, and is kept: the statement would take as long again."""
        try:
            with time_limit(self._seconds):
                return column_lineage(sql, output, schema, dialect)
        except TookTooLong:
            unresolved = Unresolved(EVERY_COLUMN, f"the analysis of the SQL took longer than {self._seconds:g} s")
            return ColumnLineage(output, (), frozenset(), frozenset(), (unresolved,))

    def _read(self, file: Path) -> ColumnLineage | None:
        try:
            found = _from_json(json.loads(file.read_text(encoding="utf-8")))
            os.utime(file)
        except OSError:
            # Not there, or the disk does not give it.
            return None
        except (ValueError, KeyError, TypeError):
            # Incomplete, or of another form: the digest includes this code's version, so the file was damaged.
            return None
        return found

    def _write(self, file: Path, lineage: ColumnLineage) -> None:
        """In one step, so that a reader never sees half a file."""
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self._folder, suffix=".new", delete=False) as new:
            json.dump(_to_json(lineage), new)
        Path(new.name).replace(file)
        self._writes += 1
        if self._writes % WRITES_BETWEEN_LOOKS == 0 or self._writes >= self._max_entries:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        self._writes = 0
        files = sorted(self._folder.glob("*.json"), key=_last_used)
        # Half-written files of killed processes.
        left = [file for file in self._folder.glob("*.new") if _last_used(file) < time.time() - SECONDS_TO_WRITE]
        for file in [*left, *files[: max(0, len(files) - self._max_entries)]]:
            file.unlink(missing_ok=True)


def _last_used(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        # Another process has just forgotten it.
        return 0.0


def _digest(sql: str, output: str, schema: Schema, dialect: str) -> str:
    # Relations in any order, their columns in the one that they have.
    columns = {relation: list(schema[relation].items()) for relation in sorted(schema)}
    content = json.dumps([_code(), sqlglot.__version__, sql, output, columns, dialect])
    return hashlib.sha256(content.encode()).hexdigest()


@cache
def _code() -> str:
    """Digest of this package's source."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _to_json(lineage: ColumnLineage) -> dict[str, Any]:
    return {
        "relation": lineage.relation,
        "columns": lineage.columns,
        "edges": [
            [edge.source.relation, edge.source.name, edge.target.name, edge.kind, edge.subtype]
            for edge in sorted(lineage.edges)
        ],
        "dataset_edges": [[source.relation, source.name, subtype] for source, subtype in sorted(lineage.dataset_edges)],
        "unresolved": [[problem.column, problem.reason] for problem in lineage.unresolved],
        "expressions": lineage.expressions,
    }


def _from_json(content: Mapping[str, Any]) -> ColumnLineage:
    output = content["relation"]
    return ColumnLineage(
        relation=output,
        columns=tuple(content["columns"]),
        edges=frozenset(
            ColumnEdge(Column(relation, name), Column(output, target), kind, subtype)
            for relation, name, target, kind, subtype in content["edges"]
        ),
        dataset_edges=frozenset(
            (Column(relation, name), subtype) for relation, name, subtype in content["dataset_edges"]
        ),
        unresolved=tuple(Unresolved(column, reason) for column, reason in content["unresolved"]),
        expressions=tuple((column, expression) for column, expression in content["expressions"]),
    )
