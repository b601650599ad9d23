"""Who hears of a failed task, and what the mail says."""

from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk.definitions.context import Context

from include import settings

SUBJECT = "[Airflow] {{ ti.dag_id }}.{{ ti.task_id }} failed in {{ ti.run_id }}"
BODY = """
<h2>{{ ti.dag_id }}.{{ ti.task_id }} failed</h2>
<table>
<tr><th align="left">DAG</th><td>{{ ti.dag_id }}</td></tr>
<tr><th align="left">Task</th><td>{{ ti.task_id }}</td></tr>
<tr><th align="left">Run</th><td>{{ ti.run_id }}</td></tr>
<tr><th align="left">Try</th><td>{{ ti.try_number }}</td></tr>
<tr><th align="left">Error</th><td><pre>{{ (exception | default('the task was killed or timed out', true)) | string | e }}</pre></td></tr>
<tr><th align="left">Log</th><td><a href="{{ ti.log_url }}">{{ ti.log_url }}</a></td></tr>
</table>
"""


class FailureMail(SmtpNotifier):
    """A mail of a failed task; one mail for each failure, also where many tasks show it."""

    def notify(self, context: Context) -> None:
        """Send the mail, unless the task only shows how its node ended: the task that ran dbt names every failed node."""
        if getattr(context["task"], "mirrors_node", False) and not context.get("exception"):
            return
        super().notify(context)


def failure_mail() -> FailureMail:
    """``on_failure_callback`` of every task: a mail through the connection ``smtp_default``."""
    mail = settings.mail()
    return FailureMail(to=mail.mail_to, from_email=mail.mail_from, subject=SUBJECT, html_content=BODY)
