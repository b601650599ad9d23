"""Scratch copies of the warehouse, built by dbt and dropped at the end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import yaml
from psycopg2 import sql

from dbt_lineage.core.settings import DbtSettings, WarehouseSettings
from dbt_lineage.manifest.dbt_program import run_dbt
from dbt_lineage.manifest.graph import Manifest
from prove.relations import ProveError
from stack.lifecycle import step
from stack.variables import write_private

LOG_CHARACTERS = 3000


class Scratch:
    """Copies of the warehouse under other names, and dbt in them.

    Args:
        dbt: the project.
        warehouse: what is copied. Nobody else may be connected to it meanwhile: PostgreSQL copies no database in use.
        folder: for dbt's profile, artifacts and logs.
        copies: how many.
    """

    def __init__(self, dbt: DbtSettings, warehouse: WarehouseSettings, folder: Path, copies: int) -> None:
        self.databases = [f"{warehouse.database}_prove_{number}" for number in range(1, copies + 1)]
        self._dbt = dbt
        self.warehouse = warehouse
        self._folder = folder

    @contextmanager
    def made(self) -> Iterator[None]:
        """The first copy, built anew by dbt, and the others, copies of it; all are gone afterwards.

        Raises:
            ProveError: PostgreSQL refused to copy, or dbt failed; the message has its error.
        """
        try:
            with step("copy"):
                self._copy(self.warehouse.database, self.databases[0])
            with step("build"):
                self._build(self.databases[0])
            for other in self.databases[1:]:
                self._copy(self.databases[0], other)
            yield
        finally:
            for database in self.databases:
                self._drop(database)

    def connect(self, database: str) -> Any:
        """A connection to one of the copies."""
        return psycopg2.connect(
            host=self.warehouse.host,
            port=self.warehouse.port,
            dbname=database,
            user=self.warehouse.user,
            password=self.warehouse.password.get_secret_value(),
        )

    def compile(self, *options: str) -> list[Manifest]:
        """The manifest of each copy, with each node's SQL as it is for that one. Raises ProveError when dbt fails."""
        with ThreadPoolExecutor(len(self.databases)) as pool:
            return list(pool.map(lambda database: self._compile(database, *options), self.databases))

    def _compile(self, database: str, *options: str) -> Manifest:
        self._run_dbt(database, "compile", *options)
        return Manifest.load(self._target(database) / "manifest.json")

    def _build(self, database: str) -> None:
        if self._dbt.seeds:
            self._run_dbt(database, "seed", "--select", self._dbt.seeds)
        # Without its tests: whether the data is right is another matter.
        self._run_dbt(database, "build", "--full-refresh", "--resource-type", "model", "--resource-type", "snapshot")

    def _run_dbt(self, database: str, *words: str) -> None:
        target = self._target(database)
        done = run_dbt(
            self._dbt,
            [
                *("--quiet", *words),
                *("--project-dir", str(self._dbt.project_dir), "--profiles-dir", str(self._profile(database))),
                *("--profile", self._dbt.profile, "--target", self._dbt.target),
                *("--target-path", str(target), "--log-path", str(target)),
            ],
            env=self._environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()[-LOG_CHARACTERS:]
            raise ProveError(f"dbt {' '.join(words)} of {self._dbt.project_dir} in {database} failed:\n{said}")

    def _profile(self, database: str) -> Path:
        """A folder with the project's profile, its database exchanged for the copy."""
        file = self._dbt.profiles_file
        try:
            profiles = yaml.safe_load(file.read_text(encoding="utf-8"))
            output = dict(profiles[self._dbt.profile]["outputs"][self._dbt.target])
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            raise ProveError(
                f"{file} has no profile {self._dbt.profile} with a target {self._dbt.target}: {error}"
            ) from None
        if output.get("type") != "postgres":
            raise ProveError(f"the target {self._dbt.target} in {file} is of type {output.get('type')}, not postgres")
        output.pop("database", None)
        output["dbname"] = database
        folder = self._target(database)
        folder.mkdir(parents=True, exist_ok=True)
        changed = {self._dbt.profile: {"target": self._dbt.target, "outputs": {self._dbt.target: output}}}
        # It may hold a password.
        write_private(folder / "profiles.yml", yaml.safe_dump(changed))
        return folder

    def _environment(self) -> dict[str, str]:
        """The variables of the warehouse, which a profile may read."""
        return {
            "WAREHOUSE_HOST": self.warehouse.host,
            "WAREHOUSE_PORT": str(self.warehouse.port),
            "WAREHOUSE_DATABASE": self.warehouse.database,
            "WAREHOUSE_USER": self.warehouse.user,
            "WAREHOUSE_PASSWORD": self.warehouse.password.get_secret_value(),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def _target(self, database: str) -> Path:
        return self._folder / database

    def _copy(self, template: str, database: str) -> None:
        self._drop(database)
        self._administer(
            f"copy the database {template} to {database}",
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template)),
        )

    def _drop(self, database: str) -> None:
        self._administer(
            f"drop the database {database}",
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)),
        )

    def _administer(self, what: str, statement: sql.Composed) -> None:
        # A database that is being copied may have no other connection than the one that copies.
        connection = self.connect(self.warehouse.database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except psycopg2.errors.InsufficientPrivilege as error:
            raise ProveError(
                f"cannot {what}: {str(error).strip()}. Let the role: ALTER ROLE {self.warehouse.user} CREATEDB"
            ) from None
        except psycopg2.Error as error:
            raise ProveError(f"cannot {what}: {str(error).strip()}") from None
        finally:
            connection.close()
