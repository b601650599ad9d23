"""What dbt adds to a table: its data model."""

from metadata.generated.schema.entity.data.table import DataModel
from starlette.responses import Response

from ..answers import Call, answer
from ..entities import replace, with_column_names
from ..kinds import KINDS
from ..names import existing_by_id

_TABLE = KINDS["table"]


def _put_data_model(call: Call) -> Response:
    table = existing_by_id(call.store, "table", str(call.path["id"]))
    model = call.read(DataModel)
    model["columns"] = with_column_names(model.get("columns", []), table["fullyQualifiedName"])
    return answer(_TABLE.entity, replace(call.store, _TABLE, table, table | {"dataModel": model}))


ROUTES = [("PUT", "/tables/{id:uuid}/dataModel", _put_data_model)]
