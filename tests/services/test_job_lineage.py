"""What the ledger keeps of the newest verified event of each job, on a real PostgreSQL and with a real ingestion."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from lineage_shop import EPOCH, NAMESPACE, Shop
from pydantic import SecretStr

from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ingest.ingestion import Ingestion, LineageUnverified
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.ingest.replay import Selection, replayed
from dbt_lineage.ledger.job_lineage import JobLineage, LineageLedger, Said
from dbt_lineage.ledger.of_project import ProjectRecords
from dbt_lineage.manifest.project_file import Jobs
from stack import airflow
from stack.config import StackConfig

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def settings(stack: StackConfig) -> LedgerSettings:
    """The stack's ledger."""
    return LedgerSettings(url=SecretStr(airflow.environment(stack)["LEDGER_URL"]), timeout_seconds=5)


@pytest.fixture
def ledger(settings: LedgerSettings) -> Iterator[LineageLedger]:
    """The ledger; each test has jobs of its own in it."""
    with LineageLedger(settings) as opened:
        yield opened


def lineage(namespace: str, job: str = "model.shop.orders", **changed: object) -> JobLineage:
    said = Said(
        inputs=[["service", "shop.dev.raw"]],
        columns=[["id", "integer", "The id."]],
        links=[[0, "id", "id", ["IDENTITY"]]],
        deciding=[[0, "FILTER", ["flag"]]],
        expressions={"id": "id"},
        unresolved=[["odd", "a \0 function"]],
    )
    known = JobLineage(namespace, job, "shop.dev.orders", "service", "event", "run", NOW, said, "select 1")
    return replace(known, **changed)


def of(ledger: LineageLedger, namespace: str) -> list[JobLineage]:
    return [each for each in ledger.all() if each.job_namespace == namespace]


def test_what_was_kept_is_read_and_the_sql_only_with_its_job(ledger: LineageLedger) -> None:
    namespace = f"shop-{uuid4()}"
    ledger.keep([lineage(namespace)])
    (found,) = of(ledger, namespace)
    assert found.verified_at is not None
    assert replace(found, verified_at=None) == lineage(namespace, sql="")
    (whole,) = ledger.of_job(namespace, "model.shop.orders")
    assert whole.sql == "select 1"


def test_the_newest_event_counts_in_whatever_order_they_come(ledger: LineageLedger) -> None:
    namespace = f"shop-{uuid4()}"
    later = NOW + timedelta(seconds=1)
    ledger.keep([lineage(namespace, event_time=later, run_id="b", event_id="newest")])
    ledger.keep([lineage(namespace, event_id="older")])
    ledger.keep([lineage(namespace, event_time=later, run_id="a", event_id="of an earlier run")])
    assert [each.event_id for each in of(ledger, namespace)] == ["newest"]
    ledger.keep([lineage(namespace, event_time=later, run_id="b", event_id="the same once more")])
    assert [each.event_id for each in of(ledger, namespace)] == ["the same once more"]


def test_the_version_changes_with_each_change_alone(ledger: LineageLedger) -> None:
    namespace = f"shop-{uuid4()}"
    before = ledger.version()
    ledger.keep([lineage(namespace)])
    kept = ledger.version()
    ledger.keep([lineage(namespace, event_time=NOW - timedelta(days=1))])
    assert before != kept == ledger.version()


def test_the_lineage_of_a_projects_jobs_goes_with_the_project(ledger: LineageLedger, settings: LedgerSettings) -> None:
    namespace = f"shop-{uuid4()}"
    ledger.keep([lineage(namespace), lineage(namespace, job="model.books.orders")])
    with ProjectRecords(settings, "shop", Jobs(frozenset({namespace}), "shop", "shop")) as records:
        assert records.counts() == {"lineage of jobs": 1}
        records.remove()
        assert records.counts() == {}
    assert [each.job_name for each in of(ledger, namespace)] == ["model.books.orders"]


# --- from the events topic


def ingestion(shop: Shop, settings: LedgerSettings) -> Ingestion:
    made = shop.ingestion()
    made.progress = LedgerProgress(settings)
    return made


def test_what_was_read_back_is_kept_as_the_event_says_it(
    shop: Shop, ledger: LineageLedger, settings: LedgerSettings
) -> None:
    shop.make_tables(raw="id cents flag", orders="id amount")
    columns = {"id": ("id", "IDENTITY"), "amount": [("cents", "AGGREGATION"), ("flag", "CONDITIONAL")]}
    at = (datetime.now(UTC) - EPOCH).total_seconds()
    event_id = shop.emit(
        "orders",
        {"raw": columns},
        second=at,
        sql="select id, sum(cents) from raw",
        expressions={"amount": "sum(cents)"},
        deciding=[("raw", "id", "GROUP_BY")],
        schemas={"orders": {"id": "integer", "amount": "numeric"}},
    )
    before = ledger.version()
    ingestion(shop, settings).run()
    assert ledger.version() != before
    (found,) = ledger.of_job(NAMESPACE, "model.orders")
    assert (found.event_id, found.output, found.database_service) == (event_id, "shop.dev.orders", shop.name)
    assert found.sql == "select id, sum(cents) from raw"
    said = found.said
    assert said.inputs == [[shop.name, "shop.dev.raw"]]
    assert said.columns == [["id", "integer", ""], ["amount", "numeric", ""]]
    assert {(source, target, *ways) for _, source, target, ways in said.links} == {
        ("id", "id", "IDENTITY"),
        ("cents", "amount", "AGGREGATION"),
        ("flag", "amount", "CONDITIONAL"),
    }
    assert said.deciding == [[0, "GROUP_BY", ["id"]]]
    assert said.expressions == {"amount": "sum(cents)"}


def test_what_was_not_read_back_is_not_kept_before_it_is(
    shop: Shop, ledger: LineageLedger, settings: LedgerSettings
) -> None:
    shop.make_tables(raw="id cents", totals="amount")
    totals = shop.get(f"tables/name/{shop.fqn('totals')}")["id"]
    shop.fail("GET", f"/lineage/table/{totals}$", status=400)
    at = (datetime.now(UTC) - EPOCH).total_seconds()
    event_id = shop.emit("totals", {"raw": {"amount": "cents"}}, second=at)
    with pytest.raises(LineageUnverified):
        ingestion(shop, settings).run()
    assert event_id not in [each.event_id for each in ledger.of_job(NAMESPACE, "model.totals")]
    shop.heal()
    ingestion(shop, settings).run()
    assert [each.event_id for each in ledger.of_job(NAMESPACE, "model.totals")] == [event_id]


def test_a_replay_fills_a_ledger_that_lost_it(shop: Shop, ledger: LineageLedger, settings: LedgerSettings) -> None:
    shop.make_tables(raw="id cents", orders="id amount")
    at = (datetime.now(UTC) - EPOCH).total_seconds()
    event_id = shop.emit("orders", {"raw": {"amount": "cents"}}, second=at)
    shop.ingestion().run()
    assert event_id in shop.told.facts
    assert event_id not in [each.event_id for each in ledger.of_job(NAMESPACE, "model.orders")]
    found = replayed(shop.kafka, shop.ingestion().warehouses, Selection.everything())
    ingestion(shop, settings).replay(found.events.values())
    assert [each.event_id for each in ledger.of_job(NAMESPACE, "model.orders")] == [event_id]
