"""dbt on the local stack."""

import subprocess
import sys

from stack import airflow
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError


def make_manifest(config: StackConfig, *options: str) -> None:
    """Make the manifests that the DAGs are rendered from.

    Args:
        config: the stack.
        options: of the command, such as ``--missing``.

    Raises:
        StackError: none could be made; the message has dbt's words. What is wrong with one of several Airflow shows.
    """
    done = subprocess.run(
        [sys.executable, "-m", "dbt_lineage", "manifest", "--lenient", *options],
        env=airflow.full_environment(config),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise StackError(f"the dbt manifest could not be made: {done.stderr.strip().splitlines()[-1]}")
