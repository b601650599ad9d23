"""Where a secret is that the configuration file does not hold: a variable, a file, or a connection of Airflow."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_lineage.core.errors import SettingsError

KINDS = ("env", "file", "connection")
ALLOWED = "{env: NAME}, {file: PATH} or {connection: ID}"


@dataclass(frozen=True)
class SecretSource:
    """Where a secret is.

    Args:
        kind: ``env``, ``file`` or ``connection``.
        name: the variable, the file's absolute path, or the connection's id.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{{{self.kind}: {self.name}}}"

    @property
    def is_there(self) -> bool:
        """Whether there is such a secret, as far as can be told without asking Airflow."""
        if self.kind == "env":
            return bool(os.environ.get(self.name))
        return Path(self.name).is_file() if self.kind == "file" else True

    def resolve(self) -> str | None:
        """The secret; None where its variable is not set in this process.

        Raises:
            SettingsError: the file cannot be read, or there is no such connection, or nobody here knows connections.
        """
        if self.kind == "env":
            return os.environ.get(self.name)
        if self.kind == "file":
            try:
                return Path(self.name).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"{self.name} cannot be read: {error}") from None
        if _password is None:
            raise SettingsError(
                f"{self}: only Airflow's own processes know its connections; for others take {{env: NAME}} or {{file: PATH}}"
            )
        return _password(self.name)


def source(value: Any, folder: Path) -> SecretSource | None:
    """Where a secret is, as the configuration file says; None when it says it in no form that is allowed.

    Args:
        value: the value in the file.
        folder: where relative paths begin.
    """
    if not isinstance(value, dict) or len(value) != 1:
        return None
    [(kind, name)] = value.items()
    if kind not in KINDS or not isinstance(name, str) or not name.strip():
        return None
    return SecretSource(kind, str(folder / Path(name).expanduser()) if kind == "file" else name)


_password: Callable[[str], str] | None = None


def ask_connections_of(password: Callable[[str], str]) -> None:
    """Say who knows Airflow's connections: this library does not import Airflow.

    Args:
        password: the password of a connection, by its id. Raises SettingsError.
    """
    global _password
    _password = password
