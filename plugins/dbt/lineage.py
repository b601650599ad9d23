"""After dbt: its nodes' lineage events, under the Airflow task that ran it."""

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk.definitions.context import Context

from include import settings

if TYPE_CHECKING:
    from openlineage.common.provider.dbt.facets import ParentRunMetadata

log = logging.getLogger(__name__)


def emit_node_events(project_dir: str, context: Context) -> None:
    """Send the lineage events of each node that dbt just ran, and keep the artifacts; Cosmos calls it after dbt.

    Args:
        project_dir: Cosmos' copy of the project, with dbt's artifacts in ``target``.
        context: the context of the Airflow task that ran dbt.

    Raises:
        LineageNotSent: the broker did not acknowledge every event in time.
    """
    from include.lineage.dbt_events import DbtRun, node_events
    from include.lineage.send import send

    dbt = settings.dbt()
    run = DbtRun.load(Path(project_dir), dbt.profiles_file.parent, dbt.target)
    if run.run_results["args"]["which"] == "build":
        _keep_artifacts(Path(project_dir) / "target")
    events = node_events(run, _parent_run(context), settings.openlineage().namespace)
    count = send(events, settings.kafka())
    log.info("sent %d lineage events", count)


def _parent_run(context: Context) -> "ParentRunMetadata":
    """The Airflow task as parent and its DAG run as root, named as Airflow's own OpenLineage events name them."""
    from airflow.providers.openlineage.plugins import macros
    from openlineage.common.provider.dbt.facets import ParentRunMetadata

    ti = context["ti"]
    return ParentRunMetadata(
        run_id=macros.lineage_run_id(ti),
        job_name=macros.lineage_job_name(ti),
        job_namespace=macros.lineage_job_namespace(),
        root_parent_run_id=macros.lineage_root_run_id(ti),
        root_parent_job_name=macros.lineage_root_job_name(ti),
        root_parent_job_namespace=macros.lineage_root_job_namespace(ti),
    )


def _keep_artifacts(target: Path) -> None:
    """Keep the artifacts of the build for the catalogue: the next dbt command would overwrite them."""
    kept = settings.dbt().run_artifacts
    kept.mkdir(parents=True, exist_ok=True)
    for name in ("manifest.json", "run_results.json"):
        new = kept / f"{name}.new"
        shutil.copyfile(target / name, new)
        new.replace(kept / name)
