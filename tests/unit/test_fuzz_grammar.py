"""Statements at random, without a database: they are made again from their choices, get smaller, and reach every shape."""

import random
import re
from collections.abc import Sequence

import pytest

from prove.fuzz.choices import Choices, shrunk
from prove.fuzz.queries import Queries

STATEMENTS = 3000
SHAPES = (
    *(r"@ \w", r"@\+ ", r"~ \w", r"OPERATOR\(pg_catalog\.", r"OPERATOR\(base\.", "<#>", "<->", "<%", "%>"),
    *(r"\(\w+\)\.\w+", r"row\(", r"\)\.\*", r"unnest\(", "with ordinality", r"rows from \("),
    *(r"json_table\(", "nested path", r"json_array\(", "null on null", r"json_array\(select", "json_objectagg"),
    *(r"json_value\(", r"json_exists\(.*passing", r"json_query\(", r"json_object\("),
    *(r"using \([\w, ]+\) as ", "natural ", r"\bonly \w", r"\w \* ", "full join", "lateral"),
    *("rows between .* preceding", r"rows between \d preceding and \(\(?select", "groups between", "range between"),
    *("exclude ties", r"filter \(where", "within group", "grouping sets", r"cube \(", r"rollup \(", r"grouping\("),
    *("with recursive", "distinct on", "union all", "intersect", "except all", "exists", r"\bin \(select"),
    *(r"= any \(select", r"> all \(select", r"array ?\(select", "case when", r"case .* when", "::numeric", r"cast\("),
    *(r"select \*", r"\w\.\*", "limit", "order by", "with ties", "values", "table item", "materialized"),
    *(r"generate_series\(", r"\(partition by", "having", r"jsonb_to_recordset", "is not distinct|is distinct"),
    *("search depth first", r"cycle \w+ set", "with sale as", r"\w \(t\d+_0", "between symmetric", "overlaps"),
    *("merge into", "when matched and", "not matched by source"),
)


def made(seed: int) -> tuple[str, list[int]]:
    choices = Choices(random.Random(seed))  # noqa: S311 - no secret
    return Queries(choices).statement(), choices.made


@pytest.fixture(scope="module")
def statements() -> list[str]:
    """Many statements."""
    return [made(seed)[0] for seed in range(STATEMENTS)]


def test_a_statement_is_made_again_from_its_choices() -> None:
    for seed in range(50):
        text, choices = made(seed)
        assert Queries(Choices(replayed=choices)).statement() == text


def test_the_simplest_choices_make_the_simplest_statement() -> None:
    assert Queries(Choices()).statement() == "select t1.id as c1 from sale as t1"


@pytest.mark.parametrize("shape", SHAPES)
def test_statements_reach_every_shape(statements: list[str], shape: str) -> None:
    assert sum(re.search(shape, text) is not None for text in statements) >= 3


def test_most_statements_are_different(statements: list[str]) -> None:
    assert len(set(statements)) > 0.9 * STATEMENTS


def test_choices_are_shrunk_to_what_fails() -> None:
    def still_fails(proposed: Sequence[int]) -> Sequence[int] | None:
        return proposed if sum(number >= 7 for number in proposed) >= 2 else None

    start = [at * 37 % 100 for at in range(60)]
    assert shrunk(start, still_fails, 5000) == [7, 7]


def test_a_statement_is_shrunk_to_the_part_that_fails() -> None:
    seed = next(seed for seed in range(500) if "json_table" in made(seed)[0] and len(made(seed)[0]) > 700)
    _, choices = made(seed)

    def still_fails(proposed: Sequence[int]) -> Sequence[int] | None:
        again = Choices(replayed=proposed)
        return again.made if "json_table" in Queries(again).statement() else None

    smallest = Queries(Choices(replayed=shrunk(choices, still_fails, 3000))).statement()
    assert len(smallest) < 300, smallest


def test_shrinking_ends_after_its_attempts() -> None:
    asked = []
    shrunk([9] * 100, lambda proposed: asked.append(proposed), 10)
    assert len(asked) == 10
