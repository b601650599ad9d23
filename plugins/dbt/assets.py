"""Which assets a build updates: those of the models that were built, also when others failed."""

from collections.abc import Iterable
from typing import Any

from airflow.sdk import Asset, AssetAlias, BaseOperator
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowSkipException
from airflow.triggers.base import StartTriggerArgs

from plugins.dbt.progress import Progress

TRIGGER = "plugins.dbt.trigger.FailedBuildTrigger"


def built_assets(progress: Progress, uris: dict[str, str]) -> list[str]:
    """URIs of the assets of the models that were built.

    Args:
        progress: what dbt told of its nodes.
        uris: URI of the asset of each model, by unique id.
    """
    return [
        uri
        for unique_id, uri in uris.items()
        if unique_id in progress.nodes and progress.nodes[unique_id].outcome == "success"
    ]


def update_assets(uris: Iterable[str], assets: AssetAlias, context: Context) -> None:
    """Update assets when the task ends well.

    Args:
        uris: URIs of the assets.
        assets: the alias that they are updated through.
        context: the task's context.
    """
    for uri in uris:
        context["outlet_events"][assets].add(Asset(uri))


class AssetsOfFailedBuild(BaseOperator):
    """Updates the assets of the models that a failed build did build: a task that fails updates none itself.

    It starts in the triggerer, and ends there, well, when the build did not fail.

    Args:
        producer_task_id: the task that runs dbt.
        asset_uris: URI of the asset of each model, by unique id.
        assets: the alias that the assets are updated through.
    """

    start_from_trigger = True

    def __init__(self, *, producer_task_id: str, asset_uris: dict[str, str], assets: AssetAlias, **kwargs: Any) -> None:
        super().__init__(task_id="assets_of_failed_build", outlets=[assets], **kwargs)
        self.producer_task_id = producer_task_id
        self.asset_uris = asset_uris
        self.assets = assets
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls=TRIGGER, next_method="record", trigger_kwargs={"producer_task_id": producer_task_id}
        )

    def record(self, context: Context, event: dict[str, Any]) -> None:
        """Read what the failed build told of its models. Raises AirflowSkipException when it told nothing."""
        ti: Any = context["ti"]
        progress = Progress.told(lambda key: ti.xcom_pull(task_ids=self.producer_task_id, key=key))
        if progress is None:
            raise AirflowSkipException(f"{self.producer_task_id} did not build anything")
        update_assets(built_assets(progress, self.asset_uris), self.assets, context)
