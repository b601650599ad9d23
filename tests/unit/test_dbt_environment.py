"""dbt reads what it needs and what its project names, and none of the keys of Airflow, wherever it is run."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from dbt.cli.main import dbtRunner

from dbt_lineage.airflow.dbt_tasks.task_group import _how
from dbt_lineage.columns.compiled import CompileError, compiled
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.events import dbt_command
from dbt_lineage.manifest import environment as dbt_environment
from dbt_lineage.manifest.environment import DbtEnvironmentError, confine, environment
from dbt_lineage.manifest.parse import ParseError, make_manifest

KEY = "AIRFLOW__API_AUTH__JWT_SECRET"
PROFILES = """
tiny:
  target: dev
  outputs:
    dev: {type: postgres, host: "{{ env_var('OF_THE_PROFILE') }}", port: 1, user: u, password: p, dbname: d, schema: s}
"""


@pytest.fixture
def project(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A dbt project with a model that a test writes."""
    folder = tmp_path / "tiny"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: tiny\nversion: '1.0.0'\nprofile: tiny\n")
    (folder / "profiles.yml").write_text(PROFILES)
    environment.setenv("DBT_PROJECT_DIR", str(folder))
    environment.setenv("DBT_PROFILE", "tiny")
    environment.setenv("DBT_ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    environment.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    environment.setenv("OF_THE_PROFILE", "127.0.0.1")
    environment.setenv(KEY, "key-to-hide")
    return folder


def model(project: Path, name: str) -> None:
    (project / "models" / "m.sql").write_text(f"select '{{{{ env_var({name!r}) }}}}' as read")


def without_restoring(dbt: DbtSettings) -> None:
    """What the tasks' interceptor does, in Cosmos' words."""
    for intercept in _how(dbt)["interceptors"]:
        intercept({}, object())


@pytest.fixture
def restored(environment: pytest.MonkeyPatch) -> None:
    """Dbt reads everything again after the test."""
    from dbt.cli import requires

    environment.setattr(requires, "get_env", requires.get_env)


def test_the_manifest_is_not_made_with_a_key_of_airflow(project: Path) -> None:
    model(project, KEY)
    with pytest.raises(ParseError, match=f"Env var required but not provided: '{KEY}'") as refused:
        make_manifest(settings.dbt())
    assert "key-to-hide" not in str(refused.value)


def test_columns_are_not_told_with_a_key_of_airflow(project: Path) -> None:
    model(project, KEY)
    with pytest.raises(CompileError, match=f"Env var required but not provided: '{KEY}'"):
        compiled(settings.dbt(), lambda _: {})


def test_dbt_by_hand_does_not_read_a_key_of_airflow(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model(project, KEY)
    assert dbt_command.main(["parse"]) != 0
    assert f"Env var required but not provided: '{KEY}'" in capfd.readouterr().out


def test_dbt_in_the_process_of_a_task_does_not_read_a_key_of_airflow(project: Path, restored: None) -> None:
    model(project, KEY)
    dbt = settings.dbt()
    without_restoring(dbt)
    result = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *dbt.options])
    assert f"Env var required but not provided: '{KEY}'" in str(result.exception)


def test_dbt_in_the_process_of_a_task_reads_what_the_project_names(project: Path, restored: None) -> None:
    model(project, "OF_THE_PROJECT")
    dbt = settings.dbt()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OF_THE_PROJECT", "in the sql")
        without_restoring(dbt)
        result = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *dbt.options])
    assert result.success, result.exception


def test_a_task_gives_a_program_of_dbt_no_key_of_airflow(environment: pytest.MonkeyPatch, project: Path) -> None:
    environment.setenv("DBT_EXECUTABLE", "/srv/dbt/bin/dbt")
    given = {KEY: "key-to-hide", "AIRFLOW_CTX_DAG_ID": "d", "DATA_INTERVAL_START": "now", "OF_THE_PROFILE": "h"}
    operator = SimpleNamespace(get_env=lambda context: {**given, **context}, env={"DATA_INTERVAL_START": "now"})
    for intercept in _how(settings.dbt())["interceptors"]:
        intercept({}, operator)
    assert operator.get_env({"PATH": "/bin"}) == {
        name: value for name, value in {**given, "PATH": "/bin"}.items() if name != KEY
    }
    # Airflow shows it.
    assert operator.env == {"DATA_INTERVAL_START": "now"}


def test_where_dbt_reads_its_variables_otherwise_it_is_not_run(
    environment: pytest.MonkeyPatch, project: Path, restored: None
) -> None:
    environment.delattr("dbt.cli.requires.get_env")
    with pytest.raises(DbtEnvironmentError, match="has no get_env"):
        without_restoring(settings.dbt())


def test_what_a_project_names_reaches_dbt_and_nothing_of_others(project: Path) -> None:
    (project / "models" / "m.sql").write_text(
        "{{ env_var('SINGLE') }}{{ env_var( \"DOUBLE\", 'x') }}{{ env_var('AIRFLOW_CONN_X') }}{{ env_var('LEDGER_URL') }}"
    )
    (project / "dbt_packages" / "theirs").mkdir(parents=True)
    (project / "dbt_packages" / "theirs" / "m.sql").write_text("{{ env_var('OF_A_PACKAGE') }}")
    given = dict.fromkeys(
        (
            *(
                "PATH",
                "HOME",
                "https_proxy",
                "SSL_CERT_FILE",
                "LC_ALL",
                "DBT_X",
                "DBT_ENV_SECRET_X",
                "SNOWFLAKE_PASSWORD",
            ),
            *("AWS_SECRET_ACCESS_KEY", "PGSSLROOTCERT", "AIRFLOW_CTX_DAG_ID", "DATA_INTERVAL_START"),
            *("SINGLE", "DOUBLE", "OF_THE_PROFILE"),
            # From here on none reaches it.
            *(KEY, "AIRFLOW_CONN_X", "AIRFLOW_VAR_X", "OF_A_PACKAGE", "NAMED_NOWHERE", "GITHUB_TOKEN"),
            *("LEDGER_URL", "OPENMETADATA_TOKEN", "SUPERSET_PASSWORD", "SUPERSET_ADMIN_PASSWORD", "ALERT_WEBHOOK_URL"),
            *("SECRET_POSTGRES_PASSWORD", "WAREHOUSE_READER_PASSWORD", "airflow__core__fernet_key"),
        ),
        "x",
    )
    names = list(given)
    assert list(environment(settings.dbt(), given)) == names[: names.index(KEY)]


@pytest.mark.parametrize(
    "value", ["'{{ env_var(''OF_HERE'') }}'", '"{{ env_var(\\"OF_HERE\\") }}"', "\"{{ env_var ( 'OF_HERE', 'd' ) }}\""]
)
def test_a_name_is_found_however_yaml_quotes_it(project: Path, value: str) -> None:
    (project / "profiles.yml").write_text(f"{PROFILES}    other: {{type: postgres, host: {value}}}\n")
    assert environment(settings.dbt(), {"OF_HERE": "a", "NOT_NAMED": "b"}) == {"OF_HERE": "a"}


def test_a_setting_adds_what_a_package_reads(environment: pytest.MonkeyPatch, project: Path) -> None:
    environment.setenv("DBT_ENV_PASS", "OF_A_PACKAGE, MY_*,AIRFLOW_VAR_X,LEDGER_*,*__FERNET_KEY")
    given = dict.fromkeys(
        ("OF_A_PACKAGE", "MY_1", "AIRFLOW_VAR_X", "LEDGER_URL", "AIRFLOW__CORE__FERNET_KEY", "OTHER"), "x"
    )
    passed = dbt_environment.environment(settings.dbt(), given)
    assert list(passed) == ["OF_A_PACKAGE", "MY_1", "AIRFLOW_VAR_X"]


def test_the_jaffle_shop_gets_the_warehouse_it_names(environment: pytest.MonkeyPatch) -> None:
    names = {"WAREHOUSE_HOST", "WAREHOUSE_PASSWORD", "WAREHOUSE_DATABASE", "SUPERSET_URL"}
    assert dbt_environment.environment(settings.dbt(), dict.fromkeys(names, "x")).keys() == names


def test_confining_dbt_twice_is_as_confining_it_once(project: Path, restored: None) -> None:
    from dbt.cli import requires

    everything = requires.get_env
    for _ in range(3):
        confine(settings.dbt())
    assert requires.get_env.all_of_them is everything
