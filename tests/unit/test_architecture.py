"""The architecture's pages name what is there: functions in their files, files, and the rooms in their order."""

import ast
import re
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "include" / "dbt_lineage"
TEXT = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
# What a command leaves, on the machine that it runs on.
LEFT_BEHIND = (".stack", "build/", ".venvs/")


def test_each_function_of_an_events_way_is_in_the_file_beside_it() -> None:
    """The first diagram: a function, or a class and its method, and a file of the package."""
    named = re.findall(r"(?:(\w+)\.)?(\w+)\(\) +([\w/]+\.py)", TEXT)
    assert len(named) > 20
    assert [each for each in named if not defines(PACKAGE / each[2], *each[:2])] == []


def defines(file: Path, of_class: str, function: str) -> bool:
    """Whether a file has a function, in the class if one is named."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    if of_class:
        body = next((each.body for each in body if isinstance(each, ast.ClassDef) and each.name == of_class), [])
    return any(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == function for each in body)


def test_files_that_are_named_are_there() -> None:
    named = set(re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?)`", TEXT))
    assert len(named) > 60
    absent = {name for name in named if not (CHECKOUT / name).exists() and not (PACKAGE / name).exists()}
    assert {name for name in absent if not name.startswith(LEFT_BEHIND)} == set()


def test_the_rooms_are_shown_in_the_order_of_their_contract() -> None:
    configuration = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {each["id"]: each for each in configuration["tool"]["importlinter"]["contracts"]}
    picture = TEXT.split("## Rooms")[1].split("```")[1]
    assert re.findall(r"^ ([a-z_]+) {2,}\S", picture, re.MULTILINE) == contracts["rooms"]["layers"]
