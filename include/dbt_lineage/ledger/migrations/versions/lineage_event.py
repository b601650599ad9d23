"""The table of events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "lineage_event",
        sa.Column("event_id", sa.String(64), primary_key=True),
        sa.Column("job_namespace", sa.String(500), nullable=False),
        sa.Column("job_name", sa.String(500), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("root_run_id", sa.String(64), nullable=False),
        sa.Column("event_type", sa.String(64), nullable=False),
        sa.Column("event_time", sa.String(64), nullable=False),
        sa.Column("emitted_at", TIME, nullable=False),
        sa.Column("topic", sa.String(249)),
        sa.Column("partition", sa.Integer),
        sa.Column("offset", sa.BigInteger),
        sa.Column("reason", sa.String(2000)),
        sa.Column("acknowledged_at", TIME),
        sa.Column("ingested_at", TIME),
        sa.Column("verified_at", TIME),
    )
    position = ["topic", "partition", "offset"]
    op.create_index("lineage_event_root_run_id", "lineage_event", ["root_run_id"])
    op.create_index("lineage_event_position", "lineage_event", position)
    op.create_index("lineage_event_event_time", "lineage_event", ["event_time"])
    _partial_index("lineage_event_pending", ["emitted_at"], "verified_at IS NULL AND reason IS NULL")
    _partial_index("lineage_event_to_ingest", position, "ingested_at IS NULL")
    _partial_index("lineage_event_to_verify", position, "verified_at IS NULL")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("lineage_event")


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "lineage_event", columns, postgresql_where=sa.text(where))
