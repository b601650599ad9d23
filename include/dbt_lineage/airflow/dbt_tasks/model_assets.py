"""Update the assets of the models that a build has built, even if others failed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Asset, AssetAlias, BaseOperator
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowSkipException
from airflow.triggers.base import StartTriggerArgs

from dbt_lineage.airflow.dbt_tasks.reports import Progress

TRIGGER = "dbt_lineage.airflow.dbt_tasks.trigger.FailedBuildTrigger"


@dataclass(frozen=True)
class Assets:
    """The assets of a dbt project.

    Args:
        alias: the outlet of the tasks that update them.
        uris: URI of the asset of each model and snapshot, by unique id.
        last: the models without downstream models. If all of them were built, the whole project was.
        built: the asset that is updated when the whole project was built, or one model again alone.
    """

    alias: AssetAlias
    uris: Mapping[str, str]
    last: frozenset[str]
    built: Asset

    def of_build(self, progress: Progress, context: Context) -> None:
        """Update the assets of the models that were built, and no others.

        Args:
            progress: the progress of dbt's nodes.
            context: the task's context.
        """
        done = {name for name in self.uris if name in progress.nodes and progress.nodes[name].outcome == "success"}
        self._update((Asset(self.uris[name]) for name in self.uris if name in done), context)
        if done and self.last <= done:
            self._update([self.built], context)

    def of_node(self, unique_id: str, context: Context) -> None:
        """Update the asset of a node that was built alone. A test has none."""
        if unique_id in self.uris:
            self._update([Asset(self.uris[unique_id]), self.built], context)

    def _update(self, assets: Iterable[Asset], context: Context) -> None:
        for asset in assets:
            context["outlet_events"][self.alias].add(asset)


class AssetsOfFailedBuild(BaseOperator):
    """Updates the assets of the models that a failed build has built. The failed task itself cannot update assets.

    It starts in the triggerer. If the build did not fail, it succeeds there.

    Args:
        producer_task_id: the task that runs dbt.
        assets: the project's assets.
    """

    start_from_trigger = True

    def __init__(self, *, producer_task_id: str, assets: Assets, **kwargs: Any) -> None:
        super().__init__(task_id="assets_of_failed_build", outlets=[assets.alias], **kwargs)
        self.producer_task_id = producer_task_id
        self.assets = assets
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls=TRIGGER, next_method="record", trigger_kwargs={"producer_task_id": producer_task_id}
        )

    def record(self, context: Context, event: dict[str, Any]) -> None:
        """Update the assets by the failed build's report. Raises AirflowSkipException when there is none."""
        ti: Any = context["ti"]
        progress = Progress.told(lambda key: ti.xcom_pull(task_ids=self.producer_task_id, key=key))
        if progress is None:
            raise AirflowSkipException(f"{self.producer_task_id} did not build anything")
        self.assets.of_build(progress, context)
