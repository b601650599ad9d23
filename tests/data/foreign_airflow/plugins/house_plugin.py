"""A plugin of the project, with a macro."""

from airflow.plugins_manager import AirflowPlugin


def shout(text: str) -> str:
    """In capitals."""
    return text.upper()


class HousePlugin(AirflowPlugin):
    """What the project adds to Airflow."""

    name = "house"
    macros = [shout]  # noqa: RUF012 - the interface's own form
