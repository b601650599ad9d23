"""Writes what docs/reference.md takes from the code: ``python -m stack.reference``, which is ``make reference``.

Each part stands between two comments in that file; everything else there is written by hand and stays.
"""

import inspect
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from dbt_lineage.cli import app as cli
from dbt_lineage.core import commands, settings
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.ledger.schema import Base
from stack.checkout import PROJECT_ROOT
from stack.config import StackSettings

FILE = PROJECT_ROOT / "docs" / "reference.md"
# Each with the module that has its application.
OTHER_COMMANDS = {"python -m prove.columns": "prove.columns", "python -m stack": "stack.__main__"}
_OF_TYPER = ("install_completion", "show_completion", "help")


class NoPlaceError(ExpectedError):
    """The file lacks the place of a part; the message names it."""


def settings_tables() -> Iterator[str]:
    """A table for each group of settings, with what each may be."""
    groups: tuple[type[BaseSettings], ...] = (*settings.GROUPS, StackSettings)
    for group in groups:
        yield f"### {group.__name__.removesuffix('Settings')}"
        yield inspect.getdoc(group) or ""
        rows = ((f"`{name}`", _meaning(field), _allowed(field), _default(field)) for name, field in _fields(group))
        yield _table(("Variable", "Meaning", "Allowed", "Default"), rows)


def make_table() -> Iterator[str]:
    """Every target of the Makefile, in its own words."""
    text = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*?## (.*)$", text, re.MULTILINE)
    yield _table(("Command", "What it does"), ((f"`make {name}`", said) for name, said in targets))


def command_tables() -> Iterator[str]:
    """Every command of the package and of the checkout, with its options."""
    yield "### dbt-lineage"
    mounted = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
    yield _command_table(
        {name: of_room(cli.ROOMS[name]) if name in cli.ROOMS else command for name, command in mounted.items()}
    )
    for name, module in OTHER_COMMANDS.items():
        yield f"### {name}"
        yield _command_table({"": typer.main.get_command(import_module(module).app)})


def ledger_tables() -> Iterator[str]:
    """Every table of the ledger with its columns."""
    classes = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}  # type: ignore[attr-defined]
    for name, table in Base.metadata.tables.items():
        yield f"### {name}"
        yield (inspect.getdoc(classes[name]) or "").split("\n\n")[0].replace("``", "`")
        rows = (
            (f"`{column.name}`", str(column.type).lower(), "may be empty" if column.nullable else "")
            for column in table.columns
        )
        yield _table(("Column", "Type", ""), rows)


PARTS: Mapping[str, Callable[[], Iterable[str]]] = {
    "settings": settings_tables,
    "make": make_table,
    "commands": command_tables,
    "ledger": ledger_tables,
}


def with_parts(text: str) -> str:
    """The file with each part made anew.

    Args:
        text: the file as it is.

    Raises:
        NoPlaceError: the place of a part is not in it.
    """
    for name, part in PARTS.items():
        begin, end = f"<!-- from the code: {name} -->", f"<!-- end of {name} -->"
        if begin not in text or end not in text:
            raise NoPlaceError(f"{FILE.name} has no place for {name}: {begin} … {end}")
        before, rest = text.split(begin, 1)
        after = rest.split(end, 1)[1]
        body = "\n\n".join(part())
        text = f"{before}{begin}\n\n{body}\n\n{end}{after}"
    return text


def _fields(group: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    names = settings.variables(group)
    return ((names[name], field) for name, field in group.model_fields.items())


def _meaning(field: FieldInfo) -> str:
    return field.description or ""


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "none: it must be set"
    if field.default is None:
        return "not set"
    return f"`{field.default}`" if str(field.default) else "empty"


def _allowed(field: FieldInfo) -> str:
    """The type in words, with its bounds."""
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    bounds = [
        f"{sign} {getattr(rule, name)}"
        for rule in _rules(field)
        for name, sign in signs.items()
        if getattr(rule, name, None) is not None
    ]
    pattern = next((rule.pattern for rule in _rules(field) if getattr(rule, "pattern", None)), None)
    words = [_type(field.annotation), *bounds, *([f"`{pattern}`"] if pattern else [])]
    return " ".join(words)


def _rules(field: FieldInfo) -> Iterator[Any]:
    """The field's own rules, and those of the types that it is made of."""
    for rule in (*field.metadata, *_annotations(field.annotation)):
        yield rule
        yield from getattr(rule, "metadata", ())


def _annotations(kind: Any) -> Iterator[Any]:
    for each in get_args(kind):
        yield from getattr(each, "__metadata__", ())


def _type(kind: Any) -> str:
    names = {int: "whole number", float: "number", bool: "true, false", str: "text", SecretStr: "secret"}
    if get_origin(kind) is Literal:
        return ", ".join(map(str, get_args(kind)))
    if isinstance(kind, types.UnionType) or get_origin(kind) is not None:
        inner = [each for each in get_args(kind) if each is not type(None)]
        return _type(inner[0])
    return names.get(kind, {"HttpUrl": "address", "Path": "path", "date": "date"}.get(kind.__name__, kind.__name__))


def of_room(room: cli.Room) -> Any:
    """The command that a mounted part is."""
    command: Any = typer.main.get_command(import_module(room.module).app)
    for word in room.words:
        command = command.commands[word]
    return command


def _command_table(commands: Mapping[str, Any]) -> str:
    rows = [(f"`{words}`", help_) for name, command in commands.items() for words, help_ in _commands(command, name)]
    return _table(("Command", "What it does"), rows)


def _commands(command: Any, words: str = "") -> Iterator[tuple[str, str]]:
    """Each command below a command, with its parameters and the first paragraph of its help."""
    if subcommands := getattr(command, "commands", None):
        # A group that does something by itself, too.
        if command.invoke_without_command:
            yield _command(command, words)
        for name, inner in subcommands.items():
            yield from _commands(inner, f"{words} {name}".strip())
    else:
        yield _command(command, words)


def _command(command: Any, words: str) -> tuple[str, str]:
    parameters = (_parameter(each) for each in command.params if each.name not in _OF_TYPER)
    help_ = (command.help or "").split("\n\n")[0].replace("``", "`")
    return " ".join([words, *parameters]).strip() or "(no words)", " ".join(help_.split())


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return parameter.name.upper() if parameter.required else f"[{parameter.name.upper()}]"
    return f"[{parameter.opts[0]}]"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> None:
    """Write the file anew."""
    FILE.write_text(with_parts(FILE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {FILE.relative_to(PROJECT_ROOT)}")


if __name__ == "__main__":
    commands.run("reference", main)
