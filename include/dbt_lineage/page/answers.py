"""The graph as the page gets it: made once for each state of manifests and ledger, and compressed once."""

import gzip
import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.projects import Project
from dbt_lineage.ledger.job_lineage import JobLineage
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page.columns import proved_edges
from dbt_lineage.page.graph import Graph, graph_of
from dbt_lineage.page.nodes import TasksOf

# Readers may see different projects: so many selections are kept.
_KEPT = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Compressed:
    """A body that was compressed once.

    Args:
        packed: by gzip.
        version: what changes whenever the body does.
    """

    packed: bytes
    version: str

    @classmethod
    def of(cls, content: Any, version: str) -> "Compressed":
        """JSON of some content."""
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        return cls(gzip.compress(text.encode(errors="replace"), compresslevel=6, mtime=0), version)

    @property
    def plain(self) -> bytes:
        """As it was before."""
        return gzip.decompress(self.packed)


@dataclass(frozen=True)
class View:
    """What a reader sees.

    Args:
        graph: the graph of the projects that the reader chose.
        version: what changes whenever the graph does.
        problem: why it may be old, or is of the manifests alone; None when all was read.
    """

    graph: Graph
    version: str
    problem: str | None = None

    @cached_property
    def nodes(self) -> Compressed:
        """``GET /graph``."""
        said = {"version": self.version, "problem": self.problem, **self.graph.as_json()}
        return Compressed.of(said, self.version)

    @cached_property
    def columns(self) -> Compressed:
        """``GET /columns``."""
        said = {"version": self.version, "problem": self.problem, **self.graph.columns.as_json()}
        return Compressed.of(said, self.version)


class LineageSource(Protocol):
    """Where the lineage of jobs is read."""

    def version(self) -> str:
        """What changes whenever the lineage of a job does. Raises LedgerError."""

    def all(self) -> list[JobLineage]:
        """The lineage of every job. Raises LedgerError."""


class Views:
    """Makes views, and keeps those that were made last.

    Args:
        ledger: where the newest events of jobs are read; None where there is no ledger.
        proof: the file that tells what was seen in the data.
        tasks_of: which task of Airflow builds each node.
    """

    def __init__(self, ledger: LineageSource | None, proof: Path | None, tasks_of: TasksOf) -> None:
        self._ledger = ledger
        self._proof = proof
        self._tasks_of = tasks_of
        self._lineage: tuple[str, list[JobLineage]] = ("", [])
        self._views: OrderedDict[tuple[str, ...], View] = OrderedDict()
        # The second of two who ask at once waits for what the first one makes.
        self._making = Lock()
        self._reading = Lock()

    def of(self, projects: Sequence[Project]) -> View:
        """The view of some projects; those whose manifest cannot be read are left out, and named.

        Raises:
            SettingsError: a setting of a project is wrong.
        """
        problems: list[str] = []
        manifests = dict(_readable(projects, problems))
        lineage_version, lineage, problem = self._read_lineage()
        problems += [problem] if problem else []
        said = "; ".join(problems) or None
        files = [_state(file) for each in manifests for file in _files(each)]
        proof = _state(self._proof) if self._proof is not None else ""
        version = hashlib.sha256(repr((lineage_version, sorted(files), proof, said)).encode()).hexdigest()[:20]
        names = tuple(each.name for each in projects)
        with self._making:
            kept = self._views.get(names)
            if kept is None or kept.version != version:
                graph = graph_of(manifests, lineage, proved_edges(self._proof), self._tasks_of)
                kept = self._views[names] = View(graph, version, said)
            self._views.move_to_end(names)
            while len(self._views) > _KEPT:
                self._views.popitem(last=False)
        return kept

    def _read_lineage(self) -> tuple[str, list[JobLineage], str | None]:
        """The lineage of all jobs; if the ledger is away, what was read last, and why."""
        if self._ledger is None:
            return "", [], "there is no ledger (LEDGER_URL): the edges are those of the manifest"
        with self._reading:
            try:
                version = self._ledger.version()
                if version != self._lineage[0]:
                    self._lineage = (version, self._ledger.all())
            except LedgerError as error:
                log.warning("the lineage page shows what was known before: %s", error)
                return *self._lineage, f"the ledger is away: {error}"
            return *self._lineage, None


def _readable(projects: Sequence[Project], problems: list[str]) -> Iterator[tuple[Project, Manifest]]:
    for each in projects:
        try:
            yield each, Manifest.load(each.dbt.manifest)
        except ExpectedError as error:
            problems.append(f"project {each.name}: {error}")


def _files(project: Project) -> Iterator[Path]:
    """The files that a project's part of the graph is made from."""
    yield project.dbt.manifest
    superset = project.superset_without_password
    if superset is not None:
        folder = superset.assets_dir
        yield from (file for kind in ("datasets", "charts", "dashboards") for file in sorted((folder / kind).glob("*")))


def _state(file: Path) -> str:
    try:
        found = file.stat()
    except OSError:
        return f"{file}: none"
    return f"{file}: {found.st_ino} {found.st_mtime_ns} {found.st_size}"
