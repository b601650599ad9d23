"""Sources of secrets: a variable, a file, or a connection of Airflow. The configuration file only names them."""

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
    """The source of a secret.

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
        """Whether the secret exists. A connection counts as existing, because Airflow is not asked here."""
        if self.kind == "env":
            return bool(os.environ.get(self.name))
        return Path(self.name).is_file() if self.kind == "file" else True

    def resolve(self) -> str | None:
        """Read the secret.

        Returns:
            The secret; None where its variable is not set in this process.

        Raises:
            SettingsError: the file cannot be read, there is no such connection, or this is not a process of Airflow.
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
                f"{self}: only Airflow's own processes can read its connections; use {{env: NAME}} or {{file: PATH}} instead"
            )
        return _password(self.name)


def source(value: Any, folder: Path) -> SecretSource | None:
    """The source that a value of the configuration file names; None if the value has no allowed form.

    Args:
        value: the value in the file.
        folder: the folder that relative paths are relative to.
    """
    if not isinstance(value, dict) or len(value) != 1:
        return None
    [(kind, name)] = value.items()
    if kind not in KINDS or not isinstance(name, str) or not name.strip():
        return None
    return SecretSource(kind, str(folder / Path(name).expanduser()) if kind == "file" else name)


_password: Callable[[str], str] | None = None


def ask_connections_of(password: Callable[[str], str]) -> None:
    """Register the function that reads Airflow's connections, since this room does not import Airflow.

    Args:
        password: returns the password of a connection by its id, or raises SettingsError.
    """
    global _password
    _password = password
