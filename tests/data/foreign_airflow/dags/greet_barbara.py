"""Greets Barbara, by an operator of the project's plugins."""

from airflow.sdk import DAG
from operators.greet import GreetOperator

with DAG("greet_barbara", schedule=None):
    GreetOperator(task_id="greet", who="Barbara")
