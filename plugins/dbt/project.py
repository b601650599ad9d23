"""The dbt project as Airflow tasks, by Cosmos: one place for its configuration and for what happens after a build."""

from typing import Any

from airflow.sdk import Asset
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, SeedRenderingBehavior, TestBehavior
from cosmos.dataset import compute_model_outlet_uris, get_dataset_namespace
from cosmos.operators.local import DbtSeedLocalOperator

from include import settings
from include.dbt.manifest import Manifest
from plugins.dbt import fast
from plugins.dbt.lineage import emit_node_events
from plugins.dbt.producer import DbtBuildOperator

# A run that was started by hand has no data interval: then dbt hears of none.
_INTERVAL = "{{{{ data_interval_{0}.isoformat() if data_interval_{0} is defined and data_interval_{0} else '' }}}}"
ENVIRONMENT = {
    "DATA_INTERVAL_START": _INTERVAL.format("start"),
    "DATA_INTERVAL_END": _INTERVAL.format("end"),
}
FULL_REFRESH = "{{ params.full_refresh }}"
OPERATOR_ARGS = {
    "env": ENVIRONMENT,
    "append_env": True,
    "full_refresh": FULL_REFRESH,
    "callback": emit_node_events,
    # A model fails for its SQL or its data. Stock WATCHER would retry it outside of the one dbt process, and would skip
    # a producer that is retried, and with it the failure.
    "retries": 0,
}
# Seeds have their own task; `--exclude resource_type:seed` would leave out the tests on them as well.
WITHOUT_SEEDS = ["--exclude-resource-type", "seed"]


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
        cache_dir=dbt.parse_cache,
        emit_datasets=False,
        env=ENVIRONMENT,
        append_env=True,
        full_refresh=FULL_REFRESH,
        callback=emit_node_events,
        **kwargs,
    )


def models_group(mode: str | None = None) -> DbtTaskGroup:
    """One task for each model and one for its tests.

    Args:
        mode: ``fast``, or Cosmos' own ``watcher`` or ``local``; what ``DBT_EXECUTION_MODE`` names when not given.
    """
    mode = mode or settings.dbt().execution_mode
    return _fast_group() if mode == "fast" else _stock_group(ExecutionMode(mode))


def _fast_group() -> DbtTaskGroup:
    dbt = settings.dbt()
    group = _group(
        ExecutionConfig(execution_mode=ExecutionMode.LOCAL, invocation_mode=InvocationMode.DBT_RUNNER),
        node_converters=fast.converters(Manifest.load(dbt.manifest).tests()),
        node_conversion_by_task_group=False,
    )
    producer = DbtBuildOperator(
        task_id=fast.PRODUCER_TASK_ID,
        task_group=group,
        project_dir=dbt.project_dir,
        profile_config=_profile_config(),
        invocation_mode=InvocationMode.DBT_RUNNER,
        install_deps=False,
        cache_dir=dbt.parse_cache,
        dbt_cmd_flags=WITHOUT_SEEDS,
        # Retries are for a worker that died under it: a build that failed by itself is not tried again.
        **{**OPERATOR_ARGS, "retries": 1},
    )
    fast.finish(group, producer)
    return group


def _stock_group(mode: ExecutionMode) -> DbtTaskGroup:
    return _group(
        ExecutionConfig(
            execution_mode=mode,
            invocation_mode=InvocationMode.DBT_RUNNER,
            setup_operator_args={"dbt_cmd_flags": WITHOUT_SEEDS},
        )
    )


def _group(execution: ExecutionConfig, **render: Any) -> DbtTaskGroup:
    dbt = settings.dbt()
    return DbtTaskGroup(
        group_id=fast.GROUP_ID,
        project_config=ProjectConfig(
            dbt_project_path=dbt.project_dir,
            manifest_path=dbt.manifest,
            project_name=dbt.project_dir.name,
            install_dbt_deps=False,
        ),
        profile_config=_profile_config(),
        execution_config=execution,
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            test_behavior=TestBehavior.AFTER_EACH,
            seed_rendering_behavior=SeedRenderingBehavior.NONE,
            **render,
        ),
        operator_args=OPERATOR_ARGS,
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


def _profile_config() -> ProfileConfig:
    dbt = settings.dbt()
    return ProfileConfig(profile_name=dbt.profile, target_name=dbt.target, profiles_yml_filepath=dbt.profiles_file)
