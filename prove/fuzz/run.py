"""Many statements: each is made from the seed and its number, examined, and shrunk when a claim does not hold."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg2
from psycopg2 import sql

from dbt_lineage.core.settings import WarehouseSettings
from prove.claims import Claims, load
from prove.fuzz.choices import Choices, shrunk
from prove.fuzz.property import Disagreement, Examined, examine
from prove.fuzz.queries import Queries
from prove.fuzz.states import States

# So many statements in a row meet the same rows.
TOGETHER = 500
SHRINKING = 1500
OWN_CLAIMS = "prove.lineage:claims"


@dataclass(frozen=True)
class Failure:
    """A claim that does not hold.

    Args:
        number: of the statement.
        found: what does not hold, of the shrunk statement.
        text: the statement, shrunk.
        whole: the statement as it was made.
    """

    number: int
    found: Disagreement
    text: str
    whole: str


@dataclass
class Summary:
    """What came of the statements.

    Args:
        statements: how many were made.
        refused: those that PostgreSQL did not run, by what it said.
        named: those of which something could not be told, whole or in part.
        reasons: how often each reason was given.
        failures: claims that do not hold.
        trials: how often statements were run.
        columns: output columns that were looked at.
        unstable: those of them that follow an order that the statement leaves open; judged by traces only.
        direct: direct dependencies that were looked at.
        unseen: those of them that no change of the data showed.
        examples: some of these, with the statement's number.
    """

    statements: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    named: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    trials: int = 0
    columns: int = 0
    unstable: int = 0
    direct: int = 0
    unseen: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, number: int, examined: Examined) -> None:
        """Count one statement."""
        self.statements += 1
        self.trials += examined.trials
        if examined.refused:
            self.refused[examined.refused] += 1
        self.named += bool(examined.named)
        self.reasons.update(examined.named)
        self.columns += examined.columns
        self.unstable += examined.unstable
        self.direct += examined.direct
        self.unseen += len(examined.unseen)
        self.examples += [f"{number}: {edge}" for edge in examined.unseen]

    def join(self, other: "Summary") -> None:
        """Add what came of other statements."""
        self.refused.update(other.refused)
        self.reasons.update(other.reasons)
        self.failures += other.failures
        self.examples += other.examples
        for name in ("statements", "named", "trials", "columns", "unstable", "direct", "unseen"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def run(
    warehouse: WarehouseSettings,
    seed: int,
    numbers: range,
    workers: int,
    claims: str = OWN_CLAIMS,
    tell: Callable[[Summary, Summary], None] = lambda so_far, part: None,
) -> Summary:
    """Make statements and examine them.

    Args:
        warehouse: a server; its role may make databases.
        seed: decides statements, rows and changes.
        numbers: of the statements.
        workers: processes, each with a database of its own.
        claims: see ``prove.claims.load``.
        tell: is given the summary so far, and that of the part that was added last.
    """
    whole = Summary()
    with ProcessPoolExecutor(workers) as pool:
        parts: list[Future[Summary]] = [
            pool.submit(examined_together, warehouse, seed, part, claims) for part in _parts(numbers)
        ]
        try:
            for part in as_completed(parts):
                done = part.result()
                whole.join(done)
                tell(whole, done)
        finally:
            for part in parts:
                part.cancel()
    return whole


def _parts(numbers: range) -> Iterator[range]:
    """The numbers by the rows that they meet, which do not depend on where a run starts."""
    start = numbers.start
    while start < numbers.stop:
        stop = min((start // TOGETHER + 1) * TOGETHER, numbers.stop)
        yield range(start, stop)
        start = stop


def examined_together(warehouse: WarehouseSettings, seed: int, numbers: range, claims: str = OWN_CLAIMS) -> Summary:
    """Examine the statements of these numbers, which meet the same rows, in a database that is made for them."""
    summary, claimed = Summary(), load(claims)
    group = numbers.start // TOGETHER
    with _database(warehouse, f"{warehouse.database}_fuzz_{os.getpid()}") as connection:
        states = States(connection, seed * 1000 + group)
        for number in numbers:
            choices = Choices(_chance(seed, number, "statement"))
            text = Queries(choices).statement()
            examined = examine(states, text, _chance(seed, number, "changes"), claimed)
            summary.add(number, examined)
            if examined.disagreements:
                failure = Failure(number, examined.disagreements[0], text, text)
                summary.failures.append(_shrunk(states, seed, choices.made, failure, claimed))
    return summary


def _shrunk(states: States, seed: int, made: Sequence[int], failure: Failure, claimed: Claims) -> Failure:
    smallest = failure

    def still_fails(proposed: Sequence[int]) -> Sequence[int] | None:
        nonlocal smallest
        choices = Choices(replayed=proposed)
        text = Queries(choices).statement()
        changes = _chance(seed, failure.number, "changes")
        again = examine(states, text, changes, claimed, only=failure.found.source)
        alike = [one for one in again.disagreements if one.kind == failure.found.kind]
        if not alike:
            return None
        if len(text) <= len(smallest.text):
            smallest = replace(smallest, found=alike[0], text=text)
        return choices.made

    shrunk(made, still_fails, SHRINKING)
    return smallest


def _chance(seed: int, number: int, use: str) -> random.Random:
    return random.Random(f"{seed}/{number}/{use}")  # noqa: S311 - no secret


@contextmanager
def _database(warehouse: WarehouseSettings, name: str) -> Iterator[Any]:
    """A connection to a database that is there only meanwhile."""
    server = _connected(warehouse, warehouse.database)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connection = _connected(warehouse, name)
        try:
            yield connection
        finally:
            connection.close()
            cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            server.close()


def _connected(warehouse: WarehouseSettings, database: str) -> Any:
    return psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname=database,
        user=warehouse.user,
        password=warehouse.password.get_secret_value(),
    )
