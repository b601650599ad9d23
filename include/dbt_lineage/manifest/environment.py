"""Which environment variables dbt may read: those that it needs, and none of the keys of others.

What is built is SQL of many hands, packages from elsewhere among them, and Jinja can put any variable of its process into
it: ``{{ env_var('AIRFLOW__API_AUTH__JWT_SECRET') }}``. So dbt is given a variable only if

- it is one that programs and clients of warehouses need (``processes.BASIC``, ``CLIENTS``), or
- the project's own files or its profile name it: ``env_var('NAME')``, or
- the setting ``DBT_ENV_PASS`` lists it.

A secret of another part, or of another project, is never given to it. A dbt in an environment of its own
(``DBT_EXECUTABLE``) is not told where Airflow's environment has its packages either.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dbt_lineage.core import settings
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.processes import BASIC, matcher
from dbt_lineage.core.projects import variables_of_others
from dbt_lineage.core.settings import DbtSettings, WarehouseSettings, is_secret

# dbt's own, what Airflow and we tell of a run, and what clients of warehouses and clouds log in with.
CLIENTS = (
    *("DBT_*", "DATA_INTERVAL_*", "AIRFLOW_CTX_*"),
    *("PG*", "SNOWFLAKE_*", "GOOGLE_*", "GCLOUD_*", "GCP_*", "CLOUDSDK_*", "BIGQUERY_*", "AWS_*", "AZURE_*"),
    *("REDSHIFT_*", "ATHENA_*", "DATABRICKS_*", "SPARK_*", "TRINO_*", "CLICKHOUSE_*", "DUCKDB_*", "MOTHERDUCK_*"),
    *("motherduck_token", "ORACLE_*", "TNS_ADMIN", "ODBC*", "KRB5*", "JAVA_HOME", "GIT_SSH*", "SSH_AUTH_SOCK"),
)
# A name of Airflow's in a file of the project passes nothing on: connections and variables hold secrets of others.
_OF_AIRFLOW = "AIRFLOW_"
_SECRETS = frozenset(
    variable
    for group in settings.GROUPS
    if group is not WarehouseSettings
    for name, variable in settings.variables(group).items()
    if is_secret(group.model_fields[name].annotation)
)
# Where Python looks for packages.
_PACKAGES = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
_NEVER = ("AIRFLOW__*", "SECRET_*", *_SECRETS)
_ALWAYS = matcher((*BASIC, *CLIENTS))
# In a string of YAML the quotes may be doubled or escaped.
_NAMED = re.compile(r"""env_var\s*\(\s*["'\\]+([^"'\\]+)""")
_SUFFIXES = (".sql", ".yml", ".yaml", ".py", ".md", ".jinja", ".jinja2")
_FOLDERS_OF_DBT = ("target", "logs", "dbt_packages", "dbt_modules")


class DbtEnvironmentError(ExpectedError):
    """Another version of dbt reads its variables in another way; the message says what is missing."""


def environment(dbt: DbtSettings, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What dbt may read.

    Args:
        dbt: the project, its profile and ``DBT_ENV_PASS``.
        given: what there is.
    """
    listed, never = matcher(dbt.env_pass_patterns), matcher((*_NEVER, *variables_of_others(dbt.dag_id)))
    open_names = [name for name in given if not never(name) and not _ALWAYS(name) and not listed(name)]
    named = _named(dbt) if open_names else frozenset()
    left = {name for name in open_names if name.startswith(_OF_AIRFLOW) or name not in named}
    if dbt.executable is not None:
        left |= {name for name in _PACKAGES if not listed(name)}
    return {name: value for name, value in given.items() if not never(name) and name not in left}


def confine(dbt: DbtSettings) -> None:
    """Let dbt read only what it may, wherever it is run in this process from now on.

    The process keeps its variables: Airflow reads its configuration there while dbt runs.

    Args:
        dbt: the project that is run.

    Raises:
        DbtEnvironmentError: this version of dbt does not read its variables as the one that this was written for.
    """
    from dbt.cli import requires

    module: Any = requires
    read = getattr(module, "get_env", None)
    if read is None:
        raise DbtEnvironmentError(
            "dbt.cli.requires has no get_env: dbt would be able to read the keys of others, so it is not run. Take the "
            "version of dbt in requirements.txt"
        )
    all_of_them = getattr(read, "all_of_them", read)

    def get_env() -> dict[str, str]:
        return environment(dbt, all_of_them())

    get_env.all_of_them = all_of_them  # type: ignore[attr-defined]
    module.get_env = get_env


def _named(dbt: DbtSettings) -> frozenset[str]:
    """The variables that files of the project and its profile name."""
    names: set[str] = set()
    for file in {dbt.profiles_file, *_files(dbt.project_dir)}:
        if file.is_file():
            names.update(_NAMED.findall(file.read_text(encoding="utf-8", errors="replace")))
    return frozenset(names)


def _files(project: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(project):
        folders[:] = [each for each in folders if each not in _FOLDERS_OF_DBT and not each.startswith(".")]
        yield from (Path(folder, name) for name in files if name.endswith(_SUFFIXES))
