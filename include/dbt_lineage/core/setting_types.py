"""Types of settings. A refused value gives a sentence with what is allowed."""

import ipaddress
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from croniter import croniter
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from dbt_lineage.core import kafka_properties
from dbt_lineage.core.dag_ids import OWN_DAGS
from dbt_lineage.core.places import base_folder
from dbt_lineage.core.setting_fields import MayHoldSecret
from dbt_lineage.core.spelling import NAME_BYTES

# Airflow's limit of ids.
ID_CHARACTERS = 250
# Longer durations overflow in the libraries that use them.
YEAR_SECONDS = 366 * 24 * 3600.0

_HOST = re.compile(r"\w([\w.-]*\w)?\.?")
# The consumer group whose offsets are the bookmark of the dead letters, unless KAFKA_DEAD_LETTERS_GROUP names another.
DEAD_LETTERS_GROUP = "openlineage-dead-letters"


def host_in_url(host: str) -> str:
    """A host as part of an address: an IPv6 address is put in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def require_ascending(settings: BaseSettings, low: str, high: str) -> None:
    """Refuse a low threshold that is above the high one. A threshold that is not set is ignored.

    Args:
        settings: a group of settings.
        low: name of the field with the low threshold, such as that of a warning.
        high: name of the field with the high threshold, such as that of a failure.

    Raises:
        ValueError: names both settings and their values.
    """
    below, above = getattr(settings, low), getattr(settings, high)
    if below is not None and above is not None and below > above:
        prefix = settings.model_config.get("env_prefix", "")
        raise ValueError(f"{prefix}{low.upper()}={below:g} must not be above {prefix}{high.upper()}={above:g}")


def _not_empty(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("must not be empty")
    return value


def expanded(value: Path) -> Path:
    """A path with ``~`` expanded. Raises ValueError if there is no such home."""
    try:
        return value.expanduser()
    except RuntimeError as error:  # there is no such user, or no home
        raise ValueError(f"{error}".rstrip(".") + ": write the path in full") from None


def _path(value: Path) -> Path:
    return base_folder() / expanded(value)


def _dbt_project(path: Path) -> Path:
    if not (path / "dbt_project.yml").is_file():
        raise ValueError("must be a folder with a dbt_project.yml")
    return path


def _profiles(path: Path) -> Path:
    if not (path / "profiles.yml").is_file():
        raise ValueError("must be a folder with a profiles.yml")
    return path


def _readable_file(value: Path) -> Path:
    # Relative to the working folder, because the base folder of other relative paths may depend on this file.
    path = expanded(value).absolute()
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ValueError("must be a file that can be read")
    return path


def is_host(value: str) -> bool:
    """Whether a text is a host name, an IPv4 address, or an IPv6 address without brackets."""
    if ":" not in value:
        return _HOST.fullmatch(value) is not None
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return True


def _host(value: str) -> str:
    bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    if not is_host(bare):
        raise ValueError("must be one host name or IP address, without scheme, port or path")
    return bare


def _server(value: str) -> None:
    host, _, port = value.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host.replace(":", " ")
    if not is_host(bare) or not (port.isascii() and port.isdigit()) or not 0 < int(port) <= 65535:
        raise ValueError(
            "must be host:port, several separated by commas, without a scheme such as SASL_SSL://; an IPv6 address "
            "must be in brackets"
        )


def _bootstrap_servers(value: str) -> str:
    for server in value.split(","):
        _server(server)
    return value


def _optional_server(value: str | None) -> str | None:
    if value:
        if "," in value:
            raise ValueError("must be one host:port")
        _server(value)
    return value


def _topic(value: str) -> str:
    if value in (".", ".."):
        raise ValueError("must not be . or .., which Kafka reserves")
    if value.startswith("__"):
        raise ValueError("must not begin with __, as Kafka's own topics do")
    return value


def _group(value: str) -> str:
    if value == DEAD_LETTERS_GROUP:
        raise ValueError(f"must not be {DEAD_LETTERS_GROUP}, the bookmark of the dead letters")
    return value


def _cron(value: str) -> str:
    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValueError("must be a cron expression with five fields, such as '0 5 * * *'")
    try:
        croniter(value, datetime.now(UTC)).get_next()
    except ValueError:  # croniter's CroniterBadDateError is one
        raise ValueError("never comes: there is no such date, as in '0 5 31 2 *'") from None
    return value


def _dag_id(value: str) -> str:
    if value in OWN_DAGS:
        raise ValueError(f"must not be one of the project's own DAGs: {', '.join(OWN_DAGS)}")
    return value


def _patterns(value: str) -> str:
    for pattern in filter(None, map(str.strip, value.split(","))):
        if not re.fullmatch(r"[A-Za-z0-9_*?]+", pattern):
            raise ValueError("must be names of variables, with * and ? as in MY_*, separated by commas")
        if pattern.startswith("AIRFLOW__"):
            raise ValueError("must not begin with AIRFLOW__: dbt may not read Airflow's settings")
    return value


def _argument(value: str) -> str:
    if value.startswith("-"):
        raise ValueError("must not begin with -: dbt would read it as an option")
    return value


def _postgres_name(value: str) -> str:
    if len(value.encode()) > NAME_BYTES:
        raise ValueError(f"must have at most {NAME_BYTES} bytes, PostgreSQL's limit")
    return value


def _database(value: str) -> str:
    # OpenMetadata's connector puts it unescaped into an address and into its own names.
    if re.search(r'[/?#%"\\]|::', value):
        raise ValueError('must hold none of / ? # % " \\ ::')
    return value


def _entity(value: str) -> str:
    if "::" in value or '"' in value:
        raise ValueError('must hold neither :: nor ", which OpenMetadata reserves')
    return value


def _page(value: HttpUrl) -> HttpUrl:
    if value.username is not None or value.password is not None:
        raise ValueError("must hold neither user nor password: there are settings of their own for them")
    if value.query is not None or value.fragment is not None:
        raise ValueError("must end with its path: it may have neither ? nor #")
    return value


def _page_without_api(value: HttpUrl) -> HttpUrl:
    if re.search(r"/api(/v\d+)?/?$", value.path or ""):
        raise ValueError("must be the address of the server, without /api")
    return value


def _mail_address(value: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", value):
        raise ValueError("must be one mail address, such as data-team@example.com")
    return value


def _webhook(value: SecretStr | None) -> SecretStr | None:
    # Empty means not set. Any other value may be a secret.
    if not value:
        return None
    if not re.fullmatch(r"https?://[^\s/?#]+\S*", value.get_secret_value()):
        raise ValueError("must be an address that begins with http:// or https://")
    return value


def _one_line(value: SecretStr) -> SecretStr:
    if re.search(r"[\x00-\x1f\x7f]", value.get_secret_value()):
        raise ValueError("must be one line without control characters")
    return value


def _token(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("must be the token alone: ASCII, without blanks and without the word Bearer")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    form = "such as postgresql+psycopg2://user:password@host/database; reserved characters of a password as %40 for @"
    try:
        url = make_url(value.get_secret_value())
    except (ArgumentError, ValueError):  # ValueError: the port is no number
        raise ValueError(f"must be a SQLAlchemy address of a PostgreSQL database, {form}") from None
    if url.get_backend_name() != "postgresql":
        raise ValueError(f"must be the address of a PostgreSQL database, {form}")
    if not url.database or (url.host is not None and not is_host(url.host)):
        raise ValueError(f"must name one host and a database, {form}")
    return value


AnyPath = Annotated[Path, BeforeValidator(_not_empty)]
ProjectPath = Annotated[AnyPath, AfterValidator(_path)]
DbtProjectPath = Annotated[ProjectPath, AfterValidator(_dbt_project)]
ProfilesPath = Annotated[ProjectPath, AfterValidator(_profiles)]
ReadableFile = Annotated[AnyPath, AfterValidator(_readable_file)]
ConfigurationPath = ReadableFile
Text = Annotated[str, BeforeValidator(_not_empty)]
DbtName = Annotated[Text, AfterValidator(_argument)]
Selector = Annotated[str, AfterValidator(_argument)]
Patterns = Annotated[str, AfterValidator(_patterns)]
Cron = Annotated[str, AfterValidator(_cron)]
# ASCII, as the names of assets have to be.
DagId = Annotated[str, Field(pattern=rf"^[A-Za-z0-9_.-]{{1,{ID_CHARACTERS}}}$"), AfterValidator(_dag_id)]
Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]
Days = Annotated[int, Field(ge=1, le=36_500)]
Seconds = Annotated[float, Field(gt=0, le=YEAR_SECONDS)]
Hours = Annotated[float, Field(gt=0, le=366 * 24)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Secret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_one_line)]
Token = Annotated[Secret, AfterValidator(_token)]
DatabaseUrl = Annotated[Secret, AfterValidator(_database_url)]
Webhook = Annotated[SecretStr | None, AfterValidator(_webhook)]
PostgresName = Annotated[Text, AfterValidator(_postgres_name)]
DatabaseName = Annotated[PostgresName, AfterValidator(_database)]
BootstrapServers = Annotated[str, AfterValidator(_bootstrap_servers)]
# Read as JSON by our own code, which says what is wrong with it.
KafkaProperties = Annotated[
    dict[str, str], NoDecode, MayHoldSecret(), BeforeValidator(kafka_properties.shown_properties)
]
KafkaSecretProperties = Annotated[SecretStr | None, AfterValidator(kafka_properties.secret_properties)]
OptionalServer = Annotated[str | None, AfterValidator(_optional_server)]
TopicName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,249}$"), AfterValidator(_topic)]
GroupName = Annotated[Text, Field(max_length=255), AfterValidator(_group)]
ReaderGroup = Annotated[Text, Field(max_length=255)]
EntityName = Annotated[Text, Field(max_length=256), AfterValidator(_entity)]
Page = Annotated[HttpUrl, AfterValidator(_page)]
ApiServer = Annotated[Page, AfterValidator(_page_without_api)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
