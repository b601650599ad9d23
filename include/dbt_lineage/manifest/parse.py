"""Makes manifests ahead of time, so that Airflow never has to parse a dbt project: ``dbt-lineage manifest``."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from dbt_lineage.core.errors import ExpectedError, SettingsError
from dbt_lineage.core.projects import project as named
from dbt_lineage.core.projects import projects
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.environment import environment

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


class ParseError(ExpectedError):
    """dbt could not parse the project; the message carries what it said."""


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


@app.command()
def make(
    project: Annotated[list[str] | None, typer.Option(help="only of this project; may be given twice")] = None,
    missing: Annotated[bool, typer.Option(help="only of projects that have none yet")] = False,
    lenient: Annotated[
        bool,
        typer.Option(
            help="exit code 0 as long as one could be made: Airflow's page says what is wrong with the others"
        ),
    ] = False,
) -> None:
    """Make the manifest of each project, also where that of another one cannot be made."""
    wanted = [named(name) for name in project] if project else list(projects())
    problems = []
    for each in wanted:
        try:
            if not (missing and each.dbt.manifest.exists()):
                print(make_manifest(each.dbt))
        except (ParseError, SettingsError) as error:
            if len(wanted) == 1:
                raise
            said = str(error).removeprefix(f"project {each.name}: ")
            problems.append(f"project {each.name}: {said}")
    if problems and not (lenient and len(problems) < len(wanted)):
        raise ParseError("\n".join(problems))
    for problem in problems:
        print(problem, file=sys.stderr)
