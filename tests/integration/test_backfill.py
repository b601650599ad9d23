"""A backfill through Airflow's own command."""

import subprocess
import sys
from collections import Counter

from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core import settings
from stack.airflow_api import FINISHED, AirflowApi
from stack.checkout import PROJECT_ROOT
from tests.support import BuiltProject, Catalogue, Topic, query

REPORT = "jaffle_shop_dev.monthly_business_summary"
CONTENT = (
    "year_month, total_orders, unique_customers, new_customers, total_revenue, avg_order_value, products_sold, "
    "total_quantity, prev_month_revenue, revenue_growth_pct"
)


def content() -> list[tuple]:
    return query(f"select {CONTENT} from {REPORT} order by year_month")


def generated() -> dict[str, object]:
    return dict(query(f"select year_month, report_generated_at from {REPORT}"))


def airflow(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "airflow", *arguments], capture_output=True, text=True, cwd=PROJECT_ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]


MONTHS = ["2020-03", "2020-04", "2020-05"]


def in_history(catalogue: Catalogue) -> dict[str, str]:
    """The outcome of the report's run for each month, as the catalogue shows it."""
    service = settings.openmetadata().pipeline_service
    pipeline = f'{service}."{settings.openlineage().namespace}-model.jaffle_shop.monthly_business_summary"'
    runs = catalogue.get(f"pipelines/{pipeline}/status", startTs=0, endTs=2**53)["data"]
    starts = {run["parameters"].get("nominalStartTime", "")[:7]: run["executionStatus"] for run in runs}
    return {month: outcome for month, outcome in starts.items() if month in MONTHS}


def test_a_backfill_of_three_months_rewrites_them_and_equals_a_full_refresh(
    built: BuiltProject, api: AirflowApi, catalogue: Catalogue
) -> None:
    dag_id = settings.dbt().dag_id
    events = Topic(settings.kafka().events_topic)
    start = events.ends()
    expected = content()
    # Faults in the three months that the backfill covers, and nowhere else.
    query(f"update {REPORT} set total_revenue = -1, prev_month_revenue = null where year_month = '2020-03'")
    query(f"delete from {REPORT} where year_month = '2020-04'")
    before = generated()

    airflow(
        *("backfill", "create", "--dag-id", dag_id, "--from-date", "2020-03-01", "--to-date", "2020-05-01"),
        *("--max-active-runs", "1", "--reprocess-behavior", "completed"),
    )

    def backfill_runs() -> list[dict]:
        runs = [run for run in api.runs(dag_id) if run["run_type"] == "backfill"]
        return runs if len(runs) == 3 and all(run["state"] in FINISHED for run in runs) else []

    runs = retry(retry=retry_if_result(lambda runs: not runs), stop=stop_after_delay(500), wait=wait_fixed(1))(
        backfill_runs
    )()
    assert [(run["data_interval_start"][:7], run["state"]) for run in runs] == [(each, "success") for each in MONTHS]

    assert content() == expected
    after = generated()
    rewritten = {month for month in after if after[month] != before.get(month)}
    assert rewritten == set(MONTHS)

    # Each run says which month it was for.
    months = Counter(
        event["run"]["facets"]["nominalTime"]["nominalStartTime"][:7]
        for event in events.since(start)
        if event["eventType"] == "COMPLETE" and event["job"]["name"] == "model.jaffle_shop.monthly_business_summary"
    )
    assert months == Counter(MONTHS)

    api.run_once(dag_id, {"full_refresh": True})
    assert content() == expected

    # The builds started the ingestion, which ran meanwhile.
    found = retry(
        retry=retry_if_result(lambda shown: len(shown) < len(MONTHS)),
        stop=stop_after_delay(300),
        wait=wait_fixed(1),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )(in_history)(catalogue)
    assert found == dict.fromkeys(MONTHS, "Successful")
