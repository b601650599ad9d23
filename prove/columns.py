"""Column lineage by hand: ``python -m prove.columns compare``, ``dialects``."""

from pathlib import Path
from typing import Annotated

import typer

from dbt_lineage.columns.compiled import Project, compiled
from dbt_lineage.core import commands, settings
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from prove import compare as comparison
from prove import dialects as corpus
from prove.golden import load_golden

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@app.command()
def export(file: Annotated[Path, typer.Argument(help="the JSON file to write")]) -> None:
    """Compile the project against the warehouse and write its SQL and the columns of its relations."""
    _project(None).write(file)


@app.command()
def compare(
    compiled_models: Annotated[
        Path | None, typer.Option("--from", help="what `export` wrote; else dbt compiles")
    ] = None,
    golden: Annotated[Path | None, typer.Option(help="the edges that are right, reviewed by hand (YAML)")] = None,
) -> None:
    """Print, as a Markdown table, what dbt-ol's parser and what this one tell of each model's columns."""
    project = _project(compiled_models)
    right = load_golden(golden) if golden else None
    print(comparison.table(comparison.compared(project, right)))


@app.command()
def dialects(
    differences: Annotated[bool, typer.Option(help="list what is not right too, of ours and of sqlglot's")] = False,
) -> None:
    """Print, as a Markdown table, how many statements of each dialect's corpus are told right."""
    statements = corpus.statements()
    print(corpus.table(statements))
    if differences:
        print(*corpus.differences(statements), sep="\n")


def _project(file: Path | None) -> Project:
    if file is not None:
        return Project.load(file)
    return compiled(settings.dbt(), PostgresWarehouse(settings.warehouse()).columns)


if __name__ == "__main__":
    commands.run("columns", app)
