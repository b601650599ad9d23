"""Compose files as Docker Compose reads them: variables put in, files merged, services chosen by profile.

As much of the Compose Specification as the project's files use (its chapters Interpolation, Merge and Profiles). The
results were once compared with those of compose-go, the library inside Docker Compose, and were equal.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from stack import compose_secrets
from stack.checkout import PROJECT_ROOT

MAIN = "docker-compose.yml"
ZOOKEEPER = "docker-compose.zookeeper.yml"
FILES = ((MAIN,), (MAIN, ZOOKEEPER))
PROFILES = (("full",), ("full", "mail"), ("lineage",), ("lineage", "mail"), ("full", "mail", "tools"))
# Lists that a later file replaces instead of adding to them.
_REPLACED = {"command", "entrypoint", "test"}


class MissingVariable(ValueError):
    """``${NAME:?message}`` without a value, with the file's own message; or ``${NAME}``, which Compose leaves empty."""


@dataclass
class Environment:
    """The variables that a compose file is given, and which of them it asked for.

    Args:
        values: what the env file and the shell have.
    """

    values: Mapping[str, str]
    asked: set[str] = field(default_factory=set)

    def get(self, name: str) -> str | None:
        """The variable's value, if it has one."""
        self.asked.add(name)
        return self.values.get(name)


@dataclass(frozen=True)
class Model:
    """A merged compose file.

    Args:
        content: the whole of it, with the chosen services only.
        asked: every variable that it names.
    """

    content: dict[str, Any]
    asked: frozenset[str]

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """Each service by its name."""
        return self.content["services"]

    def environment(self, service: str) -> dict[str, str]:
        """What the container gets."""
        return self.services[service].get("environment", {})


def secrets_of_make(tmp_path: Path) -> dict[str, str]:
    """The variables of an env file as `make secrets` writes it."""
    file = tmp_path / ".env"
    compose_secrets.complete(file)
    return compose_secrets.variables(file.read_text())


def load(files: Sequence[str], profiles: Sequence[str], variables: Mapping[str, str]) -> Model:
    """Read, fill in, merge and choose.

    Raises:
        MissingVariable: a required variable has no value.
    """
    environment = Environment(variables)
    merged: dict[str, Any] = {}
    for name in files:
        merged = _merge(merged, _filled(_read(name), environment))
    for service in merged["services"].values():
        service["environment"] = _resolved(service.get("environment", {}), environment)
    merged["services"] = {
        name: service
        for name, service in merged["services"].items()
        if not service.get("profiles") or set(service["profiles"]) & set(profiles)
    }
    return Model({k: v for k, v in merged.items() if not k.startswith("x-")}, frozenset(environment.asked))


@cache
def _read(name: str) -> Any:
    return yaml.safe_load((PROJECT_ROOT / name).read_text())


def _resolved(variables: Mapping[str, Any], environment: Environment) -> dict[str, str]:
    """A variable without a value is passed on from the environment, or left out."""
    passed = {name: environment.get(name) if value is None else value for name, value in variables.items()}
    return {name: value for name, value in passed.items() if value is not None}


def _merge(below: Any, above: Any, key: str = "") -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        both = {name: _merge(below[name], value, name) for name, value in above.items() if name in below}
        return {**copy.deepcopy(below), **copy.deepcopy(above), **both}
    if isinstance(below, list) and isinstance(above, list) and key not in _REPLACED:
        if key == "volumes":
            targets = {_target(each) for each in above}
            below = [each for each in below if _target(each) not in targets]
        return [*below, *(each for each in above if each not in below)]
    return copy.deepcopy(above)


def _target(volume: str) -> str:
    return volume.split(":")[1]


def _filled(node: Any, environment: Environment) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value, environment) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(each, environment) for each in node]
    return interpolate(node, environment) if isinstance(node, str) else node


def interpolate(text: str, environment: Environment) -> str:
    """Put variables into a text. Raises MissingVariable."""
    filled, rest = "", text
    while "$" in rest:
        before, _, rest = rest.partition("$")
        filled += before
        if rest.startswith("$"):
            filled, rest = filled + "$", rest[1:]
        elif rest.startswith("{"):
            end = _closing(rest)
            filled, rest = filled + _braced(rest[1:end], environment), rest[end + 1 :]
        else:
            raise ValueError(f"$ without braces in {text!r}")
    return filled + rest


def _closing(text: str) -> int:
    depth = 0
    for at, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return at
    raise ValueError(f"no closing brace in {text!r}")


def _braced(inside: str, environment: Environment) -> str:
    name, operator, word = _parts(inside)
    value = environment.get(name)
    if operator == ":?" and not value:
        raise MissingVariable(f"required variable {name} is missing a value: {word}")
    if (operator == ":-" and not value) or (operator == "-" and value is None):
        return interpolate(word, environment)
    if value is None:
        raise MissingVariable(f"{name} has no value, no default and no message")
    return value


def _parts(inside: str) -> tuple[str, str, str]:
    for operator in (":?", ":-", "-"):
        name, found, word = inside.partition(operator)
        if found and name.isidentifier():
            return name, operator, word
    if not inside.isidentifier():
        raise ValueError(f"not a form that is understood here: ${{{inside}}}")
    return inside, "", ""
