"""The wheel: one name, its data, and what it adds to an environment with Airflow."""

import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
from adopter import THEIR_DAGS, Adoption, names, uv

from stack.checkout import PROJECT_ROOT

VERSION = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
INFO = f"dbt_lineage_airflow-{VERSION}.dist-info"


@pytest.fixture(scope="module")
def content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_one_package_and_what_is_said_of_it(content: dict[str, bytes]) -> None:
    assert {name.split("/")[0] for name in content} == {"dbt_lineage", INFO}


def test_it_holds_every_file_of_the_package_that_git_has_and_no_other(content: dict[str, bytes]) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "include/dbt_lineage"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    wanted = {name.removeprefix("include/") for name in listed if (PROJECT_ROOT / name).is_file()}
    assert {name for name in content if name.startswith("dbt_lineage/") and not name.endswith("/")} == wanted
    for data in ("relay/openlineage/OpenLineage.json", "ingest/templates/postgres.yaml", "py.typed"):
        assert f"dbt_lineage/{data}" in wanted


def test_it_carries_its_licence_and_that_of_the_specification_in_it(content: dict[str, bytes]) -> None:
    files = {name: text for name, text in content.items() if not name.endswith("/")}
    licences = {name.rsplit("/", 1)[-1]: text for name, text in files.items() if name.startswith(f"{INFO}/licenses/")}
    assert licences == {
        "LICENSE": (PROJECT_ROOT / "LICENSE").read_bytes(),
        "NOTICE": (PROJECT_ROOT / "include/dbt_lineage/relay/openlineage/NOTICE").read_bytes(),
    }


def test_it_adds_one_name_to_the_packages_and_one_program(adoption: Adoption) -> None:
    adopter = adoption.adopter
    assert names(adopter.packages) - adoption.packages_before == {"dbt_lineage", INFO}
    assert names(adopter.environment / "bin") - adoption.programs_before == {"dbt-lineage"}


def test_the_locked_versions_are_within_what_it_asks_for(adoption: Adoption) -> None:
    uv("pip", "check", "--python", adoption.adopter.python)


def test_its_command_runs_without_a_checkout(adoption: Adoption, tmp_path: Path) -> None:
    run = adoption.adopter.run
    assert run("dbt-lineage", "--version").strip() == VERSION
    assert run("python", "-m", "dbt_lineage", "--version").strip() == VERSION
    assert "waiting" in run("dbt-lineage", "relay", "status", SPOOL_DIR=str(tmp_path / "spool"))
    assert not (adoption.adopter.packages / "build").exists()


def test_every_module_of_it_can_be_imported(adoption: Adoption) -> None:
    """Each from the installed package, with the locked packages alone: those of the tests are not there."""
    script = (
        "import importlib, pkgutil, dbt_lineage\n"
        "left_out = ('dbt_lineage.__main__', 'dbt_lineage.ledger.migrations.')\n"
        "found = [each.name for each in pkgutil.walk_packages(dbt_lineage.__path__, 'dbt_lineage.')]\n"
        "for name in found:\n"
        "    if not name.startswith(left_out): importlib.import_module(name)\n"
        "print(len(found), dbt_lineage.__file__)"
    )
    number, file = adoption.adopter.run("python", "-c", script).splitlines()[-1].split()
    assert int(number) > 150
    assert Path(file).is_relative_to(adoption.adopter.packages)


def test_airflow_lists_it_as_a_provider_and_has_its_plugin(adoption: Adoption) -> None:
    run = adoption.adopter.run
    providers = run("airflow", "providers", "list", "--output", "plain")
    assert re.search(rf"^dbt-lineage-airflow\s.*\s{re.escape(VERSION)}", providers, re.MULTILINE)
    plugins = run("airflow", "plugins", "--output", "json")
    assert '"dbt_lineage"' in plugins
    assert '"house"' in plugins


# --- beside what they have


def test_init_writes_its_files_says_what_is_next_and_overwrites_nothing(adoption: Adoption) -> None:
    home = adoption.adopter.home
    written = {name: home / name for name in ("dags/lineage_dags.py", "dags/lineage_project_errors.py", "lineage.yml")}
    for file in written.values():
        assert f"wrote {file}" in adoption.said
    assert f"export LINEAGE_CONFIG={home / 'lineage.yml'}" in adoption.said
    before = {file: file.read_bytes() for file in home.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    again = adoption.adopter.run("dbt-lineage", "init", home)
    assert {file: file.read_bytes() for file in before} == before
    for file in written.values():
        assert f"left as it is: {file}" in again


def test_their_dags_are_read_as_before(adoption: Adoption) -> None:
    before = adoption.dags_before
    assert before["errors"] == {}
    assert sorted(before["dags"]) == THEIR_DAGS
    assert all(owner == "house" for tasks in before["dags"].values() for _, owner in tasks.values())
    after = adoption.adopter.read_dags()
    # Ours cannot be made yet: nobody has named a dbt project.
    assert set(after["errors"]) == {"lineage_dags.py"}
    assert {dag_id: after["dags"][dag_id] for dag_id in before["dags"]} == before["dags"]
