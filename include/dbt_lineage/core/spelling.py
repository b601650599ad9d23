"""Find things by names that may differ in case: dbt and events do not record which names were quoted."""

from collections.abc import Iterable

# NAMEDATALEN - 1 of a PostgreSQL with default build options.
NAME_BYTES = 63


class Spellings:
    """Real names, found by names that may differ from them in case.

    Args:
        names: the real names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._alike: dict[str, list[str]] = {}
        for name in self._names:
            self._alike.setdefault(name.lower(), []).append(name)

    def find(self, name: str) -> str | None:
        """The real name for a name: the same one, else the only one that differs in case alone, else None."""
        if name in self._names:
            return name
        alike = self._alike.get(name.lower(), [])
        return alike[0] if len(alike) == 1 else None


def identifier(name: str) -> str:
    """A name as PostgreSQL stores it: cut to 63 bytes, at the end of a character."""
    encoded = name.encode(errors="surrogatepass")
    return name if len(encoded) <= NAME_BYTES else encoded[:NAME_BYTES].decode(errors="ignore")


def relation(name: str) -> str:
    """``database.schema.table`` with each part as PostgreSQL stores it."""
    return ".".join(map(identifier, name.split(".")))
