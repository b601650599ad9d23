"""Notifications about failed tasks, missed deadlines and broken promises: recipients, channels and texts."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from html import escape
from typing import Any, cast

from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk import BaseNotifier
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.context import Context
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from pydantic import SecretStr

from dbt_lineage.airflow.behind import as_html, behind_task
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.projects import project as named
from dbt_lineage.core.settings import MailSettings

SUBJECT = "[Airflow] {{ ti.dag_id }}.{{ ti.task_id }} failed in {{ ti.run_id }}"
# The mail has the first lines of a long error, the log has all.
BODY = """
{%- set lines = (exception | default('the task was killed or timed out', true) | string).splitlines() -%}
<div style="font-family: sans-serif; max-width: 45em; overflow-wrap: anywhere">
<h2>{{ ti.dag_id }}.{{ ti.task_id }} failed</h2>
<table>
<tr><th align="left">DAG</th><td>{{ ti.dag_id }}</td></tr>
<tr><th align="left">Task</th><td>{{ ti.task_id }}</td></tr>
<tr><th align="left">Run</th><td>{{ ti.run_id }}</td></tr>
<tr><th align="left">Try</th><td>{{ ti.try_number }}</td></tr>
<tr><th align="left">Error</th><td><pre style="white-space: pre-wrap">{{ lines[:60] | join('\n') | e }}
{%- if lines | length > 60 %}\nand {{ lines | length - 60 }} more lines: see the log{% endif %}</pre></td></tr>
<tr><th align="left">Log</th><td><a href="{{ ti.log_url }}">{{ ti.log_url }}</a></td></tr>
</table>
</div>
"""


class FailureMail(SmtpNotifier):
    """A mail about a failed task: one mail for each failure, even if many tasks show it."""

    def notify(self, context: Context) -> None:
        """Send the mail, unless another task sends it.

        The task of a node leaves it to the task that ran dbt, whose mail names every failed node. A check that found a
        failure leaves it to the task that alerts for all checks.
        """
        if getattr(context["task"], "mirrors_node", False) and not context.get("exception"):
            return
        if getattr(context.get("exception"), "told_elsewhere", False):
            return
        self.html_content = f"{self.html_content}{as_html(behind_task(context))}"
        super().notify(context)


def failure_mail(project: Project | None = None) -> FailureMail:
    """``on_failure_callback`` of every task: a mail through the connection ``smtp_default``.

    Args:
        project: the task's project; None for a task that all projects share.
    """
    return FailureMail(**_addresses(project), subject=SUBJECT, html_content=BODY)


def _addresses(project: Project | None) -> dict[str, Any]:
    """Recipients and sender of a mail. A mail about what all projects share goes to the recipients of every project."""
    concerned = projects() if project is None else (project,)
    # Without secrets: a DAG file must not ask for a connection only to find the recipients.
    mails = [each.read(MailSettings, secrets=False) for each in concerned]
    to = list(dict.fromkeys(mail.mail_to for mail in mails))
    return {"to": to if len(to) > 1 else to[0], "from_email": mails[0].mail_from}


MISSED_SUBJECT = "[Airflow] {dag_id} has not finished in time: {run_id}"
MISSED_BODY = """
<h2>{dag_id} has not finished in time</h2>
<table>
<tr><th align="left">DAG</th><td>{dag_id}</td></tr>
<tr><th align="left">Run</th><td>{run_id}</td></tr>
<tr><th align="left">State</th><td>{state}</td></tr>
<tr><th align="left">Queued</th><td>{queued_at}</td></tr>
<tr><th align="left">Should have ended</th><td>{deadline}</td></tr>
</table>
"""


def deadline_mail(seconds: float, project: Project | None = None) -> DeadlineAlert:
    """``deadline`` of a DAG: one mail about a run that has not ended in time.

    It covers what no task can report: a run that waits, or whose tasks never end.

    Args:
        seconds: how long a run may take, counted from when it was queued, seconds.
        project: the DAG's project; None for a DAG that all projects share.
    """
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(seconds=seconds),
        callback=AsyncCallback(mail_missed_deadline, kwargs={"project": project.name if project else None}),
    )


async def mail_missed_deadline(context: dict[str, Any], project: str | None = None) -> None:
    """Send the mail, in the triggerer. Runs of a backfill wait for each other, so they have no deadline.

    Args:
        context: Airflow's context of the callback: ``dag_run`` as in its REST API, and ``deadline``.
        project: name of the run's project; None for a DAG that all projects share.
    """
    run = context["dag_run"]
    if run["run_type"] == "backfill":
        return
    said = {
        "dag_id": run["dag_id"],
        "run_id": run["dag_run_id"],
        "state": run["state"],
        "queued_at": run["queued_at"],
        "deadline": context["deadline"]["deadline_time"],
    }
    notifier = SmtpNotifier(
        **_addresses(named(project) if project is not None else None),
        subject=MISSED_SUBJECT.format(**said),
        html_content=MISSED_BODY.format(**{name: escape(str(value)) for name, value in said.items()}),
    )
    await notifier.async_notify(cast(Context, context))


class WebhookNotifier(BaseNotifier):
    """Sends a message to a Slack-compatible webhook. Airflow's Slack provider is not a dependency.

    Args:
        text: the message.
        url: the webhook.
    """

    template_fields = ("text",)

    def __init__(self, text: str, url: SecretStr, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = text
        self.url = url

    def notify(self, context: Context) -> None:
        """Send the message. Raises WebhookError."""
        from dbt_lineage.watch.checks.webhook import post

        post(self.url, self.text)


def channels(project: Project) -> dict[str, Callable[[Any, Context], None]]:
    """A function for each channel of a project that sends a message (``dbt_lineage.watch.checks.alerts.Message``).

    The notifiers are called without rendering templates, since a message may contain braces.

    Args:
        project: the project.
    """
    url = project.mail.webhook_url
    found: dict[str, Callable[[Any, Context], None]] = {"mail": partial(_mail, project)}
    if url is not None:
        found["webhook"] = lambda message, context: WebhookNotifier(message.text, url).notify(context)
    return found


def _mail(project: Project, message: Any, context: Context) -> None:
    SmtpNotifier(**_addresses(project), subject=message.subject, html_content=message.html).notify(context)
