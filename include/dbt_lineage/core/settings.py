"""Reads the settings: from lineage.yml, from the environment, and else from the secrets' files.

Every setting stands once, in ``project_settings`` and ``shared_settings``. A field ``bootstrap_servers`` of a class with
``env_prefix="KAFKA_"`` is read from the key ``bootstrap_servers`` of the group ``kafka`` in the file that
``LINEAGE_CONFIG`` names, else from ``KAFKA_BOOTSTRAP_SERVERS``, or else from a file ``kafka_bootstrap_servers`` in
``/run/secrets``, where containers find secrets. Secrets have no default, and never stand in lineage.yml.

What all projects share is read here; what each has of its own by ``dbt_lineage.core.projects``. A group of a project that
is asked for here is that of the only one.
"""

import os
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr, ValidationError, create_model
from pydantic_settings import BaseSettings

from dbt_lineage.core.configuration.file import FOLDERS_OF_DBT, PROJECT_GROUPS, SHARED_GROUPS, Configuration, load
from dbt_lineage.core.configuration.secret_sources import SecretSource

# The redundant names say that others may use them from here.
from dbt_lineage.core.errors import SettingsError as SettingsError
from dbt_lineage.core.project_settings import CheckSettings as CheckSettings
from dbt_lineage.core.project_settings import DbtSettings as DbtSettings
from dbt_lineage.core.project_settings import MailSettings as MailSettings
from dbt_lineage.core.project_settings import OpenMetadataSettings as OpenMetadataSettings
from dbt_lineage.core.project_settings import SupersetSettings as SupersetSettings
from dbt_lineage.core.project_settings import WarehouseSettings as WarehouseSettings
from dbt_lineage.core.setting_fields import Given, described, explained
from dbt_lineage.core.setting_fields import is_secret as is_secret
from dbt_lineage.core.setting_fields import variables as variables
from dbt_lineage.core.shared_settings import AirflowDatabaseSettings as AirflowDatabaseSettings
from dbt_lineage.core.shared_settings import AirflowSettings as AirflowSettings
from dbt_lineage.core.shared_settings import ConfigurationSettings as ConfigurationSettings
from dbt_lineage.core.shared_settings import HealthSettings as HealthSettings
from dbt_lineage.core.shared_settings import IngestionSettings as IngestionSettings
from dbt_lineage.core.shared_settings import KafkaSettings as KafkaSettings
from dbt_lineage.core.shared_settings import LedgerSettings as LedgerSettings
from dbt_lineage.core.shared_settings import OpenLineageSettings as OpenLineageSettings
from dbt_lineage.core.shared_settings import RelaySettings as RelaySettings
from dbt_lineage.core.shared_settings import SpoolSettings as SpoolSettings
from dbt_lineage.core.shared_settings import WebSettings as WebSettings

# Where Docker and Kubernetes put secrets as files.
SECRETS_DIR = Path("/run/secrets")

GROUPS: tuple[type[BaseSettings], ...] = (
    ConfigurationSettings,
    WarehouseSettings,
    DbtSettings,
    KafkaSettings,
    SpoolSettings,
    RelaySettings,
    LedgerSettings,
    OpenLineageSettings,
    OpenMetadataSettings,
    IngestionSettings,
    AirflowSettings,
    AirflowDatabaseSettings,
    WebSettings,
    HealthSettings,
    CheckSettings,
    SupersetSettings,
    MailSettings,
)
_Settings = TypeVar("_Settings", bound=BaseSettings)


@cache
def configuration() -> Configuration:
    """What the file of the projects says, read once; empty where there is none. Raises SettingsError."""
    file = read(ConfigurationSettings).config
    return Configuration() if file is None else load(file)


def given_of(group: type[BaseSettings]) -> Given:
    """What the file says of a group: of one that all share, or that of the only project.

    Raises:
        SettingsError: there are several projects, and each has a group of its own.
    """
    for name, shared_group in SHARED_GROUPS.items():
        if shared_group is group:
            return configuration().shared.get(name, {})
    for name, project_group in PROJECT_GROUPS.items():
        if project_group is group:
            return configuration().given_of_only_project(name)
    return {}


def read(group: type[_Settings], given: Given | None = None, *, secrets: bool = True) -> _Settings:
    """Read one group of settings.

    Args:
        group: its class.
        given: what the file says of it; by default ``given_of(group)``.
        secrets: whether its secrets are needed; without them none is looked up, and none is missing.

    Raises:
        SettingsError: a setting is missing or its value is not allowed; all such settings are named.
    """
    given = given_of(group) if given is None else given
    found, problems = _read(group, given, secrets)
    if found is None or problems:
        raise SettingsError("; ".join(problems)) from None
    return found


def refuse_wrong() -> None:
    """Refuse every wrong setting at once, before anything starts. What is missing is nobody's matter who does not use it.

    Of several projects one without its folder keeps nothing from starting: Airflow's page says what is wrong with it.

    Raises:
        SettingsError: a value is not allowed; all such settings are named.
    """
    problems: dict[str, None] = {}
    left_out = {name for _, name in FOLDERS_OF_DBT} if len(configuration().projects) > 1 else set()
    for group, given in _in_use():
        there = {name: each.value for name, each in given.items() if isinstance(each.value, SecretSource)}
        secrets = {name: each.resolve() for name, each in there.items() if each.kind != "connection" and each.is_there}
        try:
            _made(group, {**_values(group, given), **secrets})
        except ValidationError as error:
            wrong = [each for each in error.errors() if each["type"] != "missing" and not left_out & {*each["loc"]}]
            problems |= dict.fromkeys(explained(group, problem, given) for problem in wrong)
    if problems:
        raise SettingsError("; ".join(problems))


def _in_use() -> Iterator[tuple[type[BaseSettings], Given]]:
    """Each group that this installation has, for each project that has it, with what the file says of it."""
    found = configuration()
    for group in GROUPS:
        name = next((name for name, each in PROJECT_GROUPS.items() if each is group), None)
        of_projects = [] if name is None else [project.given(name) for project in found.projects]
        for given in of_projects or [given_of(group)]:
            if group is SupersetSettings and not is_given(group, "password", given):
                continue
            if group is LedgerSettings and not is_given(group, "url", given):
                continue
            yield group, given


def _values(group: type[BaseSettings], given: Given) -> dict[str, Any]:
    """What the file says of a group, without the secrets."""
    return {name: each.value for name, each in given.items() if not is_secret(group.model_fields[name].annotation)}


def _read(group: type[_Settings], given: Given, secrets: bool) -> tuple[_Settings | None, list[str]]:
    """A group of settings, or what is wrong with it."""
    values = _values(group, given)
    problems: list[str] = []
    refused: set[str] = set()
    for name, setting in given.items():
        field = group.model_fields[name]
        if not secrets or not is_secret(field.annotation):
            continue
        try:
            values[name] = setting.value.resolve() if isinstance(setting.value, SecretSource) else setting.value
        except SettingsError as error:
            problems.append(f"{setting.place}: {setting.key}{described(field)}: {error}")
            refused.add(name)
        else:
            if values[name] is None and field.is_required():
                problems.append(f"{setting.place}: {setting.key}{described(field)}: {setting.value} is not set")
                refused.add(name)
    values = {name: value for name, value in values.items() if name not in refused}
    try:
        return _made(group if secrets else _without_secrets(group), values), problems
    except ValidationError as error:
        wrong = [problem for problem in error.errors() if not problem["loc"] or problem["loc"][0] not in refused]
        return None, [*problems, *(explained(group, problem, given) for problem in wrong)]


def _made(group: type[_Settings], values: dict[str, Any]) -> _Settings:
    return group(**values, _secrets_dir=SECRETS_DIR if os.access(SECRETS_DIR, os.R_OK | os.X_OK) else None)


@cache
def _without_secrets(group: type[_Settings]) -> type[_Settings]:
    """The same group, in which no secret is needed."""
    optional: dict[str, Any] = {
        name: (SecretStr | None, None) for name, field in group.model_fields.items() if is_secret(field.annotation)
    }
    return create_model(group.__name__, __base__=group, **optional)


# Each is read once, and raises SettingsError. Those that all projects share:
kafka = cache(partial(read, KafkaSettings))
spool = cache(partial(read, SpoolSettings))
relay = cache(partial(read, RelaySettings))
ledger = cache(partial(read, LedgerSettings))
openlineage = cache(partial(read, OpenLineageSettings))
ingestion = cache(partial(read, IngestionSettings))
airflow = cache(partial(read, AirflowSettings))
airflow_database = cache(partial(read, AirflowDatabaseSettings))
web = cache(partial(read, WebSettings))
health = cache(partial(read, HealthSettings))
# Those of the only project:
dbt = cache(partial(read, DbtSettings))
warehouse = cache(partial(read, WarehouseSettings))
openmetadata = cache(partial(read, OpenMetadataSettings))
check = cache(partial(read, CheckSettings))
superset = cache(partial(read, SupersetSettings))
mail = cache(partial(read, MailSettings))


def superset_is_configured() -> bool:
    """Whether this installation has a Superset: the service account's password is set, and not empty."""
    return is_given(SupersetSettings, "password", given_of(SupersetSettings))


def ledger_is_configured() -> bool:
    """Whether this installation has a ledger: its address is set, and not empty."""
    return is_given(LedgerSettings, "url", given_of(LedgerSettings))


def is_given(group: type[BaseSettings], name: str, given: Given) -> bool:
    """Whether a secret is set: as the configuration file says, else in the environment, else in a file of the secrets.

    Args:
        group: the class of the settings.
        name: the field.
        given: what the configuration file says of the group.
    """
    if name in given:
        return isinstance(given[name].value, SecretSource) and given[name].value.is_there
    variable = variables(group)[name]
    value = os.environ.get(variable)
    return (SECRETS_DIR / variable.lower()).is_file() if value is None else bool(value)


def forget() -> None:
    """Read everything anew when it is asked for: the environment or the file is another one now."""
    for member in list(globals().values()):
        if hasattr(member, "cache_clear"):
            member.cache_clear()


if __name__ == "__main__":
    from dbt_lineage.core import commands

    commands.run("settings", refuse_wrong)
