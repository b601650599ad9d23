"""The dbt project as Airflow tasks, by Cosmos: the one place for its configuration."""

import logging
from functools import partial
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import Asset, AssetAlias, AssetAny, Param, TriggerRule
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, SeedRenderingBehavior, TestBehavior
from cosmos.operators.local import DbtSeedLocalOperator

from dbt_lineage.airflow.assets import dbt_built
from dbt_lineage.airflow.dbt_tasks.compatibility import fast_form_works
from dbt_lineage.airflow.dbt_tasks.lineage_events import emit_node_events, keep_artifacts
from dbt_lineage.airflow.dbt_tasks.names import GROUP_ID, PRODUCER_TASK_ID, SEEDS_TASK_ID, WITHOUT_SEEDS
from dbt_lineage.core.projects import Project
from dbt_lineage.core.setting_types import host_in_url
from dbt_lineage.core.settings import DbtSettings, SettingsError
from dbt_lineage.manifest.graph import Manifest

log = logging.getLogger(__name__)

# A run that was started by hand has no data interval: then dbt hears of none.
_INTERVAL = "{{{{ data_interval_{0}.isoformat() if data_interval_{0} is defined and data_interval_{0} else '' }}}}"
# The fast form updates the assets itself, and shows no compiled SQL.
_QUIET = {"emit_datasets": False, "should_store_compiled_sql": False}
ENVIRONMENT = {
    "DATA_INTERVAL_START": _INTERVAL.format("start"),
    "DATA_INTERVAL_END": _INTERVAL.format("end"),
}


def run_params() -> dict[str, Param]:
    """What a user may choose when starting a run; the tasks below need all of them in their DAG."""
    # A text that may not be null must not be empty either in Airflow's form: its button stays grey.
    return {
        "select": Param(
            None,
            type=["null", "string"],
            description="What to build, in dbt's selector syntax, such as `orders+`; empty for all",
        ),
        "exclude": Param(None, type=["null", "string"], description="What to leave out, in dbt's selector syntax"),
        "full_refresh": Param(
            False, type="boolean", description="Build incremental models and seeds anew instead of adding to them"
        ),
    }


def dbt_tasks(dbt: DbtSettings) -> DbtTaskGroup:
    """A task for the seeds, and one for each model with its tests; Cosmos' own forms have the tests apart.

    Sources read what seeds write, so the seeds come before every model.

    Args:
        dbt: which project, and in which form: ``fast``, or Cosmos' own ``watcher`` or ``local``. Where this Airflow or
            Cosmos lacks what the fast form needs, it is ``local``.
    """
    if dbt.execution_mode != "fast":
        return _stock_tasks(dbt, dbt.execution_mode)
    return _fast_tasks(dbt) if fast_form_works() else _stock_tasks(dbt, "local")


def _fast_tasks(dbt: DbtSettings) -> DbtTaskGroup:
    # Not above: another version of Airflow or Cosmos may lack what these import.
    from dbt_lineage.airflow.dbt_tasks import fast
    from dbt_lineage.airflow.dbt_tasks.model_assets import Assets, AssetsOfFailedBuild
    from dbt_lineage.airflow.dbt_tasks.producer import DbtBuildOperator
    from dbt_lineage.airflow.dbt_tasks.running import SeedOperator

    manifest = Manifest.load(dbt.manifest)
    ephemeral = manifest.ephemeral
    assets = Assets(
        alias=AssetAlias(f"{dbt.dag_id}__{GROUP_ID}"),
        uris={
            name: uri for name, uri in asset_uris(dbt).items() if not name.startswith("seed.") and name not in ephemeral
        },
        last=frozenset(manifest.final_models),
        built=dbt_built(dbt.dag_id),
    )
    alone = {**_how(dbt), **_QUIET}
    group = _group(
        dbt,
        ExecutionConfig(execution_mode=ExecutionMode.LOCAL, **_program(dbt)),
        _how(dbt),
        test_behavior=TestBehavior.BUILD,
        normalize_task_id=fast.task_id,
        node_converters=fast.converters({**_where(dbt), **alone}, _limits(dbt), manifest.tests(), assets),
    )
    producer = DbtBuildOperator(
        task_id=PRODUCER_TASK_ID,
        task_group=group,
        seeds=dbt.seeds,
        select="{{ params.select or '' }}",
        exclude="{{ params.exclude or '' }}",
        build_retries=dbt.retries,
        assets=assets,
        **_where(dbt),
        **{**alone, "callback": keep_artifacts},
        # One retry at least, for a worker that dies under it.
        **{**_limits(dbt), "retries": max(1, dbt.retries)},
    )
    AssetsOfFailedBuild(task_group=group, producer_task_id=producer.task_id, assets=assets)
    seeds = None
    if dbt.seeds:
        seeds = fast.NodeOperator(
            task_id=SEEDS_TASK_ID,
            unique_ids=manifest.seeds,
            producer_task_id=producer.task_id,
            trigger_rule=TriggerRule.ALWAYS,
            alone=partial(SeedOperator, select=dbt.seeds, **_where(dbt), **alone),
            **_limits(dbt),
        )
    fast.connect(group, seeds)
    return group


def _stock_tasks(dbt: DbtSettings, mode: str) -> DbtTaskGroup:
    group = _group(
        dbt,
        ExecutionConfig(
            execution_mode=ExecutionMode(mode),
            **_program(dbt),
            setup_operator_args={"dbt_cmd_flags": list(WITHOUT_SEEDS)},
        ),
        {**_how(dbt), **_limits(dbt), "callback": [keep_artifacts, emit_node_events]},
        test_behavior=TestBehavior.AFTER_EACH,
        # Where each task is a dbt of its own, a test that reads several models must wait for all of them.
        should_detach_multiple_parents_tests=mode == "local",
    )
    if dbt.seeds:
        seeds = DbtSeedLocalOperator(
            task_id=SEEDS_TASK_ID,
            select=dbt.seeds,
            emit_datasets=False,
            **_where(dbt),
            **_how(dbt),
            **_limits(dbt),
        )
        seeds >> group
    group >> EmptyOperator(task_id="built", outlets=[dbt_built(dbt.dag_id)])
    return group


def _group(dbt: DbtSettings, execution: ExecutionConfig, how: dict[str, Any], **render: Any) -> DbtTaskGroup:
    return DbtTaskGroup(
        group_id=GROUP_ID,
        project_config=ProjectConfig(
            dbt_project_path=dbt.project_dir,
            # Cosmos wants the folder of the models to be there. Here the manifest names the models, wherever they are.
            models_relative_path="",
            manifest_path=dbt.manifest,
            project_name=dbt.project_dir.name,
            install_dbt_deps=False,
        ),
        profile_config=_profile_config(dbt),
        execution_config=execution,
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            seed_rendering_behavior=SeedRenderingBehavior.NONE,
            **render,
        ),
        operator_args=how,
    )


def _where(dbt: DbtSettings) -> dict[str, Any]:
    """What a group of Cosmos tells its tasks, for a task that stands outside of it."""
    return {
        "project_dir": dbt.project_dir,
        "profile_config": _profile_config(dbt),
        **_program(dbt),
        "install_deps": False,
        "cache_dir": dbt.parse_cache,
    }


def _program(dbt: DbtSettings) -> dict[str, Any]:
    """Which dbt runs: the package in the process of the task, or the project's program beside it."""
    if dbt.executable is None:
        return {"invocation_mode": InvocationMode.DBT_RUNNER}
    return {"invocation_mode": InvocationMode.SUBPROCESS, "dbt_executable_path": str(dbt.executable)}


def _how(dbt: DbtSettings) -> dict[str, Any]:
    return {
        "env": ENVIRONMENT,
        "append_env": True,
        "full_refresh": "{{ params.full_refresh }}",
        "callback": emit_node_events,
        "callback_args": {"dbt": dbt},
        # Called in the task's process right before dbt.
        "interceptors": [partial(_confine, dbt)],
    }


def _confine(dbt: DbtSettings, _: object, operator: Any) -> None:
    """Let dbt's Jinja read none of the keys of Airflow; an interceptor of Cosmos."""
    from dbt_lineage.manifest.environment import confine, environment

    if dbt.executable is None:
        confine(dbt)
        return
    # Not by the operator's `env`, which Airflow shows.
    everything = operator.get_env
    operator.get_env = lambda context: environment(dbt, everything(context))


def _limits(dbt: DbtSettings) -> dict[str, Any]:
    return {"retries": dbt.retries, "pool": dbt.pool, "priority_weight": dbt.priority_weight}


def dashboard_assets(project: Project) -> AssetAny | None:
    """Any of the assets of the models that a project's dashboards show; None when it has none, or Cosmos names no assets.

    Raises:
        ManifestError: there is no manifest yet.
        SettingsError: Cosmos cannot read the profile, and would emit no asset.
    """
    if not has_dashboards(project):
        return None
    uris = asset_uris(project.dbt)
    if not uris:
        return None
    return AssetAny(*(Asset(uris[model]) for model in Manifest.load(project.dbt.manifest).dashboard_models))


def has_dashboards(project: Project) -> bool:
    """Whether the project has a Superset, and exposes a dashboard. Raises ManifestError."""
    return project.has_superset and bool(Manifest.load(project.dbt.manifest).dashboard_models)


def asset_uris(dbt: DbtSettings) -> dict[str, str]:
    """URI of the asset of each model, seed and snapshot, by unique id, as Cosmos names it; none where it does not say how.

    Raises:
        ManifestError: there is no manifest yet.
        SettingsError: Cosmos cannot read the profile.
    """
    try:
        from cosmos.dataset import get_dataset_namespace, make_dataset_uri_builder
    except ImportError as error:
        log.warning("No DAG can wait for dbt's models: this Cosmos does not say how it names their assets: %s", error)
        return {}
    namespace = get_dataset_namespace(_profile_config(dbt))
    if namespace is None:
        raise SettingsError(
            f"DBT_PROFILE={dbt.profile}, DBT_TARGET={dbt.target}: Cosmos cannot tell the warehouse's address from "
            f"{dbt.profiles_file}. It knows env_var and Jinja's own filters there (`| int`, not dbt's `| as_number`)"
        )
    scheme, separator, place = namespace.partition("://")
    if separator and place.count(":") > 1:
        # An IPv6 address, which Cosmos leaves without brackets: Airflow takes no such address for an asset.
        host, _, port = place.rpartition(":")
        namespace = f"{scheme}://{host_in_url(host)}:{port}"
    manifest, uri_of = Manifest.load(dbt.manifest), make_dataset_uri_builder()
    return {name: uri_of(namespace, manifest.address(name)) for name in sorted(manifest.nodes)}


def _profile_config(dbt: DbtSettings) -> ProfileConfig:
    return ProfileConfig(profile_name=dbt.profile, target_name=dbt.target, profiles_yml_filepath=dbt.profiles_file)
