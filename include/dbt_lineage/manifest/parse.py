"""Makes the manifest ahead of time, so that Airflow never has to parse the dbt project: ``python -m dbt_lineage.manifest.parse``."""

import shutil
import tempfile
from pathlib import Path

from dbt_lineage.core import commands, settings
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.dbt_program import make_artifacts


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


if __name__ == "__main__":
    commands.run("manifest", lambda: print(make_manifest(settings.dbt())))
