"""The dbt projects of this installation: those of lineage.yml, or the one of the environment.

A project has its own dbt folder, warehouse, services in the catalogue, dashboards, thresholds and recipients. Kafka's
topics, the spool, the relay, the ledger and the writer are shared by all projects.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from pydantic_settings import BaseSettings, SettingsConfigDict

from dbt_lineage.core import dag_ids, settings
from dbt_lineage.core.configuration.file import PROJECT_GROUPS, SHARED_GROUPS, Configuration
from dbt_lineage.core.configuration.secret_sources import SecretSource
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.setting_fields import Given
from dbt_lineage.core.setting_types import DagId

_NAMES = {group: name for name, group in PROJECT_GROUPS.items()}
_Settings = TypeVar("_Settings", bound=BaseSettings)


class UnknownProject(ExpectedError, KeyError):
    """No project has this name, or several exist and none was named. The message lists all names."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Project:
    """One dbt project. Its settings are read on first use, so that a DAG file needs no password.

    Args:
        name: its name, unique among the projects. It is the DAG id too unless the project sets another one.
        owner: owner of its tasks in Airflow; None if none is named.
        is_only: whether there is no other project. Then its DAGs need no suffix.
        groups: the configuration file's settings of each group.
        own: by group, the names of the settings that the file has for this project alone.
    """

    name: str
    owner: str | None = None
    is_only: bool = True
    groups: Mapping[str, Given] = field(default_factory=dict, repr=False, compare=False)
    own: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, name: str, **groups: Any) -> "Project":
        """Make a project with given settings.

        Args:
            name: its name.
            groups: settings by attribute, such as ``warehouse``. Others are read on first use.
        """
        made = cls(name)
        vars(made).update(groups)
        return made

    @cached_property
    def dbt(self) -> settings.DbtSettings:
        """Folder, profile, DAG and limits. Raises SettingsError."""
        dbt = self.read(settings.DbtSettings)
        if self.is_only or "artifacts_dir" in self.own.get("dbt", ()):
            return dbt
        # A folder of the environment or the defaults is the same for all projects, so each gets a folder in it.
        return dbt.model_copy(update={"artifacts_dir": dbt.artifacts_dir / self.name})

    @cached_property
    def warehouse(self) -> settings.WarehouseSettings:
        """The database that dbt builds in. Raises SettingsError."""
        return self.read(settings.WarehouseSettings)

    @cached_property
    def openlineage(self) -> settings.OpenLineageSettings:
        """The namespace of its jobs, which all projects share. Raises SettingsError."""
        return settings.openlineage()

    @cached_property
    def openmetadata(self) -> settings.OpenMetadataSettings:
        """The catalogue, with the project's services in it. Raises SettingsError."""
        return self.read(settings.OpenMetadataSettings)

    @cached_property
    def superset(self) -> settings.SupersetSettings | None:
        """Its dashboards; None if it has none. Raises SettingsError."""
        return self.read(settings.SupersetSettings) if self.has_superset else None

    @cached_property
    def openmetadata_without_token(self) -> settings.OpenMetadataSettings:
        """The catalogue, for who only has to know where it is. Raises SettingsError."""
        return self.read(settings.OpenMetadataSettings, secrets=False)

    @property
    def superset_without_password(self) -> settings.SupersetSettings | None:
        """Its dashboards' code, for a process that has no password; None if there is no folder. Raises SettingsError."""
        found = self.read(settings.SupersetSettings, secrets=False) if self._names_its_folder else None
        return found if found is not None and found.assets_dir.is_dir() else None

    @cached_property
    def check(self) -> settings.CheckSettings:
        """Its thresholds. Raises SettingsError."""
        return self.read(settings.CheckSettings)

    @cached_property
    def mail(self) -> settings.MailSettings:
        """Who gets its mails. Raises SettingsError."""
        return self.read(settings.MailSettings)

    @property
    def has_superset(self) -> bool:
        """Whether it has a Superset. With several projects, only those with their own ``assets_dir`` have one."""
        return self._names_its_folder and settings.is_given(
            settings.SupersetSettings, "password", self.groups.get("superset", {})
        )

    @property
    def _names_its_folder(self) -> bool:
        return self.is_only or "assets_dir" in self.own.get("superset", ())

    def dag_id(self, dag: str) -> str:
        """The id of one of the DAGs that exist once for each project.

        Args:
            dag: the DAG's base name, such as ``lineage_checks``.
        """
        return dag_ids.of_project(dag, self.name, self.is_only)

    def read(self, group: type[_Settings], *, secrets: bool = True) -> _Settings:
        """Read one group of its settings anew.

        Args:
            group: its class.
            secrets: whether secrets are needed. Without them none is looked up, and none counts as missing.

        Raises:
            SettingsError: a setting is missing or its value is not allowed.
        """
        try:
            return settings.read(group, self.groups.get(_NAMES[group], {}), secrets=secrets)
        except settings.SettingsError as error:
            if self.is_only:
                raise
            raise settings.SettingsError(f"project {self.name}: {error}") from None


class _NameSettings(BaseSettings):
    """The name of the environment's project, without its folder, which not every process has."""

    model_config = SettingsConfigDict(env_prefix="DBT_", frozen=True)

    dag_id: DagId = settings.DbtSettings.model_fields["dag_id"].default


def projects() -> tuple[Project, ...]:
    """Every project, in the order of the configuration. Raises SettingsError."""
    return _projects(settings.configuration())


def project(name: str) -> Project:
    """One project by its name. Raises UnknownProject, SettingsError."""
    for each in projects():
        if each.name == name:
            return each
    raise UnknownProject(f"no project {name!r}; there are: {', '.join(each.name for each in projects())}")


def chosen(name: str | None) -> Project:
    """The named project, or the only one.

    Args:
        name: its name; None for the only project.

    Raises:
        UnknownProject: there is no such project, or there are several and none was named.
        SettingsError: the configuration is wrong.
    """
    if name is not None:
        return project(name)
    there = projects()
    if len(there) > 1:
        raise UnknownProject(
            f"there are several projects: name one by --project: {', '.join(each.name for each in there)}"
        )
    return there[0]


def variables_of_secrets() -> dict[str, set[str]]:
    """The variables that the configuration file takes secrets from, each with its settings.

    Settings are named by their own variables, such as ``LEDGER_URL``. Raises SettingsError.
    """
    found: dict[str, set[str]] = {}
    for _, _, setting, variable in _secrets_in_variables():
        found.setdefault(variable, set()).add(setting)
    return found


def variables_of_others(dag_id: str) -> frozenset[str]:
    """The variables that the configuration file takes secrets from, except those of one project's own warehouse.

    Args:
        dag_id: id of the project's DAG.

    Raises:
        SettingsError: the configuration is wrong.
    """
    own: set[str] = set()
    others: set[str] = set()
    for whose, group, _, variable in _secrets_in_variables():
        (own if whose == dag_id and group is settings.WarehouseSettings else others).add(variable)
    return frozenset(others - own)


def _secrets_in_variables() -> Iterator[tuple[str | None, type[BaseSettings], str, str]]:
    """DAG id, group, setting and variable of each secret. A shared setting has no DAG id."""
    found = settings.configuration()
    places: list[tuple[str | None, type[BaseSettings], Given]] = [
        (None, group, found.shared.get(name, {})) for name, group in SHARED_GROUPS.items()
    ]
    for entry in found.projects:
        whose = entry.given("dbt")["dag_id"].value
        places += [(whose, group, entry.given(name)) for name, group in PROJECT_GROUPS.items()]
    for whose, group, given in places:
        for name, setting in given.items():
            if isinstance(setting.value, SecretSource) and setting.value.kind == "env":
                yield whose, group, settings.variables(group)[name], setting.value.name


# The configuration is cached, so equal configurations give the same projects.
@lru_cache(maxsize=1)
def _projects(found: Configuration) -> tuple[Project, ...]:
    if not found.projects:
        return (Project(settings.read(_NameSettings).dag_id),)
    return tuple(
        Project(
            name=entry.name,
            owner=entry.owner.value if entry.owner else None,
            is_only=len(found.projects) == 1,
            groups=entry.groups,
            own=entry.own,
        )
        for entry in found.projects
    )
