"""What the catalogue is told of a run, by the event that ended it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.core.settings import OpenMetadataSettings
from dbt_lineage.events.run_event import RunEvent
from dbt_lineage.ingest.catalogue_writer import CatalogueWriter
from dbt_lineage.ingest.pipeline_status import RunHistory, results_of
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses

STARTED = datetime(2026, 11, 22, 11, 59, 58, tzinfo=UTC)
MILLISECONDS = 1_795_348_800_250
ONE = Warehouses([CatalogueWarehouse("postgres://here:5432", "db", "warehouse", "runs")])


def status(kind: str = "COMPLETE", **facets: Any) -> dict[str, Any]:
    event = {
        "eventType": kind,
        "eventTime": "2026-11-22T12:00:00.250Z",
        "run": {"runId": "a-run", "facets": facets},
        "job": {"namespace": "shop", "name": "model.p.a"},
        "inputs": [{"namespace": "postgres://here:5432", "name": "DB.dev.raw"}],
        "outputs": [{"namespace": "postgres://here:5432", "name": "dev.A"}],
    }
    settings = OpenMetadataSettings(token=SecretStr("dummy"))
    history = RunHistory(CatalogueWriter(AsyncClient(settings), ONE))
    history.started(RunEvent.model_validate({**event, "eventType": "START", "eventTime": STARTED.isoformat()}))
    return history.status(RunEvent.model_validate(event))


def test_a_run_has_its_end_its_start_and_what_it_wrote() -> None:
    told = status()
    assert (told["timestamp"], told["endTime"], told["executionId"]) == (MILLISECONDS, MILLISECONDS, "a-run")
    assert told["parameters"] == {"startTime": "2026-11-22T11:59:58+00:00"}
    assert told["outputs"] == [{"datasetFQN": "warehouse.db.dev.A"}]
    assert "error" not in told


@pytest.mark.parametrize(("kind", "outcome"), [("COMPLETE", "Successful"), ("FAIL", "Failed"), ("ABORT", "Failed")])
def test_a_run_has_its_outcome(kind: str, outcome: str) -> None:
    assert status(kind)["executionStatus"] == outcome


def test_a_failed_run_has_its_error_as_far_as_it_is_readable() -> None:
    assert status("FAIL", errorMessage={"message": "division by zero"})["error"] == {"errorMessage": "division by zero"}
    assert len(status("FAIL", errorMessage={"message": "x" * 100_000})["error"]["errorMessage"]) == 2000
    assert "error" not in status("FAIL", errorMessage="no facet")


def test_a_run_has_the_interval_that_it_was_for() -> None:
    nominal = {"nominalStartTime": "2020-03-01T00:00:00+00:00", "nominalEndTime": "2020-04-01T00:00:00+00:00"}
    assert nominal.items() <= status(nominalTime=nominal)["parameters"].items()


@pytest.mark.parametrize(
    ("assertion", "outcome", "value"),
    [
        ({"success": True}, "Success", "1"),
        ({"success": False, "severity": "error", "actual": "3", "expected": "0"}, "Failed", "0"),
        ({"success": False, "severity": "warn"}, "Aborted", "0"),
    ],
)
def test_a_test_has_its_result_under_the_name_of_its_case(assertion: dict[str, Any], outcome: str, value: str) -> None:
    facet = {"assertions": [{"name": "not_null_a.b", "column": "id", **assertion}]}
    event = RunEvent.model_validate(
        {
            "eventType": "COMPLETE",
            "eventTime": "2026-11-22T12:00:00.250Z",
            "run": {"runId": "a-run"},
            "job": {"namespace": "shop", "name": "test.p.t", "facets": {"jobType": {"jobType": "TEST"}}},
            "inputs": [{"namespace": "w", "name": "dev.a", "facets": {"dataQualityAssertions": facet}}],
        }
    )
    [(name, result)] = results_of(event, ONE)
    assert name == 'warehouse.db.dev.a.id."not_null_a.b"'
    assert (result["testCaseStatus"], result["timestamp"]) == (outcome, MILLISECONDS)
    assert result["testResultValue"] == [{"name": "test.p.t", "value": value}]
