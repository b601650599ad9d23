"""Makes the manifest ahead of time, so that Airflow never has to parse the dbt project: ``dbt-lineage manifest``."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import typer

from dbt_lineage.core import settings
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.environment import environment

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


class ParseError(ExpectedError):
    """dbt could not parse the project; the message carries what it said."""


@app.command()
def make() -> None:
    """Make the manifest, after each change of the dbt project."""
    print(make_manifest(settings.dbt()))


def make_manifest(dbt: DbtSettings) -> Path:
    """Parse the project and put its manifest.json where the settings want it.

    Returns:
        The manifest's path.

    Raises:
        ParseError: dbt could not parse the project.
    """
    dbt.manifest.parent.mkdir(parents=True, exist_ok=True)
    # Beside its final place, so that the finished file can be moved there in one step while Airflow reads the old one.
    with tempfile.TemporaryDirectory(dir=dbt.manifest.parent) as target_path:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "dbt.cli.main", "--quiet", "parse"),
                *dbt.options,
                *("--target-path", target_path, "--log-path", target_path),
            ],
            env=environment(dbt),
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()
            if "Env var required but not provided" in said:
                said += (
                    "\nWhat neither the project nor its profile names, such as a package's, is listed in DBT_ENV_PASS"
                )
            raise ParseError(f"dbt parse of {dbt.project_dir} failed:\n{said}")
        parsed = dbt.parse_cache / "target"
        parsed.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(target_path) / "manifest.json", parsed / "manifest.json")
        (Path(target_path) / "partial_parse.msgpack").replace(parsed / "partial_parse.msgpack")
        (Path(target_path) / "manifest.json").replace(dbt.manifest)
    return dbt.manifest
