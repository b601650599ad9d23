"""Run the proof: scratch copies, statements, trials on several connections."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from dbt_lineage.manifest.graph import Manifest
from prove.chains import Chain, ChainTrials, chains
from prove.observations import Observations, Store, digest
from prove.relations import Relation, Statement
from prove.scratch import Scratch
from prove.statements import described, fingerprints, require_columns, statements, unproved
from prove.trials import StatementTrials, planned
from prove.workbench import Workbench
from stack.lifecycle import step

console = Console()
Job = Statement | Chain


class Interrupted(Exception):
    """The trials were asked to end."""


@dataclass(frozen=True)
class Evidence:
    """What the data of a project shows.

    Args:
        observed: what each statement showed by itself.
        chains: what each root showed in everything that is made from it.
        unproved: relations without known SQL, and why.
        kept: how many statements and roots were tried in an earlier run, on the same data.
    """

    observed: tuple[tuple[Statement, Observations], ...]
    chains: tuple[Observations, ...]
    unproved: dict[str, str]
    kept: int


def gather(scratch: Scratch, store: Store, seed: int) -> Evidence:
    """Build the project in scratch copies and try every statement and every root.

    Args:
        scratch: where; one connection for each copy.
        store: keeps what was tried.
        seed: of the trials.

    Raises:
        ProveError: the project could not be built, or a source is missing.
    """
    with scratch.made():
        full, incremental = _compiled(scratch)
        with _connected(scratch) as connections:
            found, rooted = _jobs(connections[0], scratch.warehouse.database, full, incremental)
            digests = _digests(connections[0], found, rooted, seed)
            known = {job: kept for job, name in digests.items() if (kept := store.load(name)) is not None}
            to_try = [job for job in digests if job not in known]
            tried = _try_all(connections, to_try, seed, lambda job, seen: store.save(digests[job], seen))
    observed = {**known, **tried}
    return Evidence(
        tuple((statement, observed[statement]) for statement in found),
        tuple(observed[chain] for chain in rooted),
        unproved(full[0], scratch.warehouse.database),
        len(known),
    )


def _compiled(scratch: Scratch) -> tuple[list[Manifest], list[Manifest]]:
    """What dbt compiles for each copy: to build anew, and to add to stored rows."""
    with step("compile"):
        full = scratch.compile("--full-refresh")
        adds = any(node["config"].get("materialized") == "incremental" for node in full[0].content["nodes"].values())
        return full, scratch.compile() if adds else []


def _jobs(
    connection: Any, database: str, full: Sequence[Manifest], incremental: Sequence[Manifest]
) -> tuple[list[Statement], list[Chain]]:
    with connection.cursor() as cursor:
        relations = described(cursor, full[0], database)
    connection.rollback()
    found = statements(relations, database, full, incremental)
    require_columns(found)
    return found, chains(found, relations)


@contextmanager
def _connected(scratch: Scratch) -> Iterator[list[Any]]:
    connections = [scratch.connect(database) for database in scratch.databases]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def _digests(connection: Any, found: Sequence[Statement], rooted: Sequence[Chain], seed: int) -> dict[Job, str]:
    with connection.cursor() as cursor:
        held = fingerprints(cursor, found)
    connection.rollback()
    jobs: list[Job] = [*found, *rooted]
    return {job: digest(seed, _sql_of(job), [held[relation.name] for relation in _reads(job)]) for job in jobs}


def _reads(job: Job) -> tuple[Relation, ...]:
    return job.parents if isinstance(job, Statement) else (job.root, *job.roots)


def _sql_of(job: Job) -> list[str]:
    return [job.sql[0]] if isinstance(job, Statement) else [statement.sql[0] for statement, _ in job.steps]


class _Trials(Protocol):
    def run(self) -> Observations: ...


def _trials(connection: Any, job: Job, copy: int, seed: int, progress: Callable[[], None]) -> _Trials:
    bench = Workbench(connection)
    if isinstance(job, Statement):
        return StatementTrials(bench, job, job.sql[copy], seed, progress)
    return ChainTrials(bench, job, copy, seed, progress)


def _planned(job: Job) -> int:
    return planned(job) if isinstance(job, Statement) else job.planned


def _cost(job: Job) -> int:
    """A weight for the order: the trials of a root make everything anew."""
    return _planned(job) * (1 if isinstance(job, Statement) else len(job.steps))


def _try_all(
    connections: Sequence[Any], to_try: Sequence[Job], seed: int, done: Callable[[Job, Observations], None]
) -> dict[Job, Observations]:
    """Try everything, the longest first, each on the next connection that is free."""
    waiting: SimpleQueue[Job | None] = SimpleQueue()
    for job in (*sorted(to_try, key=_cost, reverse=True), *([None] * len(connections))):
        waiting.put(job)
    stopped = threading.Event()
    tried: dict[Job, Observations] = {}
    with _progress_bar() as bar, ThreadPoolExecutor(len(connections)) as pool:
        task = bar.add_task("trials", total=sum(map(_planned, to_try)))

        def advance() -> None:
            if stopped.is_set():
                raise Interrupted
            bar.advance(task)

        def work(copy: int) -> None:
            while (job := waiting.get()) is not None:
                tried[job] = _trials(connections[copy], job, copy, seed, advance).run()
                done(job, tried[job])

        workers = [pool.submit(work, copy) for copy in range(len(connections))]
        try:
            wait(workers, return_when=FIRST_EXCEPTION)
        finally:
            # Ctrl-C, or one of them failed: the others end after their next trial.
            stopped.set()
        for worker in sorted(workers, key=lambda one: isinstance(one.exception(), Interrupted)):
            worker.result()
    return tried


def _progress_bar() -> Progress:
    return Progress(
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()),
        *(TimeElapsedColumn(), TimeRemainingColumn()),
        console=console,
    )
