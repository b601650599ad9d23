"""Makes manifests ahead of time, so that Airflow never has to parse a dbt project: ``dbt-lineage manifest``."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from dbt_lineage.core.errors import ExpectedError, SettingsError
from dbt_lineage.core.projects import project as named
from dbt_lineage.core.projects import projects
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.dbt_program import DbtProgramError, make_artifacts

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


class ParseError(ExpectedError):
    """dbt could not parse the project; the message carries what it said."""

    def __init__(self, message: str) -> None:
        if "Env var required but not provided" in message:
            message += (
                "\nWhat neither the project nor its profile names, such as a package's, is listed in DBT_ENV_PASS"
            )
        super().__init__(message)


def make_manifest(dbt: DbtSettings) -> Path:
    """Parse the project and put its manifest.json where the settings want it.

    Returns:
        The manifest's path.

    Raises:
        ParseError: dbt could not parse the project.
        DbtProgramError: there is no dbt to run.
    """
    dbt.manifest.parent.mkdir(parents=True, exist_ok=True)
    # Beside its final place, so that the finished file can be moved there in one step while Airflow reads the old one.
    with tempfile.TemporaryDirectory(dir=dbt.manifest.parent) as folder:
        target = Path(folder)
        make_artifacts(dbt, "parse", target, ParseError)
        parsed = dbt.parse_cache / "target"
        parsed.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target / "manifest.json", parsed / "manifest.json")
        # Not every dbt keeps what it parsed.
        if (cache := target / "partial_parse.msgpack").exists():
            cache.replace(parsed / cache.name)
        (target / "manifest.json").replace(dbt.manifest)
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
        except (DbtProgramError, ParseError, SettingsError) as error:
            if len(wanted) == 1:
                raise
            said = str(error).removeprefix(f"project {each.name}: ")
            problems.append(f"project {each.name}: {said}")
    if problems and not (lenient and len(problems) < len(wanted)):
        raise ParseError("\n".join(problems))
    for problem in problems:
        print(problem, file=sys.stderr)
