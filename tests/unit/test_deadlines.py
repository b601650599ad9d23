"""A run that has not ended in time is mailed, with what it is and when it should have ended; one of a backfill is not."""

import asyncio
import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"


class Sink:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep it."""
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 kept"


@pytest.fixture
def mails(environment: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """What is mailed when a run of a type has missed its deadline, as the triggerer tells of it."""
    environment.setenv("AIRFLOW_HOME", str(tmp_path))
    environment.setenv("ALERT_MAIL_TO", "team@example.com")

    async def missed(run_type: str, project: str | None) -> list[EmailMessage]:
        from dbt_lineage.airflow.notifications import mail_missed_deadline

        sink = Sink()
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(sink), HOST, 0)
        where = {"conn_type": "smtp", "host": HOST, "port": server.sockets[0].getsockname()[1]}
        off = {"disable_tls": True, "disable_ssl": True}
        environment.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps({**where, "extra": off}))
        run = {"dag_id": "jaffle_shop", "dag_run_id": "<first> {run}", "run_type": run_type, "state": "queued"}
        await mail_missed_deadline(
            {
                "dag_run": {**run, "queued_at": "2026-01-01T05:00:00Z"},
                "deadline": {"id": "1", "deadline_time": "2026-01-01T06:00:00Z"},
            },
            project,
        )
        server.close()
        return sink.mails

    return lambda run_type, project=None: asyncio.run(missed(run_type, project))


def test_a_run_that_missed_its_deadline_is_mailed(mails: Any) -> None:
    [mail] = mails("scheduled")
    assert mail["To"] == "team@example.com"
    assert mail["Subject"] == "[Airflow] jaffle_shop has not finished in time: <first> {run}"
    body = mail.get_body(preferencelist=("html",))
    assert body is not None
    for said in ("jaffle_shop", "&lt;first&gt; {run}", "queued", "2026-01-01T05:00:00Z", "2026-01-01T06:00:00Z"):
        assert f"<td>{said}</td>" in body.get_content()


@pytest.mark.parametrize(
    ("project", "to"), [("books", "books@example.com"), (None, "shop@example.com, books@example.com")]
)
def test_it_is_mailed_to_the_people_of_its_project_and_of_what_is_shared_to_all(
    environment: pytest.MonkeyPatch, tmp_path: Path, mails: Any, project: str | None, to: str
) -> None:
    projects = [
        f"  - {{name: {name}, dbt: {{project_dir: {name}}}, mail: {{mail_to: {name}@example.com}}}}\n"
        for name in ("shop", "books")
    ]
    (tmp_path / "lineage.yml").write_text("projects:\n" + "".join(projects))
    environment.setenv("LINEAGE_CONFIG", str(tmp_path / "lineage.yml"))
    [mail] = mails("scheduled", project)
    assert mail["To"] == to


def test_runs_of_a_backfill_wait_for_each_other_and_have_no_deadline(mails: Any) -> None:
    assert mails("backfill") == []


def test_the_mail_of_a_failed_task_stays_readable_however_much_failed() -> None:
    """The first lines of the message, and how many more there are: the log has them all."""
    from jinja2 import Environment

    from dbt_lineage.airflow.notifications import BODY

    def mail(lines: int) -> str:
        error = "\n".join(f"<edge {number}>" for number in range(lines))
        return Environment(autoescape=False).from_string(BODY).render(ti={}, exception=RuntimeError(error))  # noqa: S701 - as Airflow does

    assert mail(3).count("&lt;edge") == 3
    assert "more lines" not in mail(3)
    assert mail(1000).count("&lt;edge") == 60
    assert "and 940 more lines: see the log" in mail(1000)
