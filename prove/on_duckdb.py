"""Column lineage on DuckDB against the data: ``python -m prove.on_duckdb``, or ``make prove WAREHOUSE=duckdb``.

Each statement of the project is run on rows in which one column of one relation is changed. If a column of the result
changes, it depends on that column, so an edge must be claimed. Each claimed DIRECT edge must be seen. Statements are run
one by one, as in a full build. The proof on PostgreSQL (docs/prove.md) covers more: chains of statements, incremental
runs, and why a row cannot show an edge.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import DIRECT, Column, ColumnLineage
from dbt_lineage.core import commands, settings
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.dbt_program import run_dbt
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.port import Columns
from prove.relations import ProveError
from stack.checkout import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "build" / "prove-duckdb"
# How many rows are changed one by one. Then all are changed at once.
_ROWS = 8
_NUMBERS = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "REAL")
_MOMENTS = ("DATE", "TIMESTAMP")
Names = tuple[str, str]


@dataclass
class Proof:
    """The dependencies that were seen, and the edges that are claimed.

    Args:
        columns: number of columns of the statements' results.
        direct: number of DIRECT edges that are claimed.
        seen: number of dependencies between columns that were seen.
        not_claimed: dependencies without a claimed edge.
        not_seen: claimed DIRECT edges that no change has shown.
        unresolved: columns that the analysis names as not understood.
    """

    columns: int = 0
    direct: int = 0
    seen: int = 0
    not_claimed: list[str] = field(default_factory=list)
    not_seen: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether recall and precision are 1, and nothing is unresolved."""
        return self.direct > 0 and not (self.not_claimed or self.not_seen or self.unresolved)

    def __str__(self) -> str:
        recall = (self.seen - len(self.not_claimed)) / self.seen if self.seen else 0.0
        precision = (self.direct - len(self.not_seen)) / self.direct if self.direct else 0.0
        lines = [
            f"{self.columns} columns, {self.direct} DIRECT edges, {self.seen} dependencies seen",
            f"recall {recall:.3f}, precision of DIRECT edges {precision:.3f}",
            *(f"seen, and not claimed: {each}" for each in self.not_claimed),
            *(f"claimed, and not seen: {each}" for each in self.not_seen),
            *(f"not understood: {each}" for each in self.unresolved),
        ]
        return "\n".join(lines)


def built(dbt: DbtSettings, folder: Path, database: str = "jaffle_db") -> tuple[Manifest, Path]:
    """Build the project anew on a file of DuckDB, and compile it as if nothing was built before.

    Args:
        dbt: the project; its profile takes the file from ``DUCKDB_PATH``.
        folder: for the file and dbt's artifacts; what is there is deleted.
        database: name of the file.

    Raises:
        ProveError: dbt failed. The message has dbt's output.
    """
    shutil.rmtree(folder, ignore_errors=True)
    target = folder / "target"
    target.mkdir(parents=True)
    file = folder / f"{database}.duckdb"
    where = [*dbt.options, "--target-path", str(target), "--log-path", str(target)]
    build = ["build", "--exclude", "resource_type:seed", "--exclude-resource-type", "test", "--full-refresh"]
    for words in (["seed"], build, ["compile", "--full-refresh"]):
        done = run_dbt(dbt, ["--quiet", *words, *where], env={"DUCKDB_PATH": str(file)}, capture_output=True, text=True)
        if done.returncode != 0:
            raise ProveError(f"dbt {words[0]} of {dbt.project_dir} failed:\n{(done.stdout + done.stderr).strip()}")
    return Manifest.load(target / "manifest.json"), file


def proof(manifest: Manifest, file: Path, models: Iterable[str] | None = None) -> Proof:
    """Change values, and compare the changed results with the claimed edges.

    Args:
        manifest: with each model's compiled SQL.
        file: DuckDB's, built by it. No other process may have it open. Its views become tables.
        models: unique ids of the models to prove; all by default.
    """
    import duckdb

    found = Proof()
    # Thousands of small queries: with one thread each is quicker.
    with duckdb.connect(str(file), config={"threads": 1}) as connection:
        _views_to_tables(connection)
        known = _columns(connection)
        for unique_id in manifest.models if models is None else models:
            node = manifest.content["nodes"][unique_id]
            relation = manifest.relation(unique_id)
            parents = sorted(edge.upstream for edge in manifest.edges() if edge.downstream == relation)
            schema = {parent: known[parent] for parent in parents}
            claimed = column_lineage(node["compiled_code"], relation, schema, "duckdb")
            seen = _seen(connection, node["compiled_code"], schema)
            _compare(found, claimed, seen)
    return found


def _compare(found: Proof, claimed: ColumnLineage, seen: set[tuple[Column, str]]) -> None:
    of_all = {source for source, _ in claimed.dataset_edges}
    edges = {(edge.source, edge.target.name) for edge in claimed.edges}
    direct = {(edge.source, edge.target.name) for edge in claimed.edges if edge.kind == DIRECT}
    found.columns += len(claimed.columns)
    found.direct += len(direct)
    found.seen += len(seen)
    named = [(pair, f"{pair[0]} -> {claimed.relation}.{pair[1]}") for pair in sorted(seen | direct)]
    found.not_claimed += [words for pair, words in named if pair in seen - edges and pair[0] not in of_all]
    found.not_seen += [words for pair, words in named if pair in direct - seen]
    found.unresolved += [f"{claimed.relation}.{each.column}: {each.reason}" for each in claimed.unresolved]


def _seen(connection: Any, statement: str, schema: Columns) -> set[tuple[Column, str]]:
    """Which columns of a statement's result are other when a column that it may read is."""
    names = [each[0] for each in connection.execute(statement).description]
    before = _fingerprints(connection, statement, names)
    again = _fingerprints(connection, statement, names)
    # The time of day and the like.
    unstable = {name for name in before if before[name] != again[name]}
    seen: set[tuple[Column, str]] = set()
    for relation, columns in schema.items():
        for column, kind in columns.items():
            for change in _changes(relation, column, kind):
                after = _after(connection, change, statement, names)
                if after is None:
                    continue
                others = {name for name in before if name not in unstable and before[name] != after[name]}
                seen |= {(Column(relation, column), name) for name in others}
    return seen


def _after(connection: Any, change: str, statement: str, names: list[str]) -> dict[str, int | None] | None:
    """The fingerprints when one column has changed; None where a value is too large for its type, or no value of it."""
    import duckdb

    connection.execute("begin")
    try:
        connection.execute(change)
        return _fingerprints(connection, statement, names)
    except duckdb.DataError:
        return None
    finally:
        connection.execute("rollback")


def _fingerprints(connection: Any, statement: str, names: list[str]) -> dict[str, int | None]:
    """A number for the values of each column, whatever their order; None where there is no row."""
    sums = ", ".join(f"sum(hash({_quoted(name)}))" for name in names)
    # The line ends before the parenthesis, as the statement may end with a comment.
    [row] = connection.execute(f"select {sums} from ({statement}\n)").fetchall()  # noqa: S608 - names are quoted
    return dict(zip(names, row, strict=True))


def _changes(relation: str, column: str, kind: str) -> Iterator[str]:
    """Statements that change a column, in one row after another, and in all."""
    table, name = _quoted(*relation.split(".")), _quoted(column)
    any_other = f"(select any_value({name}) from {table} where {name} is not null)"  # noqa: S608 - names are quoted
    values = [*_other(name, kind), "null", any_other]
    one = f"rowid = (select rowid from {table} order by rowid limit 1 offset "  # noqa: S608 - names are quoted
    places = [f"{one}{number})" for number in range(_ROWS)]
    for value in values:
        for place in (*places, "true"):
            yield f"update {table} set {name} = {value} where {place}"  # noqa: S608 - names are quoted


def _other(name: str, kind: str) -> list[str]:
    """Other values of a type."""
    if any(kind.startswith(each) or kind.endswith("INT") for each in _NUMBERS):
        return [f"{name} + 1", f"{name} * 3", f"-{name}"]
    if any(kind.startswith(each) for each in _MOMENTS):
        return [f"{name} + interval 1 day", f"{name} + interval 40 day", f"{name} - interval 400 day"]
    if kind == "BOOLEAN":
        return [f"not {name}"]
    if kind == "UUID":
        return [f"md5({name}::varchar)::uuid"]
    return [f"{name} || 'x'", f"'Dr. ' || {name}", f"{name} || ' the Third'", f"upper({name})"]


def _views_to_tables(connection: Any) -> None:
    views = "select table_schema, table_name from information_schema.tables where table_type = 'VIEW'"
    for names in connection.execute(views).fetchall():
        view, table = _quoted(*names), _quoted(f"{names[1]} as a table")
        schema = _quoted(names[0])
        connection.execute(f"create table {schema}.{table} as select * from {view}")  # noqa: S608 - names are quoted
        connection.execute(f"drop view {view}")
        connection.execute(f"alter table {schema}.{table} rename to {_quoted(names[1])}")


def _columns(connection: Any) -> Columns:
    found: Columns = {}
    question = "select table_catalog, table_schema, table_name, column_name, data_type from information_schema.columns"
    for *name, column, kind in connection.execute(f"{question} order by ordinal_position").fetchall():
        found.setdefault(".".join(name), {})[column] = kind
    return found


def _quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def main(arguments: list[str]) -> int:
    """Prove the project that the settings name, by its target ``duckdb``. Returns 0 when the proof holds, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m prove.on_duckdb", description="Compare column lineage with the data"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for the file and dbt's artifacts")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("DBT_TARGET", "duckdb")
    found = proof(*built(settings.dbt(), chosen.folder))
    print(found)
    return 0 if found.holds else 1


if __name__ == "__main__":
    commands.run("prove", lambda: main(sys.argv[1:]))
