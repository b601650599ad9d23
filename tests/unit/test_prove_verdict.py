"""Claims against observations: what is wrong, what no row can show, and what the review file explains."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dbt_lineage.columns.model import DIRECT, INDIRECT, Column, ColumnEdge, ColumnLineage
from prove import claims, not_shown, report
from prove.observations import Grade, Observations, Store, digest
from prove.relations import ProveError, Statement
from prove.review import Review
from prove.run import Evidence
from prove.verdict import Verdict, judge

PARENT, CHILD, GRANDCHILD = "db.s.orders", "db.s.report", "db.s.board"
TRIALS = ["as_is:mark", "as_is:far", "as_is:half"]


def observed(relation: str = CHILD, keys: dict[str, set[str]] | None = None, **seen: Grade) -> Observations:
    """Observations of a child with columns a, b and n; ``source__target=grade``."""
    parent = PARENT if relation == CHILD else CHILD
    result = Observations(relation, "full", ("a", "b", "n"), rows=3, gives_rows=True)
    for name in ("a", "b", "flag"):
        result.tried[Column(parent, name)] = list(TRIALS if name != "flag" else ["as_is:negate", "as_is:half"])
        if name != "flag":
            result.traceable[Column(parent, name)] = {"a", "b", "n"}
    for edge, grade in seen.items():
        source, target = edge.split("__")
        result.note(target, Column(parent, source), "as_is:half", grade)
    result.keys = {Column(parent, source): targets for source, targets in (keys or {}).items()}
    return result


def claim(*edges: str, decides: tuple[str, ...] = (), relation: str = CHILD) -> ColumnLineage:
    """A claim of edges such as ``a -> b DIRECT IDENTITY``."""
    parent = PARENT if relation == CHILD else CHILD
    read = [edge.split() for edge in edges]
    return ColumnLineage(
        relation,
        ("a", "b", "n"),
        frozenset(ColumnEdge(Column(parent, s), Column(relation, t), kind, sub) for s, _, t, kind, sub in read),
        frozenset((Column(parent, source), "FILTER") for source in decides),
        (),
    )


def said(seen: Observations, of: ColumnLineage) -> Verdict:
    return judge([(seen, of)])


def errors(verdict: Verdict) -> list[str]:
    return [f"{each.source.name} -> {each.target.name}: {each.reason}" for each in verdict.recall_errors.values()]


def doubts(verdict: Verdict) -> list[str]:
    return [f"{each.source.name} -> {each.target.name}: {each.reason}" for each in verdict.unexplained.values()]


def test_what_is_seen_and_claimed_is_right() -> None:
    verdict = said(observed(a__a="value", b__n="cells"), claim("a -> a DIRECT IDENTITY", "b -> n DIRECT AGGREGATION"))
    assert (errors(verdict), doubts(verdict)) == ([], [])
    assert (verdict.recall, verdict.precision_direct) == (1.0, 1.0)


def test_what_is_seen_and_not_claimed_is_a_recall_error() -> None:
    verdict = said(observed(a__a="value", b__n="rows"), claim("a -> a DIRECT IDENTITY"))
    assert errors(verdict) == ["b -> n: not claimed"]
    assert verdict.recall == 0.5


def test_what_decides_all_rows_is_claimed_for_every_column() -> None:
    verdict = said(observed(b__a="rows", b__b="rows", b__n="cells"), claim(decides=("b",)))
    assert errors(verdict) == []


def test_a_value_that_is_carried_must_be_claimed_as_direct() -> None:
    verdict = said(observed(b__n="value"), claim("b -> n INDIRECT GROUP_BY", decides=("b",)))
    assert errors(verdict) == ["b -> n: its values are carried, and only an INDIRECT dependency is claimed"]


@pytest.mark.parametrize(
    ("seen", "subtype", "doubt"),
    [
        ({}, "TRANSFORMATION", "never seen"),
        ({"a__n": "rows"}, "AGGREGATION", "seen only where rows came or went"),
        ({"a__n": "cells"}, "IDENTITY", "claimed as IDENTITY, and the values themselves were never seen"),
    ],
)
def test_a_direct_edge_that_does_not_show_as_one_is_unexplained(
    seen: dict[str, Grade], subtype: str, doubt: str
) -> None:
    verdict = said(observed(**seen), claim(f"a -> n DIRECT {subtype}"))
    assert doubts(verdict) == [f"a -> n: {doubt}"]
    assert verdict.precision_direct == 0.0


def test_an_identity_without_a_trace_is_believed_where_no_value_can_be_told_from_another() -> None:
    assert doubts(said(observed(flag__n="cells"), claim("flag -> n DIRECT IDENTITY"))) == []


def test_a_column_that_matters_by_its_equality_only_is_a_key() -> None:
    seen = observed(keys={"a": {"a"}}, a__n="cells")
    assert "it decides, and does not go in" in doubts(said(seen, claim("a -> n DIRECT TRANSFORMATION")))[0]
    assert doubts(said(seen, claim("a -> n DIRECT AGGREGATION"))) == [], "a count of different values is one too"


def test_whether_two_values_are_the_same_may_be_a_value_itself() -> None:
    seen = observed(keys={"a": {"a"}}, a__n="cells")
    seen.flags = {"n"}
    assert doubts(said(seen, claim("a -> n DIRECT TRANSFORMATION"))) == []


def test_a_source_that_nothing_reads_is_unexplained() -> None:
    assert doubts(said(observed(), claim("typo -> n DIRECT IDENTITY"))) == ["typo -> n: no such column is read"]


POOR: dict[str, Callable[[Observations], object]] = {
    not_shown.EMPTY_SOURCE: lambda seen: seen.empty.append(PARENT),
    not_shown.NO_RESULT: lambda seen: setattr(seen, "gives_rows", False),
    not_shown.UNREACHED: lambda seen: seen.unreached.add(PARENT),
    not_shown.BLANK_SOURCE: lambda seen: seen.no_value.add(Column(PARENT, "a")),
    not_shown.BLANK_TARGET: lambda seen: seen.blank.add("n"),
}


@pytest.mark.parametrize("reason", POOR)
def test_what_no_row_can_show_is_listed_apart_with_its_reason(reason: str) -> None:
    seen = observed()
    POOR[reason](seen)
    verdict = said(seen, claim("a -> n DIRECT TRANSFORMATION"))
    assert doubts(verdict) == []
    assert [finding.reason for finding in verdict.not_shown.values()] == [reason]
    assert (verdict.precision_direct, verdict.proved) == (1.0, set())


@pytest.mark.parametrize("reason", POOR)
def test_no_reason_excuses_what_was_seen_and_is_claimed_in_another_way(reason: str) -> None:
    seen = observed(a__n="rows", b__n="cells")
    POOR[reason](seen)
    verdict = said(seen, claim("a -> n DIRECT TRANSFORMATION"))
    assert errors(verdict) == ["b -> n: not claimed"]
    assert doubts(verdict) == ["a -> n: seen only where rows came or went"]
    assert verdict.not_shown == {}


@pytest.mark.parametrize("reason", POOR)
def test_no_reason_excuses_a_column_that_nothing_reads(reason: str) -> None:
    seen = observed()
    POOR[reason](seen)
    assert doubts(said(seen, claim("typo -> n DIRECT IDENTITY"))) == ["typo -> n: no such column is read"]


def test_a_filter_that_leaves_one_value_of_a_boolean_hides_whether_it_is_carried() -> None:
    seen = observed(flag__n="rows", flag__b="rows")
    seen.flags, seen.single = {"n"}, {"n", "b"}
    verdict = said(seen, claim("flag -> n DIRECT IDENTITY", "flag -> b DIRECT IDENTITY", decides=("flag",)))
    assert doubts(verdict) == ["flag -> b: seen only where rows came or went"]
    assert [finding.reason for finding in verdict.not_shown.values()] == [not_shown.PINNED]


def test_a_column_without_a_value_into_which_another_was_put_is_held_to_it() -> None:
    seen = observed()
    POOR[not_shown.BLANK_SOURCE](seen)
    seen.tried[Column(PARENT, "a")].append("sparse:fill")
    assert doubts(said(seen, claim("a -> n DIRECT TRANSFORMATION"))) == ["a -> n: never seen"]


@pytest.mark.parametrize("first", [True, False])
def test_what_one_form_of_a_statement_should_have_shown_is_not_excused_by_the_other(first: bool) -> None:
    poor, rich, of = observed(), observed(), claim("a -> n DIRECT IDENTITY")
    POOR[not_shown.NO_RESULT](poor)
    verdict = judge([(poor, of), (rich, of)] if first else [(rich, of), (poor, of)])
    assert (doubts(verdict), verdict.not_shown) == (["a -> n: never seen"], {})
    shown = judge([(poor, of), (observed(a__n="value"), of)])
    assert (doubts(shown), shown.not_shown) == ([], {})


def proof(seen: Observations, of: ColumnLineage) -> dict[str, Any]:
    """What the file says of one statement."""
    statement = Statement(CHILD, "full", ("",), (), "db")
    return report.content(judge([(seen, of)]), Evidence(((statement, seen),), (), {}, 0), Review({}), {"seconds": 1})


def printed(of: dict[str, Any]) -> str:
    """What people are shown of it."""
    file = StringIO()
    report.show(of, Console(file=file, width=200))
    return file.getvalue()


def test_the_summary_names_the_first_of_each_reason_and_counts_the_rest() -> None:
    seen = observed(b__b="value")
    edges = [f"{source} -> {target} DIRECT TRANSFORMATION" for source in ("a", "flag") for target in ("a", "n")]
    seen.empty.append(PARENT)
    made = proof(seen, claim("b -> b DIRECT IDENTITY", *edges))
    assert report.holds(made)
    assert (made["edges_proved"], made["edges_wrong"], made["edges_not_shown"]) == (1, 0, 4)
    assert made["not_shown_by_reason"] == {not_shown.EMPTY_SOURCE: 4}
    assert [(each["source"], each["target"]) for each in made["not_shown"]] == [
        (f"{PARENT}.{source}", f"{CHILD}.{target}") for source in ("a", "flag") for target in ("a", "n")
    ]
    named = ", ".join(f"{each['source']} -> {each['target']}" for each in made["not_shown"][:3])
    assert f"not shown by these rows: 4, {not_shown.EMPTY_SOURCE}: {named} and 1 more" in printed(made)


def test_a_wrong_claim_among_those_that_no_row_can_show_fails_the_proof() -> None:
    seen = observed()
    seen.blank.add("n")
    made = proof(seen, claim("a -> n DIRECT IDENTITY", "a -> b DIRECT IDENTITY"))
    assert not report.holds(made)
    assert (made["edges_proved"], made["edges_wrong"], made["edges_not_shown"]) == (0, 1, 1)
    assert f"unexplained: {PARENT}.a -> {CHILD}.b: never seen" in printed(made)


def test_an_indirect_edge_need_not_show() -> None:
    verdict = said(observed(), claim("a -> n INDIRECT WINDOW"))
    assert (doubts(verdict), len(verdict.indirect_unseen)) == ([], 1)


def test_one_form_of_a_statement_that_shows_an_edge_is_enough() -> None:
    verdict = judge(
        [(observed(), claim("a -> a DIRECT IDENTITY")), (observed(a__a="value"), claim("a -> a DIRECT IDENTITY"))]
    )
    assert doubts(verdict) == []


def test_what_a_root_changes_has_to_be_reached_by_claimed_edges() -> None:
    pairs = [
        (observed(a__a="value"), claim("a -> a DIRECT IDENTITY")),
        (observed(GRANDCHILD, a__b="value"), claim("a -> b DIRECT IDENTITY", relation=GRANDCHILD)),
    ]
    chain = Observations(PARENT, "chain")
    for target in (f"{CHILD}.a", f"{GRANDCHILD}.b", f"{GRANDCHILD}.n"):
        chain.note(target, Column(PARENT, "a"), "rotate", "rows")
    verdict = judge(pairs, [chain])
    assert verdict.from_roots_unclaimed == {(Column(PARENT, "a"), Column(GRANDCHILD, "n"))}
    assert verdict.from_roots_unseen == verdict.from_roots_unclaimed
    assert verdict.recall_from_roots == pytest.approx(2 / 3)


def test_the_review_explains_by_as_much_of_a_name_as_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "review.yml"
    file.write_text("- {edge: orders.a -> report.n, reason: it is}\n- {edge: x.a -> report.n, reason: not there}\n")
    review = Review.load(file)
    findings = said(observed(), claim("a -> n DIRECT IDENTITY", "b -> n DIRECT IDENTITY")).unexplained.values()
    assert {finding.source.name: review.reason(finding) for finding in findings} == {"a": "it is", "b": None}
    assert review.unused(findings) == ["x.a -> report.n"]
    assert Review.load(tmp_path / "missing.yml").unused([]) == []


@pytest.mark.parametrize("entry", ["{edge: a.b -> c.d}", "{edge: a.b, reason: why}", "just words"])
def test_an_entry_of_another_shape_is_named(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "review.yml"
    file.write_text(f"- {entry}\n")
    with pytest.raises(ProveError, match="is not an edge 'source -> target' with a reason"):
        Review.load(file)


def test_claims_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "claims.yml"
    file.write_text(
        "db.s.report:\n  columns: [a]\n  edges: [[db.s.orders.a, a, DIRECT, IDENTITY]]\n"
        "  dataset_edges: [[db.s.orders.b, FILTER]]\n"
    )
    told = claims.load(str(file))
    assert told(Statement(CHILD, "full", ("",), (), "db")) == ColumnLineage(
        CHILD,
        ("a",),
        frozenset({ColumnEdge(Column(PARENT, "a"), Column(CHILD, "a"), DIRECT, "IDENTITY")}),
        frozenset({(Column(PARENT, "b"), "FILTER")}),
        (),
    )
    assert told(Statement(GRANDCHILD, "full", ("",), (), "db")).unresolved[0].reason == "nothing is claimed"


def test_a_claim_of_all_rows_reaches_every_column() -> None:
    of = claim("b -> n DIRECT AGGREGATION", decides=("b",))
    assert claims.claimed_sources(of, ("a", "n")) == {
        (Column(PARENT, "b"), "n"): {(DIRECT, "AGGREGATION"), (INDIRECT, "FILTER")},
        (Column(PARENT, "b"), "a"): {(INDIRECT, "FILTER")},
    }


@pytest.mark.parametrize("where", ["missing.yml", "nowhere.at.all:claims", "prove.claims:nothing", "json"])
def test_claims_that_are_not_there_are_named(where: str) -> None:
    with pytest.raises(ProveError, match=where):
        claims.load(where)


def test_observations_are_kept_whole(tmp_path: Path) -> None:
    seen = observed(keys={"a": {"n"}}, a__n="cells", b__b="value")
    seen.failed[Column(PARENT, "a")] = ["as_is:fresh"]
    seen.unstable, seen.flags, seen.empty, seen.seconds = {"n"}, {"b"}, ["db.s.nothing"], 1.5
    seen.unreached, seen.blank, seen.single, seen.no_value = {PARENT}, {"n"}, {"a"}, {Column(PARENT, "b")}
    store = Store(tmp_path / "kept")
    assert store.load("one") is None
    store.save("one", seen)
    assert store.load("one") == seen


def test_another_seed_sql_or_content_is_another_digest() -> None:
    names = {digest(1, ["select 1"], ["x"]), digest(2, ["select 1"], ["x"]), digest(1, ["select 2"], ["x"])}
    assert len(names | {digest(1, ["select 1"], ["y"])}) == 4
    assert digest(1, ["select 1"], ["x"]) in names
