"""The columns of a warehouse that only one process can open, read by that process, which is dbt's.

No other process can read them, so the events carry them. The relay reads those of any other warehouse.
"""

import logging
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from openlineage.client.event_v2 import RunEvent
from openlineage.client.facet_v2 import schema_dataset

from dbt_lineage.columns.facet import PRODUCER
from dbt_lineage.core.spelling import Spellings
from dbt_lineage.events.dbt_messages import Message
from dbt_lineage.warehouse.by_dbt import AdapterWarehouse, is_shared
from dbt_lineage.warehouse.naming import adapter_of_namespace
from dbt_lineage.warehouse.port import Columns, WarehouseError
from dbt_lineage.warehouse.profile import target_of

# dbt names the table for a test's failures, which it creates only with store_failures.
_WITHOUT_RELATION = ("test.", "unit_test.")

log = logging.getLogger(__name__)


class ColumnsOfRun:
    """The columns of the relations that a dbt run reads and builds.

    Args:
        warehouse: the warehouse that dbt builds in.
        in_process: whether dbt runs in this process. Otherwise the warehouse can be opened only after dbt has ended.
    """

    def __init__(self, warehouse: AdapterWarehouse, in_process: bool) -> None:
        self.in_process = in_process
        self._warehouse = warehouse
        self._first = threading.Lock()
        self._has_all = False

    @classmethod
    def of(cls, profiles_file: Path, profile: str, target: str, in_process: bool) -> "ColumnsOfRun | None":
        """Make them for a target of a profile; None if other processes than dbt's may read the warehouse.

        Raises:
            ProfileError: the profile cannot be read.
        """
        found = target_of(profiles_file, profile, target)
        return None if found is None or is_shared(found) else cls(AdapterWarehouse(found), in_process)

    def changed_by(self, message: Message) -> Columns:
        """Return the columns that a node's end has changed; at the first node all columns. dbt calls this on its thread.

        Errors are logged. dbt goes on, and the relay names the missing columns.
        """
        try:
            with self._first:
                if not self._has_all:
                    found = self._warehouse.columns_beside_dbt()
                    self._has_all = True
                    return found
            if message.relation is None or message.unique_id.startswith(_WITHOUT_RELATION):
                return {}
            return self._warehouse.columns_beside_dbt(message.relation)
        except WarehouseError as error:
            log.warning("the columns of %s cannot be read: %s", message.unique_id, error)
            return {}

    def after_dbt(self) -> Columns:
        """Return all columns after dbt has ended. Errors are logged, and no columns are returned."""
        try:
            return self._warehouse.columns_after_dbt()
        except WarehouseError as error:
            log.warning("the events are emitted without columns: %s", error)
            return {}


def with_columns(events: Iterable[RunEvent], columns: Mapping[str, Mapping[str, str]]) -> None:
    """Add the columns of their datasets to events that have outputs.

    Args:
        events: the events, which are changed.
        columns: by ``database.schema.table``.
    """
    names = Spellings(columns)
    for event in events:
        if not event.outputs:
            continue
        for dataset in (*(event.inputs or ()), *event.outputs):
            found = names.find(adapter_of_namespace(dataset.namespace).relation(dataset.name))
            if found is None:
                continue
            facets = dataset.facets or {}
            before = getattr(facets.get("schema"), "fields", None) or ()
            described = {field.name: field.description for field in before}
            fields = [
                schema_dataset.SchemaDatasetFacetFields(name=name, type=kind, description=described.get(name))
                for name, kind in columns[found].items()
            ]
            schema = schema_dataset.SchemaDatasetFacet(fields=fields, producer=PRODUCER)
            dataset.facets = {**facets, "schema": schema}
