"""The dbt projects that this installation runs: one, by environment variables alone.

A project has its own dbt folder, warehouse, services in the catalogue, dashboards, thresholds and recipients. Kafka's
topics, the spool, the relay, the ledger and the writer are shared by all projects.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dbt_lineage.core import settings
from dbt_lineage.core.errors import ExpectedError


class UnknownProject(ExpectedError, KeyError):
    """No project has this name; the message lists those that there are."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Project:
    """One dbt project. Its settings are read when they are asked for: a DAG file needs no password.

    Args:
        name: unique among the projects; the DAG id unless the project names another one.
    """

    name: str

    @classmethod
    def of(cls, name: str, **groups: Any) -> "Project":
        """A project with settings that are given.

        Args:
            name: its name.
            groups: settings by attribute, such as ``warehouse``; others are read when they are asked for.
        """
        made = cls(name)
        vars(made).update(groups)
        return made

    @cached_property
    def dbt(self) -> settings.DbtSettings:
        """Folder, profile, DAG and limits. Raises SettingsError."""
        return settings.dbt()

    @cached_property
    def warehouse(self) -> settings.WarehouseSettings:
        """Where dbt builds. Raises SettingsError."""
        return settings.warehouse()

    @cached_property
    def openlineage(self) -> settings.OpenLineageSettings:
        """The namespace of its jobs. Raises SettingsError."""
        return settings.openlineage()

    @cached_property
    def openmetadata(self) -> settings.OpenMetadataSettings:
        """The catalogue, with the project's services in it. Raises SettingsError."""
        return settings.openmetadata()

    @cached_property
    def superset(self) -> settings.SupersetSettings | None:
        """Its dashboards; None where it has none. Raises SettingsError."""
        return settings.superset() if settings.superset_is_configured() else None

    @cached_property
    def check(self) -> settings.CheckSettings:
        """Its thresholds. Raises SettingsError."""
        return settings.check()

    @cached_property
    def mail(self) -> settings.MailSettings:
        """Who gets its mails. Raises SettingsError."""
        return settings.mail()


def projects() -> tuple[Project, ...]:
    """Every project, in the order of the configuration. Raises SettingsError."""
    return (Project(settings.dbt().dag_id),)


def project(name: str) -> Project:
    """One project by its name. Raises UnknownProject, SettingsError."""
    for each in projects():
        if each.name == name:
            return each
    raise UnknownProject(f"no project {name!r}; there are: {', '.join(each.name for each in projects())}")
