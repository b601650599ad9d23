"""The port to a warehouse: all that this package needs of one, whichever adapter of dbt builds in it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.warehouse.naming import Adapter, scheme_of, spelled

# The columns of relations and their types, by ``database.schema.table`` as the warehouse spells it.
Columns = dict[str, dict[str, str]]
Row = dict[str, Any]


class WarehouseError(ExpectedError):
    """The warehouse does not answer, or refuses a query. The message names its address."""


class SupersetAddress(NamedTuple):
    """How Superset connects to a warehouse.

    Args:
        url: SQLAlchemy's address, with ten X in place of the password, as Superset requires it.
        password: the password.
    """

    url: str
    password: str


class WorkflowVariables(NamedTuple):
    """The variables of OpenMetadata's workflow that describes a warehouse's tables.

    Args:
        texts: those that the template has between quotes.
        json: those that the template has as JSON.
        of_client: those that the warehouse's client reads.
    """

    texts: Mapping[str, str] = {}
    json: Mapping[str, str] = {}
    of_client: Mapping[str, str] = {}


class Reader(Protocol):
    """Reads rows while it is open."""

    def rows(self, query: str, schema: str) -> list[Row]:
        """Return the rows of a query whose tables are in a schema. Raises WarehouseError with the warehouse's error."""

    def fingerprint(self, schema: str, table: str) -> str:
        """Return a text that changes with any row of a table, whatever their order. Raises WarehouseError."""


class Warehouse(ABC):
    """One database that a dbt project builds in. It connects at the first call.

    Attributes:
        adapter: the rules of dbt's adapter.
        namespace: OpenLineage namespace of its datasets.
        database: its name, and the database of relations that are named without one.
        is_shared: whether other processes than dbt's may read it. Otherwise the process that runs dbt puts the columns of
            relations into its events.
        server: host and port of the server, for a check without a login; None if there is no such server.
    """

    adapter: Adapter
    namespace: str
    database: str
    is_shared: bool = True
    server: tuple[str, int] | None = None

    @property
    @abstractmethod
    def place(self) -> str:
        """Its place, for messages."""

    @property
    @abstractmethod
    def namespace_in_words(self) -> str:
        """The namespace and the settings that it is made from, for messages."""

    @abstractmethod
    def columns(self, relations: Iterable[str]) -> Columns:
        """Read the columns of relations and their types, in order, in as few queries as possible.

        Args:
            relations: ``database.schema.table`` in any case. Relations of another database are found only if a connection
                reaches it.

        Returns:
            Each relation that exists, by its name as the warehouse spells it. It includes relations that differ from a
            requested name in case alone: ``dbt_lineage.core.spelling`` finds the right one.

        Raises:
            WarehouseError: the warehouse does not answer.
        """

    @abstractmethod
    def ping(self, seconds: float) -> str:
        """Check that the warehouse accepts a connection.

        Args:
            seconds: how long that may take, if the adapter has such an option.

        Returns:
            What was reached, for messages.

        Raises:
            WarehouseError: the warehouse does not accept a connection.
        """

    @abstractmethod
    def reader(self, seconds: float) -> AbstractContextManager[Reader]:
        """Open a connection that reads rows.

        Args:
            seconds: how long one query may take, if the adapter has such an option.

        Raises:
            WarehouseError: the warehouse does not accept a connection.
        """

    def superset_address(self) -> SupersetAddress | None:
        """The address for Superset; None if Superset cannot read the warehouse."""
        return None

    def workflow_variables(self) -> WorkflowVariables:
        """The variables of the workflow that describes the warehouse's tables; none without such a workflow."""
        return WorkflowVariables()

    def workflow_connection(self) -> dict[str, str]:
        """The connection in OpenMetadata's form, for the dbt workflow, which requires one and does not connect.

        Any type will do, because that workflow writes no lineage. This type has no required keys.
        """
        return {"type": "CustomDatabase"}

    def is_other_server(self, namespace: str) -> bool:
        """Whether a dataset's namespace names such a warehouse at another address. Only the texts are compared."""
        return scheme_of(namespace) == scheme_of(self.namespace) and spelled(namespace) != self.namespace
