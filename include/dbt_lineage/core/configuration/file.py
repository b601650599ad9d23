"""Read lineage.yml and validate its keys and values. All problems are reported at once."""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings

from dbt_lineage.core.configuration.document import Value, parse
from dbt_lineage.core.configuration.secret_sources import ALLOWED, source
from dbt_lineage.core.dag_ids import OF_PROJECTS, of_project
from dbt_lineage.core.errors import SettingsError
from dbt_lineage.core.project_settings import (
    CheckSettings,
    DbtSettings,
    MailSettings,
    OpenMetadataSettings,
    SupersetSettings,
    WarehouseSettings,
)
from dbt_lineage.core.setting_fields import Given, Setting, is_path, is_secret, placed, shown, variables
from dbt_lineage.core.shared_settings import (
    AirflowSettings,
    HealthSettings,
    IngestionSettings,
    KafkaSettings,
    LedgerSettings,
    OpenLineageSettings,
    PageSettings,
    RelaySettings,
    SpoolSettings,
    WebSettings,
)

PROJECT_GROUPS: Mapping[str, type[BaseSettings]] = {
    "dbt": DbtSettings,
    "warehouse": WarehouseSettings,
    "openmetadata": OpenMetadataSettings,
    "superset": SupersetSettings,
    "check": CheckSettings,
    "mail": MailSettings,
}
SHARED_GROUPS: Mapping[str, type[BaseSettings]] = {
    "kafka": KafkaSettings,
    "spool": SpoolSettings,
    "relay": RelaySettings,
    "ledger": LedgerSettings,
    "openlineage": OpenLineageSettings,
    "ingestion": IngestionSettings,
    "airflow": AirflowSettings,
    "web": WebSettings,
    "health": HealthSettings,
    "page": PageSettings,
}
_TOP = ("projects", "defaults", "shared")
# Settings that name something of one project, so that ``defaults`` may not have them.
_NOT_FOR_ALL = {("dbt", "dag_id"), ("superset", "assets_dir")}
# Settings whose folders are checked when they are used: a broken folder must stop its own project only.
FOLDERS_OF_DBT = {("dbt", "project_dir"), ("dbt", "profiles_dir")}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_DBT_NAME = re.compile(r"""^name\s*:\s*["']?(\w+)""", re.MULTILINE)
_NAME_ALLOWED = "must be 1 to 100 letters, digits, _ or -"


class ConfigurationError(SettingsError):
    """The configuration file is wrong. The message has a line for each problem."""


@dataclass(frozen=True, eq=False)
class ProjectEntry:
    """A project of the configuration file.

    Args:
        name: its name.
        line: its line in the file, from 1.
        owner: owner of its tasks in Airflow; None if the file names none.
        groups: settings by group. The project's own override those of ``defaults``.
        own: by group, the names of the settings that are the project's own.
    """

    name: str
    line: int
    owner: Setting | None = None
    groups: Mapping[str, Given] = field(default_factory=dict)
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def given(self, group: str) -> Given:
        """The file's settings of a group."""
        return self.groups.get(group, {})


@dataclass(frozen=True, eq=False)
class Configuration:
    """The content of the configuration file.

    Args:
        file: the file; None where there is none. The environment names the only project then.
        projects: the projects in the file's order; empty without a file.
        shared: the settings that all projects share, by group.
    """

    file: Path | None = None
    projects: tuple[ProjectEntry, ...] = ()
    shared: Mapping[str, Given] = field(default_factory=dict)

    def given_of_only_project(self, group: str) -> Given:
        """The file's settings of a group of the only project. Raises SettingsError where there are several."""
        if not self.projects:
            return {}
        if len(self.projects) > 1:
            names = ", ".join(project.name for project in self.projects)
            raise SettingsError(f"{self.file} has several projects, {names}: name one of them, as by --project")
        return self.projects[0].given(group)


def load(file: Path) -> Configuration:
    """Read the configuration file.

    Args:
        file: its absolute path.

    Raises:
        ConfigurationError: the file is wrong. Each problem is reported with line, key, value and what is allowed.
    """
    try:
        document, problems = parse(file)
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from None
    reading = _Reading(file)
    for problem in problems:
        reading.refuse(problem.line, problem.said)
    # A file that is not YAML has no further problems to report.
    found = Configuration(file) if document is None and problems else reading.configuration(document)
    if reading.problems:
        raise ConfigurationError("\n".join(f"{file}:{line}: {said}" for line, said in sorted(reading.problems)))
    return found


class _Reading:
    """Reads the file, and collects its problems meanwhile.

    Args:
        file: the file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.problems: set[tuple[int, str]] = set()

    def refuse(self, line: int, said: str) -> None:
        """Record a problem of a line."""
        self.problems.add((line, said))

    def configuration(self, document: Value | None) -> Configuration:
        """The file's content."""
        top = self._mapping(document, "", _TOP)
        defaults = self._mapping(top.get("defaults"), "defaults", ("owner", *PROJECT_GROUPS))
        of_all = self._mapping(top.get("shared"), "shared", SHARED_GROUPS)
        shared = {name: self._given(group, of_all.get(name), "shared", name) for name, group in SHARED_GROUPS.items()}
        for name, shared_group in SHARED_GROUPS.items():
            self._check(name, shared_group, shared[name])
        common = {
            name: self._given(group, defaults.get(name), "defaults", name) for name, group in PROJECT_GROUPS.items()
        }
        for group, key in sorted(_NOT_FOR_ALL):
            if key in common[group]:
                self.refuse(
                    common[group][key].line, f"{common[group][key].key}: belongs to a single project: set it there"
                )
        owner = self._text(defaults.get("owner"), "defaults.owner")
        listed = top.get("projects")
        if listed is None or not isinstance(listed.content, list) or not listed.content:
            self.refuse(
                listed.line if listed else 1, "projects: must be a list with at least one project, each with a name"
            )
            return Configuration(self._file, (), shared)
        found = [self._project(each, number, common, owner) for number, each in enumerate(listed.content)]
        projects = tuple(each for each in found if each is not None)
        self._no_two_alike(projects)
        self._groups_of_consumers(projects, shared)
        return Configuration(self._file, projects, shared)

    def _project(
        self, entry: Value, number: int, common: Mapping[str, Given], owner: Setting | None
    ) -> ProjectEntry | None:
        if entry.content is not None and not isinstance(entry.content, dict):
            self._mapping(entry, f"projects[{number}]", ("name", "owner", *PROJECT_GROUPS))
            return None
        said = (entry.content or {}).get("name")
        is_named = said is not None and isinstance(said.content, str)
        path = f"projects.{said.content}" if said is not None and is_named else f"projects[{number}]"
        keys = self._mapping(entry, path, ("name", "owner", *PROJECT_GROUPS))
        own = {name: self._given(group, keys.get(name), path, name) for name, group in PROJECT_GROUPS.items()}
        own_owner = self._text(keys.get("owner"), f"{path}.owner")
        if said is None:
            self.refuse(entry.line, f"{path}.name: is missing; {_NAME_ALLOWED}")
            return None
        if not isinstance(said.content, str) or not _NAME.fullmatch(said.content):
            self.refuse(said.line, f"{path}.name={shown(said.plain)}: {_NAME_ALLOWED}")
            return None
        groups = {name: {**common[name], **own[name]} for name in PROJECT_GROUPS}
        # The DAG id is the project's name unless the project sets another one.
        groups["dbt"] = {"dag_id": self._setting(said, f"{path}.name"), **groups["dbt"]}
        for name, group in PROJECT_GROUPS.items():
            self._check(name, group, groups[name])
        return ProjectEntry(
            name=said.content,
            line=said.line,
            owner=own_owner or owner,
            groups=groups,
            own={name: frozenset(given) for name, given in own.items()},
        )

    def _given(self, group: type[BaseSettings], value: Value | None, path: str, name: str) -> Given:
        """The settings of a group in one place of the file."""
        keys = self._mapping(value, f"{path}.{name}", group.model_fields)
        given: dict[str, Setting] = {}
        for key, found in keys.items():
            setting = self._setting(found, f"{path}.{name}.{key}")
            annotation = group.model_fields[key].annotation
            if is_secret(annotation) and setting.value is not None:
                where = source(setting.value, self._file.parent)
                if where is None:
                    self.refuse(
                        setting.line,
                        f"{setting.key}=***: a secret must not stand in this file; say where it is: {ALLOWED}",
                    )
                    continue
                setting = Setting(setting.key, where, setting.file, setting.line)
            elif is_path(annotation) and isinstance(setting.value, str) and setting.value.strip():
                setting = Setting(setting.key, self._absolute(setting.value), setting.file, setting.line)
            given[key] = setting
        self._check(name, group, given, rules=False)
        return given

    def _check(self, name: str, group: type[BaseSettings], given: Given, *, rules: bool = True) -> None:
        """Refuse values that the group's class refuses. The environment does not count here: it is read later.

        Args:
            name: the group's name.
            group: its class.
            given: the file's settings of it.
            rules: whether ``given`` is complete, so that rules over several settings apply.
        """
        values = {
            key: setting.value for key, setting in given.items() if not is_secret(group.model_fields[key].annotation)
        }
        try:
            BaseModel.__init__(group.__new__(group), **values)
        except ValidationError as error:
            for problem in error.errors():
                key = str(problem["loc"][0]) if problem["loc"] else None
                is_later = (name, key) in FOLDERS_OF_DBT and problem["type"] == "value_error"
                if problem["type"] == "missing" or is_later or (not rules if key is None else key not in values):
                    continue
                setting, said = placed(group, problem, given)
                # The environment may set one of a rule's settings. Such a rule is checked when the settings are read.
                is_open = key is None and any(re.search(rf"\b{each}\b", said) for each in variables(group).values())
                if setting is not None and not is_open:
                    self.refuse(setting.line, said)

    def _mapping(self, value: Value | None, path: str, allowed: Iterable[str]) -> dict[str, Value]:
        """The known keys of a mapping. Other keys are refused. An empty value is a mapping without keys."""
        if value is None or value.content is None:
            return {}
        if not isinstance(value.content, dict):
            what = f"{path}={shown(value.plain)}" if path else "the file"
            self.refuse(value.line, f"{what}: must be a mapping of keys: {', '.join(allowed)}")
            return {}
        known = list(allowed)
        for key in value.content.keys() - set(known):
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            full = f"{path}.{key}" if path else key
            self.refuse(value.content[key].line, f"{full}: unknown key; {hint}allowed: {', '.join(known)}")
        return {key: found for key, found in value.content.items() if key in known}

    def _text(self, value: Value | None, path: str) -> Setting | None:
        if value is None or value.content is None:
            return None
        if not isinstance(value.content, str) or not value.content.strip():
            self.refuse(value.line, f"{path}={shown(value.plain)}: must be text")
            return None
        return self._setting(value, path)

    def _setting(self, value: Value, key: str) -> Setting:
        return Setting(key, value.plain, self._file, value.line)

    def _absolute(self, path: str) -> str:
        # The setting's own type expands ``~``, or refuses it.
        return path if path.startswith("~") else os.path.normpath(self._file.parent / path)

    def _no_two_alike(self, projects: tuple[ProjectEntry, ...]) -> None:
        """Refuse what two projects must not share: names, DAGs, folders that each writes to, jobs."""
        names = [Setting(f"projects.{each.name}.name", each.name, self._file, each.line) for each in projects]
        self._unique((each.value, each) for each in names)
        if len({each.name for each in projects}) < len(projects):
            return  # with a name twice, the messages below could not name a project
        if len(projects) > 1:
            of_each = [(of_project(dag, name.value, is_only=False), name) for name in names for dag in OF_PROJECTS]
            dag_ids = [each.given("dbt")["dag_id"] for each in projects]
            self._unique([*of_each, *((each.value, each) for each in dag_ids)], "a DAG of this name belongs to")
        for group, key in (("dbt", "artifacts_dir"), ("superset", "assets_dir")):
            folders = [each.given(group)[key] for each in projects if key in each.own[group]]
            self._unique(((each.value, each) for each in folders), "this folder belongs to")
        self._unique(
            ((_dbt_name(each), name) for each, name in zip(projects, names, strict=True)),
            "it is the same dbt project as another, and their jobs would have the same names: give it another name in its "
            "dbt_project.yml; the other is",
        )

    def _unique(self, things: Iterable[tuple[Any, Setting]], whose: str = "this name belongs to") -> None:
        first: dict[Any, Setting] = {}
        for thing, setting in things:
            other = first.setdefault(thing, setting)
            if other is not setting:
                self.refuse(
                    setting.line, f"{setting.key}={shown(setting.value)}: {whose} {other.key} in line {other.line}"
                )

    def _groups_of_consumers(self, projects: tuple[ProjectEntry, ...], shared: Mapping[str, Given]) -> None:
        """Refuse the ingestion's consumer group for a connector: it would move the ingestion's offsets."""
        ours = shared["ingestion"].get("consumer_group")
        writer = ours.value if ours else IngestionSettings.model_fields["consumer_group"].default
        for project in projects:
            group = project.given("openmetadata").get("consumer_group")
            # Each run of the connector has a group whose name begins so.
            if group is not None and str(writer).startswith(str(group.value)):
                where = f"{ours.key} in line {ours.line}" if ours else "INGESTION_CONSUMER_GROUP"
                self.refuse(group.line, f"{group.key}={shown(group.value)}: must not be the beginning of {where}")


def _dbt_name(project: ProjectEntry) -> str:
    """The prefix of a project's job names: the name in its dbt_project.yml, else its folder."""
    folder = project.given("dbt").get("project_dir")
    said = "" if folder is None else str(folder.value)
    try:
        content = (Path(said).expanduser() / "dbt_project.yml").read_text(encoding="utf-8") if said else ""
    except (OSError, UnicodeDecodeError, RuntimeError):  # a broken folder is reported when it is used
        content = ""
    named = _DBT_NAME.search(content)
    return named[1] if named else said
