"""Superset of the local stack: gunicorn in an environment of its own, metadata in PostgreSQL, a cache of files."""

import subprocess
import sys
from pathlib import Path

import httpx
import rich

from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.manifest.graph import Manifest
from stack import airflow, dbt, postgres
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError, interpreter

CONFIGURATION = PROJECT_ROOT / "superset"
ADMIN = "admin"
WORKERS, THREADS = 2, 4
console = rich.get_console()


def command(config: StackConfig) -> list[str]:
    """Command line of the server."""
    return [
        # What people look at gives way to dbt, and its first start to that of everything else.
        *("nice", "-n", "5", str(interpreter("superset"))),
        *("-m", "gunicorn", "--preload", "--bind", config.address("superset")),
        *("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)),
        *("--timeout", "120", "--worker-tmp-dir", str(config.home), "superset_server:app"),
    ]


def environment(config: StackConfig) -> dict[str, str]:
    """The variables that ``superset_config.py`` and ``superset_server.py`` in ``superset/`` read."""
    secrets = config.credentials
    return {
        "PYTHONPATH": str(CONFIGURATION),
        "SUPERSET_HOME": str(_home(config)),
        "SUPERSET_CACHE_DIR": str(_home(config) / "cache"),
        "SUPERSET_DATABASE_URI": postgres.address(
            config, postgres.SUPERSET_USER, secrets.superset_database_password, postgres.SUPERSET_DATABASE
        ),
        "SUPERSET_SECRET_KEY": secrets.superset_secret_key,
        "SUPERSET_ADMIN_PASSWORD": secrets.superset_admin_password,
        "SCARF_ANALYTICS": "false",
    }


def prepare(config: StackConfig) -> None:
    """Make its folders, and its database where an older stack has none. The rest it does itself, as it starts."""
    (_home(config) / "cache").mkdir(parents=True, exist_ok=True)
    postgres.create_databases(config)


def doing(config: StackConfig) -> str:
    """What its start is busy with, in words; empty when it is over."""
    try:
        return (_home(config) / "doing").read_text()
    except FileNotFoundError:
        return ""


def is_ready(config: StackConfig) -> bool:
    """Whether it answers its health check."""
    try:
        return httpx.get(f"http://{config.address('superset')}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def publish(config: StackConfig) -> None:
    """Import the dashboards, where they are of this dbt project, and make the service account that refreshes them.

    Not when the code is that of the last import: what somebody changed in Superset stays until it is exported.

    Raises:
        StackError: it failed; the message carries the reason.
    """
    if settings.configuration().file is not None or not (config.home / "dbt" / "manifest.json").exists():
        dbt.make_manifest(config, "--missing")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "dbt_lineage",
            "dashboards",
            "import",
            "--if-made",
            "--last",
            str(_home(config) / "published"),
        ],
        env=airflow.full_environment(config),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise StackError(f"the dashboards could not be imported: {(done.stderr or done.stdout).strip()}")
    for line in done.stdout.splitlines():
        console.print(f"  {line}", style="dim", highlight=False, markup=False)


def dashboards(config: StackConfig) -> list[str]:
    """The last part of the address of each dashboard that shows what the dbt projects make."""
    with airflow.in_force(config):
        return [slug for project in projects() for slug in _dashboards(project)]


def _dashboards(project: Project) -> list[str]:
    superset = project.superset
    if superset is None or not project.dbt.manifest.exists():
        return []
    return Assets.load(superset.assets_dir).slugs if Manifest.load(project.dbt.manifest).dashboard_models else []


def _home(config: StackConfig) -> Path:
    return config.home / "superset"
