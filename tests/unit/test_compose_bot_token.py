"""The job that fetches the catalogue's token: it asks as OpenMetadata's own API has it, and says what is wrong.

The server itself needs Docker: here a few lines answer the four requests, with bodies in the shapes of
``metadata.generated``.
"""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from dbt_lineage.core import settings
from stack import bot_token
from stack.bot_token import BotTokenError, BotTokenSettings

BOT = "8f5b0a3e-0000-4000-8000-000000000001"
TOKEN = "the.bot.token"


class Catalogue(BaseHTTPRequestHandler):
    """The routes that the token comes by."""

    password: ClassVar[str] = "admin"
    taken: ClassVar[set[str]] = {TOKEN}
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        """Log in; the password comes in base64."""
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        right = said == {
            "email": "admin@open-metadata.org",
            "password": base64.b64encode(self.password.encode()).decode(),
        }
        self._answer(200 if right else 401, {"accessToken": "of the administrator"} if right else {"message": "no"})

    def do_GET(self) -> None:
        """What a token may read."""
        token = self.headers["Authorization"].removeprefix("Bearer ")
        known = {
            "/api/v1/bots/name/ingestion-bot": {"botUser": {"id": BOT, "type": "user"}},
            f"/api/v1/users/auth-mechanism/{BOT}": {"authType": "JWT", "config": {"JWTToken": TOKEN}},
        }
        if self.path == "/api/v1/users/loggedInUser":
            self._answer(200 if token in self.taken else 401, {})
        else:
            self._answer(200 if token == "of the administrator" else 401, known[self.path])

    def _answer(self, code: int, body: Any) -> None:
        self.asked.append(f"{self.command} {self.path}")
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def chosen(tmp_path: Path) -> Iterator[BotTokenSettings]:
    """The job's settings, for a catalogue that runs."""
    Catalogue.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Catalogue) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield BotTokenSettings(
            url=f"http://127.0.0.1:{server.server_port}",  # type: ignore[arg-type]
            admin_password=SecretStr("admin"),
            file=tmp_path / "openmetadata_token",
        )
        server.shutdown()


def test_the_token_comes_to_where_the_settings_are_read_from(
    chosen: BotTokenSettings, environment: pytest.MonkeyPatch
) -> None:
    assert bot_token.fetch(chosen)
    assert chosen.file.stat().st_mode & 0o077 == 0
    environment.delenv("OPENMETADATA_TOKEN")
    environment.setattr(settings, "SECRETS_DIR", chosen.file.parent)
    assert settings.openmetadata().token.get_secret_value() == TOKEN


def test_a_token_that_is_still_taken_stays(chosen: BotTokenSettings) -> None:
    bot_token.fetch(chosen)
    Catalogue.asked.clear()
    assert not bot_token.fetch(chosen)
    assert Catalogue.asked == ["GET /api/v1/users/loggedInUser"]


def test_a_token_of_a_catalogue_that_was_made_anew_is_replaced(chosen: BotTokenSettings) -> None:
    chosen.file.write_text("of the catalogue before")
    assert bot_token.fetch(chosen)
    assert chosen.file.read_text() == TOKEN


def test_a_changed_password_is_said_with_the_way_out(chosen: BotTokenSettings) -> None:
    changed = chosen.model_copy(update={"admin_password": SecretStr("another")})
    with pytest.raises(
        BotTokenError, match=r"answered 401 .* OPENMETADATA_ADMIN_PASSWORD, or OPENMETADATA_TOKEN"
    ) as no:
        bot_token.fetch(changed)
    assert "another" not in str(no.value)
    assert not chosen.file.exists()


def test_a_server_that_is_away_is_named(chosen: BotTokenSettings) -> None:
    away = chosen.model_copy(update={"url": "http://127.0.0.1:1"})
    with pytest.raises(BotTokenError, match=r"POST http://127\.0\.0\.1:1/api/v1/users/login"):
        bot_token.fetch(away)
