"""The columns of a warehouse that one process opens at a time, read by the process that has it: that of dbt.

Nobody else can ask for them, so the events carry them. Of any other warehouse the relay asks, beside dbt.
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
from dbt_lineage.warehouse.port import Columns, WarehouseError
from dbt_lineage.warehouse.profile import target_of

log = logging.getLogger(__name__)


class ColumnsOfRun:
    """The columns of the relations that a run of dbt reads and makes.

    Args:
        warehouse: where it builds.
        in_process: whether dbt runs in this process; else its warehouse can be opened when it has ended.
    """

    def __init__(self, warehouse: AdapterWarehouse, in_process: bool) -> None:
        self.in_process = in_process
        self._warehouse = warehouse
        self._first = threading.Lock()
        self._has_all = False

    @classmethod
    def of(cls, profiles_file: Path, profile: str, target: str, in_process: bool) -> "ColumnsOfRun | None":
        """Those of a run with a target of a profile; None where others than dbt may read the warehouse.

        Raises:
            ProfileError: the profile cannot be read.
        """
        found = target_of(profiles_file, profile, target)
        return None if found is None or is_shared(found) else cls(AdapterWarehouse(found), in_process)

    def changed_by(self, message: Message) -> Columns:
        """The columns that are other than before a node ended; all columns at the first node. dbt calls it on its thread.

        What cannot be read is logged: dbt goes on, and the relay names what it misses.
        """
        try:
            with self._first:
                if not self._has_all:
                    found = self._warehouse.columns_beside_dbt()
                    self._has_all = True
                    return found
            return self._warehouse.columns_beside_dbt(message.relation) if message.relation else {}
        except WarehouseError as error:
            log.warning("the columns of %s: %s", message.unique_id, error)
            return {}

    def after_dbt(self) -> Columns:
        """All columns, when dbt has ended; none where they cannot be read, which is logged."""
        try:
            return self._warehouse.columns_after_dbt()
        except WarehouseError as error:
            log.warning("the events go without columns: %s", error)
            return {}


def with_columns(events: Iterable[RunEvent], columns: Mapping[str, Mapping[str, str]]) -> None:
    """Put the columns of their datasets into the events that wrote something.

    Args:
        events: they are changed.
        columns: by ``database.schema.table``.
    """
    names = Spellings(columns)
    for event in events:
        if not event.outputs:
            continue
        for dataset in (*(event.inputs or ()), *event.outputs):
            found = names.find(dataset.name)
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
