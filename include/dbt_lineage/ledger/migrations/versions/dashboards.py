"""The table of the dashboards' refreshes."""

import sqlalchemy as sa
from alembic import op

revision = "0003_dashboards"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "dashboard_refresh",
        sa.Column("dashboard", sa.String(500), primary_key=True),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("charts", sa.Integer, nullable=False),
        sa.Column("charts_equal", sa.Integer, nullable=False),
        sa.Column("recomputed", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("problem", sa.String(2000), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("dashboard_refresh")
