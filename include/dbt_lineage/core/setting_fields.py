"""The names of settings, and the messages about wrong ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings


@dataclass(frozen=True)
class Setting:
    """A value of the configuration file.

    Args:
        key: its full key, such as ``projects.shop.dbt.schedule``.
        value: YAML's value; for a secret its ``SecretSource``; for a path its absolute form.
        file: the file.
        line: its line there, from 1.
    """

    key: str
    value: Any
    file: Path
    line: int

    @property
    def place(self) -> str:
        """``file:line``, a form that editors open."""
        return f"{self.file}:{self.line}"


# The file's settings of one group, by the name of the field.
Given = Mapping[str, Setting]


def variables(group: type[BaseSettings]) -> dict[str, str]:
    """The environment variable of each field of a group."""
    prefix = group.model_config.get("env_prefix", "")
    return {name: f"{prefix}{name}".upper() for name in group.model_fields}


def is_secret(annotation: Any) -> bool:
    """Whether a setting of this type is secret."""
    return annotation is SecretStr or any(map(is_secret, get_args(annotation)))


@dataclass(frozen=True)
class MayHoldSecret:
    """Marks the type of a setting that is shown, but not while it is wrong: a secret may stand in it by mistake."""


def is_path(annotation: Any) -> bool:
    """Whether a setting of this type is a file or a folder."""
    return annotation is Path or any(map(is_path, get_args(annotation)))


def described(field: FieldInfo | None) -> str:
    """A field's description, in brackets after a blank; empty if it has none."""
    return f" ({field.description})" if field is not None and field.description else ""


def shown(value: object) -> str:
    """A value on one line, without the password that an address may contain."""
    text = re.sub(r"//[^/@]*@", "//***@", str(value))
    return text if text.isprintable() else repr(text)


def explained(group: type[BaseSettings], problem: ErrorDetails, given: Given) -> str:
    """One sentence on a problem that pydantic found: the setting, its value, its meaning, what is allowed.

    Args:
        group: the class of the settings.
        problem: pydantic's problem.
        given: the configuration file's settings of the group. Other settings are named by their variables.
    """
    setting, said = placed(group, problem, given)
    return f"{setting.place}: {said}" if setting else said


def placed(group: type[BaseSettings], problem: ErrorDetails, given: Given) -> tuple[Setting | None, str]:
    """The wrong setting of the file, or None if it is not in the file, and the same sentence as ``explained``."""
    said = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:  # a rule over several settings names them itself
        return _of_rule(group, said, given)
    field_name = str(problem["loc"][0])
    field, setting = group.model_fields.get(field_name), given.get(field_name)
    name = setting.key if setting else f"{group.model_config.get('env_prefix', '')}{field_name}".upper()
    if problem["type"] == "missing":
        return setting, f"{name}{described(field)} is not set"
    value = problem["input"] if setting is None else setting.value
    hidden = field is not None and (
        is_secret(field.annotation) or any(isinstance(each, MayHoldSecret) for each in field.metadata)
    )
    return setting, f"{name}={'***' if hidden else shown(value)}{described(field)}: {said}"


def _of_rule(group: type[BaseSettings], said: str, given: Given) -> tuple[Setting | None, str]:
    """The sentence of a rule over several settings, with the file's keys in place of the variables it names."""
    last = None
    for field, variable in variables(group).items():
        named = rf"\b{variable}\b"
        if field in given and re.search(named, said):
            last = given[field]
            said = re.sub(named, last.key, said)
    return last, said
