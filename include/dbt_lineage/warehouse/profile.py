"""The target of a dbt profile, read without dbt. Each value is rendered when it is read."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dbt_lineage.core.errors import SettingsError
from dbt_lineage.warehouse.naming import ADAPTERS, Adapter

# dbt's filters that convert a value to a type. Here each value is a text.
_TYPES = ("as_native", "as_number", "as_bool", "as_text")


class ProfileError(SettingsError):
    """A profile cannot be read, or has an unknown type. The message has its file, key and value."""


class Target(Mapping[str, str]):
    """One target of a profile. Reading a value fails if it needs a variable that is not set.

    So a process that needs only the warehouse's address needs no password.

    Args:
        file: the profiles.yml.
        profile: name of the profile.
        target: name of the target.
        given: the values of the file, not rendered.
    """

    def __init__(self, file: Path, profile: str, target: str, given: Mapping[str, Any]) -> None:
        self.file = file
        self.profile = profile
        self.name = target
        self._where = f"{file}: profile {profile}, target {target}"
        self._given = {key: value for key, value in given.items() if value is not None}

    def __getitem__(self, key: str) -> str:
        try:
            value = self._given[key]
        except KeyError:
            raise ProfileError(f"{self._where}: {key} is missing") from None
        try:
            return str(_JINJA.from_string(value).render()) if isinstance(value, str) else str(value)
        except _NotGiven as error:
            raise ProfileError(f"{self._where}: {key} needs the variable {error}, which is not set") from None
        except TemplateError as error:
            # The value may be a password.
            raise ProfileError(f"{self._where}: {key} cannot be rendered: {error.message}") from None

    def __contains__(self, key: object) -> bool:
        return key in self._given

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    @property
    def adapter(self) -> Adapter:
        """The rules of its adapter. Raises ProfileError."""
        kind = self["type"]
        if kind not in ADAPTERS:
            raise ProfileError(f"{self._where}: type={kind}: this warehouse is unknown. Allowed: {', '.join(ADAPTERS)}")
        return ADAPTERS[kind]


def target_of(file: Path, profile: str, target: str) -> Target | None:
    """Read a target of a profile; None if the file does not exist here.

    Args:
        file: the profiles.yml.
        profile: name of the profile.
        target: name of the target.

    Raises:
        ProfileError: the file cannot be read, or has no such profile or target.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except yaml.MarkedYAMLError as error:
        # Its own words quote the line, which may have a password.
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ProfileError(f"{file} cannot be read as a dbt profile: {line}{error.problem}") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ProfileError(f"{file} cannot be read as a dbt profile: {error}") from None
    outputs = _part(file, _part(file, content, "", profile, "DBT_PROFILE"), profile, "outputs")
    given = _part(file, outputs, f"{profile}.outputs", target, "DBT_TARGET")
    if not isinstance(given, dict):
        raise ProfileError(f"{file}: {profile}.outputs.{target} must be a mapping with the key type")
    return Target(file, profile, target, given)


def _part(file: Path, content: Any, path: str, key: str, setting: str = "") -> Any:
    there = [str(each) for each in content if each != "config"] if isinstance(content, dict) else []
    if key not in there:
        asked = f"{setting}={key}: " if setting else ""
        raise ProfileError(f"{asked}{file}: {path or 'the file'} has no {key}; there are: {', '.join(there) or 'none'}")
    return content[key]


class _NotGiven(Exception):
    """A variable that is not set; its name."""


def _env_var(name: str, default: str | None = None) -> str:
    found = os.environ.get(name, default)
    if found is None:
        raise _NotGiven(name)
    return found


_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
_JINJA.globals["env_var"] = _env_var
_JINJA.filters.update(dict.fromkeys(_TYPES, str))
