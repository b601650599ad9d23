"""The ingestion workflows get every variable that their templates name, and artifacts that bring no lineage."""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
import yaml
from jaffle_shop import RAW, SCHEMA
from sqlalchemy.engine import make_url

from dbt_lineage.core import settings
from dbt_lineage.ingest.connector import run_workflow
from dbt_lineage.ingest.workflows import TEMPLATES, WorkflowError, Workflows, artifacts_without_lineage
from dbt_lineage.warehouse.postgres import PostgresWarehouse

WORKFLOWS = sorted(template.stem for template in TEMPLATES.glob("*.yaml"))


@pytest.fixture
def workflows(environment: pytest.MonkeyPatch, artifacts_dir: Path) -> Workflows:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    return Workflows(
        settings.openmetadata(),
        PostgresWarehouse(settings.warehouse()),
        settings.kafka(),
        settings.dbt(),
        settings.superset(),
    )


@pytest.fixture
def variables(workflows: Workflows, tmp_path: Path) -> dict[str, str]:
    return {**workflows.environment(tmp_path), **workflows.connector_environment()}


def template_variables(workflow: str) -> set[str]:
    lines = (TEMPLATES / f"{workflow}.yaml").read_text(encoding="utf-8").splitlines()
    code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return set(re.findall(r"\$\{?(\w+)\}?", code))


def filled(workflow: str, variables: dict[str, str]) -> dict[str, Any]:
    """The workflow's configuration, read as openmetadata-ingestion reads it (metadata.config.common)."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return yaml.safe_load(os.path.expandvars((TEMPLATES / f"{workflow}.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_variable_of_a_template_is_set(workflow: str, variables: dict[str, str]) -> None:
    assert sorted(template_variables(workflow) - variables.keys()) == []
    assert all(variables[name] for name in template_variables(workflow))


def test_no_variable_is_set_that_no_template_names(variables: dict[str, str]) -> None:
    assert sorted(variables.keys() - set.union(*map(template_variables, WORKFLOWS))) == []


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_catalogue_is_addressed_with_its_token(workflow: str, variables: dict[str, str]) -> None:
    server = filled(workflow, variables)["workflowConfig"]["openMetadataServerConfig"]
    assert server["hostPort"] == "http://127.0.0.1:8585/api"
    assert server["securityConfig"]["jwtToken"] == "dummy-token-of-the-bot"


def test_the_warehouse_is_read_with_the_read_only_role(variables: dict[str, str]) -> None:
    connection = filled("postgres", variables)["source"]["serviceConnection"]["config"]
    assert (connection["username"], connection["authType"]["password"]) == (
        "lineage_reader",
        "dummy-password-of-the-reader",
    )
    assert (connection["hostPort"], connection["database"]) == ("127.0.0.1:5432", "jaffle_db")


def test_the_connector_checks_the_warehouse_by_the_certificates_of_the_settings(
    environment: pytest.MonkeyPatch, artifacts_dir: Path, tmp_path: Path
) -> None:
    contents = {"sslrootcert": "an authority's", "sslcert": "a certificate", "sslkey": "a key"}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
        environment.setenv(f"WAREHOUSE_{name.upper()}", str(tmp_path / name))
    environment.setenv("WAREHOUSE_SSLMODE", "verify-full")
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    workflows = Workflows(
        settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt()
    )
    connection = filled("postgres", workflows.environment(tmp_path))["source"]["serviceConnection"]["config"]
    assert connection["sslMode"] == "verify-full"
    assert list(connection["sslConfig"].values()) == list(contents.values())


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_ipv6_address_stands_in_brackets(
    environment: pytest.MonkeyPatch, artifacts_dir: Path, tmp_path: Path, host: str
) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("WAREHOUSE_HOST", host)
    workflows = Workflows(
        settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt()
    )
    connection = filled("postgres", workflows.environment(tmp_path))["source"]["serviceConnection"]["config"]
    assert connection["hostPort"] == "[::1]:5432"


@pytest.mark.parametrize(
    ("user", "password"), [("a reader", "it's"), ("team/reader", "two words"), ("team/reader", "p@%:/$${X}")]
)
def test_the_connector_logs_in_as_it_is_spelled(
    environment: pytest.MonkeyPatch, artifacts_dir: Path, tmp_path: Path, user: str, password: str
) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("WAREHOUSE_READER_USER", user)
    environment.setenv("WAREHOUSE_READER_PASSWORD", password)
    workflows = Workflows(
        settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt()
    )
    variables = workflows.environment(tmp_path)
    connection = filled("postgres", variables)["source"]["serviceConnection"]["config"]
    # As metadata.ingestion.connections.builders makes an address.
    login = f"{quote_plus(connection['username'])}:{quote_plus(connection['authType']['password'])}@"
    url = make_url(f"postgresql+psycopg2://{login if connection['username'] else ''}{connection['hostPort']}/")
    assert (url.username or variables.get("PGUSER"), url.password or variables.get("PGPASSWORD")) == (user, password)


def test_a_password_may_have_a_quote_in_it(
    environment: pytest.MonkeyPatch, artifacts_dir: Path, tmp_path: Path
) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("WAREHOUSE_READER_PASSWORD", "it's-secret")
    workflows = Workflows(
        settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt()
    )
    connection = filled("postgres", workflows.environment(tmp_path))["source"]["serviceConnection"]["config"]
    assert connection["authType"]["password"] == "it's-secret"


def test_the_connector_reads_the_curated_topic_in_the_group_of_the_settings(variables: dict[str, str]) -> None:
    config = filled("openlineage", variables)["source"]["serviceConnection"]["config"]
    assert config["brokerConfig"]["topicName"] == "openlineage.lineage"
    assert config["brokerConfig"]["consumerGroupName"] == "openmetadata-lineage"
    assert config["namespaceToServiceMapping"] == {"postgres://127.0.0.1:5432": "jaffle_postgres"}


def test_the_dbt_workflow_reads_the_given_artifacts(variables: dict[str, str], tmp_path: Path) -> None:
    config = filled("dbt", variables)["source"]["sourceConfig"]["config"]["dbtConfigSource"]
    assert config["dbtManifestFilePath"] == str(tmp_path / "manifest.json")
    assert config["dbtRunResultsFilePath"] == str(tmp_path / "run_results.json")


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        (SCHEMA.split(".")[1], True),
        (RAW.split(".")[1], True),
        ("jaffle_shop_dev_dbt_test__audit", False),
        ("jaffle_shop", False),
        ("old_jaffle_shop_dev", False),
        ("public", False),
    ],
)
def test_the_schema_pattern_matches_the_schemas_of_the_project_and_no_other(
    variables: dict[str, str], schema: str, wanted: bool
) -> None:
    [pattern] = filled("postgres", variables)["source"]["sourceConfig"]["config"]["schemaFilterPattern"]["includes"]
    # As openmetadata-ingestion's own filters do.
    assert bool(re.match(pattern, schema, re.IGNORECASE)) is wanted


@pytest.mark.parametrize("schema", ["pr-123", "a.b", "größe", "with blank", "50%", "it's $HOME"])
def test_a_schema_of_any_name_is_described(
    environment: pytest.MonkeyPatch, manifest_content: dict[str, Any], tmp_path: Path, schema: str
) -> None:
    for source in manifest_content["sources"].values():
        source["schema"] = schema
    (tmp_path / "manifest.json").write_text(json.dumps(manifest_content))
    environment.setenv("DBT_ARTIFACTS_DIR", str(tmp_path))
    workflows = Workflows(
        settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt()
    )
    config = filled("postgres", workflows.environment(tmp_path))["source"]["sourceConfig"]["config"]
    [pattern] = config["schemaFilterPattern"]["includes"]
    # As openmetadata-ingestion's own filters do.
    assert re.match(pattern, schema, re.IGNORECASE)
    assert not re.match(pattern, schema.rpartition(".")[2] + "x", re.IGNORECASE)


def test_what_is_absent_for_a_moment_is_not_hidden_by_the_workflow(variables: dict[str, str]) -> None:
    assert filled("postgres", variables)["source"]["sourceConfig"]["config"]["markDeletedTables"] is False


def test_an_unknown_workflow_is_named(workflows: Workflows) -> None:
    with pytest.raises(WorkflowError, match=r"no workflow snowflake: .*templates/snowflake\.yaml is missing"):
        workflows.command("snowflake")


def test_a_missing_interpreter_is_named_with_its_variable(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "bin/python"
    environment.setenv("OPENMETADATA_PYTHON", str(python))
    workflows = Workflows(
        settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt()
    )
    with pytest.raises(WorkflowError, match=f"OPENMETADATA_PYTHON={python}: there is no such interpreter"):
        workflows.command("postgres")


@pytest.fixture
def build(tmp_path: Path, manifest_content: dict[str, Any]) -> Path:
    """The artifacts of a build: a manifest with compiled SQL, and run results."""
    for node in manifest_content["nodes"].values():
        node["compiled_code"] = "select 1 as one"
    folder = tmp_path / "last_run"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest_content), encoding="utf-8")
    (folder / "run_results.json").write_bytes(b'{"results": [{"compiled_code": "select 1 as one"}]}\n')
    return folder


def test_the_copy_lacks_the_compiled_sql_and_what_models_depend_on_and_nothing_else(
    build: Path, manifest_content: dict[str, Any]
) -> None:
    with artifacts_without_lineage(build) as copy:
        copied = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
        assert (copy / "run_results.json").read_bytes() == (build / "run_results.json").read_bytes()
    for node in manifest_content["nodes"].values():
        del node["compiled_code"]
        if node["resource_type"] == "model":
            assert node["depends_on"]["nodes"]
            node["depends_on"]["nodes"] = []
    assert copied == manifest_content


def test_the_build_keeps_its_artifacts_and_the_copy_is_removed(build: Path) -> None:
    before = {file.name: file.read_bytes() for file in build.iterdir()}
    with artifacts_without_lineage(build) as copy:
        assert copy != build
    assert {file.name: file.read_bytes() for file in build.iterdir()} == before
    assert not copy.exists()


@pytest.mark.parametrize("missing", ["manifest.json", "run_results.json"])
def test_missing_artifacts_are_named_with_how_to_make_them(build: Path, missing: str) -> None:
    (build / missing).unlink()
    with (
        pytest.raises(WorkflowError, match=f"{build} has no artifacts of a dbt build yet: run the dbt project's DAG"),
        artifacts_without_lineage(build),
    ):
        pytest.fail("there is nothing to copy")


def test_a_workflow_gets_the_secrets_that_its_template_names_and_no_others(
    environment: pytest.MonkeyPatch, artifacts_dir: Path, tmp_path: Path
) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\nenv -0 > {tmp_path}/given\n")
    interpreter.chmod(0o755)
    environment.setenv("OPENMETADATA_PYTHON", str(interpreter))
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("AIRFLOW__CORE__FERNET_KEY", "key-to-hide")
    environment.setenv("PGSSLROOTCERT", "/its/certificate")
    workflows = Workflows(
        settings.openmetadata(), PostgresWarehouse(settings.warehouse()), settings.kafka(), settings.dbt()
    )
    run_workflow(workflows, "postgres", workflows.environment(tmp_path))
    given = dict(each.split("=", 1) for each in (tmp_path / "given").read_text().split("\0") if each)
    assert given["WAREHOUSE_PASSWORD"] == "dummy-password-of-the-reader"
    assert given["PGSSLROOTCERT"] == "/its/certificate"
    assert given["PATH"] == os.environ["PATH"]
    assert {
        "AIRFLOW__CORE__FERNET_KEY",
        "LEDGER_URL",
        "SUPERSET_PASSWORD",
        "WAREHOUSE_READER_PASSWORD",
    } & given.keys() == set()
