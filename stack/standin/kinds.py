"""The kinds of entity in the stand-in, and the models that check them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from metadata.generated.schema.api.data.createChart import CreateChartRequest
from metadata.generated.schema.api.data.createDashboard import CreateDashboardRequest
from metadata.generated.schema.api.data.createDashboardDataModel import CreateDashboardDataModelRequest
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createPipeline import CreatePipelineRequest
from metadata.generated.schema.api.data.createStoredProcedure import CreateStoredProcedureRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.services.createDashboardService import CreateDashboardServiceRequest
from metadata.generated.schema.api.services.createDatabaseService import CreateDatabaseServiceRequest
from metadata.generated.schema.api.services.createPipelineService import CreatePipelineServiceRequest
from metadata.generated.schema.api.tests.createTestCase import CreateTestCaseRequest
from metadata.generated.schema.api.tests.createTestDefinition import CreateTestDefinitionRequest
from metadata.generated.schema.api.tests.createTestSuite import CreateTestSuiteRequest
from metadata.generated.schema.entity.data.chart import Chart
from metadata.generated.schema.entity.data.dashboard import Dashboard
from metadata.generated.schema.entity.data.dashboardDataModel import DashboardDataModel
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.pipeline import Pipeline
from metadata.generated.schema.entity.data.storedProcedure import StoredProcedure
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.services.connections.testConnectionDefinition import TestConnectionDefinition
from metadata.generated.schema.entity.services.dashboardService import DashboardService
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.pipelineService import PipelineService
from metadata.generated.schema.entity.teams.team import Team
from metadata.generated.schema.entity.teams.user import User
from metadata.generated.schema.tests.testCase import TestCase
from metadata.generated.schema.tests.testDefinition import TestDefinition
from metadata.generated.schema.tests.testSuite import TestSuite
from pydantic import BaseModel


@dataclass(frozen=True)
class Kind:
    """One kind of entity.

    Attributes:
        name: Its name in entity references, where it is called the type.
        collection: Its route below /api/v1.
        entity: Model of the entity.
        create: Model of the body that creates it, or None when the workflows only read it.
        parent: Kind of the entity it lies in, or None.
        parent_field: The field that names the parent, in the body by name and in the entity by reference.
        on_request: Fields that an answer carries only when `fields` names them.
        in_bulk: Whether the collection has the routes `bulk` and `deleteStale`.
        infix: What separates the parent's name from its own in the fully qualified name.
        names: Lists of other entities: by name in the body, by reference in the entity; with the kind of each.
    """

    name: str
    collection: str
    entity: type[BaseModel]
    create: type[BaseModel] | None = None
    parent: str | None = None
    parent_field: str = ""
    on_request: frozenset[str] = frozenset({"owners", "tags"})
    in_bulk: bool = False
    infix: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


_ALL = (
    Kind("databaseService", "services/databaseServices", DatabaseService, CreateDatabaseServiceRequest),
    Kind("pipelineService", "services/pipelineServices", PipelineService, CreatePipelineServiceRequest),
    Kind("testConnectionDefinition", "services/testConnectionDefinitions", TestConnectionDefinition),
    Kind("database", "databases", Database, CreateDatabaseRequest, "databaseService", "service", in_bulk=True),
    Kind(
        "databaseSchema",
        "databaseSchemas",
        DatabaseSchema,
        CreateDatabaseSchemaRequest,
        "database",
        "database",
        in_bulk=True,
    ),
    Kind(
        "table",
        "tables",
        Table,
        CreateTableRequest,
        "databaseSchema",
        "databaseSchema",
        frozenset({"owners", "tags", "tableConstraints", "dataModel", "testSuite", "sourceHash"}),
        in_bulk=True,
    ),
    Kind(
        "storedProcedure",
        "storedProcedures",
        StoredProcedure,
        CreateStoredProcedureRequest,
        "databaseSchema",
        "databaseSchema",
        in_bulk=True,
    ),
    Kind(
        "pipeline",
        "pipelines",
        Pipeline,
        CreatePipelineRequest,
        "pipelineService",
        "service",
        frozenset({"owners", "tags", "tasks", "pipelineStatus"}),
    ),
    Kind("dashboardService", "services/dashboardServices", DashboardService, CreateDashboardServiceRequest),
    Kind("chart", "charts", Chart, CreateChartRequest, "dashboardService", "service", in_bulk=True),
    Kind(
        "dashboardDataModel",
        "dashboard/datamodels",
        DashboardDataModel,
        CreateDashboardDataModelRequest,
        "dashboardService",
        "service",
        in_bulk=True,
        infix="model",
    ),
    Kind(
        "dashboard",
        "dashboards",
        Dashboard,
        CreateDashboardRequest,
        "dashboardService",
        "service",
        frozenset({"owners", "tags", "charts", "dataModels"}),
        in_bulk=True,
        names={"charts": "chart", "dataModels": "dashboardDataModel"},
    ),
    Kind("testDefinition", "dataQuality/testDefinitions", TestDefinition, CreateTestDefinitionRequest),
    Kind("testSuite", "dataQuality/testSuites", TestSuite, CreateTestSuiteRequest),
    Kind(
        "testCase",
        "dataQuality/testCases",
        TestCase,
        CreateTestCaseRequest,
        on_request=frozenset({"owners", "tags", "testCaseResult"}),
    ),
    Kind("team", "teams", Team),
    Kind("user", "users", User),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
