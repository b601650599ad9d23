"""What should be in the catalogue against what is."""

import pytest

from dbt_lineage.catalogue.verify import Comparison, LineageIncomplete
from dbt_lineage.manifest.graph import Edge

A, B, C, D = (Edge("db.raw.a", f"db.dev.{name}") for name in "abcd")


def compared(expected: set[Edge], found: set[Edge]) -> Comparison:
    return Comparison(frozenset(expected), frozenset(found))


@pytest.mark.parametrize(
    ("expected", "found", "missing", "unexpected", "counts"),
    [
        pytest.param({A, B}, {A, B}, [], [], (2, 2, 0), id="equal"),
        pytest.param({A, B, C}, {B}, [A, C], [], (3, 1, 0), id="missing"),
        pytest.param({B}, {A, B, C}, [], [A, C], (1, 1, 2), id="unexpected"),
        pytest.param({A, B}, {C, D}, [A, B], [C, D], (2, 0, 2), id="disjoint"),
        pytest.param(
            {A}, {Edge(A.downstream, A.upstream)}, [A], [Edge(A.downstream, A.upstream)], (1, 0, 1), id="turned"
        ),
        pytest.param(set(), set(), [], [], (0, 0, 0), id="nothing"),
    ],
)
def test_edges_are_told_apart(
    expected: set[Edge], found: set[Edge], missing: list[Edge], unexpected: list[Edge], counts: tuple[int, int, int]
) -> None:
    comparison = compared(expected, found)
    assert comparison.missing == missing
    assert comparison.unexpected == unexpected
    assert comparison.counts() == dict(
        zip(("edges_expected", "edges_in_catalogue", "edges_unexpected"), counts, strict=True)
    )


def test_the_missing_edges_are_listed() -> None:
    with pytest.raises(LineageIncomplete) as incomplete:
        compared({A, B, C}, {B, D}).require_complete()
    assert str(incomplete.value).splitlines() == [
        "2 of 3 expected edges are not in the catalogue:",
        "  db.raw.a -> db.dev.a",
        "  db.raw.a -> db.dev.c",
    ]


@pytest.mark.parametrize("found", [{A, B}, {A, B, C}], ids=["exact", "with one too many"])
def test_nothing_is_missing_when_every_expected_edge_is_there(found: set[Edge]) -> None:
    compared({A, B}, found).require_complete()
