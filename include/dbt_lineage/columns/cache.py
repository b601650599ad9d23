"""Column lineage kept in memory and on disk, so that an unchanged statement is read once."""

import hashlib
import json
import logging
import os
import tempfile
import time
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import sqlglot

from dbt_lineage.columns.complete import COLUMN_LINEAGE, Facets, Statement, facets_of
from dbt_lineage.columns.facet import UNRESOLVED, to_unresolved_facet
from dbt_lineage.columns.model import EVERY_COLUMN, Unresolved
from dbt_lineage.columns.time_limit import TookTooLong, time_limit

_logger = logging.getLogger(__name__)

WRITES_BETWEEN_LOOKS = 100
# How many characters of results are kept in memory; when there are more, all are forgotten.
_CHARACTERS = 16_000_000
SECONDS_TO_WRITE = 3600


class LineageCache:
    """The facets of statements: in memory, and in a folder with a JSON file for each.

    Several processes may share the folder. A result is named by the digest of all that it depends on: the statement, the
    versions of sqlglot and OpenLineage's client, and this package's own code. A file that is not whole is analysed anew
    and replaced.

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
        self._texts: dict[str, str] = {}
        self._characters = 0
        self.hits = 0
        self.misses = 0
        # The spool's own folder, too, is there for its user only, whoever makes it first.
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)

    def facets(self, statement: Statement) -> Facets:
        """``dbt_lineage.columns.complete.facets_of``, or what it gave before.

        Where the folder cannot be written or read, the result is made and not kept there.
        """
        name = _digest(statement)
        file = self._folder / f"{name}.json"
        text = self._texts.get(name) or _read(file)
        if text is not None:
            self.hits += 1
            with suppress(OSError):
                os.utime(file)
        else:
            self.misses += 1
            text = json.dumps(self._made(statement))
            try:
                self._write(file, text)
            except OSError as error:
                _logger.warning("a result of column lineage is not kept: %s", error)
        self._remember(name, text)
        found: Facets = json.loads(text)
        return found

    def _made(self, statement: Statement) -> Facets:
        """The result. A time-out is a result too, and is kept: the statement would take as long again."""
        try:
            with time_limit(self._seconds):
                return facets_of(statement)
        except TookTooLong:
            reason = f"the analysis of the SQL took longer than {self._seconds:g} s"
            return {UNRESOLVED: to_unresolved_facet([Unresolved(EVERY_COLUMN, reason)])}

    def _remember(self, name: str, text: str) -> None:
        if name in self._texts:
            return
        self._characters += len(text)
        if self._characters > _CHARACTERS:
            self._texts.clear()
            self._characters = len(text)
        self._texts[name] = text

    def _write(self, file: Path, text: str) -> None:
        """In one step, so that a reader never sees half a file."""
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self._folder, suffix=".new", delete=False) as new:
            new.write(text)
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


def _read(file: Path) -> str | None:
    """A result; None when it is not there, the disk does not give it, or it is not whole."""
    try:
        text = file.read_text(encoding="utf-8")
        is_whole = bool(json.loads(text).keys() & {COLUMN_LINEAGE, UNRESOLVED})
    except (OSError, ValueError, AttributeError):
        return None
    return text if is_whole else None


def _last_used(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        # Another process has just forgotten it.
        return 0.0


def _digest(statement: Statement) -> str:
    # Relations in any order, their columns in the one that they have.
    columns = {relation: list(statement.schema[relation].items()) for relation in sorted(statement.schema)}
    others = (statement.sql, statement.output, columns, statement.dialect, statement.is_written)
    content = json.dumps([_made_by(), *others, sorted(statement.namespaces.items())])
    return hashlib.sha256(content.encode()).hexdigest()


@cache
def _made_by() -> str:
    """Whatever makes a result, in its version: this package's source, by its digest, and two libraries."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    code = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    return f"{code} sqlglot {sqlglot.__version__} openlineage {version('openlineage-python')}"
