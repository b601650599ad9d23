"""Indexes that keep queries as fast after a year, and deletion possible."""

import sqlalchemy as sa
from alembic import op

revision = "0004_retention"
down_revision = "0003_dashboards"

TABLE = "lineage_event"
POSITION = ["topic", "partition", "offset"]
JOB = ["job_namespace", "job_name", "event_time"]
OPEN = "verified_at IS NULL AND reason IS NULL"


def upgrade() -> None:
    """Replace the indexes that no query needs, or that made PostgreSQL read all events in the order of their time."""
    for name in ("position", "event_time", "job", "to_ingest", "to_verify"):
        op.drop_index(f"lineage_event_{name}", TABLE)
    op.create_index("lineage_event_job", TABLE, JOB)
    _partial_index("lineage_event_completed", JOB, "event_type = 'COMPLETE'")
    _partial_index("lineage_event_to_ingest", POSITION, "ingested_at IS NULL AND reason IS NULL")
    _partial_index("lineage_event_to_verify", POSITION, OPEN)
    _partial_index("lineage_event_closed", ["emitted_at"], "verified_at IS NOT NULL OR reason IS NOT NULL")


def downgrade() -> None:
    """Make those of before."""
    for name in ("closed", "to_verify", "to_ingest", "completed", "job"):
        op.drop_index(f"lineage_event_{name}", TABLE)
    op.create_index("lineage_event_job", TABLE, ["job_name", "event_time"])
    op.create_index("lineage_event_position", TABLE, POSITION)
    op.create_index("lineage_event_event_time", TABLE, ["event_time"])
    _partial_index("lineage_event_to_ingest", POSITION, "ingested_at IS NULL")
    _partial_index("lineage_event_to_verify", POSITION, "verified_at IS NULL")


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, TABLE, columns, postgresql_where=sa.text(where))
