"""What the stand-in reads from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass


class SettingsError(Exception):
    """A setting is missing or cannot be used."""


@dataclass(frozen=True)
class Settings:
    """Settings of one stand-in process.

    Attributes:
        token: The bearer token that every caller must send.
        database: Path of the SQLite file that holds the catalogue.
        host: Address to listen on.
        port: TCP port to listen on; 8585 is OpenMetadata's own.
    """

    token: str
    database: str
    host: str = "127.0.0.1"
    port: int = 8585

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read STANDIN_TOKEN, STANDIN_DATABASE, STANDIN_HOST and STANDIN_PORT.

        Args:
            environment: Usually `os.environ`.

        Raises:
            SettingsError: A required variable is unset or empty, or the port is no number from 1 to 65535.
        """
        for name in ("STANDIN_TOKEN", "STANDIN_DATABASE"):
            if not environment.get(name):
                raise SettingsError(f"{name} is not set")
        port = environment.get("STANDIN_PORT", str(cls.port))
        if not port.isdecimal() or not 1 <= int(port) <= 65535:
            raise SettingsError(f"STANDIN_PORT is no TCP port: {port!r}")
        return cls(
            token=environment["STANDIN_TOKEN"],
            database=environment["STANDIN_DATABASE"],
            host=environment.get("STANDIN_HOST", cls.host),
            port=int(port),
        )
