"""What alembic runs to migrate: it is given a connection, in a transaction of its caller's."""

from alembic import context

from dbt_lineage.ledger.schema import VERSION_TABLE, Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
