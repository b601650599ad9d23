"""What each warehouse is called: by OpenLineage's naming rules, and as its integration with dbt calls it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from openlineage.common.provider.dbt.local import DbtLocalArtifactProcessor

from dbt_lineage.core.errors import SettingsError
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.by_dbt import AdapterWarehouse
from dbt_lineage.warehouse.naming import ADAPTERS, adapter_of_namespace, spelled
from dbt_lineage.warehouse.port import WarehouseError
from dbt_lineage.warehouse.profile import Target, target_of

# Profiles as https://docs.getdbt.com/docs/core/connect-data-platform/ has them, one page a warehouse. Namespaces and
# dialects by https://openlineage.io/docs/spec/naming, section "Dataset Naming"; where that has no such warehouse, by
# the integration. Then: the database of relations without one, sqlglot's dialect, OpenMetadata's type of service.
PROFILES: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "postgres": (
        {"type": "postgres", "host": "db.example.com", "port": 5432, "dbname": "shop", "schema": "dev"},
        *("postgres://db.example.com:5432", "shop", "postgres", "Postgres"),
    ),
    "redshift": (
        {"type": "redshift", "host": "c.abc.us-east-1.redshift.amazonaws.com", "port": 5439, "dbname": "shop"},
        *("redshift://c.abc.us-east-1.redshift.amazonaws.com:5439", "shop", "redshift", "Redshift"),
    ),
    "snowflake of an organisation": (
        {"type": "snowflake", "account": "myorg-account1", "database": "SHOP", "schema": "DEV", "warehouse": "W"},
        *("snowflake://myorg-account1", "SHOP", "snowflake", "Snowflake"),
    ),
    "snowflake by a locator alone": (
        {"type": "snowflake", "account": "xy12345", "database": "shop"},
        *("snowflake://xy12345.us-west-1.aws", "shop", "snowflake", "Snowflake"),
    ),
    "snowflake by a locator and region": (
        {"type": "snowflake", "account": "xy12345.us-east-1", "database": "shop"},
        *("snowflake://xy12345.us-east-1.aws", "shop", "snowflake", "Snowflake"),
    ),
    "snowflake by a locator, region and cloud": (
        {"type": "snowflake", "account": "xy12345.east-us-2.azure", "database": "shop"},
        *("snowflake://xy12345.east-us-2.azure", "shop", "snowflake", "Snowflake"),
    ),
    "bigquery": (
        {"type": "bigquery", "method": "oauth", "project": "my-project", "dataset": "dev"},
        *("bigquery", "my-project", "bigquery", "BigQuery"),
    ),
    "databricks with Unity Catalog": (
        {"type": "databricks", "host": "dbc-1.cloud.databricks.com", "http_path": "/sql/1", "catalog": "main"},
        *("databricks://dbc-1.cloud.databricks.com", "main", "databricks", "Databricks"),
    ),
    "databricks without": (
        {"type": "databricks", "host": "dbc-1.cloud.databricks.com", "http_path": "/sql/1", "schema": "dev"},
        *("databricks://dbc-1.cloud.databricks.com", "hive_metastore", "databricks", "Databricks"),
    ),
    "athena": (
        {"type": "athena", "s3_staging_dir": "s3://b/", "region_name": "eu-west-1", "database": "awsdatacatalog"},
        *("awsathena://athena.eu-west-1.amazonaws.com", "awsdatacatalog", "athena", "Athena"),
    ),
    "fabric": (
        {"type": "fabric", "server": "x.datawarehouse.fabric.microsoft.com", "port": 1433, "database": "Shop"},
        *("fabric-warehouse://x.datawarehouse.fabric.microsoft.com:1433", "Shop", "fabric", "Mssql"),
    ),
    "fabric without a port": (
        {"type": "fabric", "server": "x.datawarehouse.fabric.microsoft.com", "database": "Shop"},
        *("fabric-warehouse://x.datawarehouse.fabric.microsoft.com", "Shop", "fabric", "Mssql"),
    ),
    "sqlserver": (
        {"type": "sqlserver", "server": "sql.example.com", "port": 1433, "database": "Shop"},
        *("mssql://sql.example.com:1433", "Shop", "tsql", "Mssql"),
    ),
    "trino": (
        {"type": "trino", "host": "trino.example.com", "port": 8443, "database": "hive", "schema": "dev"},
        *("trino://trino.example.com:8443", "hive", "trino", "Trino"),
    ),
    "clickhouse": (
        {"type": "clickhouse", "host": "ch.example.com", "port": 8123, "schema": "shop"},
        *("clickhouse://ch.example.com:8123", "default", "clickhouse", "Clickhouse"),
    ),
    "spark by Thrift": (
        {"type": "spark", "method": "thrift", "host": "spark.example.com", "schema": "dev"},
        *("spark://spark.example.com:10001", "default", "spark", "Hive"),
    ),
    "spark by HTTP": (
        {"type": "spark", "method": "http", "host": "spark.example.com", "schema": "dev"},
        *("spark://spark.example.com:443", "default", "spark", "Hive"),
    ),
    "spark at a port": (
        {"type": "spark", "method": "thrift", "host": "spark.example.com", "port": 10000, "schema": "dev"},
        *("spark://spark.example.com:10000", "default", "spark", "Hive"),
    ),
    "glue": (
        {"type": "glue", "role_arn": "arn:aws:iam::123456789012:role/r", "region": "eu-west-1", "schema": "dev"},
        *("arn:aws:glue:eu-west-1:123456789012", "default", "spark", "Glue"),
    ),
    "duckdb": (
        {"type": "duckdb", "path": "/srv/shop.duckdb", "schema": "main"},
        *("duckdb:///srv/shop.duckdb", "shop", "duckdb", "CustomDatabase"),
    ),
    "duckdb of MotherDuck": (
        {"type": "duckdb", "path": "md:shop", "schema": "main"},
        *("duckdb://md:shop", "shop", "duckdb", "CustomDatabase"),
    ),
}


def written(folder: Path, output: dict[str, Any]) -> Target:
    """A target of a profile in a file."""
    file = folder / "profiles.yml"
    file.write_text(yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": output}}}))
    target = target_of(file, "shop", "dev")
    assert target is not None
    return target


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_says_what_its_warehouse_is_called(tmp_path: Path, name: str) -> None:
    output, namespace, database, dialect, service = PROFILES[name]
    warehouse = AdapterWarehouse(written(tmp_path, output))
    found = (warehouse.namespace, warehouse.database, warehouse.adapter.dialect, warehouse.adapter.service)
    assert found == (namespace, database, dialect, service)
    assert adapter_of_namespace(namespace) is warehouse.adapter


@pytest.mark.parametrize("name", PROFILES)
def test_the_integration_with_dbt_calls_it_the_same(name: str) -> None:
    output, namespace, *_ = PROFILES[name]
    processor = DbtLocalArtifactProcessor.__new__(DbtLocalArtifactProcessor)
    processor.extract_adapter_type(output)
    assert processor.extract_namespace(output) == namespace


def test_every_adapter_that_the_integration_knows_has_rules() -> None:
    from openlineage.common.provider.dbt.processor import Adapter

    assert {each.value for each in Adapter} - {"watsonx_presto"} == ADAPTERS.keys()


def test_a_session_of_spark_is_called_after_the_machine(tmp_path: Path) -> None:
    """The integration has no name for it."""
    session = {"type": "spark", "method": "session", "host": "NA", "schema": "dev"}
    assert AdapterWarehouse(written(tmp_path, session)).namespace == "spark://localhost"


@pytest.mark.parametrize(
    ("output", "namespace"),
    [
        ({"type": "sqlserver", "host": "sql.example.com", "database": "Shop"}, "mssql://sql.example.com:1433"),
        ({"type": "clickhouse", "schema": "shop"}, "clickhouse://localhost:8123"),
        ({"type": "clickhouse", "host": "ch", "secure": True}, "clickhouse://ch:8443"),
        ({"type": "clickhouse", "host": "ch", "driver": "native"}, "clickhouse://ch:9000"),
        ({"type": "clickhouse", "host": "ch", "driver": "native", "secure": True}, "clickhouse://ch:9440"),
    ],
)
def test_what_dbt_may_leave_out_has_the_default_of_its_adapter(
    tmp_path: Path, output: dict[str, Any], namespace: str
) -> None:
    """The integration needs these keys. dbt-sqlserver and dbt-clickhouse do not."""
    assert AdapterWarehouse(written(tmp_path, output)).namespace == namespace


def test_an_ipv6_address_stands_in_brackets(tmp_path: Path) -> None:
    output = {"type": "trino", "host": "::1", "port": 8080, "database": "hive"}
    assert AdapterWarehouse(written(tmp_path, output)).namespace == "trino://[::1]:8080"


def test_other_spellings_of_a_namespace_are_the_same_server() -> None:
    assert spelled("postgresql://near:5432/") == "postgres://near:5432"
    assert spelled("snowflake://a-b/") == "snowflake://a-b"


# --- the profile


def test_only_what_is_asked_for_is_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_ACCOUNT", "myorg-account1")
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    output = {
        "type": "snowflake",
        "account": "{{ env_var('SHOP_ACCOUNT') }}",
        "database": "{{ env_var('SHOP_DATABASE', 'shop') | upper }}",
        "password": "{{ env_var('SHOP_PASSWORD') }}",
    }
    target = written(tmp_path, output)
    warehouse = AdapterWarehouse(target)
    assert (warehouse.namespace, warehouse.database) == ("snowflake://myorg-account1", "SHOP")
    with pytest.raises(SettingsError, match=r"profile shop, target dev: password needs the variable SHOP_PASSWORD"):
        _ = target["password"]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"type": "oracle"}, r"type=oracle: this warehouse is unknown\. Allowed: postgres, redshift"),
        ({"host": "h"}, r"profile shop, target dev: type is missing"),
        ({"type": "trino", "host": "h", "database": "d"}, r"target dev: port is missing"),
        ({"type": "snowflake", "account": "{{ nonsense( }}"}, r"account cannot be rendered: unexpected"),
    ],
)
def test_a_profile_that_names_no_warehouse_is_refused(tmp_path: Path, output: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        AdapterWarehouse(written(tmp_path, output))


def test_a_profile_or_target_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    written(tmp_path, {"type": "duckdb"})
    with pytest.raises(
        SettingsError, match=r"DBT_PROFILE=shops: .*profiles\.yml: the file has no shops; there are: shop"
    ):
        target_of(tmp_path / "profiles.yml", "shops", "dev")
    with pytest.raises(
        SettingsError, match=r"DBT_TARGET=prod: .*profiles\.yml: shop\.outputs has no prod; there are: dev"
    ):
        target_of(tmp_path / "profiles.yml", "shop", "prod")


def test_a_warehouse_whose_adapter_is_not_installed_says_so(tmp_path: Path) -> None:
    warehouse = AdapterWarehouse(written(tmp_path, PROFILES["snowflake of an organisation"][0]))
    with pytest.raises(
        WarehouseError,
        match=r"install dbt-core and dbt-snowflake in the environment of .*\. The adapter of DBT_EXECUTABLE",
    ):
        warehouse.columns(["SHOP.DEV.ORDERS"])


# --- names of relations


def manifest(adapter: str, *nodes: tuple[str | None, str, str, str]) -> Manifest:
    """One with models, each given by database, schema, name and how dbt writes its relation in SQL."""
    content = {
        f"model.shop.{number}": {
            "database": database,
            "schema": schema,
            "alias": name,
            "relation_name": relation,
            "config": {"materialized": "table"},
            "resource_type": "model",
            "path": "a.sql",
            "original_file_path": "models/a.sql",
        }
        for number, (database, schema, name, relation) in enumerate(nodes)
    }
    parents: dict[str, list[str]] = {key: [] for key in content}
    return Manifest({"metadata": {"adapter_type": adapter}, "nodes": content, "sources": {}, "parent_map": parents})


# How the event names a relation, how the warehouse spells it, and what it is called here.
@pytest.mark.parametrize(
    ("adapter", "node", "names", "called"),
    [
        # Snowflake keeps names without quotes in upper case (its manual, "Identifier requirements").
        ("snowflake", ("shop", "dev", "Orders", "shop.dev.Orders"), ("SHOP.DEV.ORDERS",), "shop.dev.orders"),
        # Names of tables of BigQuery are case-sensitive (its manual, "Lexical structure", "Case sensitivity").
        ("bigquery", ("my-project", "dev", "Orders", "`my-project`.`dev`.`Orders`"), (), "my-project.dev.orders"),
        # Names in Unity Catalog and in Spark are not (their manuals, "Names" and "Identifiers").
        ("databricks", ("Main", "dev", "Orders", "`Main`.`dev`.`Orders`"), ("main.dev.orders",), "main.dev.orders"),
        # Spark has schemas and no databases above them; OpenMetadata calls that database "default".
        ("spark", (None, "dev", "Orders", "`dev`.`Orders`"), ("default.dev.orders",), "default.dev.orders"),
        ("clickhouse", ("", "shop", "Orders", "`shop`.`Orders`"), (), "default.shop.orders"),
        # DuckDB ignores case also in quotes (its manual, "Keywords and Identifiers", "Case-Sensitivity of Identifiers").
        ("duckdb", ("shop", "main", "Orders", '"shop"."main"."Orders"'), ("shop.main.orders",), "shop.main.orders"),
        ("fabric", ("Shop", "dbo", "Orders", '"Shop"."dbo"."Orders"'), ("shop.dbo.ORDERS",), "shop.dbo.orders"),
    ],
)
def test_a_relation_has_one_name_however_it_is_spelled(
    adapter: str, node: tuple[str | None, str, str, str], names: tuple[str, ...], called: str
) -> None:
    of_project = manifest(adapter, node)
    assert of_project.relation("model.shop.0") == called
    rules = ADAPTERS[adapter]
    event = ".".join(part for part in node[:3] if part)
    assert [of_project.named(rules.relation(name)) for name in (event, *names)] == [called] * (1 + len(names))


def test_where_case_counts_in_quotes_two_spellings_are_two_relations() -> None:
    two = manifest(
        *("bigquery", ("p", "dev", "Orders", "`p`.`dev`.`Orders`"), ("p", "dev", "orders", "`p`.`dev`.`orders`"))
    )
    assert [two.relation(f"model.shop.{number}") for number in (0, 1)] == ["p.dev.Orders", "p.dev.orders"]


def test_only_postgresql_cuts_a_long_name() -> None:
    long = "a" * 100
    assert ADAPTERS["postgres"].relation(f"shop.dev.{long}") == f"shop.dev.{long[:63]}"
    assert ADAPTERS["snowflake"].relation(f"shop.dev.{long}") == f"shop.dev.{long}"


@pytest.mark.parametrize(
    ("adapter", "quoted"),
    [("snowflake", '"a"."b""c"'), ("bigquery", '`a`.`b"c`'), ("databricks", '`a`.`b"c`')],
)
def test_a_name_is_quoted_as_the_warehouse_has_it(adapter: str, quoted: str) -> None:
    assert ADAPTERS[adapter].quoted("a", 'b"c') == quoted
