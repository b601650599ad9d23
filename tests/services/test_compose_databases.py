"""The job that makes the databases of the containers, on a real server."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy import create_engine, text

from stack import databases
from stack.config import HOST, StackConfig

PASSWORD = "of the catalogue"


@pytest.fixture
def done(stack: StackConfig) -> Iterator[subprocess.CompletedProcess[str]]:
    """The job was run twice, without Superset; afterwards only the local stack's own databases are left."""
    secrets = stack.credentials
    variables = {
        "DATABASES_HOST": HOST,
        "DATABASES_PORT": str(stack.ports["postgres"]),
        "DATABASES_SUPERUSER_PASSWORD": secrets.postgres_password,
        "DATABASES_AIRFLOW_PASSWORD": secrets.airflow_database_password,
        "DATABASES_DBT_PASSWORD": secrets.warehouse_password,
        "DATABASES_LINEAGE_READER_PASSWORD": secrets.warehouse_reader_password,
        "DATABASES_LINEAGE_LEDGER_PASSWORD": secrets.ledger_password,
        "DATABASES_LINEAGE_LEDGER_READER_PASSWORD": secrets.ledger_reader_password,
        "DATABASES_OPENMETADATA_PASSWORD": PASSWORD,
    }
    server = databases.Server(HOST, stack.ports["postgres"], secrets.postgres_password)
    command = [sys.executable, "-m", "stack.databases"]
    for _ in range(2):
        ended = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)
    yield ended
    with databases.Superuser(server) as admin:
        admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(databases.OPENMETADATA_DATABASE)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(databases.OPENMETADATA_USER)))


def test_a_service_owns_its_database_and_enters_no_other(
    done: subprocess.CompletedProcess[str], stack: StackConfig
) -> None:
    assert done.returncode == 0, done.stderr
    login = {
        "host": HOST,
        "port": stack.ports["postgres"],
        "user": databases.OPENMETADATA_USER,
        "password": PASSWORD,
    }
    with psycopg2.connect(dbname=databases.OPENMETADATA_DATABASE, **login) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE made (id int); DROP TABLE made")
    connection.close()
    for other in (databases.AIRFLOW_DATABASE, databases.LEDGER_DATABASE):
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            psycopg2.connect(dbname=other, **login)


def test_a_service_that_is_not_wanted_gets_nothing(done: subprocess.CompletedProcess[str]) -> None:
    assert "openmetadata" in done.stdout
    assert databases.SUPERSET_USER not in done.stdout


def test_no_role_of_a_service_has_rights_over_the_server_or_its_files(
    done: subprocess.CompletedProcess[str], stack: StackConfig
) -> None:
    server = databases.Server(HOST, stack.ports["postgres"], stack.credentials.postgres_password)
    with databases.Superuser(server) as admin:
        admin.execute("SELECT rolname FROM pg_roles WHERE rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls")
        powerful = {name for (name,) in admin.fetchall()}
        admin.execute(
            "SELECT role.rolname, power.rolname FROM pg_roles role, pg_roles power WHERE power.rolname LIKE 'pg\\_%%' "
            "AND role.rolname = ANY(%s) AND pg_has_role(role.oid, power.oid, 'MEMBER')",
            ([*databases.OWNERS.values(), *databases.READERS.values()],),
        )
        members = [each for each in admin.fetchall() if each[1] != "pg_database_owner"]
    assert powerful == {"postgres"}
    assert members == []


def test_a_role_logs_in_as_it_is_spelled(stack: StackConfig) -> None:
    role, password = "team/reader @:%", "pa$${X}w o+rd@:/?#%'\\"
    server = databases.Server(HOST, stack.ports["postgres"], stack.credentials.postgres_password)
    databases.create(server, {role: password})
    try:
        engine = create_engine(databases.address(HOST, stack.ports["postgres"], role, password, "postgres"))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT current_user")).scalar() == role
        engine.dispose()
    finally:
        with databases.Superuser(server) as admin:
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
