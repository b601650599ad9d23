"""Greets Grace, by an operator of the project's plugins."""

from airflow.sdk import DAG
from operators.greet import GreetOperator

with DAG("greet_grace", schedule=None):
    GreetOperator(task_id="greet", who="Grace")
