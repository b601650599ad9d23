"""Read secrets that the configuration file names by a connection of Airflow."""

from dbt_lineage.core.errors import SettingsError


def password(connection: str) -> str:
    """The password of a connection.

    Args:
        connection: its id.

    Raises:
        SettingsError: there is no such connection, or it has no password.
    """
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = Connection.get(connection).password
    except AirflowNotFoundException:
        raise SettingsError(f"Airflow has no connection {connection}") from None
    if not found:
        raise SettingsError(f"Airflow's connection {connection} has no password")
    return found
