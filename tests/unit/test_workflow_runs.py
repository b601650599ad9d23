"""Running one of OpenMetadata's workflows: its lines keep their levels, and a table that is being replaced is come back for."""

import logging
from pathlib import Path

import pytest
from tenacity import wait_none

from dbt_lineage.core import settings
from dbt_lineage.ingest import connector as runs
from dbt_lineage.ingest.connector import TablesMissed, describe_tables, run_workflow
from dbt_lineage.ingest.workflows import WorkflowError, Workflows
from dbt_lineage.warehouse.postgres import PostgresWarehouse

# What the workflow says of a table that is gone when it comes to it.
MISSED = (
    "[2026-11-29 13:00:00] WARNING  {metadata.Status:status:129} - Unexpected exception to yield table "
    "(database=[jaffle_db], schema=[dev], table=[orders]): orders"
)


def workflows(environment: pytest.MonkeyPatch, folder: Path, script: str) -> Workflows:
    """Workflows whose interpreter is a shell script."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    environment.setenv("OPENMETADATA_PYTHON", str(python))
    environment.setenv("DBT_ARTIFACTS_DIR", str(folder))
    return Workflows(settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt())


def test_each_line_of_the_ingestion_is_logged_with_its_own_level(
    environment: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The real one, which finds its configuration wrong: it says so in an error of several lines, then how it should be."""
    environment.setenv("DBT_ARTIFACTS_DIR", str(tmp_path))
    real = Workflows(settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt())
    with caplog.at_level(logging.DEBUG), pytest.raises(WorkflowError, match="ended with exit code 1"):
        run_workflow(real, "openlineage", {"OPENMETADATA_IDLE_SECONDS": "no number"})
    levels = {
        part: {record.levelname for record in caplog.records if part in record.getMessage()}
        for part in ("Error loading metadata configuration", "'sessionTimeout'", "Make sure you are following", "sink:")
    }
    assert list(levels.values()) == [{"ERROR"}, {"ERROR"}, {"INFO"}, {"INFO"}]


def test_a_workflow_that_does_not_end_is_ended(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = workflows(environment, tmp_path, "exec sleep 600")
    with pytest.raises(WorkflowError, match=r"workflow openlineage did not end within 0\.1 s"):
        run_workflow(made, "openlineage", {}, 0.1)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbt_lineage.ingest.connector.describe_tables.retry.wait", wait_none())


@pytest.fixture
def of_a_project(artifacts_dir: Path, tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_bytes((artifacts_dir / "manifest.json").read_bytes())
    return tmp_path


@pytest.mark.usefixtures("at_once")
def test_the_workflow_comes_back_for_a_table_that_was_being_replaced(
    environment: pytest.MonkeyPatch, of_a_project: Path
) -> None:
    once = (
        f"echo x >> {of_a_project}/times; test $(wc -l < {of_a_project}/times) -gt 1 || {{ echo '{MISSED}'; exit 1; }}"
    )
    describe_tables(workflows(environment, of_a_project, once))
    assert (of_a_project / "times").read_text().count("x") == 2


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("says", "times", "error"), [(MISSED, 3, TablesMissed), ("another error", 1, WorkflowError)])
def test_it_does_not_come_back_for_ever_nor_for_anything_else(
    environment: pytest.MonkeyPatch, of_a_project: Path, says: str, times: int, error: type[Exception]
) -> None:
    made = workflows(environment, of_a_project, f"echo x >> {of_a_project}/times; echo '{says}'; exit 1")
    with pytest.raises(error, match="workflow postgres ended with exit code 1"):
        describe_tables(made)
    assert (of_a_project / "times").read_text().count("x") == times


def test_the_pinned_ingestion_still_says_so() -> None:
    [source] = (
        settings.openmetadata()
        .python.parents[1]
        .glob("lib/python*/site-packages/metadata/ingestion/source/database/common_db_source.py")
    )
    assert runs._NOT_DESCRIBED in source.read_text()
