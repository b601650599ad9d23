"""Greets Ada, by an operator of the project's plugins."""

from airflow.sdk import DAG
from operators.greet import GreetOperator

with DAG("greet_ada", schedule=None):
    GreetOperator(task_id="greet", who="Ada")
