"""The naming rules of dbt's adapters: OpenLineage's namespaces, SQL dialects, OpenMetadata's service types.

Namespaces follow OpenLineage's naming rules (https://openlineage.io/docs/spec/naming), as its integration with dbt makes
them from a profile. For a warehouse that the rules do not have, the integration decides.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dbt_lineage.core.setting_types import host_in_url
from dbt_lineage.core.spelling import identifier

# What OpenMetadata calls the only database of a warehouse that has schemas alone.
ONLY_DATABASE = "default"
Profile = Mapping[str, str]
_UPPER, _LOWER, _KEPT = str.upper, str.lower, str
# dbt-spark's connection methods, with the default port of each.
_SPARK_PORTS = {"http": ":443", "odbc": ":443", "thrift": ":10001"}


@dataclass(frozen=True)
class Adapter:
    """The rules of one adapter of dbt.

    Args:
        type: dbt's name of the adapter, the ``type`` of a profile.
        namespace: makes the OpenLineage namespace from a profile.
        database: makes the database from a profile. Relations that are named without a database are in it.
        dialect: sqlglot's name of its SQL dialect.
        service: OpenMetadata's type of database service.
        sqlalchemy: the driver in a SQLAlchemy address for Superset; empty if more than a driver is needed.
        quote: the quote around a name.
        folded: converts a name without quotes, as the warehouse does.
        is_case_sensitive: whether two quoted names that differ in case alone are two names.
        has_databases: whether a relation has a database above its schema.
        cuts_names: whether the warehouse cuts off a name that is too long, without an error.
        schemes: other schemes that producers write in namespaces.
        not_columns: what a name without quotes may be besides a column of the table.
        described_by: OpenMetadata's workflow that describes its tables; None if only events describe them.
    """

    type: str
    namespace: Callable[[Profile], str]
    database: Callable[[Profile], str]
    dialect: str
    service: str
    sqlalchemy: str = ""
    quote: str = '"'
    folded: Callable[[str], str] = _LOWER
    is_case_sensitive: bool = True
    has_databases: bool = True
    cuts_names: bool = False
    schemes: tuple[str, ...] = ()
    not_columns: frozenset[str] = frozenset()
    described_by: str | None = None

    def kept(self, name: str) -> str:
        """Return a part of a relation's name as the warehouse keeps it."""
        return identifier(name) if self.cuts_names else name

    def relation(self, name: str) -> str:
        """Return ``database.schema.table``, each part as the warehouse keeps it. A missing database is added."""
        parts = [self.kept(part) for part in name.split(".")]
        if not self.has_databases and len(parts) == 2:
            parts = [ONLY_DATABASE, *parts]
        return ".".join(parts)

    def quoted(self, *parts: str) -> str:
        """Quote each part of a name, and join them with dots."""
        return ".".join(f"{self.quote}{part.replace(self.quote, self.quote * 2)}{self.quote}" for part in parts)


def scheme_of(namespace: str) -> str:
    """The scheme of a namespace, such as ``postgres``; ``arn:aws:glue`` for AWS Glue, and all of one without a colon."""
    return "arn:aws:glue" if namespace.startswith("arn:aws:glue:") else namespace.partition(":")[0]


def adapter_of_namespace(namespace: str) -> Adapter:
    """The rules of the warehouse that a namespace names. Those of an unknown one change no name."""
    return _OF_SCHEMES.get(scheme_of(namespace), _UNKNOWN)


def adapter_of_type(kind: str | None) -> Adapter:
    """The rules of an adapter, by dbt's name of it. Those of an unknown one change no name."""
    return ADAPTERS.get(kind or "", _UNKNOWN)


def spelled(namespace: str) -> str:
    """A namespace by OpenLineage's naming. Some producers write another scheme, or a slash at the end."""
    scheme = scheme_of(namespace)
    rules = _OF_SCHEMES.get(scheme)
    if rules is not None and scheme in rules.schemes:
        namespace = _main_scheme(rules) + namespace.removeprefix(scheme)
    return namespace.rstrip("/")


def _first(*keys: str, default: str | None = None) -> Callable[[Profile], str]:
    """Make a function that returns the first of these keys that a profile has, else a default."""

    def value(profile: Profile) -> str:
        for key in keys:
            if key in profile:
                return profile[key]
        return profile[keys[0]] if default is None else default

    return value


_HOST, _PORT = _first("host"), _first("port")


def _at(
    scheme: str, host: Callable[[Profile], str] = _HOST, port: Callable[[Profile], str] | None = _PORT
) -> Callable[[Profile], str]:
    """Make a function that returns ``scheme://host:port`` of a profile."""

    def namespace(profile: Profile) -> str:
        address = f"{scheme}://{host_in_url(host(profile))}"
        return address if port is None else f"{address}:{port(profile)}"

    return namespace


def _clickhouse_port(profile: Profile) -> str:
    """dbt-clickhouse's own default depends on the protocol and on TLS."""
    is_secure = str(profile["secure"]).lower() == "true" if "secure" in profile else False
    is_native = "driver" in profile and profile["driver"] == "native"
    ports = ("9440", "9000") if is_native else ("8443", "8123")
    return _first("port", default=ports[0] if is_secure else ports[1])(profile)


def _snowflake(profile: Profile) -> str:
    """An account of an organisation has no more parts. An account locator has a region and a cloud, or gets the defaults."""
    account, *place = profile["account"].split(".")
    if "-" in account:
        return f"snowflake://{account}"
    region, cloud = (*place, *("us-west-1", "aws")[len(place) :])[:2]
    return f"snowflake://{'.'.join([account, region, cloud, *place[2:]])}"


def _fabric(profile: Profile) -> str:
    port = f":{profile['port']}" if "port" in profile else ""
    return f"fabric-warehouse://{host_in_url(_first('server', 'host')(profile))}{port}"


def _glue(profile: Profile) -> str:
    account = profile["account_id"] if "account_id" in profile else profile["role_arn"].split(":")[4]
    return f"arn:aws:glue:{profile['region']}:{account}"


def _spark(profile: Profile) -> str:
    """A session in dbt's own process has no server. Its name is that of the machine, like Spark's master ``local``."""
    method = _first("method", default="thrift")(profile)
    if method == "session":
        return "spark://localhost"
    port = f":{profile['port']}" if "port" in profile else _SPARK_PORTS.get(method, "")
    return f"spark://{host_in_url(profile['host'])}{port}"


def is_duckdb_service(path: str) -> bool:
    """Whether the path of a DuckDB profile is a database of MotherDuck, a service for many clients at once."""
    return path.startswith(("md:", "motherduck:"))


def _duckdb_path(profile: Profile) -> str:
    return _first("path", default=":memory:")(profile)


def _duckdb_database(profile: Profile) -> str:
    """The name of DuckDB's database is that of its file."""
    path = _duckdb_path(profile)
    if "database" in profile:
        return profile["database"]
    if path == ":memory:":
        return "memory"
    if is_duckdb_service(path):
        return path.partition(":")[2].partition("?")[0] or "my_db"
    return path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or path.rpartition("/")[2]


def _only(_: Profile) -> str:
    return ONLY_DATABASE


_ALL = (
    Adapter(
        *("postgres", _at("postgres"), _first("dbname", "database"), "postgres", "Postgres", "postgresql+psycopg2"),
        cuts_names=True,
        schemes=("postgresql",),
        not_columns=frozenset({"user", "current_role", "ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"}),
        described_by="postgres",
    ),
    Adapter("redshift", _at("redshift"), _first("dbname", "database"), "redshift", "Redshift", "redshift+psycopg2"),
    Adapter("snowflake", _snowflake, _first("database"), "snowflake", "Snowflake", "snowflake", folded=_UPPER),
    Adapter(
        *("bigquery", lambda _: "bigquery", _first("project", "database"), "bigquery", "BigQuery", "bigquery"),
        quote="`",
        folded=_KEPT,
    ),
    Adapter(
        "databricks",
        _at("databricks", port=None),
        _first("catalog", "database", default="hive_metastore"),
        *("databricks", "Databricks", "databricks+connector"),
        quote="`",
        is_case_sensitive=False,
    ),
    Adapter(
        "spark",
        _spark,
        _only,
        *("spark", "Hive", "hive"),
        quote="`",
        is_case_sensitive=False,
        has_databases=False,
    ),
    Adapter(
        "athena",
        lambda profile: f"awsathena://athena.{profile['region_name']}.amazonaws.com",
        _first("database", default="awsdatacatalog"),
        *("athena", "Athena", "awsathena+rest"),
        is_case_sensitive=False,
    ),
    Adapter("glue", _glue, _only, "spark", "Glue", quote="`", is_case_sensitive=False, has_databases=False),
    Adapter("trino", _at("trino"), _first("database", "catalog"), "trino", "Trino", "trino", is_case_sensitive=False),
    Adapter(
        "presto", _at("presto"), _first("database", "catalog"), "presto", "Presto", "presto", is_case_sensitive=False
    ),
    Adapter(
        "clickhouse",
        _at("clickhouse", _first("host", default="localhost"), _clickhouse_port),
        _only,
        *("clickhouse", "Clickhouse", "clickhouse+http"),
        quote="`",
        folded=_KEPT,
        has_databases=False,
    ),
    Adapter(
        "sqlserver",
        _at("mssql", _first("server", "host"), _first("port", default="1433")),
        _first("database"),
        *("tsql", "Mssql", "mssql+pyodbc"),
        folded=_KEPT,
        is_case_sensitive=False,
    ),
    Adapter(
        "fabric",
        _fabric,
        _first("database"),
        *("fabric", "Mssql", "mssql+pyodbc"),
        folded=_KEPT,
        is_case_sensitive=False,
    ),
    Adapter(
        "dremio",
        _at("dremio", _first("software_host")),
        _first("database", "object_storage_source", default="@" + ONLY_DATABASE),
        *("dremio", "CustomDatabase", ""),
        is_case_sensitive=False,
    ),
    Adapter(
        "duckdb",
        lambda profile: f"duckdb://{_duckdb_path(profile)}",
        _duckdb_database,
        *("duckdb", "CustomDatabase", "duckdb"),
        folded=_KEPT,
        is_case_sensitive=False,
    ),
)
ADAPTERS: Mapping[str, Adapter] = {each.type: each for each in _ALL}
# The schemes that differ from dbt's name of the adapter.
_MAIN_SCHEMES = {
    "sqlserver": "mssql",
    "athena": "awsathena",
    "glue": "arn:aws:glue",
    "fabric": "fabric-warehouse",
}
_UNKNOWN = Adapter("", lambda _: "", lambda _: "", "", "CustomDatabase")


def _main_scheme(rules: Adapter) -> str:
    return _MAIN_SCHEMES.get(rules.type, rules.type)


def _schemes(rules: Adapter) -> Iterable[str]:
    return (_main_scheme(rules), *rules.schemes)


_OF_SCHEMES: Mapping[str, Adapter] = {scheme: rules for rules in _ALL for scheme in _schemes(rules)}
