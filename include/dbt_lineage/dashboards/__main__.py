"""Dashboards as code: ``python -m dbt_lineage.dashboards import``."""

from pathlib import Path
from typing import Annotated

import typer

from dbt_lineage.core import commands, settings
from dbt_lineage.dashboards.client import Superset
from dbt_lineage.dashboards.folder import Assets, TableNotMade, differences, write
from dbt_lineage.dashboards.import_export import export_assets, make_account, publish
from dbt_lineage.dashboards.last_import import code_of, unless_last
from dbt_lineage.dashboards.refresh import conclude
from dbt_lineage.dashboards.refresh import refresh as refresh_dashboards
from dbt_lineage.manifest.graph import Manifest

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@app.command("import")
def import_(
    if_made: Annotated[bool, typer.Option(help="do nothing when the dbt project does not make the tables")] = False,
    last: Annotated[
        Path | None, typer.Option(help="file that keeps what was imported last; the same is not imported again")
    ] = None,
) -> None:
    """Import the files into Superset, and make the account that refreshes them; idempotent."""
    superset, warehouse, manifest = settings.superset(), settings.warehouse(), Manifest.load(settings.dbt().manifest)

    def published() -> str:
        try:
            assets = publish(superset, warehouse, manifest)
        except TableNotMade as other_project:
            if not if_made:
                raise
            make_account(superset)
            return f"no dashboard is imported: {other_project}; SUPERSET_ASSETS_DIR names the folder of dashboards"
        return f"{len(assets.of_kind('charts'))} charts on dashboards {', '.join(assets.slugs)}"

    print(unless_last(last, code_of(superset, warehouse, manifest), published))


@app.command()
def export() -> None:
    """Write what was changed in Superset into the files."""
    superset, assets = settings.superset(), Assets.load(settings.superset().assets_dir)
    with Superset.as_administrator(superset) as administrator:
        running = export_assets(administrator, assets, assets.slugs)
    written = write(assets.folder, running)
    gone = [f"{path}: is not in Superset; the file stays" for path in sorted(assets.files.keys() - running.keys())]
    print("\n".join([*written, *gone]) or "nothing was changed")


@app.command()
def compare() -> None:
    """List what differs between the files and Superset; exit code 1 if anything does."""
    superset, assets = settings.superset(), Assets.load(settings.superset().assets_dir)
    with Superset.as_administrator(superset) as administrator:
        found = differences(assets.files, export_assets(administrator, assets, assets.slugs))
    print("\n".join(found) or "no difference")
    raise typer.Exit(1 if found else 0)


@app.command()
def refresh() -> None:
    """Refresh the dashboards and compare each chart with the warehouse; exit code 1 when one differs."""
    refreshed = refresh_dashboards(settings.superset(), settings.warehouse())
    for chart in refreshed.charts:
        print(f"{chart.chart}: {chart.verdict}, {chart.rows} rows{', computed anew' if chart.recomputed else ''}")
    print(refreshed.counts())
    conclude(refreshed, settings.ledger(), settings.spool())


if __name__ == "__main__":
    commands.run("superset", app)
