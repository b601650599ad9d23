"""Superset of the local stack: gunicorn in an environment of its own, metadata in PostgreSQL, a cache of files."""

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import httpx
import rich

from include.settings import PROJECT_ROOT
from stack import airflow, dbt, postgres
from stack.config import HOST, StackConfig, StackError, interpreter

CONFIGURATION = PROJECT_ROOT / "superset"
ADMIN = "admin"
STEP = "step: "
WORKERS, THREADS = 2, 4
console = rich.get_console()


def command(config: StackConfig) -> list[str]:
    """Command line of the server."""
    return [
        str(interpreter("superset")),
        *("-m", "gunicorn", "--bind", config.address("superset")),
        *("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)),
        *("--timeout", "120", "--worker-tmp-dir", str(config.home), "superset.app:create_app()"),
    ]


def environment(config: StackConfig) -> dict[str, str]:
    """The variables that ``superset/superset_config.py`` reads."""
    secrets = config.credentials
    database = f"{HOST}:{config.ports['postgres']}/{postgres.SUPERSET_DATABASE}"
    return {
        "PYTHONPATH": str(CONFIGURATION),
        "SUPERSET_HOME": str(_home(config)),
        "SUPERSET_CACHE_DIR": str(_home(config) / "cache"),
        "SUPERSET_DATABASE_URI": f"postgresql+psycopg2://superset:{secrets.superset_database_password}@{database}",
        "SUPERSET_SECRET_KEY": secrets.superset_secret_key,
        "SCARF_ANALYTICS": "false",
    }


def initialise(config: StackConfig) -> None:
    """Make the metadata database, rights and administrator, once for each version of Superset; tells what it does.

    Raises:
        StackError: it failed; the message carries the last lines of what was said.
    """
    postgres.create_databases(config)
    done = _home(config) / "initialised"
    version = _version()
    if done.exists() and done.read_text() == version:
        return
    (_home(config) / "cache").mkdir(parents=True, exist_ok=True)
    lines = _run_with_progress(
        [str(interpreter("superset")), str(CONFIGURATION / "superset_initialise.py")],
        {**environment(config), "SUPERSET_ADMIN_PASSWORD": config.credentials.superset_admin_password},
        config.logs / "superset-initialise.log",
    )
    if lines is not None:
        raise StackError("Superset's metadata could not be made:\n" + "\n".join(lines[-15:]))
    done.write_text(version)


def is_ready(config: StackConfig) -> bool:
    """Whether it answers its health check."""
    try:
        return httpx.get(f"http://{config.address('superset')}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def publish(config: StackConfig) -> None:
    """Import the dashboards, where they are of this dbt project, and make the service account that refreshes them.

    Raises:
        StackError: it failed; the message carries the reason.
    """
    if not (config.home / "dbt" / "manifest.json").exists():
        dbt.make_manifest(config)
    done = subprocess.run(
        [sys.executable, "-m", "include.superset", "import", "--if-made"],
        env=airflow.full_environment(config),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise StackError(f"the dashboards could not be imported: {(done.stderr or done.stdout).strip()}")
    for line in done.stdout.splitlines():
        console.print(f"  {line}", style="dim", highlight=False, markup=False)


def _run_with_progress(argv: list[str], variables: dict[str, str], log: Path) -> list[str] | None:
    """Run a command, show its steps and keep the rest; returns all that it said when it failed."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            argv, env=variables, cwd=CONFIGURATION, text=True, stdout=subprocess.PIPE, stderr=errors
        )
        with process:
            for line in process.stdout or ():
                if line.startswith(STEP):
                    console.print(f"  {line.removeprefix(STEP).strip()} …", style="dim", highlight=False)
                else:
                    errors.write(line)
    return None if process.returncode == 0 else log.read_text().splitlines()


def _version() -> str:
    """The installed version, read from the environment's packages: importing Superset takes seconds."""
    packages = str(next((interpreter("superset").parent.parent / "lib").glob("python3*")) / "site-packages")
    return next(found.version for found in distributions(name="apache-superset", path=[packages]))


def _home(config: StackConfig) -> Path:
    return config.home / "superset"
