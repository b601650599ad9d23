"""Send messages to a Slack-compatible webhook: ``POST {"text": …}``."""

import httpx
from pydantic import SecretStr

from dbt_lineage.core import web
from dbt_lineage.core.errors import ExpectedError

TIMEOUT_SECONDS = 10


class WebhookError(ExpectedError):
    """The webhook refused a message. The error names its host and the status, but not its path, which is a secret."""


def post(url: SecretStr, text: str) -> None:
    """Send a message.

    Args:
        url: the webhook's address.
        text: the message.

    Raises:
        WebhookError: it could not be reached, or did not answer 2xx.
    """
    address = httpx.URL(url.get_secret_value())
    where = f"webhook at {address.host}"
    try:
        answer = httpx.post(address, json={"text": text}, timeout=TIMEOUT_SECONDS, verify=web.trust())
    except httpx.TransportError as error:
        raise WebhookError(f"{where}: {type(error).__name__}: {error}") from None
    if not answer.is_success:
        raise WebhookError(f"{where} answered {answer.status_code}: {answer.text[:200]}")
