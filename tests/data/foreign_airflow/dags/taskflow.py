"""Tasks as functions, and a value from one to the other."""

from airflow.sdk import dag, task
from include.people import PEOPLE, greeting


@dag(schedule=None)
def taskflow() -> None:
    """Counts greetings."""

    @task
    def greetings() -> list[str]:
        return [greeting(name) for name in PEOPLE]

    @task
    def count(said: list[str]) -> int:
        return len(said)

    count(greetings())


taskflow()
