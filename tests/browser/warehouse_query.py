"""SQL on the warehouse, as the role that dbt builds with."""

import psycopg2

from include import settings


def query(sql: str, *parameters: object) -> list[tuple]:
    """Rows of a query; none of a statement that has none."""
    warehouse = settings.warehouse()
    connection = psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname=warehouse.database,
        user=warehouse.user,
        password=warehouse.password.get_secret_value(),
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
