"""Which assets a build updates: those of the models that were built, also when others failed."""

from typing import Any

from airflow.sdk import Asset, AssetAlias, BaseOperator, TriggerRule
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowSkipException

from plugins.dbt.progress import XCOM_KEY, Progress


def record_assets(progress: Progress, uris: dict[str, str], assets: AssetAlias, context: Context) -> None:
    """Update the assets of the models that were built, and of no other.

    Args:
        progress: what dbt told of its nodes.
        uris: URI of the asset of each model, by unique id.
        assets: the alias, an outlet of the task, that they are updated through.
        context: the task's context.
    """
    for unique_id, uri in uris.items():
        if unique_id in progress.nodes and progress.nodes[unique_id].outcome == "success":
            context["outlet_events"][assets].add(Asset(uri))


class AssetsOfFailedBuild(BaseOperator):
    """Updates the assets of the models that a failed build did build: a task that fails updates none itself.

    Args:
        producer_task_id: the task that ran dbt.
        asset_uris: URI of the asset of each model, by unique id.
        assets: the alias that the assets are updated through.
    """

    def __init__(self, *, producer_task_id: str, asset_uris: dict[str, str], assets: AssetAlias, **kwargs: Any) -> None:
        super().__init__(
            task_id="assets_of_failed_build", trigger_rule=TriggerRule.ALL_FAILED, outlets=[assets], **kwargs
        )
        self.producer_task_id = producer_task_id
        self.asset_uris = asset_uris
        self.assets = assets

    def execute(self, context: Context) -> None:
        """Read what the failed build told. Raises AirflowSkipException when it never began."""
        ti: Any = context["ti"]
        states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[self.producer_task_id], run_ids=[ti.run_id])
        told = ti.xcom_pull(task_ids=self.producer_task_id, key=XCOM_KEY)
        if states[ti.run_id][self.producer_task_id] != "failed" or told is None:
            raise AirflowSkipException(f"{self.producer_task_id} did not build anything")
        record_assets(Progress.from_xcom(told), self.asset_uris, self.assets, context)
