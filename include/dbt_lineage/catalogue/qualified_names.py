"""Join and split fully qualified names of the catalogue, and replace the characters that names cannot have."""

import re
from urllib.parse import quote

# Characters that OpenMetadata's own clients replace in names of tables and columns (custom_basemodel_validation.py).
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
    """A name as part of a fully qualified name: a name with a dot is put in quotes."""
    return f'"{name}"' if "." in name else name


def joined(*names: str) -> str:
    """The fully qualified name of an entity.

    Args:
        names: the names from its service down to the entity itself.
    """
    return ".".join(map(quoted, names))


def parts(fully_qualified_name: str) -> list[str]:
    """The names that a fully qualified name is joined from."""
    matches = _PART.finditer(fully_qualified_name)
    return [match[2] if match[1] is None else match[1] for match in matches if match.end() > match.start()]


def kept(name: str) -> str:
    """The name of a table or column as the catalogue stores it."""
    for characters, word in _RESERVED.items():
        name = name.replace(characters, word)
    return name


def plain(name: str) -> str:
    """The name of a table or column as in the warehouse, from the name that the catalogue stores."""
    for characters, word in _RESERVED.items():
        name = name.replace(word, characters)
    return name


def segment(name: str) -> str:
    """A fully qualified name as one segment of a URL's path."""
    return quote(name, safe="")
