"""A template with a macro of the project's plugin."""

from airflow.sdk import DAG
from operators.greet import GreetOperator

with DAG("macro_of_the_house", schedule=None):
    GreetOperator(task_id="greet", who="{{ macros.house.shout('ada') }}")
