"""The workflows of openmetadata-ingestion, which run in their own environment from YAML templates."""

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from dbt_lineage.catalogue.ours import OurLineage
from dbt_lineage.core import settings
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import (
    DbtSettings,
    KafkaSettings,
    OpenMetadataSettings,
    SupersetSettings,
)
from dbt_lineage.ingest import connector_login
from dbt_lineage.manifest.graph import BUILT, Manifest
from dbt_lineage.warehouse.of_project import warehouse_of
from dbt_lineage.warehouse.port import Warehouse

# A folder on disk, because another process reads the templates by path.
TEMPLATES = Path(str(resources.files("dbt_lineage.ingest") / "templates"))


class WorkflowError(ExpectedError):
    """A workflow cannot be started, or ended with an error. The message names it."""


@dataclass(frozen=True)
class Workflows:
    """The workflows of one project: their command lines and variables.

    Args:
        openmetadata: the catalogue, its service names and the interpreter with the ingestion.
        warehouse: the database that is described.
        kafka: the cluster that the connector reads from.
        dbt: the project whose artifacts are read.
        superset: the Superset whose dashboards are described; None without one.
        others: the other projects of this installation, whose tables, jobs and dashboards are left alone.
        jobs: namespace of the project's jobs; required if there are others.
    """

    openmetadata: OpenMetadataSettings
    warehouse: Warehouse
    kafka: KafkaSettings
    dbt: DbtSettings
    superset: SupersetSettings | None = None
    others: tuple[Project, ...] = ()
    jobs: str = ""

    @classmethod
    def of(cls, project: Project, among: Sequence[Project]) -> "Workflows":
        """The workflows of a project.

        Args:
            project: the project.
            among: all projects, including this one.

        Raises:
            SettingsError: a group of settings is wrong.
        """
        others = tuple(each for each in among if each.name != project.name)
        group = connector_group(project, others)
        openmetadata = project.openmetadata.model_copy(update={"consumer_group": group})
        return cls(
            openmetadata,
            warehouse_of(project),
            settings.kafka(),
            project.dbt,
            project.superset,
            others,
            project.openlineage.namespace,
        )

    @property
    def ours(self) -> OurLineage | None:
        """Decides which jobs are this project's; None if there are no other projects. Raises ManifestError."""
        if not self.others:
            return None
        return OurLineage(Manifest.load(self.dbt.manifest), self.jobs)

    def command(self, workflow: str) -> list[str]:
        """The command line of a workflow.

        Args:
            workflow: ``openlineage``, ``dbt``, ``superset``, or the one that describes the warehouse (``described_by``).

        Raises:
            WorkflowError: there is no such template, the ingestion is not installed, or the workflow would hide what
                belongs to another project.
            SettingsError: a setting is wrong.
        """
        template = TEMPLATES / f"{workflow}.yaml"
        if not template.is_file():
            raise WorkflowError(f"there is no workflow {workflow}: {template} is missing")
        if workflow == "superset":
            self._refuse_two_supersets()
        if not self.openmetadata.python.is_file():
            raise WorkflowError(f"OPENMETADATA_PYTHON={self.openmetadata.python}: there is no such interpreter")
        return [str(self.openmetadata.python), "-m", "metadata", "ingest", "-c", str(template)]

    def environment(self, artifacts: Path) -> dict[str, str]:
        """The variables of the templates. All of them are set, because an unset one would remain in the text.

        The templates put each value between single quotes. So a single quote in a value is doubled, as in YAML.

        Args:
            artifacts: folder of the dbt artifacts that are read.
        """
        of_warehouse = self.warehouse.workflow_variables()
        variables = {
            **of_warehouse.texts,
            "WAREHOUSE_DATABASE": self.warehouse.database,
            "WAREHOUSE_SCHEMAS": self._schema_pattern(),
            "DBT_MANIFEST_PATH": str(artifacts / "manifest.json"),
            "DBT_RUN_RESULTS_PATH": str(artifacts / "run_results.json"),
            **self._of_superset(),
        }
        # The templates put JSON between no quotes.
        connection = {"WAREHOUSE_CONNECTION": json.dumps(self.warehouse.workflow_connection())}
        texts = _quoted({**self._of_catalogue(), **variables})
        return {**texts, **connection, **of_warehouse.json, **of_warehouse.of_client}

    def connector_environment(self) -> dict[str, str]:
        """The variables that the connector's template names.

        Raises:
            ManifestError: there are other projects, and this one's manifest cannot be read.
            ConnectorLoginError: the connector has no option for the login.
        """
        ours = self.ours
        variables = {
            **self._of_catalogue(),
            "OPENMETADATA_PIPELINE_SERVICE": self.openmetadata.pipeline_service,
            "OPENMETADATA_PIPELINES": ".*" if ours is None else f"^({'|'.join(map(re.escape, ours.prefixes))})",
            "OPENMETADATA_CONSUMER_GROUP": self.openmetadata.consumer_group,
            "OPENMETADATA_IDLE_SECONDS": str(self.openmetadata.idle_seconds),
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "KAFKA_LINEAGE_TOPIC": self.kafka.lineage_topic,
            "OPENLINEAGE_DATASET_NAMESPACE": self.warehouse.namespace,
        }
        return {**_quoted(variables), **connector_login.variables(self.kafka)}

    def _of_catalogue(self) -> dict[str, str]:
        return {
            "OPENMETADATA_URL": str(self.openmetadata.url).rstrip("/") + "/api",
            "OPENMETADATA_TOKEN": self.openmetadata.token.get_secret_value(),
            "OPENMETADATA_DATABASE_SERVICE": self.openmetadata.database_service,
        }

    def _of_superset(self) -> dict[str, str]:
        if self.superset is None:
            return {}
        return {
            "OPENMETADATA_DASHBOARD_SERVICE": self.openmetadata.dashboard_service,
            "SUPERSET_URL": str(self.superset.url).rstrip("/"),
            "SUPERSET_USER": self.superset.user,
            "SUPERSET_PASSWORD": self.superset.password.get_secret_value(),
        }

    def _refuse_two_supersets(self) -> None:
        """Refuse two Supersets in one service: the workflow hides what its own Superset does not have."""
        service = self.openmetadata.dashboard_service
        for each in self.others:
            is_beside = each.superset is not None and each.openmetadata.dashboard_service == service
            if is_beside and self.superset and each.superset and each.superset.url != self.superset.url:
                raise WorkflowError(
                    f"OPENMETADATA_DASHBOARD_SERVICE={service} is that of project {each.name}, too, whose dashboards are in "
                    f"another Superset, {each.superset.url}: set a different service for each"
                )

    def _schema_pattern(self) -> str:
        schemas = Manifest.load(self.dbt.manifest).schema_names()
        return f"^({'|'.join(re.escape(schema) for schema in sorted(schemas))})$"


def connector_group(project: Project, others: Sequence[Project]) -> str:
    """The consumer group of a project's connector: that of its settings, plus its name if others have the same group."""
    group = project.openmetadata.consumer_group
    is_shared = any(each.openmetadata.consumer_group == group for each in others)
    return f"{group}-{project.name}" if is_shared else group


def _quoted(variables: dict[str, str]) -> dict[str, str]:
    return {name: value.replace("'", "''") for name, value in variables.items()}


@contextmanager
def artifacts_without_lineage(folder: Path) -> Iterator[Path]:
    """Copy a build's artifacts without lineage, so that the dbt workflow describes only tables and tests.

    The workflow would write wrong lineage from the whole artifacts:

    - It parses compiled SQL itself, and merges the result into our edges. An incremental model becomes its own source,
      and columns get wrong sources.
    - It makes edges from the manifest's dependencies, even for a model that failed or has not run since it changed.

    Tests keep their dependencies.

    Args:
        folder: the artifacts of the build.

    Yields:
        The folder of the copy, which exists inside the context.

    Raises:
        WorkflowError: there are no artifacts yet.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        run_results = (folder / "run_results.json").read_bytes()
    except ValueError as error:
        raise WorkflowError(f"{folder / 'manifest.json'} is not a dbt manifest: {error}") from None
    except FileNotFoundError:
        raise WorkflowError(f"{folder} has no artifacts of a dbt build yet: run the dbt project's DAG first") from None
    for node in manifest["nodes"].values():
        node.pop("compiled_code", None)
        if node["resource_type"] in BUILT:
            node["depends_on"]["nodes"] = []
    with tempfile.TemporaryDirectory() as copy:
        (Path(copy) / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        (Path(copy) / "run_results.json").write_bytes(run_results)
        yield Path(copy)
