"""The command on real services: exit codes, the file, what is left after an interruption, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed
from tiny_project import TINY, claims, column

from dbt_lineage.columns.model import ColumnLineage
from dbt_lineage.core.settings import DbtSettings, WarehouseSettings
from prove import not_shown
from prove.relations import ProveError
from prove.run import Evidence
from prove.scratch import Scratch
from stack.checkout import PROJECT_ROOT
from tests.second_project import PROJECT, TABLES

REASONS = {value for name, value in vars(not_shown).items() if name.isupper() and isinstance(value, str)}
COLUMNS = sum(len(claim.columns) for claim in claims().values())

Command = Callable[..., subprocess.Popen[str]]


def as_file(of: dict[str, ColumnLineage]) -> dict[str, Any]:
    """Claims in the form of a file."""
    return {
        name: {
            "columns": list(claim.columns),
            "edges": [[str(edge.source), edge.target.name, edge.kind, edge.subtype] for edge in claim.edges],
            "dataset_edges": [[str(source), subtype] for source, subtype in claim.dataset_edges],
        }
        for name, claim in of.items()
    }


@pytest.fixture
def command(warehouse: WarehouseSettings, tmp_path: Path) -> Command:
    """Starts ``python -m prove`` on the tiny project, or another, with claims from a file, or our own."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "WAREHOUSE_"))},
        "DBT_PROJECT_DIR": str(TINY),
        "DBT_PROFILE": "tiny",
        "WAREHOUSE_HOST": warehouse.host,
        "WAREHOUSE_PORT": str(warehouse.port),
        "WAREHOUSE_DATABASE": warehouse.database,
        "WAREHOUSE_USER": warehouse.user,
        "WAREHOUSE_PASSWORD": warehouse.password.get_secret_value(),
        "WAREHOUSE_READER_PASSWORD": warehouse.reader_password.get_secret_value(),
    }

    def start(of: dict[str, ColumnLineage] | None, folder: Path, **chosen: str) -> subprocess.Popen[str]:
        words = [
            "--review",
            str(tmp_path / "none.yml"),
            "--output",
            str(tmp_path / "proof.json"),
            "--folder",
            str(folder),
        ]
        if of is not None:
            (tmp_path / "claims.json").write_text(json.dumps(as_file(of)))
            words += ["--claims", str(tmp_path / "claims.json")]
        return subprocess.Popen(
            [sys.executable, "-m", "prove", *words],
            cwd=PROJECT_ROOT,
            env=environment | chosen,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def scratch_databases(connection: Any) -> list[str]:
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE '%prove%'")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.long
@pytest.mark.usefixtures("evidence")
def test_right_claims_end_well_and_what_was_tried_is_not_tried_again(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    process = command(claims(), folder)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    proof = json.loads((tmp_path / "proof.json").read_text())
    assert (proof["columns"], proof["recall"], proof["precision_direct"]) == (COLUMNS, 1.0, 1.0)
    assert (proof["unexplained"], proof["recall_errors"], proof["recall_errors_from_roots"]) == ([], [], [])
    assert (proof["edges_wrong"], proof["edges_not_shown"]) == (0, sum(proof["not_shown_by_reason"].values()))
    assert set(proof["not_shown_by_reason"]) == REASONS
    assert all(
        f"not shown by these rows: {count}, {reason}" in said for reason, count in proof["not_shown_by_reason"].items()
    )
    assert proof["edges_claimed"] == sum(len(claim.edges) for claim in claims().values())
    assert proof["edges_observed"] >= proof["edges_observed_by_grade"]["value"] > 20
    assert proof["kept_from_earlier_runs"] == proof["statements"] + len(list((TINY / "seeds").glob("*.csv")))
    assert proof["machine"]["cpus"] == os.cpu_count()


@pytest.mark.usefixtures("evidence")
def test_a_claim_too_many_and_one_too_few_end_badly_and_are_named(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    right = claims()
    name = column("residents.city").relation
    wrong = {edge for edge in right[name].edges if edge.target.name == "city"}
    moved = frozenset(replace(edge, target=column("residents.name")) for edge in wrong)
    process = command({**right, name: replace(right[name], edges=right[name].edges - wrong | moved)}, folder)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 1, said
    proof = json.loads((tmp_path / "proof.json").read_text())
    city, target = str(column("cities.name")), name
    assert [(error["source"], error["target"]) for error in proof["recall_errors"]] == [(city, f"{target}.city")]
    assert [(edge["source"], edge["target"]) for edge in proof["unexplained"]] == [(city, f"{target}.name")]
    assert f"{city} -> {target}.city: not claimed" in said
    assert f"{city} -> {target}.name: never seen" in said


@pytest.mark.long
def test_a_second_project_without_rows_ends_well_and_what_it_cannot_show_is_listed_apart(
    command: Command, connection: Any, scratch: Scratch, tmp_path: Path
) -> None:
    connection.autocommit = True
    connection.cursor().execute("CREATE DATABASE books")
    try:
        books = scratch.connect("books")
        with books, books.cursor() as cursor:
            cursor.execute(TABLES)
        books.close()
        project = {"DBT_PROJECT_DIR": str(PROJECT), "DBT_PROFILE": "finance", "DBT_TARGET": "night"}
        process = command(None, tmp_path / "books", WAREHOUSE_DATABASE="books", **project)
        said, _ = process.communicate(timeout=300)
    finally:
        connection.cursor().execute("DROP DATABASE IF EXISTS books WITH (FORCE)")
    assert process.returncode == 0, said
    proof = json.loads((tmp_path / "proof.json").read_text())
    assert (proof["recall"], proof["edges_wrong"], proof["edges_proved"]) == (1.0, 0, 0)
    assert proof["edges_not_shown"] == proof["edges_claimed_direct"] > 10
    # The seed of rates has rows, and nobody to bill.
    assert set(proof["not_shown_by_reason"]) == {not_shown.EMPTY_SOURCE, not_shown.NO_RESULT}
    assert all(
        f"not shown by these rows: {count}, {why}" in said for why, count in proof["not_shown_by_reason"].items()
    )


@pytest.mark.long
def test_an_interrupted_proof_leaves_no_database_and_keeps_what_was_tried(
    command: Command, tmp_path: Path, warehouse: WarehouseSettings, scratch: Scratch
) -> None:
    kept = tmp_path / "folder" / "observations"
    process = command(claims(), tmp_path / "folder")
    try:
        Retrying(
            retry=retry_if_result(lambda found: not found and process.poll() is None),
            stop=stop_after_delay(300),
            wait=wait_fixed(0.2),
        )(lambda: list(kept.glob("*.json")))
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    assert "ended by SIGTERM" in said
    connection = scratch.connect(warehouse.database)
    assert scratch_databases(connection) == []
    connection.close()
    assert list(kept.glob("*.json"))


def test_nothing_is_left_in_the_cluster(evidence: Evidence, connection: Any) -> None:
    assert evidence.observed
    assert scratch_databases(connection) == []


def test_a_warehouse_in_use_is_named(scratch: Scratch, connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with (
        pytest.raises(ProveError, match=r"copy the database jaffle_db .*being accessed by other users"),
        scratch.made(),
    ):
        pass


def test_a_role_that_may_not_make_databases_is_told_how(
    dbt: DbtSettings, warehouse: WarehouseSettings, tmp_path: Path
) -> None:
    reader = warehouse.model_copy(update={"user": warehouse.reader_user, "password": warehouse.reader_password})
    with (
        pytest.raises(ProveError, match="ALTER ROLE lineage_reader CREATEDB"),
        Scratch(dbt, reader, tmp_path, 1).made(),
    ):
        pass


def test_a_model_that_fails_is_told_in_dbts_words(
    dbt: DbtSettings, warehouse: WarehouseSettings, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    (broken / "models").mkdir(parents=True)
    for name in ("dbt_project.yml", "profiles.yml"):
        (broken / name).write_text((TINY / name).read_text())
    (broken / "models" / "wrong.sql").write_text("select 1 / 0 as nothing")
    project = dbt.model_copy(update={"project_dir": broken, "seeds": ""})
    with pytest.raises(ProveError, match="division by zero"), Scratch(project, warehouse, tmp_path, 1).made():
        pass


def test_a_target_that_is_not_there_is_named(dbt: DbtSettings, warehouse: WarehouseSettings, tmp_path: Path) -> None:
    project = dbt.model_copy(update={"target": "moon"})
    with (
        pytest.raises(ProveError, match="no profile tiny with a target moon"),
        Scratch(project, warehouse, tmp_path, 1).made(),
    ):
        pass
