"""Create, compare and correct the topics of the lineage: a DAG of the package."""

from dbt_lineage.airflow.dags import make_dags

make_dags("kafka_topics")
