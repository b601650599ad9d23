"""Tables of check results and alerts, and an index for one job's events."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables and indexes."""
    op.create_index("lineage_event_job", "lineage_event", ["job_name", "event_time"])
    op.create_table(
        "check_result",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("run", sa.String(500), nullable=False),
        sa.Column("checked_at", TIME, nullable=False),
        sa.Column("check_name", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("level", sa.String(64), nullable=False),
        sa.Column("seen", sa.String(2000), nullable=False),
        sa.Column("allowed", sa.String(2000), nullable=False),
        sa.Column("since", TIME),
        sa.Column("value", sa.Double),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("made", sa.Boolean, nullable=False),
    )
    op.create_index("check_result_run", "check_result", ["run", "check_name"])
    op.create_index("check_result_checked_at", "check_result", ["checked_at"])
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("check_name", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("seen", sa.String(2000), nullable=False),
        sa.Column("allowed", sa.String(2000), nullable=False),
        sa.Column("recovered_at", TIME),
    )
    op.create_index(
        "alert_open",
        "alert",
        ["check_name", "subject"],
        unique=True,
        postgresql_where=sa.text("recovered_at IS NULL"),
    )
    op.create_table(
        "alert_notice",
        sa.Column("alert_id", sa.BigInteger, sa.ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(64), primary_key=True),
        sa.Column("told_at", TIME, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("alert_notice")
    op.drop_table("alert")
    op.drop_table("check_result")
    op.drop_index("lineage_event_job", "lineage_event")
