"""Trials from the roots: a source's column is changed, all else built anew."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from psycopg2 import sql

from dbt_lineage.columns.model import Column
from prove import mutations
from prove.content import Content, changed_columns
from prove.mutations import MUTATIONS
from prove.observations import Observations
from prove.relations import ColumnType, ProveError, Relation, Statement
from prove.statements import in_order
from prove.workbench import OTHER_PLANS, Query, Workbench

# References to a key then find nothing (fresh, far), another row (rotate), or only half of the rows.
KINDS = ("fresh", "far", "negate", "rotate", "half")


@dataclass(frozen=True)
class Chain:
    """A root and what is made from it.

    Args:
        root: a relation that no statement makes, such as a source or a seed.
        roots: all of them.
        steps: the statements that read it, or what is made from it, each after those that it reads; with what it makes.
    """

    root: Relation
    roots: tuple[Relation, ...]
    steps: tuple[tuple[Statement, Relation], ...]

    @property
    def planned(self) -> int:
        """About how many trials it needs."""
        return sum(kind.applies_to(column) for kind in _kinds() for column in self.root.columns)


def chains(statements: Sequence[Statement], relations: Mapping[str, Relation]) -> list[Chain]:
    """The chain of each root.

    Args:
        statements: all; only those that build anew count.
        relations: what they make and read, by name.
    """
    made = in_order(statements)
    read = {statement.relation: {parent.name for parent in statement.parents} for statement in made}
    roots = sorted({name for parents in read.values() for name in parents} - read.keys())
    return [
        Chain(
            relations[root],
            tuple(relations[name] for name in roots),
            tuple((each, relations[each.relation]) for each in made if root in _all_read(each.relation, read)),
        )
        for root in roots
    ]


class ChainTrials:
    """The trials of one root in one scratch copy. Everything happens in a transaction that is rolled back.

    Args:
        bench: the copy.
        chain: the root and what is made from it.
        number: of the copy, by which a statement's SQL is chosen.
        seed: decides which rows and values a mutation takes.
        progress: called after each trial; what it raises ends them.
    """

    def __init__(
        self, bench: Workbench, chain: Chain, number: int, seed: int, progress: Callable[[], None] = lambda: None
    ) -> None:
        self._bench = bench
        self._chain = chain
        self._number = number
        self._seed = seed
        self._progress = progress
        self._seen = Observations(chain.root.name, "chain")
        self._queries: dict[str, Query] = {}
        self._unstable: set[Column] = set()

    def run(self) -> Observations:
        """Make all trials.

        Returns:
            What they showed; a target is named in full, since it is a column of any relation.

        Raises:
            ProveError: a statement fails on unchanged data.
        """
        started = time.monotonic()
        with self._bench.opened():
            self._prepare()
            before = self._made_anew()
            if before is None:
                raise ProveError(
                    f"what is made from {self._chain.root.name} cannot be made anew: {self._bench.failure}"
                )
            self._bench.limit_by(time.monotonic() - started, max((one.rows for one in before.values()), default=0))
            self._find_unstable(before)
            for kind in _kinds():
                for column in self._chain.root.columns:
                    if kind.applies_to(column):
                        self._try(kind, column, before)
        self._seen.seconds = round(time.monotonic() - started, 2)
        return self._seen

    def _prepare(self) -> None:
        for root in self._chain.roots:
            self._bench.replace(root, mutations.copy)
        for statement, _ in self._chain.steps:
            self._queries[statement.relation] = self._bench.query(statement.sql[self._number])

    def _made_anew(self) -> dict[str, Content] | None:
        """Make everything from what the roots hold now; None when something fails on it."""
        contents = {}
        for statement, relation in self._chain.steps:
            content = self._content(relation, self._queries[statement.relation])
            if content is None:
                return None
            contents[relation.name] = content
        return contents

    def _content(self, relation: Relation, query: Query) -> Content | None:
        if not self._bench.attempt(lambda: self._bench.replace(relation, _filled, query)):
            return None
        return self._bench.content(self._bench.stored(relation, query))

    def _find_unstable(self, before: dict[str, Content]) -> None:
        """Columns that change without a changed value: with another order of rows, or another plan."""
        for at, plan in enumerate(OTHER_PLANS):
            with self._bench.undone():
                self._bench.plan_otherwise(plan)
                for root in self._chain.roots:
                    self._bench.replace(root, mutations.shuffle, self._seed + at)
                for target in self._changed(before, self._made_anew() or before):
                    self._unstable.add(target)

    def _try(self, kind: mutations.Mutation, column: ColumnType, before: dict[str, Content]) -> None:
        source = Column(self._chain.root.name, column.name)
        with self._bench.undone():
            # A value may be too large for its type.
            changed = self._bench.attempt(lambda: self._bench.replace(self._chain.root, kind.query, column, self._seed))
            self._note(source, kind.name, before, self._made_anew() if changed else None)
        self._progress()

    def _note(self, source: Column, trial: str, before: dict[str, Content], after: dict[str, Content] | None) -> None:
        if after is None:
            self._seen.failed.setdefault(source, []).append(trial)
            return
        self._seen.tried.setdefault(source, []).append(trial)
        for target in self._changed(before, after):
            self._seen.note(str(target), source, trial, "rows")

    def _changed(self, before: dict[str, Content], after: dict[str, Content]) -> list[Column]:
        changed = (
            Column(name, column)
            for name, content in before.items()
            for column in changed_columns(content, after[name], content.columns)
        )
        return [target for target in changed if target not in self._unstable]


def _filled(old: sql.Composable, columns: Sequence[ColumnType], query: Query) -> sql.Composable:
    """The rows of a statement as the relation has them: what dbt adds to a snapshot's columns is null."""
    added = [column for column in columns if column.name not in query.columns]
    nulls = [sql.SQL(", NULL::{} AS {}").format(sql.SQL(column.type), sql.Identifier(column.name)) for column in added]
    return sql.SQL("SELECT made.*{} FROM (\n{}\n) AS made").format(sql.SQL("").join(nulls), query.statement)


def _kinds() -> list[mutations.Mutation]:
    return [kind for kind in MUTATIONS if kind.name in KINDS]


def _all_read(name: str, read: Mapping[str, set[str]]) -> set[str]:
    """What a relation is made from, and what that is made from, and so on."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for parent in read.get(waiting.pop(), set()) - found:
            found.add(parent)
            waiting.append(parent)
    return found
