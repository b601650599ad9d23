"""Fails with what is wrong with dbt projects that cannot become DAGs, so that Airflow shows it as an import error.

It holds no DAG: Airflow takes the DAGs of a file away while it has an error, and those of the other projects shall stay.
Where there is one project only, its own files say what is wrong.
"""

from dbt_lineage.airflow.readable import require_readable

require_readable()
