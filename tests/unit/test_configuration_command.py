"""``dbt-lineage config`` says what holds and where it comes from, and no secret."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dbt_lineage.cli.configuration import app
from tests.second_project import PROJECT

ROOT = Path(__file__).resolve().parents[2]

TEXT = f"""\
projects:
  - name: shop
    owner: sales
    dbt:
      project_dir: {ROOT / "dbt-jaffle-shop"}
    warehouse:
      password: {{env: OF_THE_SHOP}}
      reader_password: {{connection: reader}}
  - name: books
    dbt: {{project_dir: {PROJECT}, profile: finance, target: night}}
defaults:
  check: {{period_hours: 12}}
shared:
  ledger: {{url: {{env: OF_THE_LEDGER}}}}
"""


@pytest.fixture
def file(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file of two projects, in force."""
    file = tmp_path / "lineage.yml"
    file.write_text(TEXT)
    environment.setenv("LINEAGE_CONFIG", str(file))
    environment.setenv("OF_THE_SHOP", "to-hide-of-the-shop")
    environment.setenv("OF_THE_LEDGER", "postgresql://u:to-hide-of-the-ledger@h/d")
    environment.setenv("KAFKA_PARTITIONS", "5")
    environment.setenv("DBT_ARTIFACTS_DIR", "/var/dbt")
    return file


def lines(result: Result) -> dict[str, dict[str, tuple[str, str]]]:
    """Value and source of each setting, by whose it is."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for line in result.stdout.splitlines():
        if heading := re.fullmatch(r"(?:project )?([\w ]+):", line):
            found[heading[1]] = {}
        elif setting := re.fullmatch(r"  (\S+) +(.*)  \((.*)\)", line):
            found[list(found)[-1]][setting[1]] = (setting[2], setting[3])
    return found


def test_each_value_has_its_source(file: Path) -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0, result.output
    found = lines(result)
    assert list(found) == ["all projects", "shop", "books"]
    assert found["all projects"]["file"] == (str(file), "environment LINEAGE_CONFIG")
    assert found["all projects"]["kafka.partitions"] == ("5", "environment KAFKA_PARTITIONS")
    assert found["all projects"]["kafka.events_topic"] == ("openlineage.events", "default")
    assert found["all projects"]["ledger.url"] == ("***", f"{file}:14 {{env: OF_THE_LEDGER}}")
    shop, books = found["shop"], found["books"]
    assert (shop["owner"], books["owner"]) == (("sales", f"{file}:3"), ("not set", "default"))
    assert shop["dbt.dag_id"] == ("shop", f"{file}:2")
    assert shop["dbt.artifacts_dir"] == ("/var/dbt/shop", "environment DBT_ARTIFACTS_DIR")
    assert books["check.period_hours"] == ("12.0", f"{file}:12")
    assert shop["warehouse.password"] == ("***", f"{file}:7 {{env: OF_THE_SHOP}}")
    assert shop["warehouse.reader_password"] == ("***", f"{file}:8 {{connection: reader}}")
    assert books["warehouse.password"] == ("***", "environment WAREHOUSE_PASSWORD")
    assert not [setting for setting in (*shop, *books) if setting.startswith("superset.")]


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_no_secret_is_in_it(file: Path, secrets: dict[str, str], arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert [secret for secret in (*secrets.values(), "to-hide") if secret in result.output] == []


def test_json_says_the_same(file: Path) -> None:
    said = json.loads(CliRunner().invoke(app, ["--json"]).stdout)
    assert {
        "whose": "books",
        "setting": "dbt.profile",
        "value": "finance",
        "source": f"{file}:10",
    } in said["settings"]
    assert said["problems"] == []


def test_one_project_may_be_asked_for(file: Path) -> None:
    result = CliRunner().invoke(app, ["--project", "books"])
    assert list(lines(result)) == ["books"]


def test_what_is_missing_is_said_and_ends_it_with_1(file: Path, environment: pytest.MonkeyPatch) -> None:
    environment.delenv("WAREHOUSE_PASSWORD")
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == ("project books: WAREHOUSE_PASSWORD (password of that role) is not set")


def test_without_a_file_the_environment_is_told(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DBT_RETRIES", "2")
    found = lines(CliRunner().invoke(app, []))
    assert list(found) == ["all projects", "jaffle_shop"]
    assert found["all projects"]["file"] == ("none", "default")
    assert found["jaffle_shop"]["dbt.retries"] == ("2", "environment DBT_RETRIES")
