"""Where the local stack lives: its folders, ports and generated credentials."""

import hashlib
import json
import os
import random
import secrets
import socket
import stat
import tempfile
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter
from pydantic_settings import BaseSettings, SettingsConfigDict

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.setting_types import AnyPath, Port, Seconds, expanded
from dbt_lineage.core.settings import read
from stack import certificates
from stack.checkout import PROJECT_ROOT
from stack.variables import write_private

HOST = "127.0.0.1"
# Where our programs find the package, and the stack beside it.
PYTHON_PATH = os.pathsep.join((str(PROJECT_ROOT / "include"), str(PROJECT_ROOT)))
_Parsed = TypeVar("_Parsed")

PortName = Literal["postgres", "kafka", "kafka_controller", "airflow", "openmetadata", "smtp", "superset"]
DEFAULT_PORTS: Mapping[PortName, int] = {
    "postgres": 5432,
    "kafka": 9092,
    "kafka_controller": 9093,
    "airflow": 8080,
    "openmetadata": 8585,
    "smtp": 1025,
    "superset": 8088,
}


class StackError(ExpectedError):
    """The stack cannot do what was asked; the message says which part and why."""


def _in_checkout(path: Path) -> Path:
    # Not beside the file that LINEAGE_CONFIG names: the stack is the checkout's.
    return PROJECT_ROOT / expanded(path)


def _of_its_own(path: Path) -> Path:
    path = path.resolve()
    # `make stack-clean` deletes it with all that it holds.
    for other in (PROJECT_ROOT, Path.home().resolve()):
        if other.is_relative_to(path):
            raise ValueError(f"must be a folder of its own, since it is deleted as a whole; it holds {other}")
    return path


CheckoutPath = Annotated[AnyPath, AfterValidator(_in_checkout)]


class StackSettings(BaseSettings):
    """What a user may choose about the local stack."""

    model_config = SettingsConfigDict(env_prefix="STACK_", frozen=True)

    home: Annotated[CheckoutPath, AfterValidator(_of_its_own)] = Field(
        Path(".stack"), description="folder of data, logs and credentials", validate_default=True
    )
    dags_dir: CheckoutPath = Field(Path("dags"), description="folder of the DAG files", validate_default=True)
    warehouse: Literal["postgres", "duckdb", "spark"] | None = Field(
        None,
        description=(
            "where dbt builds: postgres, or duckdb or spark without Superset; by default as at the last start, else postgres"
        ),
    )
    start_timeout_seconds: Seconds = Field(180, description="how long one service may take to start, seconds")
    well_known_ports: bool = Field(
        True, description="whether a service whose port is not set takes its usual one where that is free"
    )
    tls: bool = Field(
        False, description="whether Kafka and PostgreSQL take only clients that use TLS; chosen once for a home"
    )
    postgres_port: Port | None = Field(None, description="port of PostgreSQL; chosen when not set")
    kafka_port: Port | None = Field(None, description="port of Kafka; chosen when not set")
    kafka_controller_port: Port | None = Field(None, description="port of Kafka's controller; chosen when not set")
    airflow_port: Port | None = Field(None, description="port of Airflow's page; chosen when not set")
    openmetadata_port: Port | None = Field(None, description="port of the catalogue stand-in; chosen when not set")
    smtp_port: Port | None = Field(None, description="port of the mail sink; chosen when not set")
    superset_port: Port | None = Field(None, description="port of Superset; chosen when not set")

    def chosen_port(self, name: PortName) -> int | None:
        """The port that the user asked for by ``STACK_<NAME>_PORT``, if any."""
        return getattr(self, f"{name}_port")


class Credentials(BaseModel):
    """Secrets of the local stack, generated once and kept in a file that only its owner can read."""

    postgres_password: str = Field(default_factory=secrets.token_urlsafe)
    airflow_database_password: str = Field(default_factory=secrets.token_urlsafe)
    warehouse_password: str = Field(default_factory=secrets.token_urlsafe)
    warehouse_reader_password: str = Field(default_factory=secrets.token_urlsafe)
    airflow_admin_password: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    airflow_viewer_password: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    airflow_secret_key: str = Field(default_factory=secrets.token_urlsafe)
    airflow_jwt_secret: str = Field(default_factory=lambda: secrets.token_urlsafe(48))
    airflow_fernet_key: str = Field(default_factory=lambda: _fernet_key())
    openmetadata_token: str = Field(default_factory=secrets.token_urlsafe)
    kafka_password: str = Field(default_factory=secrets.token_urlsafe)
    ledger_password: str = Field(default_factory=secrets.token_urlsafe)
    ledger_reader_password: str = Field(default_factory=secrets.token_urlsafe)
    superset_database_password: str = Field(default_factory=secrets.token_urlsafe)
    superset_secret_key: str = Field(default_factory=lambda: secrets.token_urlsafe(48))
    superset_admin_password: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    superset_password: str = Field(default_factory=secrets.token_urlsafe)


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


class StackConfig:
    """The stack's folders, ports and credentials, kept in its home so that a restart finds the same.

    Args:
        settings: what the user chose.
    """

    def __init__(self, settings: StackSettings) -> None:
        self.settings = settings
        self.home = settings.home
        self.logs = self.home / "logs"
        self.data = self.home / "data"
        self.mail = self.home / "mail"
        self._ports_file = self.home / "ports.json"
        self._credentials_file = self.home / "credentials.json"
        self._warehouse_file = self.home / "warehouse"

    def prepare(self) -> None:
        """Make the folders, and choose ports and credentials where there are none yet.

        Raises:
            StackError: a port that the user asked for is taken.
        """
        for folder in (self.home, self.logs, self.data, self.mail):
            folder.mkdir(parents=True, exist_ok=True)
        if not self._credentials_file.exists():
            write_private(self._credentials_file, Credentials().model_dump_json(indent=2))
        self._complete_credentials()
        self._ports_file.write_text(json.dumps(self._choose_ports(), indent=2))
        self._warehouse_file.write_text(self.warehouse)

    @property
    def warehouse(self) -> str:
        """Where dbt builds: the setting, else as at the last start."""
        if self.settings.warehouse is not None:
            return self.settings.warehouse
        return self._warehouse_file.read_text() if self._warehouse_file.exists() else "postgres"

    @property
    def has_superset(self) -> bool:
        """Whether dashboards can read the warehouse. Only dbt's process can open DuckDB's file or Spark's metastore."""
        return self.warehouse == "postgres"

    @property
    def credentials(self) -> Credentials:
        """The generated secrets. Raises StackError when the stack was never prepared."""
        return self._complete_credentials()

    @property
    def ports(self) -> dict[PortName, int]:
        """The port of each service. Raises StackError when the stack was never prepared."""
        return self._parsed(self._ports_file, TypeAdapter(dict[PortName, int]).validate_json)

    def address(self, name: PortName) -> str:
        """``127.0.0.1:port`` of a service."""
        return f"{HOST}:{self.ports[name]}"

    def socket(self, name: str) -> Path:
        """A socket file of this stack, in a folder that only this user can open.

        Raises:
            StackError: somebody else has made that folder, or may open it.
        """
        # Its path may have 107 bytes only, a checkout's path may have more.
        folder = Path(tempfile.gettempdir()) / f"lineage-{os.geteuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise StackError(
                f"{folder} must be a folder that only this user can open: others could answer in place of the stack. Remove "
                "it, or name another place in TMPDIR"
            )
        return folder / f"{name}-{self.digest}.sock"

    @property
    def digest(self) -> str:
        """A short name for the home, the same as long as it is there."""
        return hashlib.sha256(str(self.home).encode()).hexdigest()[:12]

    @property
    def authority(self) -> Path | None:
        """File with the authority of the stack's certificates; None where it has no TLS."""
        return certificates.ensure(self.home / "tls", HOST, "localhost")[0] if self.settings.tls else None

    @property
    def certificate(self) -> certificates.Pair:
        """Certificate and key of the stack's servers."""
        return certificates.ensure(self.home / "tls", HOST, "localhost")[1]

    def check_ports_free(self) -> None:
        """Fail before anything starts when another program holds one of the ports.

        Raises:
            StackError: names the port, its service and the way out.
        """
        for name, port in self.ports.items():
            if not port_is_free(port):
                raise StackError(
                    f"port {port} of {name} is taken by another program: stop that program, or choose another port "
                    f"with STACK_{name.upper()}_PORT"
                )

    def _complete_credentials(self) -> Credentials:
        """The secrets in the file; those that a home of an older version lacks are generated and written back."""
        text = self._read(self._credentials_file)
        credentials = self._parsed(self._credentials_file, Credentials.model_validate_json)
        if json.loads(text).keys() < Credentials.model_fields.keys():
            write_private(self._credentials_file, credentials.model_dump_json(indent=2))
        return credentials

    def _choose_ports(self) -> dict[PortName, int]:
        kept = self.ports if self._ports_file.exists() else {}
        ports: dict[PortName, int] = {}
        for name, default in DEFAULT_PORTS.items():
            wanted = self.settings.chosen_port(name) or kept.get(name)
            taken = set(ports.values()) | set(DEFAULT_PORTS.values())
            ports[name] = wanted or _free_port(default if self.settings.well_known_ports else None, taken)
            _claim(ports[name])
        if len(set(ports.values())) < len(ports):
            raise StackError(f"two services were given the same port: {ports}")
        return ports

    def _parsed(self, file: Path, parse: Callable[[str], _Parsed]) -> _Parsed:
        try:
            return parse(self._read(file))
        except ValueError:
            # What it holds may be secrets.
            raise StackError(
                f"{file} is not what the stack wrote: take it from a backup, or `make stack-clean` deletes the stack"
            ) from None

    def _read(self, file: Path) -> str:
        try:
            return file.read_text()
        except FileNotFoundError:
            raise StackError(f"there is no local stack in {self.home}: start it with `make stack-up`") from None


# Below what Linux and macOS give to the outgoing ends of connections.
_CHOSEN_FROM = range(10_000, 32_768)
_claimed: dict[int, socket.socket] = {}


def load() -> StackConfig:
    """The stack that the environment names (``STACK_HOME``, ``.stack`` by default)."""
    return StackConfig(read(StackSettings))


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def unused_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on, in no order, each one once.

    None is of those that the system gives to the outgoing ends of connections: any program could have it for a moment,
    just when its service starts or comes back.
    """
    shuffled = random.sample(_CHOSEN_FROM, len(_CHOSEN_FROM))
    return list(islice(filter(port_is_free, shuffled), count))


def _free_port(default: int | None, taken: set[int]) -> int:
    if default is not None and port_is_free(default) and _claim(default):
        return default
    while True:
        [port] = unused_ports(1)
        if port not in taken and _claim(port):
            return port


def _claim(port: int) -> bool:
    """Whether this process has a port for itself, among those that start a stack just now.

    Between the choice of a port and its service there are seconds. So who chooses one binds it for UDP, as long as the
    process lives: no service uses that, another user's process meets it too, and none is left behind.
    """
    if port in _claimed:
        return True
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind((HOST, port))
    except OSError:
        claim.close()
        return False
    _claimed[port] = claim
    return True


def interpreter(environment: str) -> Path:
    """The Python of one of the project's environments, such as ``openmetadata``."""
    return PROJECT_ROOT / ".venvs" / environment / "bin" / "python"
