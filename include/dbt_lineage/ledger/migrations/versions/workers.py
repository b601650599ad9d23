"""Tables that machines share: events that ended workers handed over, the state of every spool, dbt's artifacts."""

import sqlalchemy as sa
from alembic import op

revision = "0007_workers"
down_revision = "0006_job_lineage"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "handed_over",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("event_id", sa.String(64), nullable=False, unique=True),
        sa.Column("emitted_at", TIME, nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("follows", sa.String(64)),
        sa.Column("subject", sa.Text),
        sa.Column("happened", sa.String(64)),
        sa.Column("relay", sa.String(500)),
        sa.Column("claimed_until", TIME),
    )
    op.create_table(
        "spool_state",
        sa.Column("spool", sa.String(500), primary_key=True),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("waiting", sa.BigInteger, nullable=False),
        sa.Column("oldest", TIME),
        sa.Column("follow_ups", sa.BigInteger, nullable=False),
        sa.Column("off_since", TIME),
        sa.Column("problem", sa.String(2000), nullable=False),
    )
    op.create_table(
        "dbt_artifact",
        sa.Column("dag_id", sa.String(500), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", TIME, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables. Events that were handed over and not sent are lost."""
    op.drop_table("dbt_artifact")
    op.drop_table("spool_state")
    op.drop_table("handed_over")
