"""What the newest verified event of each job says, so that the lineage can be shown without asking the catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0006_job_lineage"
down_revision = "0005_projects"

TABLE = "job_lineage"


def upgrade() -> None:
    """Create the table. The next build fills it: after each, the newest events of all jobs are written once more."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        TABLE,
        sa.Column("job_namespace", sa.String(500), primary_key=True),
        sa.Column("job_name", sa.String(500), primary_key=True),
        sa.Column("output", sa.String(500), primary_key=True),
        sa.Column("database_service", sa.String(500), nullable=False),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("event_time", time, nullable=False),
        sa.Column("verified_at", time, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("sql", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table(TABLE)
