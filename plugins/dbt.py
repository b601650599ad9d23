"""The dbt project as Airflow tasks, by Cosmos: one place for its configuration and for what happens after a build."""

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset
from airflow.sdk.definitions.context import Context
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, SeedRenderingBehavior, TestBehavior
from cosmos.dataset import compute_model_outlet_uris, get_dataset_namespace
from cosmos.operators.local import DbtSeedLocalOperator

from include import settings
from include.dbt.manifest import Manifest

if TYPE_CHECKING:
    from openlineage.common.provider.dbt.facets import ParentRunMetadata

log = logging.getLogger(__name__)

# A run that was started by hand has no data interval: then dbt hears of none.
_INTERVAL = "{{{{ data_interval_{0}.isoformat() if data_interval_{0} is defined and data_interval_{0} else '' }}}}"
ENVIRONMENT = {
    "DATA_INTERVAL_START": _INTERVAL.format("start"),
    "DATA_INTERVAL_END": _INTERVAL.format("end"),
}
FULL_REFRESH = "{{ params.full_refresh }}"


def seeds_task(**kwargs: Any) -> DbtSeedLocalOperator:
    """Load the seeds that ``DBT_SEEDS`` selects. Sources read what seeds write, so they come before every model."""
    dbt = settings.dbt()
    return DbtSeedLocalOperator(
        task_id="seeds",
        project_dir=dbt.project_dir,
        profile_config=_profile_config(),
        select=dbt.seeds,
        invocation_mode=InvocationMode.DBT_RUNNER,
        install_deps=False,
        emit_datasets=False,
        env=ENVIRONMENT,
        append_env=True,
        full_refresh=FULL_REFRESH,
        callback=emit_node_events,
        **kwargs,
    )


def models_group() -> DbtTaskGroup:
    """One task for each model and one for its tests; in the mode ``watcher`` a single dbt process builds them all."""
    dbt = settings.dbt()
    return DbtTaskGroup(
        group_id="models",
        project_config=ProjectConfig(
            dbt_project_path=dbt.project_dir,
            manifest_path=dbt.manifest,
            project_name=dbt.project_dir.name,
            install_dbt_deps=False,
        ),
        profile_config=_profile_config(),
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode(dbt.execution_mode),
            invocation_mode=InvocationMode.DBT_RUNNER,
            # Seeds have their own task; `--exclude resource_type:seed` would leave out the tests on them as well.
            setup_operator_args={"dbt_cmd_flags": ["--exclude-resource-type", "seed"]},
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            test_behavior=TestBehavior.AFTER_EACH,
            seed_rendering_behavior=SeedRenderingBehavior.NONE,
        ),
        operator_args={
            "env": ENVIRONMENT,
            "append_env": True,
            "full_refresh": FULL_REFRESH,
            "callback": emit_node_events,
            # A model fails for its SQL or its data. Stock WATCHER would retry it outside of the one dbt process, and
            # would skip a producer that is retried, and with it the failure.
            "retries": 0,
        },
    )


def final_assets() -> list[Asset]:
    """The assets of the models that end the graph: all of them updated means that the whole project was built.

    Raises:
        ManifestError: there is no manifest yet.
        SettingsError: Cosmos cannot read the profile, and would emit no asset.
    """
    dbt = settings.dbt()
    namespace = get_dataset_namespace(_profile_config())
    if namespace is None:
        raise settings.SettingsError(
            f"DBT_PROFILE={dbt.profile}, DBT_TARGET={dbt.target}: Cosmos cannot tell the warehouse's address from "
            f"{dbt.profiles_file}. It knows env_var and Jinja's own filters there (`| int`, not dbt's `| as_number`)"
        )
    uris = compute_model_outlet_uris(dbt.manifest, namespace)
    return [Asset(uri) for model in Manifest.load(dbt.manifest).final_models for uri in uris[model]]


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


def _profile_config() -> ProfileConfig:
    dbt = settings.dbt()
    return ProfileConfig(profile_name=dbt.profile, target_name=dbt.target, profiles_yml_filepath=dbt.profiles_file)
