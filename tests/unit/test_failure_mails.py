"""The mail of a failed task names what is behind it: models, dashboards and owners, with a link to the lineage page."""

import asyncio
import json
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from test_deadlines import HOST, Sink

from dbt_lineage.airflow.behind import behind, named_nodes, page_address
from dbt_lineage.core.projects import projects

MESSAGE = "model.jaffle_shop.orders: Database Error: division by zero\n  compiled code at orders.sql"


@pytest.fixture
def mails(environment: pytest.MonkeyPatch, tmp_path: Path, artifacts_dir: Path) -> Iterator[list[EmailMessage]]:
    """What is mailed, by Airflow's own connection to a real mail server."""
    environment.setenv("AIRFLOW_HOME", str(tmp_path))
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example/team/")
    sink = Sink()
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(sink, loop=loop), HOST, 0))
    serving = threading.Thread(target=loop.run_forever)
    serving.start()
    off = {"disable_tls": True, "disable_ssl": True}
    connection = {"conn_type": "smtp", "host": HOST, "port": server.sockets[0].getsockname()[1], "extra": off}
    environment.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))
    yield sink.mails
    loop.call_soon_threadsafe(loop.stop)
    serving.join()
    server.close()
    loop.close()


def failed(dag_id: str, exception: Exception, unique_ids: list[str] | None = None) -> Any:
    ti = SimpleNamespace(dag_id=dag_id, task_id="models.dbt_build", run_id="manual", try_number=1, log_url="http://log")
    task = SimpleNamespace(unique_ids=unique_ids or [])
    return {"ti": ti, "task": task, "exception": exception, "dag": None}


def text(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("html",))
    assert body is not None
    return str(body.get_content())


def send(context: Any) -> None:
    from dbt_lineage.airflow.notifications import failure_mail

    failure_mail(projects()[0])(context)


def test_the_mail_names_models_dashboards_and_owners_behind_a_failed_model(mails: list[EmailMessage]) -> None:
    send(failed("jaffle_shop", RuntimeError(MESSAGE)))
    (mail,) = mails
    told = text(mail)
    assert "division by zero" in told
    assert "customer_lifetime_value" in told
    assert "<b>Dashboards</b><br>Jaffle Shop</p>" in told
    assert "Jaffle Shop Analytics &lt;analytics@jaffle-shop.example&gt;" in told
    assert "https://airflow.example/team/plugin/dbt-lineage?node=" in told
    assert ".orders&amp;dir=down&amp;depth=all" in told


def test_a_failed_test_is_that_of_its_model(mails: list[EmailMessage], manifest_content: dict[str, Any]) -> None:
    test = next(
        key
        for key, node in manifest_content["nodes"].items()
        if node.get("attached_node") == "model.jaffle_shop.orders"
    )
    send(failed("jaffle_shop", RuntimeError(f"{test}: Got 3 results, configured to fail if != 0")))
    assert "<b>Dashboards</b><br>Jaffle Shop</p>" in text(mails[0])


def test_the_mail_of_another_dag_names_nothing_behind_it(mails: list[EmailMessage]) -> None:
    send(failed("kafka_topics", RuntimeError("model.jaffle_shop.orders: is not meant")))
    assert "Dashboards" not in text(mails[0])


def test_a_mail_goes_out_though_the_manifest_is_gone(
    mails: list[EmailMessage], environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(tmp_path / "nowhere"))
    send(failed("jaffle_shop", RuntimeError(MESSAGE)))
    told = text(mails[0])
    assert "division by zero" in told
    assert "Dashboards" not in told


def test_only_the_nodes_at_the_beginning_of_a_line_are_meant() -> None:
    assert named_nodes("model.a.b: bad\nsee model.a.c\n  test.a.d.0f: bad\nmodel.a.b: again") == [
        "model.a.b",
        "test.a.d.0f",
    ]
    assert named_nodes("") == []


def test_what_is_behind_a_dashboard_is_its_owner(mails: list[EmailMessage]) -> None:
    told = behind(projects()[0], ["dashboard:jaffle-shop", "a -> b", ""])
    assert told["Owners"] == "Jaffle Shop Analytics <analytics@jaffle-shop.example>"
    assert told["Lineage"].startswith("https://airflow.example/team/plugin/dbt-lineage?node=dashboard%3Ajaffle-shop")
    assert behind(projects()[0], ["a -> b"]) == {}
    assert page_address(tab="health") == "https://airflow.example/team/plugin/dbt-lineage?tab=health"
