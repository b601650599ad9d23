"""PostgreSQL's words as its own scanner and grammar read them."""

import pytest
from sqlglot.tokens import TokenType

from dbt_lineage.columns.dialects import parsing
from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.postgres_dialect import FOREIGN_KEYWORDS
from dbt_lineage.core.spelling import identifier

OUTPUT = "db.s.output"


def tokens(sql: str) -> list[str]:
    return [token.text for token in parsing("postgres").tokenize(sql)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a<->b", ["a", "<->", "b"]),
        ("a=-1", ["a", "=", "-", "1"]),
        ("a<-+1", ["a", "<", "-", "+", "1"]),
        ("a@-1", ["a", "@-", "1"]),
        ("@a", ["@", "a"]),
        ("a||-b", ["a", "||-", "b"]),
        ("a*-b", ["a", "*", "-", "b"]),
        ("a<--b", ["a", "<"]),
        ("a+/*-*/-b", ["a", "+", "-", "b"]),
        ("'@'<@'-'", ["@", "<@", "-"]),
        ("operator(s.+) operator", ["OPERATOR(s.+)", "operator"]),
        ("operator (a)", ["operator", "(", "a", ")"]),
        ("f(a=>1)", ["f", "(", "a", "=>", "1", ")"]),
        ("a::b[1:2]", ["a", "::", "b", "[", "1", ":", "2", "]"]),
    ],
)
def test_operators_are_as_long_as_postgresql_takes_them(sql: str, expected: list[str]) -> None:
    assert tokens(sql) == expected


def test_a_token_tells_where_it_stands() -> None:
    sql = "select a <=@ -b, operator(pg_catalog.+) c"
    for token in parsing("postgres").tokenize(sql):
        assert sql[token.start : token.end + 1].lower() == token.text.lower()


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("n" * 63, "n" * 63),
        ("n" * 64, "n" * 63),
        ("ä" * 32, "ä" * 31),
        ("n" + "ä" * 32, "n" + "ä" * 31),
        ("€" * 22, "€" * 21),
        ("😀" * 16, "😀" * 15),
    ],
)
def test_a_name_is_cut_as_postgresql_stores_it(name: str, stored: str) -> None:
    assert identifier(name) == stored
    assert tokens(f'select "{name}", {name}') == ["select", stored, ",", stored]


def test_a_text_is_not_cut() -> None:
    assert tokens(f"select '{'x' * 100}'") == ["select", "x" * 100]


def test_a_long_relation_is_the_one_that_postgresql_stores() -> None:
    table, column = "t" * 70, "c" * 70
    for stored_table, stored_column in ((table, column), (identifier(table), identifier(column))):
        relation = f"db.s.{stored_table}"
        lineage = column_lineage(
            f"select {column}, {table}.{column}x as b from s.{table}",
            OUTPUT,
            {relation: {stored_column: "int"}},
            "postgres",
        )
        assert lineage.unresolved == ()
        assert lineage.columns == (identifier(column), "b")
        assert {(edge.source.relation, edge.source.name) for edge in lineage.edges} == {(relation, stored_column)}


def test_names_of_other_databases_keep_their_length() -> None:
    name = "c" * 70
    lineage = column_lineage(f"select {name} from t", OUTPUT, {"db.s.t": {name: "int"}}, "bigquery")
    assert lineage.columns == (name,)


def test_keywords_that_postgresql_does_not_reserve_are_names() -> None:
    """A column may be called so, and a word that means something else elsewhere must not hide it."""
    not_reserved = {"at", "cache", "format", "key", "list", "map", "name", "operator", "text", "value", "year", "zone"}
    words = {word.lower() for word in FOREIGN_KEYWORDS if " " not in word} | not_reserved
    for word in sorted(words):
        sql = (
            f"select {word}, t.{word} + 1 as b, -{word} as c, u.x as d from t, (select {word} as x from t as {word}) u"
        )
        lineage = column_lineage(sql, OUTPUT, {"db.s.t": {word: "int"}}, "postgres")
        assert (word, lineage.unresolved, lineage.columns) == (word, (), (word, "b", "c", "d"))
        assert {edge.target.name for edge in lineage.edges} == {word, "b", "c", "d"}


def test_an_operator_is_one_token_of_its_own_kind() -> None:
    (token,) = [token for token in parsing("postgres").tokenize("a <~> b") if token.text == "<~>"]
    assert token.token_type is TokenType.OPERATOR
