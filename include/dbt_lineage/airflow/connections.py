"""Read secrets that the configuration file names by a connection of Airflow."""

from dbt_lineage.core.errors import SettingsError


def password(connection: str) -> str:
    """The password of a connection; of one to Kafka, which has none, its extra: librdkafka's properties as JSON.

    Args:
        connection: its id.

    Raises:
        SettingsError: there is no such connection, or it has no password.
    """
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = Connection.get(connection)
    except AirflowNotFoundException:
        raise SettingsError(f"Airflow has no connection {connection}") from None
    of_kafka = found.conn_type == "kafka"
    secret = found.extra if of_kafka else found.password
    if not secret:
        raise SettingsError(f"Airflow's connection {connection} has no {'extra' if of_kafka else 'password'}")
    return secret
