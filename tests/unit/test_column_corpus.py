"""What each statement of the corpus means, against what ``column_lineage`` tells of it."""

import re

import pytest

from dbt_lineage.columns.lineage import column_lineage
from prove.golden import claims
from tests.column_corpus import Case, cases

CASES = list(cases())


def test_the_corpus_is_large_and_each_case_is_one_of_its_kind() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({(case.sql, case.dialect, frozenset(case.schema)) for case in CASES}) >= 150


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_edges_are_those_that_the_statement_means(case: Case) -> None:
    found = column_lineage(case.sql, case.expected.relation, case.schema, case.dialect)
    assert sorted(map(str, claims(found))) == sorted(map(str, claims(case.expected)))
    assert found.columns == case.expected.columns


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_cannot_be_told_is_named_with_the_reason(case: Case) -> None:
    found = column_lineage(case.sql, case.expected.relation, case.schema, case.dialect)
    assert {problem.column for problem in found.unresolved} == set(case.unresolved)
    for problem in found.unresolved:
        assert re.search(case.unresolved[problem.column], problem.reason)
