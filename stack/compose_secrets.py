"""Writes the secrets of the containers into ``.env``: ``python3 -m stack.compose_secrets``, which is ``make secrets``.

What stands there already stays as it is. Only Python's own library is used, so that nothing has to be installed first.
"""

import base64
import os
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from dbt_lineage.core import commands
from stack.variables import write_private

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"
# Every password is URL-safe: some of them become part of a database's address. None of these names is a setting of
# `include/dbt_lineage/core/settings.py`, for the local stack reads this file too and has secrets of its own.
GENERATED: Mapping[str, Callable[[], str]] = {
    "SECRET_POSTGRES_PASSWORD": secrets.token_urlsafe,
    "SECRET_AIRFLOW_DATABASE_PASSWORD": secrets.token_urlsafe,
    "SECRET_DBT_DATABASE_PASSWORD": secrets.token_urlsafe,
    "SECRET_READER_DATABASE_PASSWORD": secrets.token_urlsafe,
    "SECRET_LEDGER_DATABASE_PASSWORD": secrets.token_urlsafe,
    "SECRET_LEDGER_READER_DATABASE_PASSWORD": secrets.token_urlsafe,
    "SECRET_OPENMETADATA_DATABASE_PASSWORD": secrets.token_urlsafe,
    "SECRET_SUPERSET_DATABASE_PASSWORD": secrets.token_urlsafe,
    "SECRET_AIRFLOW_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(12),
    "SECRET_AIRFLOW_API_KEY": secrets.token_urlsafe,
    "SECRET_AIRFLOW_JWT_KEY": lambda: secrets.token_urlsafe(48),
    "SECRET_AIRFLOW_FERNET_KEY": lambda: _fernet_key(),
    "SECRET_OPENMETADATA_FERNET_KEY": lambda: _fernet_key(),
    "SECRET_OPENMETADATA_JWT_KEY_ID": lambda: str(uuid.uuid4()),
    "SECRET_SUPERSET_KEY": lambda: secrets.token_urlsafe(48),
    "SECRET_SUPERSET_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(12),
    "SECRET_SUPERSET_REFRESH_PASSWORD": secrets.token_urlsafe,
}
# Parts of an address in docker-compose.yml, which cannot escape them.
IN_ADDRESSES = (
    "SECRET_AIRFLOW_DATABASE_PASSWORD",
    "SECRET_LEDGER_DATABASE_PASSWORD",
    "SECRET_LEDGER_READER_DATABASE_PASSWORD",
    "SECRET_SUPERSET_DATABASE_PASSWORD",
)
CHOSEN: Mapping[str, str] = {"COMPOSE_PROFILES": "full,mail"}


def complete(file: Path) -> list[str]:
    """Add what the file lacks; only its owner may read it afterwards.

    Args:
        file: an env file, as Docker Compose reads it; made when there is none.

    Returns:
        The names of the variables that were added.

    Raises:
        OSError: the file cannot be read or written.
    """
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    known = variables(text)
    wanted: dict[str, Callable[[], str]] = {
        **{name: partial(str, value) for name, value in CHOSEN.items()},
        **GENERATED,
    }
    added = [name for name in wanted if name not in known]
    if text and not text.endswith("\n"):
        text += "\n"
    write_private(file, text + "".join(f"{name}={wanted[name]()}\n" for name in added))
    return added


def variables(text: str) -> dict[str, str]:
    """The variables of an env file, with their values as they are written, without quotes; comments are passed over."""
    lines = (line.strip().removeprefix("export ") for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): re.sub(r"""^(['"])(.*)\1$""", r"\2", value.strip()) for name, _, value in pairs}


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def main() -> None:
    """Complete ``.env``, and say what was added, without the values."""
    added = complete(ENV_FILE)
    print(f"{ENV_FILE.name}: " + (f"added {', '.join(added)}" if added else "has every secret already"))


if __name__ == "__main__":
    commands.run("secrets", main)
