"""Dashboards as code: ``dbt-lineage dashboards import``, ``export`` or ``compare``."""

from pathlib import Path
from typing import Annotated

import typer

from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.projects import project as named
from dbt_lineage.core.settings import SupersetSettings
from dbt_lineage.dashboards.client import Superset
from dbt_lineage.dashboards.folder import Assets, TableNotMade, differences, write
from dbt_lineage.dashboards.import_export import export_assets, make_account, publish
from dbt_lineage.dashboards.last_import import code_of, unless_last
from dbt_lineage.dashboards.refresh import ChartsDiffer, conclude
from dbt_lineage.dashboards.refresh import refresh as refresh_dashboards
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.of_project import warehouse_of

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


Name = Annotated[
    str | None, typer.Option("--project", help="the project whose dashboards; all that have some by default")
]


@app.command("import")
def import_(
    if_made: Annotated[bool, typer.Option(help="do nothing when the dbt project does not make the tables")] = False,
    last: Annotated[
        Path | None, typer.Option(help="file that keeps what was imported last; the same is not imported again")
    ] = None,
    project: Name = None,
) -> None:
    """Bring the files into Superset, and make the account that refreshes them; twice changes nothing."""
    for each, superset in with_dashboards(project):
        file = last if last is None or each.is_only else last.with_name(f"{last.name}.{each.name}")
        print(_imported(each, superset, if_made, file))


def _imported(project: Project, superset: SupersetSettings, if_made: bool, last: Path | None) -> str:
    warehouse, manifest = warehouse_of(project), Manifest.load(project.dbt.manifest)

    def published() -> str:
        try:
            assets = publish(superset, warehouse, manifest)
        except TableNotMade as other_project:
            if not if_made:
                raise
            make_account(superset)
            return f"no dashboard is imported: {other_project}; SUPERSET_ASSETS_DIR names the folder of dashboards"
        return f"{len(assets.of_kind('charts'))} charts on dashboards {', '.join(assets.slugs)}"

    return unless_last(last, code_of(superset, warehouse, manifest), published)


@app.command()
def export(project: Name = None) -> None:
    """Write what was changed in Superset into the files."""
    for _, superset in with_dashboards(project):
        assets = Assets.load(superset.assets_dir)
        with Superset.as_administrator(superset) as administrator:
            running = export_assets(administrator, assets, assets.slugs)
        written = write(assets.folder, running)
        gone = [f"{path}: is not in Superset; the file stays" for path in sorted(assets.files.keys() - running.keys())]
        print("\n".join([*written, *gone]) or "nothing was changed")


@app.command()
def compare(project: Name = None) -> None:
    """Tell what differs between the files and Superset; exit code 1 when something does."""
    found: list[str] = []
    for _, superset in with_dashboards(project):
        assets = Assets.load(superset.assets_dir)
        with Superset.as_administrator(superset) as administrator:
            found += differences(assets.files, export_assets(administrator, assets, assets.slugs))
    print("\n".join(found) or "no difference")
    raise typer.Exit(1 if found else 0)


@app.command()
def refresh(project: Name = None) -> None:
    """Refresh the dashboards and compare each chart with the warehouse; exit code 1 when one differs."""
    problems = []
    for each, superset in with_dashboards(project):
        refreshed = refresh_dashboards(superset, warehouse_of(each))
        for chart in refreshed.charts:
            print(f"{chart.chart}: {chart.verdict}, {chart.rows} rows{', computed anew' if chart.recomputed else ''}")
        print(refreshed.counts())
        try:
            conclude(refreshed, settings.ledger(), settings.spool(), each.name)
        except ChartsDiffer as differ:
            problems.append(str(differ))
    if problems:
        raise ChartsDiffer("\n".join(problems))


def with_dashboards(name: str | None) -> list[tuple[Project, SupersetSettings]]:
    """The project of a name, or all that have dashboards; the only one always.

    Raises:
        UnknownProject: there is no project of this name.
        SettingsError: a setting is missing or wrong, or the project has no dashboards.
    """
    there = [named(name)] if name is not None else projects()
    if there[0].is_only:
        return [(there[0], there[0].superset or there[0].read(SupersetSettings))]
    found = [(each, each.superset) for each in there if each.superset is not None]
    if name is not None and not found:
        raise settings.SettingsError(
            f"project {name} has no dashboards: superset.assets_dir names no folder for it, or superset.password is not set"
        )
    return found
