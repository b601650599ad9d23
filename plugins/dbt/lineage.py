"""The lineage events of what dbt runs in an Airflow task: live as each node finishes, or after dbt has ended."""

import json
import logging
import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.context import Context
from cosmos.config import ProfileConfig

from include import settings
from include.settings import DbtSettings
from plugins.dbt.internals import lineage_is_on

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import RunEvent
    from openlineage.common.provider.dbt.facets import ParentRunMetadata

    from include.lineage.dbt_events import Interval, NodeEvents
    from include.lineage.dbt_run import DbtRun

log = logging.getLogger(__name__)


def emit_node_events(project_dir: str, context: Context, dbt: DbtSettings) -> None:
    """Emit the lineage events of each node that dbt just ran; a ``callback`` of Cosmos, which calls it after dbt.

    Args:
        project_dir: Cosmos' copy of the project, with dbt's artifacts in ``target``.
        context: the context of the Airflow task that ran dbt.
        dbt: the settings of the dbt project.

    Raises:
        SpoolError: the disk refused an event.
    """
    from openlineage.client import OpenLineageClient

    from include.lineage.dbt_events import node_events
    from include.lineage.dbt_run import load_artifacts

    keep_artifacts(project_dir, context, dbt)
    if lineage_is_on(context["task"]):
        run, results = load_artifacts(Path(project_dir), dbt.profiles_file.parent, dbt.target)
        namespace = settings.openlineage().namespace
        events = node_events(run, results, _parent_run(context), namespace, _data_interval(context))
        client = OpenLineageClient()
        for event in events:
            client.emit(event)
        log.info("emitted %d lineage events", len(events))


def keep_artifacts(project_dir: str, context: Context, dbt: DbtSettings) -> None:
    """Keep the artifacts of a build for the catalogue, as the next dbt command would overwrite them; a ``callback``.

    Those of another command, as when the seeds before the build have failed, are left.
    """
    run_results = Path(project_dir) / "target" / "run_results.json"
    if not run_results.exists() or json.loads(run_results.read_text(encoding="utf-8"))["args"]["which"] != "build":
        return
    dbt.run_artifacts.mkdir(parents=True, exist_ok=True)
    for name in ("manifest.json", run_results.name):
        new = dbt.run_artifacts / f"{name}.new"
        shutil.copyfile(Path(project_dir) / "target" / name, new)
        new.replace(dbt.run_artifacts / name)


class LiveLineage:
    """Emits the events of each node as it finishes, on a thread of its own: dbt's threads never wait for it.

    Args:
        context: the context of the Airflow task that runs dbt.
        profile: the profile that dbt runs with.
        project_dir: the folder that dbt runs in.
        command: dbt's command line, with the executable first.
    """

    def __init__(self, context: Context, profile: ProfileConfig, project_dir: Path, command: list[str]) -> None:
        self._context = context
        self._profile = profile
        self._project_dir = project_dir
        self._command = command
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lineage")
        self._emitted: dict[str, Future[bool]] = {}

    def hear(self, message: Any) -> None:
        """Take one of dbt's messages (an ``EventMsg``); dbt calls this on the thread of the node."""
        if message.info.name == "NodeFinished":
            self._emitted[message.data.node_info.unique_id] = self._worker.submit(self._emit, message)

    def finish(self, results: Sequence[Any]) -> None:
        """Emit what could not be emitted live.

        Args:
            results: what dbt returned of its nodes, each with the ``node`` and its ``status``.

        Raises:
            ManifestError, ArtifactsError: dbt's artifacts are needed and do not tell of this run.
            SpoolError: the disk refused an event.
        """
        self._worker.shutdown(wait=True)
        missing = {result.node.unique_id for result in results} - {
            unique_id for unique_id, emitted in self._emitted.items() if self._went_well(unique_id, emitted)
        }
        for event in self._from_artifacts(missing) if missing else []:
            self._client.emit(event)
        log.info("emitted the lineage of %d nodes, %d as they finished", len(results), len(results) - len(missing))

    def _emit(self, message: Any) -> bool:
        from include.lineage.dbt_run import live_result, require_invocation

        require_invocation(self._run, message.info.invocation_id)
        result = live_result(self._run, message)
        if result is None:
            return False
        for event in self._events.of(result):
            self._client.emit(event)
        return True

    def _went_well(self, unique_id: str, emitted: Future[bool]) -> bool:
        if (error := emitted.exception()) is not None:
            log.warning("the lineage of %s is emitted late: %s: %s", unique_id, type(error).__name__, error)
            return False
        return emitted.result()

    def _from_artifacts(self, unique_ids: set[str]) -> "list[RunEvent]":
        from include.lineage.dbt_events import node_events
        from include.lineage.dbt_run import load_artifacts

        run, results = load_artifacts(self._project_dir, self._run.profiles_dir, self._run.target)
        missing = [result for result in results if result.unique_id in unique_ids]
        namespace = settings.openlineage().namespace
        return node_events(run, missing, _parent_run(self._context), namespace, _data_interval(self._context))

    @cached_property
    def _run(self) -> "DbtRun":
        from include.dbt.manifest import Manifest
        from include.lineage.dbt_run import DbtRun

        profiles = self._profile.profiles_yml_filepath
        return DbtRun(
            project_dir=self._project_dir,
            profiles_dir=Path(profiles).parent if profiles is not None else self._project_dir,
            target=self._profile.target_name,
            command=self._command[1],
            full_refresh="--full-refresh" in self._command,
            manifest=Manifest.load(self._project_dir / "target" / "manifest.json"),
        )

    @cached_property
    def _events(self) -> "NodeEvents":
        from include.lineage.dbt_events import NodeEvents

        namespace = settings.openlineage().namespace
        return NodeEvents(self._run, _parent_run(self._context), namespace, _data_interval(self._context))

    @cached_property
    def _client(self) -> "OpenLineageClient":
        from openlineage.client import OpenLineageClient

        return OpenLineageClient()


def _data_interval(context: Context) -> "Interval | None":
    """The data interval of the DAG run; None for one that was started by hand."""
    dag_run = context["dag_run"]
    start, end = dag_run.data_interval_start, dag_run.data_interval_end
    return (start, end) if start is not None and end is not None else None


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
