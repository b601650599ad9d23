"""Greets everybody, by a loop over the project's include."""

from airflow.sdk import DAG, chain
from include.people import PEOPLE
from operators.greet import GreetOperator

with DAG("greet_all_2", schedule=None):
    chain(*(GreetOperator(task_id=name.lower(), who=name) for name in PEOPLE[:2]))
