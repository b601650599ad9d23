"""Read the settings.

Every setting is declared once, in ``project_settings`` or ``shared_settings``. The first of these sources that has it
counts. The example is the field ``bootstrap_servers`` of the class with ``env_prefix="KAFKA_"``:

1. the file of ``LINEAGE_CONFIG``: key ``bootstrap_servers`` of the group ``kafka``;
2. the environment: ``KAFKA_BOOTSTRAP_SERVERS``;
3. a file in ``/run/secrets``, where containers find secrets: ``kafka_bootstrap_servers``.

Secrets have no default, and lineage.yml never contains them.

This module reads the shared settings. ``dbt_lineage.core.projects`` reads those of each project. If this module is asked
for a project's group, it reads that of the only project.
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

# The redundant aliases mark names that other modules may import from here.
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
from dbt_lineage.core.shared_settings import PageSettings as PageSettings
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
    PageSettings,
    CheckSettings,
    SupersetSettings,
    MailSettings,
)
_Settings = TypeVar("_Settings", bound=BaseSettings)


@cache
def configuration() -> Configuration:
    """The content of the configuration file, read once; empty where there is none. Raises SettingsError."""
    file = read(ConfigurationSettings).config
    return Configuration() if file is None else load(file)


def given_of(group: type[BaseSettings]) -> Given:
    """The file's settings of a group: a shared group, or that of the only project.

    Args:
        group: the class of the settings.

    Raises:
        SettingsError: there are several projects, and each has its own group.
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
        given: the file's settings of it; by default ``given_of(group)``.
        secrets: whether secrets are needed. Without them none is looked up, and none counts as missing.

    Raises:
        SettingsError: a setting is missing or its value is not allowed. The message names all such settings.
    """
    given = given_of(group) if given is None else given
    found, problems = _read(group, given, secrets)
    if found is None or problems:
        raise SettingsError("; ".join(problems)) from None
    return found


def refuse_wrong() -> None:
    """Refuse all wrong settings at once, before anything starts. Missing settings count only where they are used.

    With several projects, one project's missing folder does not prevent a start. Airflow shows it as an import error.

    Raises:
        SettingsError: a value is not allowed. The message names all such settings.
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
    """Each group in use, for each project that has it, with the file's settings of it."""
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
    """The file's values of a group, without the secrets."""
    return {name: each.value for name, each in given.items() if not is_secret(group.model_fields[name].annotation)}


def _read(group: type[_Settings], given: Given, secrets: bool) -> tuple[_Settings | None, list[str]]:
    """A group of settings, and its problems; None for the group if it cannot be made."""
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
    """A subclass of the group in which secrets are optional."""
    optional: dict[str, Any] = {
        name: (SecretStr | None, None) for name, field in group.model_fields.items() if is_secret(field.annotation)
    }
    return create_model(group.__name__, __base__=group, **optional)


# Each group is read once, and raises SettingsError. Groups that all projects share:
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
page = cache(partial(read, PageSettings))
# Groups of the only project:
dbt = cache(partial(read, DbtSettings))
warehouse = cache(partial(read, WarehouseSettings))
openmetadata = cache(partial(read, OpenMetadataSettings))
check = cache(partial(read, CheckSettings))
superset = cache(partial(read, SupersetSettings))
mail = cache(partial(read, MailSettings))


def superset_is_configured() -> bool:
    """Whether there is a Superset: the service account's password is set and not empty."""
    return is_given(SupersetSettings, "password", given_of(SupersetSettings))


def ledger_is_configured() -> bool:
    """Whether there is a ledger: its address is set and not empty."""
    return is_given(LedgerSettings, "url", given_of(LedgerSettings))


def is_given(group: type[BaseSettings], name: str, given: Given) -> bool:
    """Whether a secret is set: by the configuration file, else in the environment, else as a file in ``/run/secrets``.

    Args:
        group: the class of the settings.
        name: the field's name.
        given: the configuration file's settings of the group.
    """
    if name in given:
        return isinstance(given[name].value, SecretSource) and given[name].value.is_there
    variable = variables(group)[name]
    value = os.environ.get(variable)
    return (SECRETS_DIR / variable.lower()).is_file() if value is None else bool(value)


def forget() -> None:
    """Clear the caches, after the environment or the file has changed."""
    for member in list(globals().values()):
        if hasattr(member, "cache_clear"):
            member.cache_clear()


if __name__ == "__main__":
    from dbt_lineage.core import commands

    commands.run("settings", refuse_wrong)
