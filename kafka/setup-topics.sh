#!/usr/bin/env bash
# Creates the topics, or compares and corrects them: what the DAG kafka_topics does, without Airflow. The settings KAFKA_…
# say which cluster and which topics; `make kafka-topics` gives those of the local stack.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec .venvs/airflow/bin/python -m dbt_lineage topics
