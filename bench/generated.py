"""The made-up dbt projects as settings, where the harness and the DAG files both find them.

``python -m bench.generated MODELS`` writes one and makes its manifest.
"""

import sys

from bench.projects import make_project
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.parse import make_manifest
from stack.checkout import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "build" / "bench"


def generated(models: int) -> DbtSettings:
    """The settings of the made-up project of this many models; it need not be there yet."""
    folder = FOLDER / f"{models}_models"
    changes = {
        "project_dir": folder / "generated",
        "profiles_dir": None,
        "profile": "generated",
        "target": "dev",
        "seeds": "",
        "artifacts_dir": folder / "artifacts",
    }
    return settings.dbt().model_copy(update=changes)


def make(models: int) -> DbtSettings:
    """Write the project and make its manifest.

    Raises:
        ParseError: dbt could not parse it, for example because ``WAREHOUSE_PASSWORD`` is not in the environment.
    """
    dbt = generated(models)
    make_project(dbt.project_dir, models, schema=f"generated_{models}")
    make_manifest(dbt)
    return dbt


if __name__ == "__main__":
    print(make(int(sys.argv[1])).manifest)
