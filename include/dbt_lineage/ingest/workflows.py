"""The real ingestion workflows of openmetadata-ingestion, run in their own environment from YAML templates."""

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
from dbt_lineage.manifest.graph import BUILT, Manifest
from dbt_lineage.warehouse.of_project import warehouse_of
from dbt_lineage.warehouse.port import Warehouse

# A folder: another process reads a template by its path.
TEMPLATES = Path(str(resources.files("dbt_lineage.ingest") / "templates"))


class WorkflowError(ExpectedError):
    """A workflow cannot be started, or ended with an error; the message names it."""


@dataclass(frozen=True)
class Workflows:
    """How to run each workflow for one project.

    Args:
        openmetadata: the catalogue, its service names and the interpreter with the ingestion.
        warehouse: the database that is described.
        kafka: where the connector reads.
        dbt: whose artifacts are read.
        superset: whose dashboards are described; None when there is none.
        others: the other projects of this installation, whose tables, jobs and dashboards are theirs.
        jobs: namespace of the project's jobs; needed where there are others.
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
        """Those of a project.

        Args:
            project: the project.
            among: all projects, this one too.

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
        """Tells the jobs of this project from those of others; None where there are no others. Raises ManifestError."""
        if not self.others:
            return None
        return OurLineage(Manifest.load(self.dbt.manifest), self.jobs)

    def command(self, workflow: str) -> list[str]:
        """Command line of a workflow: ``openlineage``, ``dbt``, ``superset``, or the one that describes the warehouse.

        Raises:
            WorkflowError: there is no such template, the ingestion is not installed, or it would hide what another project
                has. Also SettingsError.
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
        """The variables that the templates name: all of them, since one that is not set would stay as it is written.

        The templates put each value between single quotes, so a quote in a value is doubled, as YAML wants it.

        Args:
            artifacts: folder of the dbt artifacts that are read.
        """
        of_warehouse, of_client = self.warehouse.workflow_variables()
        variables = {
            **of_warehouse,
            "WAREHOUSE_DATABASE": self.warehouse.database,
            "WAREHOUSE_SCHEMAS": self._schema_pattern(),
            "DBT_MANIFEST_PATH": str(artifacts / "manifest.json"),
            "DBT_RUN_RESULTS_PATH": str(artifacts / "run_results.json"),
            **self._of_superset(),
        }
        connection = json.dumps(self.warehouse.workflow_connection())
        return {
            **self.connector_environment(),
            **_quoted(variables),
            **of_client,
            # It stands between no quotes.
            "WAREHOUSE_CONNECTION": connection,
        }

    def connector_environment(self) -> dict[str, str]:
        """The variables that the connector's template names. Raises ManifestError where there are other projects."""
        ours = self.ours
        variables = {
            "OPENMETADATA_URL": str(self.openmetadata.url).rstrip("/") + "/api",
            "OPENMETADATA_TOKEN": self.openmetadata.token.get_secret_value(),
            "OPENMETADATA_DATABASE_SERVICE": self.openmetadata.database_service,
            "OPENMETADATA_PIPELINE_SERVICE": self.openmetadata.pipeline_service,
            "OPENMETADATA_PIPELINES": ".*" if ours is None else f"^({'|'.join(map(re.escape, ours.prefixes))})",
            "OPENMETADATA_CONSUMER_GROUP": self.openmetadata.consumer_group,
            "OPENMETADATA_IDLE_SECONDS": str(self.openmetadata.idle_seconds),
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "KAFKA_LINEAGE_TOPIC": self.kafka.lineage_topic,
            "OPENLINEAGE_DATASET_NAMESPACE": self.warehouse.namespace,
        }
        return _quoted(variables)

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
        """The workflow hides what is no more in its Superset, and so all of another one in the same service."""
        service = self.openmetadata.dashboard_service
        for each in self.others:
            is_beside = each.superset is not None and each.openmetadata.dashboard_service == service
            if is_beside and self.superset and each.superset and each.superset.url != self.superset.url:
                raise WorkflowError(
                    f"OPENMETADATA_DASHBOARD_SERVICE={service} is that of project {each.name}, too, whose dashboards are in "
                    f"another Superset, {each.superset.url}: each needs a service of its own"
                )

    def _schema_pattern(self) -> str:
        schemas = Manifest.load(self.dbt.manifest).schema_names()
        return f"^({'|'.join(re.escape(schema) for schema in sorted(schemas))})$"


def connector_group(project: Project, others: Sequence[Project]) -> str:
    """The consumer group of a project's connector: that of its settings, with its name where others have the same."""
    group = project.openmetadata.consumer_group
    is_shared = any(each.openmetadata.consumer_group == group for each in others)
    return f"{group}-{project.name}" if is_shared else group


def _quoted(variables: dict[str, str]) -> dict[str, str]:
    return {name: value.replace("'", "''") for name, value in variables.items()}


@contextmanager
def artifacts_without_lineage(folder: Path) -> Iterator[Path]:
    """A copy of a build's artifacts that lets the dbt workflow describe tables and tests, and leave the lineage alone.

    From compiled SQL that workflow derives lineage by a parser of its own and merges it into ours: an incremental model
    becomes its own source, and columns get sources that they do not have. And from what a model depends on by the
    manifest it makes an edge also of one that failed, or has not run since it changed. Tests keep what they depend on.

    Args:
        folder: the artifacts of the build.

    Raises:
        WorkflowError: there are none yet.
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
