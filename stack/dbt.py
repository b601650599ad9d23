"""dbt on the local stack."""

import subprocess
import sys

from stack import airflow
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError


def make_manifest(config: StackConfig) -> None:
    """Make the manifest that the DAGs are rendered from. Raises StackError with dbt's words when it cannot be made."""
    done = subprocess.run(
        [sys.executable, "-m", "dbt_lineage", "manifest"],
        env=airflow.full_environment(config),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise StackError(f"the dbt manifest could not be made: {done.stderr.strip().splitlines()[-1]}")
