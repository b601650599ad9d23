"""The test connection definitions that a new real server has."""

import uuid

from .answers import checked
from .kinds import KINDS
from .store import Document, Store

_STEPS = {
    "Postgres": (
        ("CheckAccess", True),
        ("GetDatabases", True),
        ("GetSchemas", True),
        ("GetTables", True),
        ("GetViews", False),
        ("GetTags", False),
        ("GetQueries", False),
    ),
    "Superset": (("CheckAccess", True), ("GetDashboards", True), ("GetCharts", False)),
    "OpenLineage": (("CheckBrokerConnectivity", True),),
}


def seed(store: Store) -> None:
    """Write the definitions, the same at each start."""
    kind = KINDS["testConnectionDefinition"]
    for connector, steps in _STEPS.items():
        store.put_entity(kind.name, checked(kind.entity, _definition(connector, steps)))


def _definition(connector: str, steps: tuple[tuple[str, bool], ...]) -> Document:
    name = f"{connector}.testConnectionDefinition"
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"standin:{name}")),
        "name": connector,
        "fullyQualifiedName": name,
        "version": 0.1,
        "steps": [
            {"name": step, "description": step, "mandatory": mandatory, "shortCircuit": mandatory}
            for step, mandatory in steps
        ],
    }
