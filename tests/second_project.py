"""The second dbt project, tests/data/second_project: its sources, and the lineage that it must leave."""

from dbt_lineage.manifest.graph import Edge
from stack.checkout import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "tests" / "data" / "second_project"
SETTINGS = {
    "DBT_PROJECT_DIR": str(PROJECT),
    "DBT_PROFILE": "finance",
    "DBT_TARGET": "night",
    "DBT_DAG_ID": "books",
    "DBT_SCHEDULE": "30 2 * * 1-5",
    "OPENLINEAGE_NAMESPACE": "finance-night",
    "OPENMETADATA_DATABASE_SERVICE": "finance_warehouse",
    "OPENMETADATA_PIPELINE_SERVICE": "finance-lineage",
    "KAFKA_EVENTS_TOPIC": "finance.lineage-events",
    "KAFKA_DLQ_TOPIC": "finance.lineage-refused",
    "KAFKA_LINEAGE_TOPIC": "finance.lineage-curated",
    "OPENMETADATA_CONSUMER_GROUP": "finance-openmetadata",
}
TABLES = """
    create schema "RawBooks";
    create schema raw_hr;
    create table "RawBooks"."InvoiceLines" (
        "InvoiceId" int, "PersonId" int, currency text, "AmountCents" int, "BookedOn" date, "IsVoid" boolean
    );
    create table raw_hr.people (person_id int, name text);
"""
ROWS = """
    insert into "RawBooks"."InvoiceLines" values
        (1, 1, 'EUR', 1200, '2026-01-31', false), (2, 1, 'USD', 500, null, false), (3, 2, 'USD', 900, '2026-02-28', true);
    insert into raw_hr.people values (1, 'Ada'), (2, 'Grace');
"""
SOURCES = TABLES + ROWS
INVOICE_LINES, RAW_PEOPLE = "jaffle_db.rawbooks.invoicelines", "jaffle_db.raw_hr.people"
INVOICE, PEOPLE = "jaffle_db.books_clean.invoice", "jaffle_db.books_clean.people"
HISTORY, RATES = "jaffle_db.book_history.people_history", "jaffle_db.book_reference.currency_rates"
REVENUE, PEOPLE_NOW = "jaffle_db.facts.revenue_by_person", "jaffle_db.facts.people_now"
# Each edge, and which column's values flow into which.
LINEAGE: dict[Edge, set[tuple[str, str]]] = {
    Edge(INVOICE_LINES, INVOICE): {
        ("invoiceid", "invoice_id"),
        ("personid", "person_id"),
        ("currency", "currency"),
        ("amountcents", "amount"),
        ("bookedon", "bookedon"),
    },
    Edge(RAW_PEOPLE, PEOPLE): {("person_id", "person_id"), ("name", "name")},
    Edge(PEOPLE, HISTORY): {("person_id", "person_id"), ("name", "name")},
    Edge(HISTORY, PEOPLE_NOW): {
        ("person_id", "person_id"),
        ("name", "name"),
        ("dbt_valid_from", "known_since"),
    },
    Edge(INVOICE, REVENUE): {("amount", "totalamount"), ("bookedon", "last_booked_on")},
    Edge(RATES, REVENUE): {("to_euro", "totalamount")},
    Edge(PEOPLE, REVENUE): {("person_id", "person_id"), ("name", "name")},
}
