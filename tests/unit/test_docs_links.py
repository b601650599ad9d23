"""What the documents point at is there: files, sections, commands of make, and settings."""

import re
from pathlib import Path

import pytest

from include import settings
from include.settings import PROJECT_ROOT
from stack import compose_secrets
from stack.config import StackSettings

DOCUMENTS = sorted([*PROJECT_ROOT.glob("*.md"), *(PROJECT_ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


@pytest.fixture(params=DOCUMENTS, ids=lambda file: file.name)
def document(request: pytest.FixtureRequest) -> Path:
    """Each document."""
    return request.param


def anchors(file: Path) -> set[str]:
    """The sections of a document, as a link names them."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_links_lead_somewhere(document: Path) -> None:
    for target, section in LINK.findall(document.read_text(encoding="utf-8")):
        file = (document.parent / target).resolve() if target else document
        assert file.exists(), f"{document.name}: {target}"
        assert not section or section in anchors(file), f"{document.name}: {target}#{section}"


def test_make_has_the_commands_that_are_named(document: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):.*## ", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)make ([a-z][a-z-]+)", text, re.MULTILINE)
    assert set(named) <= known


def test_variables_of_the_containers_that_are_named_are_known() -> None:
    text = (PROJECT_ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    compose = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    of_settings = {name for group in settings.GROUPS for name in settings.variables(group).values()}
    of_stack = {f"STACK_{name}".upper() for name in StackSettings.model_fields}
    for name in set(re.findall(r"`([A-Z]+_[A-Z_]+[A-Z])(?:=[^`]*)?`", text)):
        known = of_settings | of_stack | compose_secrets.GENERATED.keys() | compose_secrets.CHOSEN.keys()
        assert name in known or f"${{{name}" in compose or name == "COMPOSE_FILE", name
