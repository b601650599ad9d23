"""Test suites, test cases and their results."""

from antlr4.error.Errors import ParseCancellationException
from metadata.generated.schema.api.tests.createTestCase import CreateTestCaseRequest
from metadata.generated.schema.api.tests.createTestCaseResult import CreateTestCaseResult
from metadata.generated.schema.api.tests.createTestSuite import CreateTestSuiteRequest
from metadata.generated.schema.tests.basic import TestCaseResult
from metadata.utils import entity_link
from starlette.responses import JSONResponse, Response

from ..answers import Call, answer, checked, listing
from ..entities import save
from ..errors import CatalogueError
from ..kinds import KINDS
from ..names import existing, join, reference
from ..store import Document, Store
from .collections import page

_SUITE = KINDS["testSuite"]
_CASE = KINDS["testCase"]
_END_OF_TIME = 2**62


def _put_basic_suite(call: Call) -> Response:
    request = call.read(CreateTestSuiteRequest)
    if "basicEntityReference" not in request:
        raise CatalogueError(400, "a basic test suite needs basicEntityReference")
    suite, created = _basic_suite(call.store, existing(call.store, "table", request["basicEntityReference"]))
    return answer(_SUITE.entity, suite, 201 if created else 200)


def _basic_suite(store: Store, table: Document) -> tuple[Document, bool]:
    """The test suite that holds a table's own test cases, made when the table has none."""
    name = f"{table['fullyQualifiedName']}.testSuite"
    suite, created = save(
        store,
        _SUITE,
        {
            "name": name,
            "fullyQualifiedName": name,
            "basic": True,
            "basicEntityReference": reference("table", table),
        },
    )
    store.put_entity("table", table | {"testSuite": reference("testSuite", suite)})
    return suite, created


def _save_case(call: Call) -> tuple[Document, bool]:
    request = call.read(CreateTestCaseRequest)
    definition = existing(call.store, "testDefinition", request["testDefinition"])
    table_fqn, target = _linked(request["entityLink"])
    table = existing(call.store, "table", table_fqn)
    columns = {column["fullyQualifiedName"] for column in table["columns"]}
    if target not in columns | {table["fullyQualifiedName"]}:
        raise CatalogueError(400, f"Invalid fully qualified column name {target}")
    suite, _ = _basic_suite(call.store, table)
    case = request | {
        "fullyQualifiedName": join(target, request["name"]),
        "entityFQN": target,
        "testDefinition": reference("testDefinition", definition),
        "testSuite": reference("testSuite", suite),
        "testSuites": [suite],
    }
    return save(call.store, _CASE, case)


def _linked(link: str) -> tuple[str, str]:
    """Names of the table, and of the table or column itself, that an entity link points to."""
    try:
        entity_type, table_fqn, *_ = entity_link.split(link)
        target = entity_link.get_table_or_column_fqn(link)
    except (ParseCancellationException, ValueError) as error:
        raise CatalogueError(400, f"Invalid entity link {link}") from error
    if entity_type != "table":
        raise CatalogueError(400, f"the stand-in knows test cases of tables only, not {link}")
    return table_fqn, target


def _put_case(call: Call) -> Response:
    case, created = _save_case(call)
    return answer(_CASE.entity, case, 201 if created else 200)


def _post_case(call: Call) -> Response:
    case, created = _save_case(call)
    if not created:
        raise CatalogueError(409, "Entity already exists")
    return answer(_CASE.entity, case, 201)


def _list_cases(call: Call) -> Response:
    call.only_parameters("fields", "limit", "after", "entityFQN", "entityLink", "testSuiteId", "testCaseStatus")
    wanted = {name: call.query[name] for name in ("entityFQN", "entityLink", "testCaseStatus") if name in call.query}
    suite = call.query.get("testSuiteId")
    return page(
        _CASE,
        call,
        (
            case
            for case in call.store.entities("testCase")
            if not case["deleted"]
            and all(case.get(name) == value for name, value in wanted.items())
            and suite in (None, case["testSuite"]["id"])
        ),
    )


def _post_result(call: Call) -> Response:
    case = existing(call.store, "testCase", call.path["fqn"])
    result = call.read(CreateTestCaseResult) | {"testCaseFQN": case["fullyQualifiedName"]}
    result.pop("fqn", None)
    if call.store.points(case["id"], result["timestamp"], result["timestamp"]):
        raise CatalogueError(409, "Entity already exists")
    call.store.put_point(case["id"], result["timestamp"], checked(TestCaseResult, result))
    latest = call.store.points(case["id"], 0, _END_OF_TIME)[0]
    call.store.put_entity("testCase", case | {"testCaseResult": latest, "testCaseStatus": latest["testCaseStatus"]})
    return JSONResponse(result, 201)


def _list_results(call: Call) -> Response:
    call.only_parameters("startTs", "endTs")
    case = existing(call.store, "testCase", call.path["fqn"])
    start = call.number("startTs", 0, 0, _END_OF_TIME)
    results = call.store.points(case["id"], start, call.number("endTs", _END_OF_TIME, 0, _END_OF_TIME))
    return listing(TestCaseResult, results, {"total": len(results)})


ROUTES = [
    ("PUT", "/dataQuality/testSuites/executable", _put_basic_suite),
    ("PUT", "/dataQuality/testSuites/basic", _put_basic_suite),
    ("POST", "/dataQuality/testCases/testCaseResults/{fqn:path}", _post_result),
    ("GET", "/dataQuality/testCases/testCaseResults/{fqn:path}", _list_results),
    ("GET", "/dataQuality/testCases", _list_cases),
    ("PUT", "/dataQuality/testCases", _put_case),
    ("POST", "/dataQuality/testCases", _post_case),
]
