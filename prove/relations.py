"""Relations, their columns, and the statements that make them from others."""

from dataclasses import dataclass

from dbt_lineage.core.errors import ExpectedError


class ProveError(ExpectedError):
    """The proof could not be made; the message names what was missing, and where."""


@dataclass(frozen=True)
class ColumnType:
    """A column of PostgreSQL's catalogue.

    Args:
        name: its name.
        type: its type without length or precision, such as ``numeric``.
        category: PostgreSQL's category of the type: S text, N number, D date and time, B boolean, U other.
    """

    name: str
    type: str
    category: str


@dataclass(frozen=True)
class Relation:
    """A table or view.

    Args:
        name: ``database.schema.table`` in lower case, with the database of the warehouse.
        schema: its schema, as PostgreSQL writes it.
        identifier: its name in the schema, as PostgreSQL writes it.
        columns: its columns, in order.
    """

    name: str
    schema: str
    identifier: str
    columns: tuple[ColumnType, ...] = ()


@dataclass(frozen=True)
class Statement:
    """A SELECT that makes a relation from others.

    Args:
        relation: name of what it makes.
        variant: ``full`` for what builds it anew, ``incremental`` for what adds to it.
        sql: the compiled SQL, in terms of each scratch copy.
        parents: the relations that it reads; for the incremental variant itself among them.
        database: database of the first copy, which the first SQL names.
        keeps_history: whether what it makes holds rows of earlier times too, as a snapshot does.
    """

    relation: str
    variant: str
    sql: tuple[str, ...]
    parents: tuple[Relation, ...]
    database: str
    keeps_history: bool = False

    def __str__(self) -> str:
        return self.relation if self.variant == "full" else f"{self.relation} ({self.variant})"
