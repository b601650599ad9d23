"""What the docs name is there: files, headings, make targets, modules, settings, tests, and the messages that they quote."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from dbt_lineage.core import settings
from dbt_lineage.core.settings import PROJECT_ROOT
from stack import compose_secrets
from stack.config import StackSettings

DOCS = sorted([*PROJECT_ROOT.glob("*.md"), *PROJECT_ROOT.glob("docs/*.md"), *PROJECT_ROOT.glob("[!.]*/README.md")])
CODE = ("include", "plugins", "dags", "stack")
PLAN, SCENARIOS = (PROJECT_ROOT / "docs" / name for name in ("plan.md", "test-scenarios.md"))
# The plan's own names of its scenarios.
SIX = ("Fresh installation", "Model changes", "Error recovery", "Performance", "Data quality", "Dashboard")
# What a command leaves, on the machine that it runs on.
LEFT_BEHIND = (".stack", "build/", ".venvs/")
# Shorter pieces of a message stand in any code.
TELLING = 6
# Modules of other projects, run as ``python -m``.
THEIRS = {"pytest", "dbt.cli.main"}

all_docs = pytest.mark.parametrize("doc", DOCS, ids=lambda doc: str(doc.relative_to(PROJECT_ROOT)))


def text_of(doc: Path) -> str:
    return doc.read_text(encoding="utf-8")


def anchors(doc: Path) -> set[str]:
    """The headings, as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", text_of(doc), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(doc: Path, link: str) -> bool:
    """Whether a link to a file leads nowhere; those to other sites are not asked."""
    path, _, anchor = link.partition("#")
    if re.match(r"[a-z]+:", link):
        return False
    target = (doc.parent / path).resolve() if path else doc
    return not target.exists() or bool(anchor and anchor not in anchors(target))


@all_docs
def test_links_lead_somewhere(doc: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", text_of(doc))
    assert [link for link in links if broken(doc, link)] == []


@all_docs
def test_make_targets_are_there(doc: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(PROJECT_ROOT / "Makefile"), re.MULTILINE))
    shell = "\n".join(re.findall(r"^```shell$(.*?)^```$", text_of(doc), re.MULTILINE | re.DOTALL))
    named = re.findall(r"`make ([a-z-]+)", text_of(doc)) + re.findall(r"^make ([a-z-]+)", shell, re.MULTILINE)
    assert set(named) - targets == set()


@all_docs
def test_modules_are_there(doc: Path) -> None:
    named = set(re.findall(r"python -m ([a-z_]+(?:\.[a-z_]+)*)", text_of(doc)))
    folders = (PROJECT_ROOT, PROJECT_ROOT / "include")
    runnable = {
        name
        for name in named - THEIRS
        for path in (folder / name.replace(".", "/") for folder in folders)
        if path.with_suffix(".py").exists() or (path / "__main__.py").exists()
    }
    assert named - THEIRS - runnable == set()


@all_docs
def test_commands_and_options_are_there(doc: Path) -> None:
    lines = re.findall(r"python -m (include(?:\.[a-z_]+)+)((?: [^\s`|,;]+)*)", text_of(doc))
    assert [f"{module}{words}" for module, words in lines if not understood(module, words.split())] == []


def understood(module: str, words: list[str]) -> bool:
    """Whether a command line has just subcommands and options that there are."""
    if not (PROJECT_ROOT / module.replace(".", "/") / "__main__.py").exists():
        return True
    app = getattr(importlib.import_module(f"{module}.__main__"), "app", None)
    command: Any = typer.main.get_command(app) if isinstance(app, typer.Typer) else None
    for word in words:
        name = word.rstrip(".:)…")
        if command is None or not name or name.isupper():
            continue
        if name.startswith("--"):
            if name.partition("=")[0] not in {"--help", *options(command)}:
                return False
        elif (commands := getattr(command, "commands", None)) is not None:
            if name not in commands:
                return False
            command = commands[name]
    return True


def options(command: Any) -> set[str]:
    """The options of a command, by all their names."""
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


@all_docs
def test_settings_are_there(doc: Path) -> None:
    known = {variable for group in settings.GROUPS for variable in settings.variables(group).values()}
    prefixes = "|".join(sorted({variable.split("_")[0] for variable in known} - {"AIRFLOW", "DBT", "OPENLINEAGE"}))
    named = re.findall(rf"`((?:{prefixes})_[A-Z_]*[A-Z])\b", text_of(doc))
    compose = text_of(PROJECT_ROOT / "docker-compose.yml")
    assert [name for name in named if name not in known and f"${{{name}" not in compose] == []


@pytest.mark.parametrize("doc", [PLAN, SCENARIOS], ids=lambda doc: doc.name)
def test_files_that_are_named_are_there(doc: Path) -> None:
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)+)`", text_of(doc))
    assert len(named) >= 3
    assert [name for name in named if not name.startswith(LEFT_BEHIND) and not (PROJECT_ROOT / name).exists()] == []


@pytest.mark.parametrize("doc", [PLAN, SCENARIOS], ids=lambda doc: doc.name)
def test_tests_that_are_named_are_in_the_file_before_them(doc: Path) -> None:
    named = list(named_tests(doc))
    assert len(named) > 15
    assert [f"{file.name}: {test}" for file, test in named if f"def {test}(" not in text_of(file)] == []


def named_tests(doc: Path) -> Iterator[tuple[Path, str]]:
    """Each test that a document names, with the file whose link stands before it."""
    file = doc
    for link, test in re.findall(r"\]\(([^)\s]+\.py)\)|`(test_\w+)`", text_of(doc)):
        if link:
            file = (doc.parent / link).resolve()
        else:
            yield file, test


def test_each_item_of_the_plan_has_what_shows_it() -> None:
    rows = [line.strip("| ").split(" | ") for line in text_of(PLAN).splitlines() if line.startswith("| ")]
    items = [row for row in rows if row[0] not in ("The plan", "---")]
    assert len(items) > 60
    assert [row[0] for row in items if len(row) != 3 or not re.search(r"test_\w+\.py|`make |\.yml`", row[-1])] == []


def test_the_six_scenarios_of_the_plan_each_have_a_command_and_tests() -> None:
    sections = re.split(r"^#+ ", text_of(SCENARIOS), flags=re.MULTILINE)
    for number, name in enumerate(SIX, 1):
        (section,) = (each for each in sections if each.startswith(f"{number}. {name}\n"))
        assert re.search(r"`make [a-z-]+", section), name
        assert len(re.findall(r"\(\.\./tests/[\w/]+\.py\)", section)) >= 2, name


def test_variables_of_the_containers_that_are_named_are_known() -> None:
    text = (PROJECT_ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    compose = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    of_settings = {name for group in settings.GROUPS for name in settings.variables(group).values()}
    of_stack = {f"STACK_{name}".upper() for name in StackSettings.model_fields}
    for name in set(re.findall(r"`([A-Z]+_[A-Z_]+[A-Z])(?:=[^`]*)?`", text)):
        known = of_settings | of_stack | compose_secrets.GENERATED.keys() | compose_secrets.CHOSEN.keys()
        assert name in known or f"${{{name}" in compose or name == "COMPOSE_FILE", name


@cache
def said_in_code() -> list[str]:
    """Every text of the code, with … for what is filled in."""
    files = [file for folder in CODE for file in (PROJECT_ROOT / folder).rglob("*.py")]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return [text for tree in trees for node in ast.walk(tree) if (text := template(node))]


def template(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(each.value if isinstance(each, ast.Constant) else "…" for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def quoted(doc: Path) -> Iterator[str]:
    """The messages that a document quotes: its block quotes."""
    for block in re.findall(r"(?:^>.*\n?)+", text_of(doc), re.MULTILINE):
        yield " ".join(line.lstrip("> ").strip() for line in block.splitlines())


def stands_in(message: str, said: str) -> bool:
    """Whether the fixed parts of a message stand in a text, in order."""
    parts = [re.escape(part.strip()) for part in message.split("…") if part.strip()]
    return re.search(".*".join(parts), said, re.DOTALL) is not None


MESSAGES = list(quoted(PROJECT_ROOT / "docs" / "troubleshooting.md"))


@pytest.mark.parametrize("message", MESSAGES)
def test_a_quoted_message_is_one_that_the_code_says(message: str) -> None:
    assert max(map(len, message.split("…"))) >= TELLING
    # logging's own places to be filled in count like ours.
    assert any(stands_in(message, re.sub(r"%[sd]", "…", said)) for said in said_in_code()), message


def test_messages_are_quoted() -> None:
    assert len(MESSAGES) == len(set(MESSAGES)) > 20
