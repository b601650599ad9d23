"""Names that may be spelled otherwise than the thing that they mean: dbt and events do not say what was quoted."""

from collections.abc import Iterable

# NAMEDATALEN - 1 of a PostgreSQL that was built as it usually is.
NAME_BYTES = 63


class Spellings:
    """Real names, to be found by names that may differ from them in case.

    Args:
        names: the real names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._alike: dict[str, list[str]] = {}
        for name in self._names:
            self._alike.setdefault(name.lower(), []).append(name)

    def find(self, name: str) -> str | None:
        """The real name that a name means: the same one, else the only one that differs in case alone."""
        if name in self._names:
            return name
        alike = self._alike.get(name.lower(), [])
        return alike[0] if len(alike) == 1 else None


def identifier(name: str) -> str:
    """A name as PostgreSQL keeps it: at most 63 bytes, and no half of a character."""
    encoded = name.encode(errors="surrogatepass")
    return name if len(encoded) <= NAME_BYTES else encoded[:NAME_BYTES].decode(errors="ignore")


def relation(name: str) -> str:
    """``database.schema.table`` as PostgreSQL keeps each part."""
    return ".".join(map(identifier, name.split(".")))
