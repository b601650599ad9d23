"""The fast form: one dbt process, and for each node with its tests a task that exists only in the triggerer.

Cosmos renders the graph, and its converters make the tasks. Each task starts in the triggerer and ends there as its node
in the dbt process ended, so nothing waits for a worker. A task that is cleared later goes to a worker, and builds its
node with Cosmos' own LOCAL operator. That operator is made only there: making a thousand of them at each parsing of the
DAG file would take as long as everything else in it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import BaseOperator, TaskGroup, TriggerRule
from airflow.sdk.definitions.context import Context
from airflow.sdk.definitions.param import ParamsDict
from airflow.triggers.base import StartTriggerArgs
from cosmos.constants import DbtResourceType
from cosmos.dbt.graph import DbtNode
from cosmos.operators.local import DbtLocalBaseOperator

from dbt_lineage.airflow.dbt_tasks.model_assets import Assets
from dbt_lineage.airflow.dbt_tasks.names import GROUP_ID, PRODUCER_TASK_ID
from dbt_lineage.airflow.dbt_tasks.running import BuildOperator

TRIGGER = "dbt_lineage.airflow.dbt_tasks.trigger.DbtNodeTrigger"


class NodeOperator(BaseOperator):
    """Mirrors nodes of the one dbt process. It starts in the triggerer, and usually ends there as the nodes ended.

    Args:
        unique_ids: the task's dbt nodes.
        producer_task_id: the task that runs dbt.
        alone: makes Cosmos' operator that builds only these nodes, given its ``task_id``.
        assets: the project's assets; None when the task updates none.
    """

    start_from_trigger = True
    mirrors_node = True
    ui_color = BuildOperator.ui_color

    def __init__(
        self,
        *,
        unique_ids: Sequence[str],
        producer_task_id: str,
        alone: Callable[..., DbtLocalBaseOperator],
        assets: Assets | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        # Each task would have a copy of its DAG's Params, and Airflow validates all of them at each parsing of the file.
        self.params = ParamsDict()
        self.unique_ids = list(unique_ids)
        self.producer_task_id = producer_task_id
        self.alone = alone
        self.assets = assets
        self.at_work: DbtLocalBaseOperator | None = None
        self.come_after([])

    def come_after(self, upstream_task_ids: Sequence[str]) -> None:
        """Set the tasks of the upstream nodes."""
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls=TRIGGER,
            next_method="build_alone",
            trigger_kwargs={
                "unique_ids": self.unique_ids,
                "producer_task_id": self.producer_task_id,
                "upstream_task_ids": list(upstream_task_ids),
            },
        )

    def build_alone(self, context: Context, event: dict[str, Any]) -> None:
        """Build only these nodes, after the producer has ended."""
        operator = self.at_work = self.alone(task_id=self.task_id)
        operator.render_template_fields(context)
        operator.build_and_run_cmd(context=context, cmd_flags=operator.add_cmd_flags())
        if self.assets is not None:
            self.assets.of_node(self.unique_ids[0], context)

    def on_kill(self) -> None:
        """Let dbt cancel its queries. Airflow calls this when it stops the task."""
        if self.at_work is not None:
            self.at_work.on_kill()


def converters(
    dbt: dict[str, Any],
    limits: dict[str, Any],
    tests: dict[str, list[str]],
    assets: Assets,
) -> dict[DbtResourceType, Callable[..., BaseOperator]]:
    """Cosmos' node converters of this form: one task for a node and its tests.

    Args:
        dbt: the dbt arguments of Cosmos' operators.
        limits: retries, pool and priority of a task.
        tests: unique ids of each node's tests.
        assets: the project's assets.
    """

    def convert(*, dag: Any, task_group: TaskGroup, node: DbtNode, task_id: str, **_: Any) -> BaseOperator:
        tested = tests.get(node.unique_id, [])
        # dbt does not run an ephemeral model, since other models contain its SQL.
        unique_ids = tested if node.has_ephemeral_materialization else [node.unique_id, *tested]
        where = {"dag": dag, "task_group": task_group, "task_id": task_id}
        if not unique_ids:
            return EmptyOperator(**where)
        return NodeOperator(
            unique_ids=unique_ids,
            producer_task_id=f"{GROUP_ID}.{PRODUCER_TASK_ID}",
            alone=partial(BuildOperator, select=node.resource_name, **dbt),
            assets=assets,
            **where,
            **limits,
        )

    return {DbtResourceType.MODEL: convert, DbtResourceType.SNAPSHOT: convert}


def task_id(node: DbtNode) -> str:
    """The task id of a node: the node's name, unless the task that runs dbt has that name."""
    return f"{node.name}_{node.resource_type.value}" if node.name == PRODUCER_TASK_ID else node.name


def connect(group: TaskGroup, seeds: NodeOperator | None) -> None:
    """Set the upstream tasks of each task in a group: the seeds first, then as in dbt's graph.

    In Airflow the tasks have no such dependencies: their triggers wait instead. The dbt task has no downstream tasks, so
    its failure fails the DAG run.

    Args:
        group: the group of the models' tasks.
        seeds: the task of the seeds; None if there are none.
    """
    for task in group.iter_tasks():
        if not isinstance(task, NodeOperator | EmptyOperator):
            continue
        if seeds is not None and not task.upstream_task_ids:
            seeds >> task
        task.trigger_rule = TriggerRule.ALWAYS
        if isinstance(task, NodeOperator):
            task.come_after(sorted(task.upstream_task_ids))
