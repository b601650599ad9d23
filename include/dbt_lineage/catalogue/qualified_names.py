"""Fully qualified names of the catalogue: how names are joined to them, and which characters a name cannot have."""

import re
from urllib.parse import quote

# What OpenMetadata's own clients keep in names of tables and columns instead (custom_basemodel_validation.py).
_RESERVED = {
    "::": "__reserved__colon__",
    ">": "__reserved__arrow__",
    '"': "__reserved__quote__",
    "\n": "__reserved__newline__",
    "\r": "__reserved__carriage_return__",
    "\t": "__reserved__tab__",
}
_PART = re.compile(r'"([^"]*)"(?:\.|$)|([^.]*)(?:\.|$)')


def quoted(name: str) -> str:
    """A name as part of a fully qualified name: one with a dot in it stands in quotes."""
    return f'"{name}"' if "." in name else name


def joined(*names: str) -> str:
    """The fully qualified name of a thing.

    Args:
        names: of its service and what is below it, down to the thing.
    """
    return ".".join(map(quoted, names))


def parts(fully_qualified_name: str) -> list[str]:
    """The names that a fully qualified name is joined from."""
    matches = _PART.finditer(fully_qualified_name)
    return [match[2] if match[1] is None else match[1] for match in matches if match.end() > match.start()]


def kept(name: str) -> str:
    """The name of a table or column as the catalogue keeps it."""
    for characters, word in _RESERVED.items():
        name = name.replace(characters, word)
    return name


def plain(name: str) -> str:
    """The name of a table or column as the warehouse has it, from what the catalogue keeps."""
    for characters, word in _RESERVED.items():
        name = name.replace(word, characters)
    return name


def segment(name: str) -> str:
    """A fully qualified name as one segment of a path."""
    return quote(name, safe="")
