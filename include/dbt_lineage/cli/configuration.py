"""Print every setting in effect and where its value comes from: ``dbt-lineage config``. No secret is shown."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from pydantic_settings import BaseSettings

from dbt_lineage.core import settings
from dbt_lineage.core.configuration.file import PROJECT_GROUPS, SHARED_GROUPS
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.projects import project as named
from dbt_lineage.core.setting_fields import Given, is_secret, shown, variables

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)
ALL = "all projects"


@dataclass(frozen=True)
class Line:
    """One setting in effect.

    Args:
        whose: a project's name, or ``all projects``.
        setting: its group and key.
        value: its value as text; for a secret only whether it is set.
        source: where the value comes from.
    """

    whose: str
    setting: str
    value: str
    source: str


@app.command()
def show(
    project: Annotated[
        list[str] | None, typer.Option(help="only this project's settings; may be given several times")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Print every setting with its value and its source; exit code 1 when one is wrong or missing."""
    wanted: list[Project | None] = [None, *projects()] if not project else [named(name) for name in project]
    lines: list[Line] = []
    problems: list[str] = []
    for each in wanted:
        lines += _first_line(each)
        for name, group, given in _groups(each):
            try:
                lines += _lines(each, name, group, given)
            except settings.SettingsError as error:
                problems.append(str(error))
                continue
            problems += _missing(each, group, given)
    if as_json:
        print(json.dumps({"settings": [asdict(line) for line in lines], "problems": problems}, indent=2))
    else:
        print("\n".join([*_table(lines), *problems]))
    raise typer.Exit(1 if problems else 0)


def _first_line(project: Project | None) -> Iterator[Line]:
    found = settings.configuration()
    if project is None:
        yield Line(ALL, "file", str(found.file or "none"), "environment LINEAGE_CONFIG" if found.file else "default")
        return
    owner = next((entry.owner for entry in found.projects if entry.name == project.name), None)
    yield Line(project.name, "owner", owner.value if owner else "not set", owner.place if owner else "default")


def _groups(project: Project | None) -> Iterator[tuple[str, type[BaseSettings], Given]]:
    """The groups of a project, or the shared ones, each with the file's settings of it."""
    if project is None:
        yield from ((name, group, settings.given_of(group)) for name, group in SHARED_GROUPS.items())
    else:
        for name, group in PROJECT_GROUPS.items():
            # With several projects, those without dashboards have no Superset.
            if group is not settings.SupersetSettings or project.is_only or project.has_superset:
                yield name, group, project.groups.get(name, {})


def _read(project: Project | None, group: type[BaseSettings], given: Given, secrets: bool) -> BaseSettings:
    return project.read(group, secrets=secrets) if project else settings.read(group, given, secrets=secrets)


def _missing(project: Project | None, group: type[BaseSettings], given: Given) -> Iterator[str]:
    """The problems of a group's secrets. Connections are not checked here, because only Airflow can read them."""
    is_there = {
        settings.SupersetSettings: project is None or project.has_superset,
        settings.LedgerSettings: settings.ledger_is_configured(),
    }
    of_airflow = any(getattr(setting.value, "kind", None) == "connection" for setting in given.values())
    if not is_there.get(group, True) or of_airflow:
        return
    try:
        _read(project, group, given, secrets=True)
    except settings.SettingsError as error:
        yield str(error)


def _lines(project: Project | None, name: str, group: type[BaseSettings], given: Given) -> list[Line]:
    """The settings of a group. Raises SettingsError."""
    whose = project.name if project else ALL
    lines = []
    read = project.dbt if project and group is settings.DbtSettings else _read(project, group, given, secrets=False)
    for field, info in group.model_fields.items():
        source = _source(group, field, given)
        if is_secret(info.annotation):
            value = "***" if settings.is_given(group, field, given) else "not set"
            if field in given:
                source = f"{source} {given[field].value}"
        else:
            found = getattr(read, field)
            value = "not set" if found is None else shown(found)
        lines.append(Line(whose, f"{name}.{field}", value, source))
    return lines


def _source(group: type[BaseSettings], field: str, given: Given) -> str:
    """Where the value of a setting comes from."""
    if field in given:
        return given[field].place
    variable = variables(group)[field]
    # The case of a variable's name does not matter to pydantic.
    if variable in map(str.upper, os.environ):
        return f"environment {variable}"
    secret = settings.SECRETS_DIR / variable.lower()
    return str(secret) if secret.is_file() else "default"


def _table(lines: list[Line]) -> Iterator[str]:
    """The lines in columns, grouped by project."""
    wide = max((len(line.setting) for line in lines), default=0)
    whose = None
    for line in lines:
        if line.whose != whose:
            whose = line.whose
            yield f"{whose}:" if whose == ALL else f"project {whose}:"
        yield f"  {line.setting:<{wide}}  {line.value or repr('')}  ({line.source})"
