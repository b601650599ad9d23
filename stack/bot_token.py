"""Fetches the token of OpenMetadata's ingestion bot: ``python -m stack.bot_token``, a job of the containers.

The server makes the token when it starts for the first time. Settings are read from files in ``/run/secrets`` too, so
the token is put there, once; a token that the server still takes is left as it is.
"""

import base64
import sys
from pathlib import Path

import httpx
from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

from dbt_lineage.core import commands
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.setting_types import ApiServer, MailAddress, Seconds, Secret, Text
from dbt_lineage.core.settings import SECRETS_DIR, read
from stack.variables import write_private

# Of the administrator of a new server.
FIRST_PASSWORD = "admin"  # noqa: S105 - it is no secret


class BotTokenSettings(BaseSettings):
    """Whom the token is asked from, and as whom."""

    model_config = SettingsConfigDict(env_prefix="BOT_TOKEN_", frozen=True)

    url: ApiServer = Field(
        HttpUrl("http://openmetadata-server:8585"), description="address of the server, without /api"
    )
    admin_email: MailAddress = Field("admin@open-metadata.org", description="administrator who may read the token")
    admin_password: Secret = Field(description="password of that administrator")
    bot: Text = Field("ingestion-bot", description="name of the bot")
    file: Path = Field(SECRETS_DIR / "openmetadata_token", description="where the token is put")
    timeout_seconds: Seconds = Field(20, description="how long one call may take, seconds")


class BotTokenError(ExpectedError):
    """The token cannot be had; the message names the request and what the server said."""


def fetch(chosen: BotTokenSettings) -> bool:
    """Put the bot's token where the settings are read from.

    Args:
        chosen: whom to ask, and where to put it.

    Returns:
        Whether a token was fetched; False when the one in the file is still taken by the server.

    Raises:
        BotTokenError: the server does not answer or refuses.
        OSError: the file cannot be written.
    """
    with httpx.Client(base_url=f"{str(chosen.url).rstrip('/')}/api/v1", timeout=chosen.timeout_seconds) as client:
        if chosen.file.exists() and _is_taken(client, chosen.file.read_text(encoding="utf-8")):
            return False
        write_private(chosen.file, _token(client, chosen))
    return True


def _is_taken(client: httpx.Client, token: str) -> bool:
    answer = _ask(client, "GET", "/users/loggedInUser", headers=_bearer(token))
    return answer.status_code == 200


def _token(client: httpx.Client, chosen: BotTokenSettings) -> str:
    password = base64.b64encode(chosen.admin_password.get_secret_value().encode()).decode()
    login = _ask(client, "POST", "/users/login", json={"email": chosen.admin_email, "password": password})
    if login.status_code in (400, 401, 403):
        raise BotTokenError(
            f"POST {login.url} answered {login.status_code} for {chosen.admin_email}: was the password changed? Then set "
            "OPENMETADATA_ADMIN_PASSWORD, or OPENMETADATA_TOKEN to the bot's token from Settings, Bots"
        )
    if chosen.admin_password.get_secret_value() == FIRST_PASSWORD:
        print(
            f"WARNING: {chosen.admin_email} still has the password that every new server has. Change it on the server's page, "
            "and set OPENMETADATA_ADMIN_PASSWORD",
            file=sys.stderr,
        )
    headers = _bearer(_json(login)["accessToken"])
    bot = _json(_ask(client, "GET", f"/bots/name/{chosen.bot}", headers=headers))
    mechanism = _json(_ask(client, "GET", f"/users/auth-mechanism/{bot['botUser']['id']}", headers=headers))
    return mechanism["config"]["JWTToken"]


def _ask(client: httpx.Client, method: str, path: str, **parts: object) -> httpx.Response:
    try:
        return client.request(method, path, **parts)  # type: ignore[arg-type]
    except httpx.TransportError as error:
        raise BotTokenError(f"{method} {client.base_url}{path.lstrip('/')}: {error}") from error


def _json(answer: httpx.Response) -> dict:
    if answer.status_code != 200:
        raise BotTokenError(f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text[:200]}")
    return answer.json()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def main() -> None:
    """Fetch the token; exit code 1 with a message when it cannot be had."""
    fetched = fetch(read(BotTokenSettings))
    print("bot token: fetched" if fetched else "bot token: the one that is there is still taken")


if __name__ == "__main__":
    commands.run("bot token", main)
