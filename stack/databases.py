"""The databases and roles of one PostgreSQL server, each role with its own rights and no others.

The local stack calls ``create``; in the containers a job runs ``python -m stack.databases``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Any

import psycopg2
from psycopg2 import sql
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL

from dbt_lineage.core import commands
from dbt_lineage.core.setting_types import Host, Port, Secret
from dbt_lineage.core.settings import read

AIRFLOW_DATABASE = "airflow"
AIRFLOW_USER = "airflow"
WAREHOUSE_DATABASE = "jaffle_db"
WAREHOUSE_USER = "dbt"
READER_USER = "lineage_reader"
LEDGER_DATABASE = "lineage_ledger"
LEDGER_USER = "lineage_ledger"
# Of the lineage page, which only shows what the ledger has.
LEDGER_READER_USER = "lineage_ledger_reader"
OPENMETADATA_DATABASE = "openmetadata"
OPENMETADATA_USER = "openmetadata"
SUPERSET_DATABASE = "superset"
SUPERSET_USER = "superset"

OWNERS: Mapping[str, str] = {
    AIRFLOW_DATABASE: AIRFLOW_USER,
    WAREHOUSE_DATABASE: WAREHOUSE_USER,
    LEDGER_DATABASE: LEDGER_USER,
    OPENMETADATA_DATABASE: OPENMETADATA_USER,
    SUPERSET_DATABASE: SUPERSET_USER,
}
READERS: Mapping[str, str] = {WAREHOUSE_DATABASE: READER_USER, LEDGER_DATABASE: LEDGER_READER_USER}


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server and its administrator.

    Args:
        host: host name.
        port: TCP port.
        password: password of the role ``postgres``.
    """

    host: str
    port: int
    password: str


class Superuser:
    """A cursor of the administrator that commits each statement.

    Args:
        server: where.
        database: which database it is in.

    Raises:
        psycopg2.OperationalError: the server cannot be reached or refuses the login.
    """

    def __init__(self, server: Server, database: str = "postgres") -> None:
        self._connection = psycopg2.connect(
            host=server.host,
            port=server.port,
            user="postgres",
            password=server.password,
            dbname=database,
            connect_timeout=5,
        )
        self._connection.autocommit = True

    def __enter__(self) -> Any:
        return self._connection.cursor()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()


def address(
    host: str, port: int, role: str, password: str, database: str, query: Mapping[str, str] = MappingProxyType({})
) -> str:
    """SQLAlchemy's address of a database; reserved characters of each part are escaped.

    Args:
        host: host name or IP address.
        port: TCP port.
        role: who logs in.
        password: of the role.
        database: its name.
        query: parameters of libpq, such as sslmode.
    """
    url = URL.create("postgresql+psycopg2", role, password, host, port, database, query=query)
    return url.render_as_string(hide_password=False)


def create(server: Server, passwords: Mapping[str, str]) -> None:
    """Make the databases and roles that are missing, and give each role its password and its rights.

    ``dbt`` owns the warehouse and ``lineage_reader`` reads it. ``lineage_ledger_reader`` reads the ledger. Each other role
    owns the database of its service, into which nobody else may even connect.

    Args:
        server: where.
        passwords: of each role that is wanted; a role without one is not made, nor is its database.

    Raises:
        psycopg2.Error: the server cannot be reached, or refuses a statement.
    """
    wanted = {database: owner for database, owner in OWNERS.items() if owner in passwords}
    with Superuser(server) as admin:
        for role, password in passwords.items():
            _ensure_role(admin, role, password)
        for database, owner in wanted.items():
            _ensure_database(admin, database, owner)
            if database != WAREHOUSE_DATABASE:
                admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    for database, reader in READERS.items():
        if {OWNERS[database], reader} <= passwords.keys():
            with Superuser(server, database) as admin:
                _let_read(admin, database, OWNERS[database], reader)


def _ensure_role(cursor: Any, role: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    verb = sql.SQL("ALTER") if cursor.fetchone() else sql.SQL("CREATE")
    # Not as a parameter: then a % in the role's name would be taken for one.
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
    cursor.execute(statement.format(verb, sql.Identifier(role), sql.Literal(password)))


def _ensure_database(cursor: Any, database: str, owner: str) -> None:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
    if not cursor.fetchone():
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner)))


def _let_read(cursor: Any, database: str, owner: str, reader: str) -> None:
    """What the owner has made in the schema ``public``, and will make anywhere, the reader may read."""
    cursor.execute(
        sql.SQL(
            "GRANT CONNECT ON DATABASE {database} TO {reader};"
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader};"
            "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO {reader};"
            "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE ON SCHEMAS TO {reader}"
        ).format(database=sql.Identifier(database), owner=sql.Identifier(owner), reader=sql.Identifier(reader))
    )


class DatabaseSettings(BaseSettings):
    """What the job of the containers needs; the password of a service that is not there may be left out."""

    model_config = SettingsConfigDict(env_prefix="DATABASES_", frozen=True)

    host: Host = Field("postgres", description="host name of the server")
    port: Port = Field(5432, description="TCP port")
    superuser_password: Secret = Field(description="password of the role postgres")
    airflow_password: Secret = Field(description="password of the role airflow")
    dbt_password: Secret = Field(description="password of the role dbt")
    lineage_reader_password: Secret = Field(description="password of the role lineage_reader")
    lineage_ledger_password: Secret = Field(description="password of the role lineage_ledger")
    lineage_ledger_reader_password: Secret = Field(description="password of the role lineage_ledger_reader")
    openmetadata_password: Secret | None = Field(None, description="password of the role openmetadata")
    superset_password: Secret | None = Field(None, description="password of the role superset")

    @property
    def server(self) -> Server:
        """The server and its administrator."""
        return Server(self.host, self.port, self.superuser_password.get_secret_value())

    @property
    def passwords(self) -> dict[str, str]:
        """The password of each role that is wanted."""
        given = {
            AIRFLOW_USER: self.airflow_password,
            WAREHOUSE_USER: self.dbt_password,
            READER_USER: self.lineage_reader_password,
            LEDGER_USER: self.lineage_ledger_password,
            LEDGER_READER_USER: self.lineage_ledger_reader_password,
            OPENMETADATA_USER: self.openmetadata_password,
            SUPERSET_USER: self.superset_password,
        }
        return {role: password.get_secret_value() for role, password in given.items() if password is not None}


def main() -> None:
    """Make what the environment asks for; exit code 1 with a message when it cannot be made."""
    chosen = read(DatabaseSettings)
    create(chosen.server, chosen.passwords)
    print(f"databases of {chosen.host}: roles {', '.join(chosen.passwords)}")


if __name__ == "__main__":
    commands.run("databases", main)
