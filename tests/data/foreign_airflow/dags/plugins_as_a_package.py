"""Imports its operator by the package of the plugins, and not by their folder."""

from airflow.sdk import DAG
from plugins.operators.greet import GreetOperator

with DAG("plugins_as_a_package", schedule=None):
    GreetOperator(task_id="greet", who="everybody")
