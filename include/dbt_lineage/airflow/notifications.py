"""Who hears of a failed task and of a broken promise, and what the mail says."""

from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Any, cast

from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk import BaseNotifier
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.context import Context
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from dbt_lineage.core import settings

SUBJECT = "[Airflow] {{ ti.dag_id }}.{{ ti.task_id }} failed in {{ ti.run_id }}"
# Of an error that names each of many things the mail has the first lines; the log has all.
BODY = """
{%- set lines = (exception | default('the task was killed or timed out', true) | string).splitlines() -%}
<h2>{{ ti.dag_id }}.{{ ti.task_id }} failed</h2>
<table>
<tr><th align="left">DAG</th><td>{{ ti.dag_id }}</td></tr>
<tr><th align="left">Task</th><td>{{ ti.task_id }}</td></tr>
<tr><th align="left">Run</th><td>{{ ti.run_id }}</td></tr>
<tr><th align="left">Try</th><td>{{ ti.try_number }}</td></tr>
<tr><th align="left">Error</th><td><pre>{{ lines[:60] | join('\n') | e }}
{%- if lines | length > 60 %}\nand {{ lines | length - 60 }} more lines: see the log{% endif %}</pre></td></tr>
<tr><th align="left">Log</th><td><a href="{{ ti.log_url }}">{{ ti.log_url }}</a></td></tr>
</table>
"""


class FailureMail(SmtpNotifier):
    """A mail of a failed task; one mail for each failure, also where many tasks show it."""

    def notify(self, context: Context) -> None:
        """Send the mail, unless another task tells.

        A task that only shows how its node ended leaves it to the task that ran dbt, which names every failed node; a
        check that found something leaves it to the task that tells of all checks.
        """
        if getattr(context["task"], "mirrors_node", False) and not context.get("exception"):
            return
        if getattr(context.get("exception"), "told_elsewhere", False):
            return
        super().notify(context)


def failure_mail() -> FailureMail:
    """``on_failure_callback`` of every task: a mail through the connection ``smtp_default``."""
    mail = settings.mail()
    return FailureMail(to=mail.mail_to, from_email=mail.mail_from, subject=SUBJECT, html_content=BODY)


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


def deadline_mail(seconds: float) -> DeadlineAlert:
    """``deadline`` of a DAG: a mail about a run that has not ended so long after it was queued, and one only.

    It tells of what no task can tell: a run that waits, or one whose tasks never end.

    Args:
        seconds: how long a run may take, seconds.
    """
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(seconds=seconds),
        callback=AsyncCallback(mail_missed_deadline),
    )


async def mail_missed_deadline(context: dict[str, Any]) -> None:
    """Send the mail, in the triggerer. Runs of a backfill wait for each other: they have no deadline.

    Args:
        context: what Airflow gives such a callback: ``dag_run`` as its REST API has it, and ``deadline``.
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
    mail = settings.mail()
    notifier = SmtpNotifier(
        to=mail.mail_to,
        from_email=mail.mail_from,
        subject=MISSED_SUBJECT.format(**said),
        html_content=MISSED_BODY.format(**{name: escape(str(value)) for name, value in said.items()}),
    )
    await notifier.async_notify(cast(Context, context))


class WebhookNotifier(BaseNotifier):
    """A message to a Slack-compatible webhook. Airflow's Slack provider is not among our packages.

    Args:
        text: the message.
    """

    template_fields = ("text",)

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = text

    def notify(self, context: Context) -> None:
        """Send it. Raises WebhookError."""
        from dbt_lineage.watch.checks.webhook import post

        url = settings.mail().webhook_url
        if url is not None:
            post(url, self.text)


def channels() -> dict[str, Callable[[Any, Context], None]]:
    """How to send a message (``dbt_lineage.watch.checks.alerts.Message``) on each channel that the settings name.

    The notifiers are called as they are, not as templates: what was seen may have braces in it.
    """
    found: dict[str, Callable[[Any, Context], None]] = {"mail": _mail}
    if settings.mail().webhook_url is not None:
        found["webhook"] = lambda message, context: WebhookNotifier(message.text).notify(context)
    return found


def _mail(message: Any, context: Context) -> None:
    mail = settings.mail()
    SmtpNotifier(to=mail.mail_to, from_email=mail.mail_from, subject=message.subject, html_content=message.html).notify(
        context
    )
