"""The port to a warehouse: all that this package asks of one, whichever adapter of dbt builds in it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.warehouse.naming import Adapter, scheme_of, spelled

# The columns of relations and their types, by ``database.schema.table`` as the warehouse spells it.
Columns = dict[str, dict[str, str]]
Row = dict[str, Any]


class WarehouseError(ExpectedError):
    """The warehouse does not answer, or refuses; the message names its address."""


class SupersetAddress(NamedTuple):
    """How Superset reaches a warehouse.

    Args:
        url: SQLAlchemy's, with ten X in the place of the password, as Superset wants to see it.
        password: the password.
    """

    url: str
    password: str


class Reader(Protocol):
    """Reads rows while it is open."""

    def rows(self, query: str, schema: str) -> list[Row]:
        """The rows of a query whose tables are in a schema. Raises WarehouseError, with what was refused."""

    def fingerprint(self, schema: str, table: str) -> str:
        """A text that changes with any row of a table, whatever their order. Raises WarehouseError."""


class Warehouse(ABC):
    """One database that a dbt project builds in. It connects when it is asked.

    Attributes:
        adapter: the rules of dbt's adapter.
        namespace: OpenLineage namespace of its datasets.
        database: its name, which is that of relations named without one.
        is_shared: whether other processes than dbt's may read it. Of one that is not, the process that runs dbt puts the
            columns of relations into its events.
        server: host and port that tell whether the server is there, where it is a server of its own.
    """

    adapter: Adapter
    namespace: str
    database: str
    is_shared: bool = True
    server: tuple[str, int] | None = None

    @property
    @abstractmethod
    def place(self) -> str:
        """Where it is, in words."""

    @property
    @abstractmethod
    def namespace_in_words(self) -> str:
        """The namespace, with what it is made from."""

    @abstractmethod
    def columns(self, relations: Iterable[str]) -> Columns:
        """The columns of relations and their types, in order, in as few questions as it takes.

        Args:
            relations: ``database.schema.table`` in any case. Those of another database are there only where a connection
                reaches it.

        Returns:
            Each relation that is there, by its name as the warehouse spells it. Those whose names differ from one that was
            asked for in case alone are there too: ``dbt_lineage.core.spelling`` finds the one that is meant.

        Raises:
            WarehouseError: the warehouse does not answer.
        """

    @abstractmethod
    def ping(self, seconds: float) -> str:
        """Make sure that it takes a connection.

        Args:
            seconds: how long that may take, where the adapter can be told.

        Returns:
            What was reached, in words.

        Raises:
            WarehouseError: it does not.
        """

    @abstractmethod
    def reader(self, seconds: float) -> AbstractContextManager[Reader]:
        """What reads rows of it.

        Args:
            seconds: how long one query may take, where the adapter can be told.

        Raises:
            WarehouseError: it does not take a connection.
        """

    def superset_address(self) -> SupersetAddress | None:
        """The SQLAlchemy address that Superset reads it by; None where Superset cannot."""
        return None

    def workflow_variables(self) -> tuple[dict[str, str], dict[str, str]]:
        """What OpenMetadata's workflow about its tables is told, as the template names it, and what its client is told."""
        return {}, {}

    def workflow_connection(self) -> dict[str, str]:
        """The connection in OpenMetadata's words, for a workflow that connects to nothing and asks for one.

        Any type is right, since the lineage is not that workflow's matter; this one needs no keys.
        """
        return {"type": "CustomDatabase"}

    def is_other_server(self, namespace: str) -> bool:
        """Whether a dataset's namespace is that of such a warehouse at another address, as far as the texts tell."""
        return scheme_of(namespace) == scheme_of(self.namespace) and spelled(namespace) != self.namespace
