"""Updates an asset."""

from airflow.sdk import DAG, Asset
from include.sql.queries import ONE
from operators.greet import GreetOperator

with DAG("producer_of_an_asset", schedule=None):
    GreetOperator(task_id="greet", who=ONE, outlets=[Asset("greetings")])
