"""A place in a query that is being written: what may be named there."""

from collections import Counter
from dataclasses import dataclass, field

Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Item:
    """A relation of FROM, or a query of WITH, under the name that it has there.

    Args:
        alias: its name.
        columns: names, as SQL writes them, and types, in words of the grammar.
        is_scalar: whether its rows are single values, as those of some functions are.
        is_join: whether it is the columns of USING, which other items have too.
    """

    alias: str
    columns: Columns
    is_scalar: bool = False
    is_join: bool = False


@dataclass(frozen=True)
class Place:
    """What may be named at a place.

    Args:
        items: what FROM gives there.
        bare: the columns that FROM gives as a whole: those of USING are there once.
        outer: the place around the query.
        queries: the queries of WITH.
        keys: the keys of a grouped query, with their types.
        level: how many queries are around it.
    """

    items: tuple[Item, ...] = ()
    bare: Columns = ()
    outer: "Place | None" = None
    queries: tuple[Item, ...] = ()
    keys: Columns = field(default=())
    level: int = 0

    def references(self, type_: str) -> list[str]:
        """Every way to name a column of the type, the own query's first."""
        found = [f"{item.alias}.{name}" for item in self.items for name, its in item.columns if its == type_]
        times = Counter(name for name, _ in self.bare)
        found += [name for name, its in self.bare if its == type_ and times[name] == 1]
        if self.outer is not None:
            own = {name for name, _ in self.bare} | {item.alias for item in self.items}
            found += [name for name in self.outer.references(type_) if name.split(".")[0] not in own]
        return found

    def names(self) -> set[str]:
        """Names of relations that are taken, here or around."""
        own = {item.alias for item in self.items}
        return own | self.outer.names() if self.outer is not None else own

    def rows(self) -> list[Item]:
        """The items whose whole row may be named: no column is called as they are."""
        names = {name for name, _ in self.bare}
        return [item for item in self.items if item.alias not in names and not item.is_join]

    def everything(self) -> list[str]:
        """What distinguishes one row of FROM from all different rows."""
        whole = {item.alias for item in self.rows()}
        listed = [
            [item.alias] if item.alias in whole else [f"{item.alias}.{name}" for name, _ in item.columns]
            for item in self.items
            if not item.is_join
        ]
        return [name for names in listed for name in names] or ["true"]
