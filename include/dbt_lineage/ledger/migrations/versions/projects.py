"""Results, alerts and refreshes by project. What is there already is of no project yet: it was when there was only one."""

import sqlalchemy as sa
from alembic import op

revision = "0005_projects"
down_revision = "0004_retention"

TABLES = ("check_result", "alert", "dashboard_refresh")
OPEN = "recovered_at IS NULL"


def upgrade() -> None:
    """Add the column, and let it tell alerts and dashboards apart."""
    for table in TABLES:
        op.add_column(table, sa.Column("project", sa.String(500), nullable=False, server_default=""))
    op.drop_index("alert_open", "alert")
    _open_alerts("project", "check_name", "subject")
    op.drop_constraint("dashboard_refresh_pkey", "dashboard_refresh", type_="primary")
    op.create_primary_key("dashboard_refresh_pkey", "dashboard_refresh", ["project", "dashboard"])


def downgrade() -> None:
    """Drop the column. Of what several projects have of the same name, one is kept."""
    op.execute(
        "DELETE FROM alert WHERE recovered_at IS NULL AND id NOT IN "
        "(SELECT min(id) FROM alert WHERE recovered_at IS NULL GROUP BY check_name, subject)"
    )
    op.execute(
        "DELETE FROM dashboard_refresh WHERE (project, dashboard) NOT IN "
        "(SELECT min(project), dashboard FROM dashboard_refresh GROUP BY dashboard)"
    )
    op.drop_constraint("dashboard_refresh_pkey", "dashboard_refresh", type_="primary")
    op.create_primary_key("dashboard_refresh_pkey", "dashboard_refresh", ["dashboard"])
    op.drop_index("alert_open", "alert")
    _open_alerts("check_name", "subject")
    for table in TABLES:
        op.drop_column(table, "project")


def _open_alerts(*columns: str) -> None:
    op.create_index("alert_open", "alert", list(columns), unique=True, postgresql_where=sa.text(OPEN))
