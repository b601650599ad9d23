"""Runs when the asset is updated."""

from airflow.sdk import DAG, Asset
from operators.greet import GreetOperator

with DAG("consumer_of_an_asset", schedule=[Asset("greetings")]):
    GreetOperator(task_id="greet", who="the asset")
