"""The proof of a tiny project with hand-written claims: what its data shows, and that a wrong claim is noticed.

Its statements are those that are hard to tell: keys of either side of a join, windows, what stands in for a missing
value, the last row of each, an order that nobody asked for, a union, an ephemeral parent, an incremental model, a
snapshot. And those whose rows cannot show all of it: nothing is read, nothing is let through, a column has no value.
"""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from tiny_project import (
    claims,
    column,
    never_claimed,
    poor,
    relation,
    verdict,
)

from dbt_lineage.columns.model import DIRECT, Column, ColumnEdge, ColumnLineage
from prove import not_shown
from prove.observations import Grade, Observations
from prove.run import Evidence

VALUE_EDGES = [
    ("people.name", "stg_people.name"),
    ("stg_people.city_id", "residents.city_id"),
    ("cities.country", "residents.label"),
    ("stg_people.joined", "residents.active_since"),
    ("payments.cents", "spending.spent"),
    ("stg_people.person_id", "spending.person_id"),
    ("payments.cents", "ranked.previous_amount"),
    ("payments.method", "latest.method"),
    ("cities.name", "names.name"),
    ("stg_people.name", "names.name"),
    ("passes.kind", "entries.in_no_order"),
    ("payments.cents", "ledger.amount"),
    ("stg_people.person_id", "holders.person_id"),
    ("cities.name", "city_history.name"),
]
DECIDING_EDGES = [
    ("cities.id", "residents.city"),
    ("stg_people.active", "residents.active_since"),
    ("payments.note", "spending.spent"),
    ("payments.note", "spending.name"),
    ("payments.person_id", "spending.payments"),
    ("payments.cents", "spending.size"),
    ("payments.paid_at", "ranked.place"),
    ("payments.person_id", "ranked.previous_amount"),
    ("payments.paid_at", "latest.method"),
    ("payments.id", "latest.method"),
    ("scans.pass_id", "entries.kind"),
    ("passes.person_id", "holders.person_id"),
    ("shifts.day", "worked.label"),
    ("cities.name", "names.what"),
    ("city_history.dbt_valid_to", "current_cities.id"),
]
NO_EDGES = [
    ("payments.id", "latest.person_id"),
    ("payments.paid_at", "latest.person_id"),
    ("stg_people.tier", "residents.name"),
    ("payments.discount", "latest.method"),
    ("payments.method", "spending.payments"),
    ("passes.person_id", "entries.in_no_order"),
    ("people.name", "stg_people.tier"),
]
# Two columns with the same values, of a type whose values can be written in one way only, are one column to the data.
UNDECIDABLE = {
    ("passes.id", "entries.pass_id"),
    ("scans.pass_id", "entries.pass_id"),
    ("holidays.day", "worked.day"),
    ("shifts.day", "worked.day"),
    ("badges.id", "opened.badge_id"),
    ("doors.badge_id", "opened.badge_id"),
}
CLAIMED_AND_UNDECIDABLE = {
    ("passes.id", "entries.pass_id"),
    ("holidays.day", "worked.day"),
    ("badges.id", "opened.badge_id"),
}
NOT_SHOWN = {
    ("gifts.id", "presents.gifts"): not_shown.EMPTY_SOURCE,
    ("gifts.label", "presents.label"): not_shown.EMPTY_SOURCE,
    ("payments.id", "vouchers.payment_id"): not_shown.NO_RESULT,
    ("payments.cents", "vouchers.amount"): not_shown.NO_RESULT,
    ("payments.method", "vouchers.method"): not_shown.NO_RESULT,
    ("cities.name", "homes.city"): not_shown.UNREACHED,
    ("stg_people.active", "actives.active"): not_shown.PINNED,
    ("tickets.address", "checked.address"): not_shown.BLANK_SOURCE,
    ("tickets.day", "checked.never"): not_shown.BLANK_TARGET,
}
# A Boolean has two values: one that is carried and one that decides look alike.
BOOLEAN = {("stg_people.active", "residents.active_since")}


def grade(evidence: Evidence, source: str, target: str) -> Grade | None:
    """What the data shows of an edge; the statement that builds anew is asked."""
    reached = column(target)
    seen = next(
        seen
        for statement, seen in evidence.observed
        if statement.relation == reached.relation and statement.variant == "full"
    )
    return seen.grade(reached.name, column(source))


def noticed(evidence: Evidence, of: dict[str, ColumnLineage]) -> bool:
    """Whether the proof objects to some claims."""
    said = verdict(evidence, of)
    return bool(said.recall_errors or said.unexplained or said.from_roots_unclaimed)


@pytest.mark.parametrize(("source", "target"), VALUE_EDGES)
def test_a_value_is_followed(evidence: Evidence, source: str, target: str) -> None:
    assert grade(evidence, source, target) == "value"


@pytest.mark.parametrize(("source", "target"), DECIDING_EDGES)
def test_what_only_decides_is_told_from_what_is_carried(evidence: Evidence, source: str, target: str) -> None:
    assert grade(evidence, source, target) in ("rows", "cells")


@pytest.mark.parametrize(("source", "target"), NO_EDGES)
def test_what_does_not_matter_shows_nothing(evidence: Evidence, source: str, target: str) -> None:
    assert grade(evidence, source, target) is None


def test_the_right_claims_hold(evidence: Evidence) -> None:
    said = verdict(evidence, claims())
    assert [str(finding) for finding in said.recall_errors.values()] == []
    assert [str(finding) for finding in said.unexplained.values()] == []
    assert said.from_roots_unclaimed == set()
    assert {edge: finding.reason for edge, finding in said.not_shown.items()} == {
        (column(source), column(target)): reason for (source, target), reason in NOT_SHOWN.items()
    }
    assert (said.recall, said.precision_direct, said.recall_from_roots) == (1.0, 1.0, 1.0)
    assert len(said.columns) == sum(len(claim.columns) for claim in claims().values())


def test_what_a_root_changes_is_reached_by_the_edges_of_single_statements(evidence: Evidence) -> None:
    said = verdict(evidence, claims())
    assert said.from_roots_unseen == set()
    assert {
        (column("people.tier"), column("residents.label")),
        (column("payments.note"), column("spending.name")),
        (column("cities.country"), column("residents.label")),
    } <= said.from_roots


def test_a_direct_edge_that_is_taken_out_is_noticed(evidence: Evidence) -> None:
    right = claims()
    unnoticed = {
        (edge.source, edge.target)
        for name, claim in right.items()
        for edge in claim.edges
        if edge.kind == DIRECT and not noticed(evidence, {**right, name: replace(claim, edges=claim.edges - {edge})})
    }
    # A filter is claimed besides, so nothing of it is missing.
    assert unnoticed == columns_of(CLAIMED_AND_UNDECIDABLE | NOT_SHOWN.keys())


def test_what_decides_the_rows_and_is_taken_out_is_noticed(evidence: Evidence) -> None:
    right = claims()
    unnoticed = {
        (name, edge[0])
        for name, claim in right.items()
        for edge in claim.dataset_edges
        if edge[0].relation != name
        and not poor(name)
        and not noticed(evidence, {**right, name: replace(claim, dataset_edges=claim.dataset_edges - {edge})})
    }
    assert unnoticed == set()


def test_a_whole_claim_that_is_missing_is_noticed(evidence: Evidence) -> None:
    right = claims()
    for name, claim in right.items():
        if name == relation("vouchers"):
            continue  # it has no rows
        nothing = replace(claim, edges=frozenset(), dataset_edges=frozenset())
        assert noticed(evidence, {**right, name: nothing}), name


def test_an_edge_that_is_added_is_noticed(evidence: Evidence) -> None:
    right = claims()
    pairs = [edge for edge in never_claimed(evidence, right) if not poor(edge[1].relation)]
    unnoticed = {
        (source, target)
        for source, target in pairs
        if not noticed(evidence, _with(right, ColumnEdge(source, target, DIRECT, "IDENTITY")))
    }
    assert len(pairs) > 250
    assert unnoticed <= columns_of(UNDECIDABLE | BOOLEAN)


def test_where_rows_show_only_a_part_the_other_part_is_held_to_it(evidence: Evidence) -> None:
    right = claims()
    unnoticed = {
        (source, target)
        for source, target in never_claimed(evidence, right)
        if poor(target.relation) and not noticed(evidence, _with(right, ColumnEdge(source, target, DIRECT, "IDENTITY")))
    }
    nothing_shown = {
        (source, target)
        for source, target in never_claimed(evidence, right)
        if source.relation == relation("gifts")
        or target.relation == relation("vouchers")
        or (source.relation, target.relation) == (relation("cities"), relation("homes"))
        or target == column("checked.never")
    }
    null_throughout = {(f"stg_people.{name}", "presents.label") for name in ("city_id", "tier", "active", "joined")}
    without_value = {(column("tickets.address"), column(f"checked.{name}")) for name in ("id", "remark", "code")}
    undecidable = {("doors.badge_id", "opened.badge_id")}
    assert unnoticed == nothing_shown | without_value | columns_of(null_throughout | undecidable)


def test_a_sum_or_a_calculation_that_is_added_where_nothing_depends_is_noticed(evidence: Evidence) -> None:
    right = claims()
    observed = verdict(evidence, right).observed
    unnoticed = [
        (source, target, subtype)
        for source, target in never_claimed(evidence, right)
        if not poor(target.relation)
        for subtype in ("TRANSFORMATION", "AGGREGATION")
        if (source, target) not in observed
        and not noticed(evidence, _with(right, ColumnEdge(source, target, DIRECT, subtype)))
    ]
    assert unnoticed == []


def columns_of(edges: Iterable[tuple[str, str]]) -> set[tuple[Column, Column]]:
    """Edges by the short names of their columns."""
    return {(column(source), column(target)) for source, target in edges}


def _with(right: dict[str, ColumnLineage], edge: ColumnEdge) -> dict[str, ColumnLineage]:
    claim = right[edge.target.relation]
    return {**right, claim.relation: replace(claim, edges=claim.edges | {edge})}


def test_a_column_in_no_order_is_judged_by_its_values_only(evidence: Evidence) -> None:
    unstable = {f"{seen.relation}.{name}" for _, seen in evidence.observed for name in seen.unstable}
    assert unstable == {f"{relation('entries')}.in_no_order"}


def test_an_incremental_model_is_tried_in_both_its_forms(evidence: Evidence) -> None:
    forms: dict[str, Observations] = {
        statement.variant: seen for statement, seen in evidence.observed if statement.relation == relation("ledger")
    }
    assert set(forms) == {"full", "incremental"}
    assert forms["full"].grade("amount", column("payments.id")) is None
    assert forms["incremental"].grade("amount", column("payments.id")) == "rows"
    assert forms["incremental"].rows > 0
