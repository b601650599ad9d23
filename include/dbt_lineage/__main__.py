"""The command ``dbt-lineage``: ``python -m dbt_lineage``."""

from dbt_lineage.cli.app import app
from dbt_lineage.core import commands


def main() -> None:
    """Run the command line and end the process."""
    commands.run("dbt-lineage", app)


if __name__ == "__main__":
    main()
