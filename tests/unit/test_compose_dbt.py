"""dbt by hand in a container: nothing is written into the project, which may be mounted from a folder of somebody else's."""

import shutil
from pathlib import Path

import pytest

from dbt_lineage.core import settings
from dbt_lineage.events.dbt_command import main
from dbt_lineage.spool.spool import Spool
from stack.checkout import PROJECT_ROOT


def test_what_dbt_leaves_behind_is_outside_of_the_project(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(
        PROJECT_ROOT / "dbt-jaffle-shop", project, ignore=shutil.ignore_patterns("target", "logs", ".user.yml")
    )
    mine = sorted(project.rglob("*"))
    environment.setenv("DBT_PROJECT_DIR", str(project))
    environment.setenv("DBT_ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    environment.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    environment.setenv("SPOOL_DIR", str(tmp_path / "spool"))
    environment.setenv("OPENLINEAGE__TRANSPORT__TYPE", "dbt_lineage.spool.transport.SpoolTransport")

    # Of no model: that needs no warehouse, and has artifacts and the two events of the command all the same.
    assert main(["run", "--select", "no_such_model"]) == 0

    assert sorted(project.rglob("*")) == mine
    left = tmp_path / "artifacts" / "by_hand" / settings.dbt().target
    assert {file.name for file in left.iterdir()} == {"target", "logs"}
    spool = Spool(settings.spool().dir, settings.spool().max_bytes)
    assert spool.usage().waiting == 2
    spool.close()
