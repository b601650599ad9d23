"""The manifest, the compiled SQL and dbt by hand come from the program of ``DBT_EXECUTABLE``, where one is set."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dbt_lineage.columns.compiled import CompileError, compiled
from dbt_lineage.core import settings
from dbt_lineage.events import dbt_command
from dbt_lineage.manifest.dbt_program import DbtProgramError
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.manifest.parse import ParseError, make_manifest

DBT = Path(sys.executable).with_name("dbt")
PROFILE = "tiny: {target: dev, outputs: {dev: {type: postgres, host: h, port: 1, user: u, password: p, dbname: d, schema: s}}}"


@pytest.fixture
def project(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A dbt project of one model."""
    folder = tmp_path / "tiny"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: tiny\nversion: '1.0.0'\nprofile: tiny\n")
    (folder / "profiles.yml").write_text(PROFILE)
    (folder / "models" / "m.sql").write_text("select 1 as id")
    environment.setenv("DBT_PROJECT_DIR", str(folder))
    environment.setenv("DBT_PROFILE", "tiny")
    environment.setenv("DBT_ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    environment.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    return folder


@pytest.fixture
def wrapper(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A script that keeps which variables it has, then runs dbt; in a folder of its own, with a blank."""
    file = tmp_path / "a folder" / "our-dbt"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nenv > "$(dirname "$0")/environment"\n"{DBT}" "$@"\n')
    file.chmod(0o755)
    environment.setenv("DBT_EXECUTABLE", str(file))
    return file


def broken(environment: pytest.MonkeyPatch, tmp_path: Path, script: str) -> Path:
    file = tmp_path / "dbt"
    file.write_text(script)
    file.chmod(0o755)
    environment.setenv("DBT_EXECUTABLE", str(file))
    return file


def test_the_manifest_is_made_by_it(project: Path, wrapper: Path) -> None:
    assert Manifest.load(make_manifest(settings.dbt())).models == ["model.tiny.m"]
    assert (settings.dbt().parse_cache / "target" / "partial_parse.msgpack").exists()
    assert (wrapper.parent / "environment").exists()


def test_it_is_told_neither_the_keys_of_others_nor_where_the_packages_of_airflow_are(
    project: Path, wrapper: Path, environment: pytest.MonkeyPatch
) -> None:
    hidden = {"AIRFLOW__API_AUTH__JWT_SECRET": "x", "PYTHONPATH": "/x", "VIRTUAL_ENV": "/x", "PYTHONHOME": ""}
    for name, value in {**hidden, "PYTHONUTF8": "1", "PGAPPNAME": "p"}.items():
        environment.setenv(name, value)
    make_manifest(settings.dbt())
    lines = (wrapper.parent / "environment").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines}
    assert not names & hidden.keys()
    assert {"PATH", "PYTHONUTF8", "PGAPPNAME", "DBT_PROFILE"} <= names


def test_who_wants_it_lists_the_path_of_packages(project: Path, wrapper: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PYTHONPATH", str(project))
    environment.setenv("DBT_ENV_PASS", "PYTHONPATH")
    make_manifest(settings.dbt())
    assert f"PYTHONPATH={project}" in (wrapper.parent / "environment").read_text().splitlines()


def test_dbt_by_hand_is_it(project: Path, wrapper: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert dbt_command.main(["parse"]) == 0
    assert "Running with dbt=" in capfd.readouterr().out
    assert (wrapper.parent / "environment").exists()


def test_its_own_words_are_those_of_the_error(project: Path, wrapper: Path) -> None:
    (project / "models" / "m.sql").write_text("select * from {{ ref('nothing_of_this_name') }}")
    with pytest.raises(
        ParseError, match=rf"by DBT_EXECUTABLE={wrapper} failed with exit code 2:\n(.|\n)*nothing_of_this"
    ):
        make_manifest(settings.dbt())


NO_DBT = {
    "it is not there": (None, r"DBT_EXECUTABLE=.*: there is no such file\. Allowed is the path of a dbt program"),
    "it cannot be run": ("", r"/dbt cannot be run: Exec format error\. Allowed is"),
    "it does nothing": ("#!/bin/sh\n", r"/dbt is no dbt: its (parse|compile) made no manifest\.json\. Allowed is"),
}


@pytest.mark.parametrize("name", NO_DBT)
def test_what_is_no_dbt_is_refused_in_one_sentence(
    project: Path, environment: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    script, said = NO_DBT[name]
    file = broken(environment, tmp_path, script or "")
    if script is None:
        file.unlink()
    with pytest.raises(DbtProgramError, match=said):
        make_manifest(settings.dbt())
    with pytest.raises(DbtProgramError, match=said):
        compiled(settings.dbt(), lambda _: {})


def test_one_that_fails_is_named(project: Path, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = broken(environment, tmp_path, "#!/bin/sh\necho out of order >&2; exit 7\n")
    with pytest.raises(CompileError, match=rf"by DBT_EXECUTABLE={file} failed with exit code 7:\nout of order"):
        compiled(settings.dbt(), lambda _: {})


def test_a_command_ends_with_the_sentence(project: Path, environment: pytest.MonkeyPatch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dbt_lineage", "dbt", "build"],
        env={**os.environ, "DBT_EXECUTABLE": "/no/such/dbt"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith(
        "dbt-lineage: DBT_EXECUTABLE=/no/such/dbt: there is no such file. Allowed is"
    )


def test_without_a_dbt_and_without_a_program_it_is_said_what_to_do(
    project: Path, without_dbt: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dbt_lineage", "manifest"],
        env={**os.environ, "PYTHONPATH": without_dbt},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "dbt is not installed in the environment of" in done.stderr
    assert "DBT_EXECUTABLE is not set. Allowed is the path of a dbt program" in done.stderr


def test_a_project_with_a_program_needs_no_dbt_here(project: Path, wrapper: Path, without_dbt: str) -> None:
    """Not to make the manifest, and not to import whatever runs a task of it and emits its lineage."""
    script = (
        "import sys\n"
        "from dbt_lineage.core import settings\n"
        "from dbt_lineage.manifest.parse import make_manifest\n"
        "import dbt_lineage.airflow.dbt_tasks.task_group, dbt_lineage.events.live, dbt_lineage.events.dbt_command\n"
        "from dbt_lineage.airflow import preload\n"
        "preload.share_memory = lambda: None\n"
        "preload.get_scheduler_ready()\n"
        "print(make_manifest(settings.dbt()))\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('dbt', 'dbt_common')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": without_dbt}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [str(settings.dbt().manifest), "[]"]
    assert "dbt" not in json.dumps([line for line in done.stderr.splitlines() if "does not work here" in line])
