"""Another dbt project, by settings alone: its whole lineage, and then all of it off, on and gone.

On a part of a stack that is this module's own, for what is removed here others need.
"""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dbt_lineage.catalogue.client import Catalogue as CatalogueClient
from dbt_lineage.catalogue.verify import verified_lineage
from dbt_lineage.core import settings
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack import airflow, lifecycle
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings
from stack.rollback import STACK, Rollback, command, ingest
from tests.second_project import INVOICE, LINEAGE, PEOPLE, PROJECT, SETTINGS, SOURCES
from tests.support import Catalogue, leftovers, query

HOME = PROJECT_ROOT / ".stack-second"
COMMANDS = (("topics",), ("manifest",), ("dbt", "build"))
SERVICE = SETTINGS["OPENMETADATA_DATABASE_SERVICE"]


@pytest.fixture(scope="module")
def ingested() -> Iterator[StackConfig]:
    """The project built by hand on a warehouse of its own, and its lineage ingested, with the settings in force."""
    config = StackConfig(StackSettings(home=HOME, well_known_ports=False))
    lifecycle.clean(config)
    project = HOME / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs", ".user.yml"))
    with pytest.MonkeyPatch.context() as environment:
        for variable in (each for group in settings.GROUPS for each in settings.variables(group).values()):
            environment.delenv(variable, raising=False)
        for name, value in {**SETTINGS, "DBT_PROJECT_DIR": str(project)}.items():
            environment.setenv(name, value)
        try:
            lifecycle.up(config, *STACK)
            for name, value in airflow.environment(config).items():
                environment.setenv(name, value)
            settings.forget()
            query(SOURCES)
            with ThreadPoolExecutor() as pool:
                # None needs another: events wait for the topics.
                list(pool.map(lambda words: command(*words), COMMANDS))
            ingest()
            yield config
        finally:
            lifecycle.down(config)
    settings.forget()
    assert leftovers(config) == ([], [])


@pytest.fixture
def rest(ingested: StackConfig) -> Iterator[Catalogue]:
    """The catalogue's REST API."""
    with Catalogue(settings.openmetadata()) as client:
        yield client
        assert client.unknown_routes() == []


def lineage() -> dict[Any, set[tuple[str, str]]]:
    """Every edge in the catalogue between two tables, with its columns by their last names."""
    with CatalogueClient(settings.openmetadata()) as catalogue:
        tables = [table["fullyQualifiedName"] for table in catalogue.tables("jaffle_db")]
        return {
            stored.edge: {(source.rsplit(".", 1)[1], made.rsplit(".", 1)[1]) for source, made in stored.columns}
            for table in tables
            for stored in catalogue.around(table)[0]
        }


def test_its_tables_and_columns_have_their_whole_lineage(ingested: StackConfig, rest: Catalogue) -> None:
    assert lineage() == LINEAGE
    comparison = verified_lineage(settings.dbt(), PostgresWarehouse(settings.warehouse()), settings.openmetadata())
    assert comparison.found == comparison.expected == LINEAGE.keys()


def test_columns_are_written_as_their_tables_spell_them(rest: Catalogue) -> None:
    edge = rest.edge(f"{SERVICE}.jaffle_db.RawBooks.InvoiceLines", f"{SERVICE}.jaffle_db.books_clean.Invoice")
    columns = {
        (source.rsplit(".", 1)[1], entry["toColumn"].rsplit(".", 1)[1])
        for entry in edge["edge"]["lineageDetails"]["columnsLineage"]
        for source in entry["fromColumns"]
    }
    spelled = {("InvoiceId", "invoice_id"), ("PersonId", "person_id"), ("currency", "currency")}
    assert columns == spelled | {("AmountCents", "amount"), ("BookedOn", "BookedOn")}


def test_what_was_switched_off_comes_back_and_what_is_removed_is_ours_alone(
    ingested: StackConfig, rest: Catalogue
) -> None:
    tables = {table["fullyQualifiedName"] for table in rest.get("tables", limit=100)["data"]}
    others = theirs(rest)

    figures = Rollback(ingested).run()

    assert figures["events_in_kafka_while_off"] == 0
    assert figures["events_sent_again"] > 0
    assert figures["left_over"] == 0
    assert lineage().keys() == others
    assert [each["name"] for each in rest.get("pipelines", limit=100)["data"]] == ["somebody-else"]
    assert {table["fullyQualifiedName"] for table in rest.get("tables", limit=100)["data"]} == tables
    assert query("select count(*) from books_clean.people") == [(2,)]
    states = lifecycle.status(ingested)
    assert {states[name] for name in ("postgres", "openmetadata-standin")} == {"healthy"}
    assert not {states["kafka"], states["relay"]} & {"healthy", "running"}


def theirs(rest: Catalogue) -> set[Any]:
    """Two edges that are not ours, beside those that are: one drawn by hand, one of somebody else's pipeline."""
    rest.put("services/pipelineServices", {"name": "theirs", "serviceType": "Airflow"})
    rest.put("pipelines", {"name": "somebody-else", "service": "theirs"})
    pipeline = rest.get("pipelines/name/theirs.somebody-else")["id"]
    by_event = {"source": "OpenLineage", "pipeline": {"id": pipeline, "type": "pipeline"}}
    invoice, people = f"{SERVICE}.jaffle_db.books_clean.Invoice", f"{SERVICE}.jaffle_db.books_clean.people"
    rest.put(f"lineage/table/name/{invoice}/table/name/{people}", by_event)
    rest.put(f"lineage/table/name/{people}/table/name/{invoice}", {"source": "Manual"})
    return {(INVOICE, PEOPLE), (PEOPLE, INVOICE)}
