"""The trials of one statement: each input column changed in every way."""

import time
from collections.abc import Callable, Iterator, Sequence

import psycopg2

from dbt_lineage.columns.model import Column
from prove import mutations
from prove.content import Content, Difference, difference
from prove.domains import domains, rename
from prove.mutations import FILL, MARK, Mutation
from prove.observations import Observations
from prove.relations import ColumnType, ProveError, Relation, Statement
from prove.states import State, states
from prove.workbench import OTHER_PLANS, Query, Workbench

# The part of its rows that an incremental statement still has to add to the stored ones.
ENOUGH_ADDED = 0.5
STORED_SAMPLES = tuple(f"abs(hashtextextended(o.ctid::text, {seed})) % 10 = 0" for seed in range(3))


class StatementTrials:
    """The trials of one statement in one scratch copy. Everything happens in a transaction that is rolled back.

    Args:
        bench: the copy.
        statement: what is tried.
        text: its SQL in terms of the copy.
        seed: decides which rows and values a mutation takes.
        progress: called after each trial; what it raises ends them.
    """

    def __init__(
        self,
        bench: Workbench,
        statement: Statement,
        text: str,
        seed: int,
        progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._bench = bench
        self._statement = statement
        self._text = text
        self._seed = seed
        self._progress = progress
        self._seen = Observations(statement.relation, statement.variant)
        self._domains: dict[Column, set[Column]] = {}
        # The values of each column of the result, in all states of the data.
        self._held: dict[str, set[str]] = {}

    def run(self) -> Observations:
        """Make all trials.

        Returns:
            What they showed.

        Raises:
            ProveError: the statement fails on unchanged data.
        """
        started = time.monotonic()
        with self._bench.opened():
            self._prepare()
            for state in states(self._text):
                with self._bench.undone():
                    self._try_state(state)
            self._try_keys()
        self._seen.blank = {name for name, values in self._held.items() if not values}
        self._seen.single = {name for name, values in self._held.items() if len(values) == 1}
        self._seen.unreached -= {source.relation for _, source in self._seen.seen}
        self._seen.seconds = round(time.monotonic() - started, 2)
        return self._seen

    def _prepare(self) -> None:
        """Put tables in the place of all parents, so that no trial computes a view again."""
        for parent in self._statement.parents:
            self._bench.replace(parent, mutations.copy)
        self._seen.empty = [parent.name for parent in self._statement.parents if not self._bench.row_count(parent)]
        started = time.monotonic()
        try:
            self._query: Query = self._bench.query(self._text)
        except psycopg2.Error as error:
            raise ProveError(f"the SQL of {self._statement} is refused: {str(error).strip()}") from None
        if self._statement.variant == "incremental":
            self._choose_stored_state()
        content = self._bench.content(self._query)
        if content is None:
            raise ProveError(f"the SQL of {self._statement} fails on unchanged data: {self._bench.failure}")
        self._seen.columns, self._seen.rows = content.columns, content.rows
        self._seen.unreached = {parent.name for parent in self._statement.parents}
        self._seen.no_value = {
            Column(parent.name, column.name)
            for parent, column in self._columns()
            if parent.name not in self._seen.empty and not self._bench.distinct_values(parent, column.name, 1)
        }
        self._seen.flags = {name for name in content.columns if set(content.of(name)) <= {"t", "f", None}}
        self._domains = domains(self._bench, self._statement.parents)
        self._bench.limit_by(time.monotonic() - started, content.rows)

    def _choose_stored_state(self) -> None:
        """Delete stored rows of an incremental statement, so that it has enough to add.

        Where any rows are left, changing them shows what the statement reads of itself.
        """
        stored = next(parent for parent in self._statement.parents if parent.name == self._statement.relation)
        added = {state: self._added_to(stored, state) for state in ("true", *STORED_SAMPLES, "false")}
        enough = ENOUGH_ADDED * max(added.values())
        chosen = next(state for state, rows in added.items() if rows >= enough)
        self._bench.replace(stored, mutations.where, chosen)

    def _added_to(self, stored: Relation, condition: str) -> int:
        with self._bench.undone():
            self._bench.replace(stored, mutations.where, condition)
            content = self._bench.content(self._query)
        return content.rows if content else -1

    # --- one state of the data

    def _try_state(self, state: State) -> None:
        before = self._bench.content(self._query) if self._bench.attempt(lambda: self._enter(state)) else None
        if before is None:
            return
        self._seen.gives_rows |= before.rows > 0
        for name in before.columns:
            self._held.setdefault(name, set()).update(value for value in before.of(name) if value is not None)
        unstable = self._seen.unstable | self._unstable(before)
        if state.made_by is None:
            self._seen.unstable = unstable
        for same_name in _by_name(state.kinds):
            for parent, column in self._columns():
                for kind in same_name:
                    if kind.applies_to(column):
                        self._try(state.name, kind, parent, column, before, unstable)
        for parent in self._statement.parents:
            if parent.name in self._seen.unreached and self._reaches(parent, before, unstable):
                self._seen.unreached.remove(parent.name)

    def _enter(self, state: State) -> None:
        for at, parent in enumerate(self._statement.parents):
            if state.made_by is not None:
                self._bench.replace(parent, state.made_by, self._seed + 1000 * (at + 1))

    def _reaches(self, parent: Relation, before: Content, unstable: set[str]) -> bool:
        """Whether the result changes without the rows of a parent; also true if it cannot be determined."""
        with self._bench.undone():
            self._bench.replace(parent, mutations.where, "false")
            without = self._bench.content(self._query)
        return (
            without is None
            or without.rows != before.rows
            or bool(self._difference(before, without, unstable, None).moved)
        )

    def _unstable(self, before: Content) -> set[str]:
        """Columns that change without a changed value: with another order of rows, or another plan."""
        changed: set[str] = set()
        for at, plan in enumerate(OTHER_PLANS):
            with self._bench.undone():
                self._bench.plan_otherwise(plan)
                for parent in self._statement.parents:
                    self._bench.replace(parent, mutations.shuffle, self._seed + at)
                content = self._bench.content(self._query)
            if content is not None:
                changed |= self._difference(before, content, set(), None).moved
        return changed

    def _try(
        self,
        state: str,
        mutation: Mutation,
        parent: Relation,
        column: ColumnType,
        before: Content,
        unstable: set[str],
    ) -> None:
        source = Column(parent.name, column.name)
        trial = f"{state}:{mutation.name}"
        compared = (
            self._marked(mutation, parent, column)
            if mutation.name == MARK
            else (before, self._mutated(mutation, parent, column))
        )
        self._progress()
        if compared is None or compared[1] is None:
            self._seen.failed.setdefault(source, []).append(trial)
            return
        self._note(mutation, trial, source, compared[0], compared[1], unstable)

    def _mutated(self, mutation: Mutation, parent: Relation, column: ColumnType) -> Content | None:
        with self._bench.undone():
            made = self._bench.attempt(lambda: self._bench.replace(parent, mutation.query, column, self._seed))
            return self._bench.content(self._query) if made else None

    def _marked(
        self, mutation: Mutation, parent: Relation, column: ColumnType
    ) -> tuple[Content, Content | None] | None:
        """The rows before and after values were marked.

        A mark changes the type, and by their types PostgreSQL chooses which column of a join with USING it takes. So
        the columns that may stand beside this one get the type too, before the comparison starts: all of the type, or,
        where the statement does not bear that, those that share its values.
        """
        if not mutations.has_alike(column):
            alone = len(self._domain(parent, column)) == 0
            before = self._bench.content(self._query) if alone else None
            return (before, self._mutated(mutation, parent, column)) if before is not None else None
        for beside in (self._of_type(column), self._domain(parent, column) | {Column(parent.name, column.name)}):
            with self._bench.undone():
                alike = self._bench.attempt(lambda chosen=beside: self._write_alike(chosen))  # type: ignore[misc]
                before = self._bench.content(self._query) if alike else None
                if before is not None:
                    return before, self._mutated(mutation, parent, column)
        return None

    def _of_type(self, column: ColumnType) -> set[Column]:
        return {Column(parent.name, other.name) for parent, other in self._columns() if other.type == column.type}

    def _domain(self, parent: Relation, column: ColumnType) -> set[Column]:
        own = Column(parent.name, column.name)
        return self._domains.get(own, set()) - {own}

    def _write_alike(self, chosen: set[Column]) -> None:
        for parent in self._statement.parents:
            columns = [column for column in parent.columns if Column(parent.name, column.name) in chosen]
            if columns:
                self._bench.replace(parent, mutations.write_alike, columns)

    def _note(
        self, mutation: Mutation, trial: str, source: Column, before: Content, after: Content, unstable: set[str]
    ) -> None:
        self._seen.tried.setdefault(source, []).append(trial)
        traced: frozenset[str] = frozenset()
        if mutation.trace is not None:
            traced = mutation.trace(before, after)
            # Filling the gaps does not change a column without gaps, so no trace means nothing then.
            if mutation.name != FILL:
                self._seen.traceable.setdefault(source, set()).update(after.not_empty())
        changed = self._difference(before, after, unstable, source)
        for target in changed.moved | traced:
            self._seen.note(
                target,
                source,
                trial,
                "value" if target in traced else "cells" if target in changed.cells else "rows",
            )

    def _difference(self, before: Content, after: Content, unstable: set[str], source: Column | None) -> Difference:
        judged = [name for name in before.columns if name not in unstable]
        carriers = {name: self._seen.sources_of(name, "value") for name in judged}
        anchors = {name for name, sources in carriers.items() if sources and source not in sources}
        suspects = {
            name for name in judged if source is not None and self._seen.grade(name, source) in ("cells", "value")
        }
        return difference(before, after, judged, anchors - suspects, suspects)

    # --- keys

    def _try_keys(self) -> None:
        """Rename the values of columns that share them, everywhere at once: joins stay, and what carries them shows."""
        before = self._bench.content(self._query)
        if before is None:
            return
        for source, domain in self._domains.items():
            after = self._renamed(domain)
            self._progress()
            if after is not None:
                changed = self._difference(before, after, self._seen.unstable, source)
                self._seen.keys[source] = set(changed.moved)

    def _renamed(self, domain: set[Column]) -> Content | None:
        with self._bench.undone():
            made = self._bench.attempt(lambda: rename(self._bench, self._statement.parents, domain))
            return self._bench.content(self._query) if made else None

    def _columns(self) -> Iterator[tuple[Relation, ColumnType]]:
        for parent in self._statement.parents:
            for column in parent.columns:
                yield parent, column


def planned(statement: Statement) -> int:
    """About how many trials a statement needs."""
    return sum(
        kind.applies_to(column)
        for state in states(statement.sql[0])
        for kind in state.kinds
        for parent in statement.parents
        for column in parent.columns
    )


def _by_name(kinds: Sequence[Mutation]) -> list[list[Mutation]]:
    """The mutations by their name, in order: one name is one way, whatever the type."""
    names = list(dict.fromkeys(kind.name for kind in kinds))
    return [[kind for kind in kinds if kind.name == name] for name in names]
