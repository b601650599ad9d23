"""Make the Airflow tasks of a dbt project with Cosmos. This is the only place with Cosmos' configuration."""

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
from dbt_lineage.core.settings import DbtSettings, SettingsError
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.profile import target_of

log = logging.getLogger(__name__)

# A run that was started by hand has no data interval. Then dbt gets none.
_INTERVAL = "{{{{ data_interval_{0}.isoformat() if data_interval_{0} is defined and data_interval_{0} else '' }}}}"
# The fast form updates the assets itself, and shows no compiled SQL.
_QUIET = {"emit_datasets": False, "should_store_compiled_sql": False}
ENVIRONMENT = {
    "DATA_INTERVAL_START": _INTERVAL.format("start"),
    "DATA_INTERVAL_END": _INTERVAL.format("end"),
}


def run_params() -> dict[str, Param]:
    """The Params of a run. The tasks below need all of them in their DAG."""
    # In Airflow's form a text without null must not be empty either, or the button stays disabled.
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
    """Make a task for the seeds, and one for each model with its tests. Cosmos' own forms have separate test tasks.

    Sources read what seeds write, so the seeds come before every model.

    Args:
        dbt: the project and its form: ``fast``, or Cosmos' own ``watcher`` or ``local``. If Airflow or Cosmos lacks what
            the fast form needs, the form is ``local``.
    """
    if dbt.execution_mode != "fast":
        return _stock_tasks(dbt, dbt.execution_mode)
    return _fast_tasks(dbt) if fast_form_works() else _stock_tasks(dbt, "local")


def _fast_tasks(dbt: DbtSettings) -> DbtTaskGroup:
    # Imported here, because another version of Airflow or Cosmos may lack what this module imports.
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
        # At least one retry, for a worker that crashes.
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
        # With one dbt process for each task, a test that reads several models must wait for all of them.
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
            # Cosmos requires this folder to exist. The manifest names the models, wherever they are.
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
    """The arguments that Cosmos' group gives its tasks, for a task outside of the group."""
    return {
        "project_dir": dbt.project_dir,
        "profile_config": _profile_config(dbt),
        **_program(dbt),
        "install_deps": False,
        "cache_dir": dbt.parse_cache,
    }


def _program(dbt: DbtSettings) -> dict[str, Any]:
    """The arguments that choose the dbt: the package in the task's process, or the project's own program."""
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
        # Called in the task's process, right before dbt.
        "interceptors": [partial(_confine, dbt)],
    }


def _confine(dbt: DbtSettings, _: object, operator: Any) -> None:
    """Hide Airflow's keys from dbt's Jinja. An interceptor of Cosmos."""
    from dbt_lineage.manifest.environment import confine, environment

    if dbt.executable is None:
        confine(dbt)
        return
    # Not through the operator's `env`, which Airflow shows on its page.
    everything = operator.get_env
    operator.get_env = lambda context: environment(dbt, everything(context))


def _limits(dbt: DbtSettings) -> dict[str, Any]:
    return {"retries": dbt.retries, "pool": dbt.pool, "priority_weight": dbt.priority_weight}


def dashboard_assets(project: Project) -> AssetAny | None:
    """The condition "any asset of the models that the project's dashboards show".

    Args:
        project: the project.

    Returns:
        The condition; None when it has no dashboards, or Cosmos names no assets.

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
    """Whether the project has a Superset and exposes a dashboard. Raises ManifestError."""
    return project.has_superset and bool(Manifest.load(project.dbt.manifest).dashboard_models)


def asset_uris(dbt: DbtSettings) -> dict[str, str]:
    """Cosmos' URI of the asset of each model, seed and snapshot, by unique id.

    The warehouse's name in it is the OpenLineage namespace of the events, which is also Cosmos' own.

    Args:
        dbt: the project.

    Returns:
        The URIs; empty if this version of Cosmos has another function for them.

    Raises:
        ManifestError: there is no manifest yet.
        SettingsError: the profile cannot be read; or Cosmos' ``watcher`` runs dbt, and cannot read it.
    """
    try:
        from cosmos.dataset import get_dataset_namespace, make_dataset_uri_builder
    except ImportError as error:
        log.warning(
            "No DAG can wait for dbt's models, because this version of Cosmos names their assets differently: %s", error
        )
        return {}
    target = target_of(dbt.profiles_file, dbt.profile, dbt.target)
    if target is None:
        raise SettingsError(f"{dbt.profiles_file} is missing")
    # There Cosmos updates the assets, by its own reading of the profile. What it cannot read, it leaves out silently.
    if dbt.execution_mode == "watcher" and get_dataset_namespace(_profile_config(dbt)) is None:
        raise SettingsError(
            f"DBT_EXECUTION_MODE=watcher: Cosmos finds no address of the warehouse in {dbt.profiles_file}, profile "
            f"{dbt.profile}, target {dbt.target}. It supports env_var and Jinja's own filters there (`| int`, not dbt's "
            "`| as_number`). The mode fast supports dbt's filters, too"
        )
    namespace = target.adapter.namespace(target)
    manifest, uri_of = Manifest.load(dbt.manifest), make_dataset_uri_builder()
    return {name: uri_of(namespace, manifest.address(name)) for name in sorted(manifest.nodes)}


def _profile_config(dbt: DbtSettings) -> ProfileConfig:
    return ProfileConfig(profile_name=dbt.profile, target_name=dbt.target, profiles_yml_filepath=dbt.profiles_file)
