"""The property: a column that is not claimed as a source changes nothing."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dbt_lineage.columns.model import DIRECT, EVERY_COLUMN, IDENTITY, Column, ColumnLineage
from prove import mutations
from prove.claims import Claims, claimed_sources
from prove.content import Content
from prove.fuzz import tables
from prove.fuzz.states import Change, Refused, States
from prove.lineage import claims as own_claims
from prove.mutations import FAR, MARK, MUTATIONS, TOKENS, Mutation
from prove.relations import ColumnType, Statement
from prove.states import decorrelate, sparse
from prove.workbench import OTHER_PLANS

SELECTED, STORED = (f"{tables.DATABASE}.{tables.SCHEMA}.{name}" for name in ("made", tables.STORED))
# The number of ways to change a column without a claim. With a claim, they are tried until it is seen.
WAYS = 6
# An unclaimed change counts if this many other orders of the rows do not cause it.
ORDERS = 4
# Of the changes: which rows and values they take. Others come with other rows.
SEED = 1
BACKGROUNDS: tuple[tuple[Change, ...], ...] = (
    (),
    (),
    (Change(decorrelate, (SEED,)),),
    (Change(sparse, (SEED,)),),
)
MOVED = tuple(kind for kind in MUTATIONS if kind.name != MARK)
TRACED = ("fresh", "far")

State = Mapping[str, tuple[Change, ...]]


@dataclass(frozen=True)
class Disagreement:
    """A claim that the data contradicts.

    Args:
        kind: which rule is broken; one of few.
        source: the column that was changed, ``table.column``; empty where none was.
        detail: columns and values.
    """

    kind: str
    source: str
    detail: str


@dataclass
class Examined:
    """What came of one statement.

    Args:
        refused: PostgreSQL's error if it did not run the statement; empty if it did.
        named: why something could not be resolved, in the analysis' own words.
        disagreements: the claims that the data contradicts.
        trials: how often the statement was run on changed rows.
        direct: direct dependencies that are claimed, of columns that hold a value.
        unseen: those of them that no change of the data showed.
        unstable: columns that change with the order of the rows.
        columns: how many columns there are.
    """

    refused: str = ""
    named: tuple[str, ...] = ()
    disagreements: list[Disagreement] = field(default_factory=list)
    trials: int = 0
    direct: int = 0
    unseen: list[str] = field(default_factory=list)
    unstable: int = 0
    columns: int = 0


def examine(
    states: States,
    text: str,
    chance: random.Random,
    claims: Claims = own_claims,
    only: str | None = None,
) -> Examined:
    """Compare the claims about a statement with its behaviour.

    Args:
        states: of the tables.
        text: the statement.
        chance: decides which changes are tried.
        claims: returns what is claimed of a statement.
        only: the column that is changed, ``table.column``, in every way; all columns in some ways when None.
    """
    return _Examination(states, text, chance, claims, only).examined()


class _Examination:
    def __init__(self, states: States, text: str, chance: random.Random, claims: Claims, only: str | None) -> None:
        self._states = states
        self._text = text
        self._chance = chance
        self._claims = claims
        self._only = only
        self._ways = WAYS if only is None else len(MOVED)
        self._found = Examined()

    def examined(self) -> Examined:
        try:
            self._output = self._states.output(self._text)
            self._base = self._background()
            self._before = self._content(self._base)
            self._with_values = self._before.not_empty()
            self._stable = self._not_moved_by_order()
        except Refused as refusal:
            self._found.refused = str(refusal).splitlines()[0]
            return self._found
        claim = self._claims(self._statement())
        self._found.named = tuple(dict.fromkeys(gap.reason for gap in claim.unresolved))
        named = {gap.column for gap in claim.unresolved}
        if EVERY_COLUMN in named:
            return self._found
        self._judge_names(claim)
        judged = [name for name in dict.fromkeys(self._output.columns) if name not in named]
        self._found.columns, self._found.unstable = len(judged), len(set(judged) - set(self._stable))
        claimed = claimed_sources(claim, self._output.columns)
        for table, column in self._sources():
            source = Column(self._states.tables[table].name, column.name)
            self._try_source(table, column, judged, {name: claimed.get((source, name), set()) for name in judged})
        return self._found

    # --- the statement as it is

    def _statement(self) -> Statement:
        relation = SELECTED if self._output.reading == self._text else STORED
        return Statement(relation, "full", (self._text,), tuple(self._states.tables.values()), tables.DATABASE)

    def _background(self) -> State:
        read = [name for name in tables.TABLES if re.search(rf"\b{name}\b", self._text)]
        changes = self._chance.choice(BACKGROUNDS)
        return dict.fromkeys(read, changes)

    def _content(self, state: State) -> Content:
        self._found.trials += 1
        return self._states.content(self._output, state)

    def _not_moved_by_order(self) -> tuple[str, ...]:
        """The columns that stay unchanged with another order of rows, or another plan."""
        moved: set[str] = set()
        others = [self._in_other_order(self._base, at) for at in range(len(OTHER_PLANS))]
        for other in others:
            moved |= {name for name in self._before.columns if not _same(self._before, other, [name])}
        stable = tuple(name for name in self._before.columns if name not in moved)
        return stable if all(_same(self._before, other, stable) for other in others) else ()

    def _in_other_order(self, state: State, at: int) -> Content:
        shuffled = {table: (*changes, Change(mutations.shuffle, (at,))) for table, changes in state.items()}
        self._states.plan(OTHER_PLANS[at % len(OTHER_PLANS)])
        try:
            return self._content(shuffled)
        finally:
            self._states.plan("")

    # --- the claims

    def _judge_names(self, claim: ColumnLineage) -> None:
        are = tuple(dict.fromkeys(self._output.columns))
        is_right = set(claim.columns) <= set(are) if claim.relation == STORED else claim.columns == are
        if not is_right:
            self._found.disagreements.append(
                Disagreement("names", "", f"claimed {', '.join(claim.columns)}; the columns are {', '.join(are)}")
            )

    def _sources(self) -> Iterator[tuple[str, ColumnType]]:
        for table in self._base:
            for column in self._states.tables[table].columns:
                if self._only in (None, f"{table}.{column.name}"):
                    yield table, column

    def _try_source(
        self, table: str, column: ColumnType, judged: Sequence[str], claimed: Mapping[str, set[tuple[str, str]]]
    ) -> None:
        """Change one column, and look at all that is made."""
        unclaimed = [name for name in judged if not claimed[name] and name in self._stable]
        direct = {name: {subtype for kind, subtype in claimed[name] if kind == DIRECT} for name in judged}
        waiting = {name for name in judged if direct[name] and name in self._stable and name in self._with_values}
        self._found.direct += len(waiting)
        ways = [kind for kind in MOVED if kind.applies_to(column)]
        self._chance.shuffle(ways)
        for at, way in enumerate(ways):
            if not waiting and (at >= self._ways or not unclaimed) and not (at == 0 or way.name in TRACED):
                continue
            state = {**self._base, table: (*self._base[table], Change(way.query, (column, SEED)))}
            try:
                after = self._content(state)
            except Refused:
                continue
            waiting -= {name for name in waiting if not _same(self._before, after, [name])}
            if not _same(self._before, after, unclaimed) and self._is_stable(state, after, unclaimed):
                self._note_unclaimed(table, column, way, after, unclaimed)
                return
            if way.name in TRACED:
                self._judge_traces(table, column, state, after, direct)
        self._found.unseen += [f"{table}.{column.name} -> {name} {sorted(direct[name])}" for name in waiting]

    def _is_stable(self, state: State, after: Content, columns: Sequence[str]) -> bool:
        """Whether the rows, before and after, are independent of any order that the statement leaves open."""
        try:
            return all(
                _same(content, self._in_other_order(of, at), columns)
                for at in range(2, 2 + ORDERS)
                for content, of in ((self._before, self._base), (after, state))
            )
        except Refused:
            return False

    def _note_unclaimed(
        self, table: str, column: ColumnType, way: Mutation, after: Content, unclaimed: Sequence[str]
    ) -> None:
        moved = [name for name in unclaimed if not _same(self._before, after, [name])] or list(unclaimed)
        if after.rows != self._before.rows:
            what = f"{self._before.rows} rows became {after.rows}"
        else:
            what = f"{_shown(self._before, moved[0])} became {_shown(after, moved[0])}"
        self._found.disagreements.append(
            Disagreement("not claimed", f"{table}.{column.name}", f"{way.name} moves {', '.join(moved)}: {what}")
        )

    def _judge_traces(
        self,
        table: str,
        column: ColumnType,
        state: State,
        after: Content,
        direct: Mapping[str, set[str]],
    ) -> None:
        values = self._states.values(table, column.name, state)
        new = values - self._states.values(table, column.name, self._base)
        for name in direct:
            came = {value for value in after.of(name) if value is not None} - set(self._before.of(name))
            if not direct[name] and came & new:
                what = f"{min(came & new)} arrives in {name} as it is, and nothing DIRECT is claimed"
                self._found.disagreements.append(Disagreement("carried", f"{table}.{column.name}", what))
            changed = {value for value in came - values if _is_trace(value)}
            if direct[name] == {IDENTITY} and changed and name not in self._output.floats:
                what = f"{min(changed)} in {name} is none of its values, claimed is IDENTITY"
                self._found.disagreements.append(Disagreement("not as it is", f"{table}.{column.name}", what))


def _same(before: Content, after: Content, columns: Sequence[str]) -> bool:
    """Whether the rows are the same in these columns together."""
    return not columns or before.projection(columns) == after.projection(columns)


def _shown(content: Content, name: str) -> str:
    values = Counter(content.of(name))
    return ", ".join(f"{value!r}" for value, _ in values.most_common(4))


def _is_trace(value: str) -> bool:
    if any(token in value.casefold() for token in TOKENS):
        return True
    try:
        return abs(float(value)) >= FAR / 10
    except ValueError:
        return False
