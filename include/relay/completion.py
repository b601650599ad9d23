"""Completing events with what only the compiled SQL and the warehouse tell: columns, and what each is made from."""

import json
import logging
from typing import Any

from include.columns.cache import LineageCache
from include.columns.complete import completed, unresolved, with_schema
from include.columns.warehouse import Warehouse
from include.probes import WarehouseError
from include.settings import SpoolSettings, WarehouseSettings

_logger = logging.getLogger(__name__)


class Completion:
    """Completes events, from memory where SQL and columns are those of an earlier event.

    Args:
        warehouse: whose columns are asked for.
        spool: in its folder the results are kept.
    """

    def __init__(self, warehouse: WarehouseSettings, spool: SpoolSettings) -> None:
        self._warehouse = Warehouse(warehouse)
        self._cache = LineageCache(spool.dir / "columns")

    def of(self, body: bytes) -> bytes:
        """A valid event with its columns and its column lineage; one that wrote nothing stays as it is.

        What cannot be told stands in the event by name, with its reason. Facets may hold anything: an event that even
        that cannot be written into goes on as it was emitted, since the others wait behind it.

        Args:
            body: the event as it was emitted.

        Raises:
            WarehouseError: the warehouse does not answer.
        """
        event: dict[str, Any] = json.loads(body)
        if event.get("eventType") != "COMPLETE" or not event.get("outputs"):
            return body
        described = event
        try:
            described = with_schema(event, self._warehouse.columns_in)
            return _written(completed(described, self._warehouse.columns_in, self._cache.column_lineage))
        except WarehouseError:
            raise
        except Exception as error:
            # A statement that the analysis stumbles over keeps its tables' lineage, and is named.
            _logger.exception("column lineage of %s", event["job"]["name"])
            reason = f"the analysis failed: {type(error).__name__}: {error}"
        try:
            return _written(unresolved(described, reason))
        except Exception:
            _logger.exception("%s goes on as it was emitted", event["job"]["name"])
            return body


def _written(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
