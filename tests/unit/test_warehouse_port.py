"""What names PostgreSQL, and what a warehouse is asked for its columns."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from dbt_lineage.core.settings import WarehouseSettings
from dbt_lineage.warehouse.naming import ADAPTERS
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from dbt_lineage.warehouse.questions import Relation, everything, questions
from stack.checkout import PROJECT_ROOT

LIBRARY = PROJECT_ROOT / "include" / "dbt_lineage"
# Besides the port's package: the ledger, whose database is PostgreSQL, and columns, whose dialects are sqlglot's.
ROOMS = ("warehouse", "ledger", "columns")
OTHERS = {
    # The settings of the port's own implementation, and the ledger's address.
    *("core/project_settings.py", "core/setting_types.py", "core/shared_settings.py", "core/spelling.py"),
    # What a command calls an error of the ledger's client.
    "core/commands.py",
    # They write into the ledger, or ask the server that has it.
    *("spool/facts.py", "watch/checks/record.py", "watch/health/parts.py"),
}
NAMED = re.compile(r"postgres|psycopg", re.IGNORECASE)
GOLDEN = PROJECT_ROOT / "tests" / "data" / "warehouse_questions.json"


def test_no_other_file_names_postgresql() -> None:
    naming = {
        str(file.relative_to(LIBRARY))
        for file in LIBRARY.rglob("*.py")
        if NAMED.search(file.read_text(encoding="utf-8")) and file.relative_to(LIBRARY).parts[0] not in ROOMS
    }
    assert naming <= OTHERS
    assert naming == OTHERS, "these name it no more: take them off the list"


def asked(adapter: str) -> list[str]:
    relations = [Relation("Shop", "dev", "orders"), Relation("Shop", "dev", "Raw"), Relation("Shop", "it's", "x")]
    rules = ADAPTERS[adapter]
    asked = list(questions(rules, relations))
    if adapter == "duckdb":
        asked += everything(rules, "Shop", lambda _: ())
    return [each.sql for each in asked]


@pytest.mark.parametrize("adapter", sorted(ADAPTERS.keys() - {"postgres"}))
def test_the_question_for_columns_is_the_one_that_was_reviewed(adapter: str) -> None:
    assert asked(adapter) == json.loads(GOLDEN.read_text(encoding="utf-8"))[adapter]


@pytest.mark.parametrize("adapter", sorted(ADAPTERS.keys() - {"postgres", "dremio"}))
def test_the_question_is_sql_of_that_warehouse(adapter: str) -> None:
    import sqlglot

    for sql in asked(adapter):
        sqlglot.parse_one(sql, dialect=ADAPTERS[adapter].dialect)


def test_a_thousand_relations_are_asked_for_in_two_questions() -> None:
    relations = [Relation("shop", "dev", f"m{number}") for number in range(1000)]
    assert len(list(questions(ADAPTERS["snowflake"], relations))) == 2


def test_spark_lists_its_tables_before_it_is_asked_for_all_columns() -> None:
    answers = {
        "show schemas": [["dev"], ["it's"]],
        "show tables in `dev`": [["dev", "orders", False], ["", "temporary", True]],
        "show tables in `it's`": [["it's", "x", False]],
    }
    asked = everything(ADAPTERS["spark"], "default", answers.__getitem__)
    assert [(each.sql, each.about) for each in asked] == [
        ("describe table `dev`.`orders`", Relation("default", "dev", "orders")),
        ("describe table `it's`.`x`", Relation("default", "it's", "x")),
    ]


def test_superset_checks_postgresql_by_the_certificates_of_the_settings(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("an authority")
    given = {"password": "p", "reader_password": "r"}
    plain = PostgresWarehouse(WarehouseSettings.model_validate(given)).superset_address()
    assert (make_url(plain.url).query, plain.password) == ({}, "r")
    tls = {"sslmode": "verify-full", "sslrootcert": str(authority)}
    secured = PostgresWarehouse(WarehouseSettings.model_validate({**given, **tls})).superset_address()
    assert make_url(secured.url).query == tls
