"""Spark of the local stack: a session in dbt's process, from packages beside those of Airflow's environment."""

import os
import sys

from stack import java
from stack.config import PYTHON_PATH, StackError, interpreter


def environment() -> dict[str, str]:
    """The variables with which Airflow's environment has Spark.

    Raises:
        StackError: there is no environment ``spark``.
        NoJava: there is no Java that Spark runs on.
    """
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = interpreter("spark").parent.parent / "lib" / version / "site-packages"
    if not (packages / "pyspark").is_dir():
        raise StackError(f"{packages} has no pyspark: `make setup WAREHOUSE=spark` makes this environment")
    return {"JAVA_HOME": str(java.home()), "PYTHONPATH": os.pathsep.join((PYTHON_PATH, str(packages)))}
