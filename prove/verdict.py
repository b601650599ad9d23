"""Compares what is claimed with what the data showed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dbt_lineage.columns.model import AGGREGATION, DIRECT, IDENTITY, Column, ColumnLineage
from prove.claims import claimed_sources
from prove.not_shown import reason as reason_not_shown
from prove.observations import GRADES, Grade, Observations


@dataclass(frozen=True, order=True)
class Finding:
    """A dependency on which claim and data do not agree.

    Args:
        source: the column that is read.
        target: the column that depends on it, or is claimed to.
        claimed: kinds and subtypes that are claimed, none if none.
        seen: how the data showed it, None when it did not.
        trials: the trials that showed it; where none did, those that were made.
        reason: what is wrong.
    """

    source: Column
    target: Column
    claimed: tuple[str, ...]
    seen: Grade | None
    trials: tuple[str, ...]
    reason: str

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


@dataclass
class Verdict:
    """How the claims of all statements fare against the data. An edge is a pair of source and target column.

    Args:
        columns: output columns that were judged.
        claimed: edges that are claimed, of whatever kind; those of a whole relation are counted in ``dataset_claimed``.
        dataset_claimed: dependencies of whole relations that are claimed.
        direct: edges that are claimed as DIRECT.
        observed: edges that the data showed, with the highest grade.
        keys: those of them that vanish when the values get new names wherever they occur.
        recall_errors: what the data showed and nobody claims, or claims in another way.
        not_shown: edges claimed as DIRECT that no row of the data can show, with the reason.
        unexplained: edges claimed as DIRECT that the data could have shown as such, and did not.
        indirect_unseen: INDIRECT dependencies that the data did not show; it need not.
        unresolved: what the claims name as unresolved.
        not_judged: claimed edges of columns that the statement does not give.
        self_edges: edges from a relation to itself that the data showed; they are about stored rows, and are not compared.
        from_roots: what the data showed from a root's column to a column of anything made from it.
        from_roots_unclaimed: those of them to which no claimed edges lead.
        from_roots_unseen: those of them to which no observed edges lead: what single statements did not show.
    """

    columns: set[Column] = field(default_factory=set)
    claimed: set[tuple[Column, Column]] = field(default_factory=set)
    dataset_claimed: set[tuple[Column, str]] = field(default_factory=set)
    direct: set[tuple[Column, Column]] = field(default_factory=set)
    observed: dict[tuple[Column, Column], Grade] = field(default_factory=dict)
    keys: set[tuple[Column, Column]] = field(default_factory=set)
    recall_errors: dict[tuple[Column, Column], Finding] = field(default_factory=dict)
    not_shown: dict[tuple[Column, Column], Finding] = field(default_factory=dict)
    unexplained: dict[tuple[Column, Column], Finding] = field(default_factory=dict)
    indirect_unseen: set[tuple[Column, Column]] = field(default_factory=set)
    unresolved: list[str] = field(default_factory=list)
    not_judged: set[tuple[Column, Column]] = field(default_factory=set)
    self_edges: set[tuple[Column, Column]] = field(default_factory=set)
    from_roots: set[tuple[Column, Column]] = field(default_factory=set)
    from_roots_unclaimed: set[tuple[Column, Column]] = field(default_factory=set)
    from_roots_unseen: set[tuple[Column, Column]] = field(default_factory=set)

    @property
    def recall(self) -> float:
        """The share of observed dependencies that are claimed, and claimed as observed."""
        return 1 - len(self.recall_errors) / len(self.observed) if self.observed else 1.0

    @property
    def recall_from_roots(self) -> float:
        """The share of dependencies observed from the roots to which claimed edges lead."""
        return 1 - len(self.from_roots_unclaimed) / len(self.from_roots) if self.from_roots else 1.0

    @property
    def precision_direct(self) -> float:
        """The share of claimed DIRECT edges that the data showed as such, of those that it can show."""
        judged = len(self.direct) - len(self.not_shown)
        return 1 - len(self.unexplained) / judged if judged else 1.0

    @property
    def proved(self) -> set[tuple[Column, Column]]:
        """The edges claimed as DIRECT that the data showed as such."""
        return self.direct - self.not_shown.keys() - self.unexplained.keys()


def judge(pairs: Iterable[tuple[Observations, ColumnLineage]], from_roots: Iterable[Observations] = ()) -> Verdict:
    """Compare observations and claims of all statements.

    Args:
        pairs: the observations of each statement, and what is claimed of it.
        from_roots: the observations of each root, in everything that is made from it.
    """
    pairs = list(pairs)
    verdict = Verdict()
    confirmed: set[tuple[Column, Column]] = set()
    for observations, claim in pairs:
        _StatementJudge(verdict, confirmed, observations, claim).judge()
    # It is enough that one variant of a statement shows it: the other may read a part of the data only.
    for edge in confirmed:
        verdict.unexplained.pop(edge, None)
        verdict.not_shown.pop(edge, None)
    # And one variant does not excuse what the other should have shown.
    for edge in verdict.unexplained:
        verdict.not_shown.pop(edge, None)
    verdict.indirect_unseen -= verdict.observed.keys()
    _judge_from_roots(verdict, pairs, from_roots)
    return verdict


def _judge_from_roots(
    verdict: Verdict, pairs: Sequence[tuple[Observations, ColumnLineage]], from_roots: Iterable[Observations]
) -> None:
    """Edges of single statements, one after the other, have to lead wherever a change of a root was seen."""
    claimed: dict[str, set[str]] = {}
    observed: dict[str, set[str]] = {}
    for seen, claim in pairs:
        for source, target in claimed_sources(claim, seen.columns):
            claimed.setdefault(str(source), set()).add(f"{seen.relation}.{target}")
        for target, source in seen.seen:
            observed.setdefault(str(source), set()).add(f"{seen.relation}.{target}")
    for chain in from_roots:
        for target, source in chain.seen:
            edge = (source, Column(*target.rsplit(".", 1)))
            verdict.from_roots.add(edge)
            if target not in _reached(str(source), claimed):
                verdict.from_roots_unclaimed.add(edge)
            if target not in _reached(str(source), observed):
                verdict.from_roots_unseen.add(edge)


def _reached(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for target in edges.get(waiting.pop(), set()) - reached:
            reached.add(target)
            waiting.append(target)
    return reached


class _StatementJudge:
    def __init__(
        self, verdict: Verdict, confirmed: set[tuple[Column, Column]], observations: Observations, claim: ColumnLineage
    ) -> None:
        self._verdict = verdict
        self._confirmed = confirmed
        self._seen = observations
        self._claim = claim
        self._claimed = claimed_sources(claim, observations.columns)

    def judge(self) -> None:
        relation = self._seen.relation
        self._verdict.columns |= {Column(relation, name) for name in self._seen.columns}
        self._verdict.unresolved += [f"{relation}.{gap.column}: {gap.reason}" for gap in self._claim.unresolved]
        self._verdict.dataset_claimed |= {(source, relation) for source, _ in self._claim.dataset_edges}
        self._verdict.claimed |= {(edge.source, edge.target) for edge in self._claim.edges}
        for target, source in self._seen.seen:
            self._judge_observed(source, target)
        for (source, target), kinds in self._claimed.items():
            self._judge_claimed(source, target, kinds)

    def _judge_observed(self, source: Column, target: str) -> None:
        edge = (source, Column(self._seen.relation, target))
        grade = self._seen.grade(target, source)
        if grade is None:
            return
        if source.relation == self._seen.relation:
            self._verdict.self_edges.add(edge)
            return
        known = self._verdict.observed.get(edge, GRADES[0])
        self._verdict.observed[edge] = max(grade, known, key=GRADES.index)
        if self._is_key(source, target):
            self._verdict.keys.add(edge)
        kinds = self._claimed.get((source, target), set())
        if not kinds:
            self._recall_error(edge, grade, "not claimed")
        elif grade == "value" and DIRECT not in {kind for kind, _ in kinds}:
            self._recall_error(edge, grade, "its values are carried, and only an INDIRECT dependency is claimed")

    def _recall_error(self, edge: tuple[Column, Column], grade: Grade, reason: str) -> None:
        source, target = edge
        trials = self._seen.seen[(target.name, source)]
        shown_by = tuple(trial for trial, shown in trials.items() if shown == grade)
        self._verdict.recall_errors[edge] = Finding(*edge, self._words(*edge), grade, shown_by, reason)

    def _judge_claimed(self, source: Column, target: str, kinds: set[tuple[str, str]]) -> None:
        edge = (source, Column(self._seen.relation, target))
        if target not in self._seen.columns:
            self._verdict.not_judged.add(edge)
            return
        grade = self._seen.grade(target, source)
        direct = {subtype for kind, subtype in kinds if kind == DIRECT}
        if not direct:
            if grade is None and source.relation != self._seen.relation:
                self._verdict.indirect_unseen.add(edge)
            return
        if source.relation == self._seen.relation:
            return
        self._verdict.direct.add(edge)
        doubt = self._doubt(source, target, grade, direct)
        if doubt is None:
            self._confirmed.add(edge)
            return
        shown_by = tuple(self._seen.seen.get((target, source)) or self._seen.tried.get(source, []))
        why_not = reason_not_shown(self._seen, source, target, grade)
        findings = self._verdict.not_shown if why_not else self._verdict.unexplained
        findings[edge] = Finding(*edge, self._words(*edge), grade, shown_by, why_not or doubt)

    def _doubt(self, source: Column, target: str, grade: Grade | None, subtypes: set[str]) -> str | None:
        """Why the data do not show what is claimed; None when they do."""
        if grade == "value":
            return None
        if source not in self._seen.tried:
            return "no such column is read"
        if grade is None:
            return "never seen"
        if not self._traceable(source, target) and target in self._seen.keys.get(source, ()):
            # Its values equal those of the columns that it is compared with: data cannot show which one is carried.
            return None
        if grade == "rows":
            return "seen only where rows came or went"
        if subtypes == {IDENTITY} and self._traceable(source, target):
            return "claimed as IDENTITY, and the values themselves were never seen"
        # Renaming values changes neither the number of distinct values nor which are equal.
        told_by_names = AGGREGATION not in subtypes and target not in self._seen.flags
        if told_by_names and self._is_key(source, target):
            return "nothing changes when its values get new names wherever they occur: it decides, and does not go in"
        return None

    def _is_key(self, source: Column, target: str) -> bool:
        return source in self._seen.keys and target not in self._seen.keys[source]

    def _traceable(self, source: Column, target: str) -> bool:
        return target in self._seen.traceable.get(source, ())

    def _words(self, source: Column, target: Column) -> tuple[str, ...]:
        return tuple(sorted(f"{kind} {subtype}" for kind, subtype in self._claimed.get((source, target.name), set())))


def sorted_findings(findings: dict[tuple[Column, Column], Finding]) -> Sequence[Finding]:
    """Findings in an order that stays."""
    return [findings[edge] for edge in sorted(findings)]
