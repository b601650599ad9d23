"""What alembic runs to migrate, on a connection of its caller."""

from alembic import context

from dbt_lineage.ledger.schema import VERSION_TABLE, Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
