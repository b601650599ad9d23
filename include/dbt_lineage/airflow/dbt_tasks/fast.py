"""As fast as dbt alone: one dbt process, and a task for each node and its tests that lives in the triggerer only.

Cosmos renders the graph. Its converters make the tasks: each starts in the triggerer, where it ends as the node in the
one dbt process ended. So nothing waits for a worker. A task that is cleared later goes to one, and builds its node by
Cosmos' own LOCAL operator. That operator is made there only: a thousand of them would take as long to make, each time
that the DAG file is read, as everything else in it.
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
    """Starts, and as a rule ends, in the triggerer, as nodes of the one dbt process ended.

    Args:
        unique_ids: the dbt nodes that the task stands for.
        producer_task_id: the task that runs dbt.
        alone: makes Cosmos' operator that builds the nodes without the others, given its ``task_id``.
        assets: those of the project; none when this updates none.
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
        # A task has a copy of each Param of its DAG, and Airflow validates all of them each time that it reads the file.
        self.params = ParamsDict()
        self.unique_ids = list(unique_ids)
        self.producer_task_id = producer_task_id
        self.alone = alone
        self.assets = assets
        self.at_work: DbtLocalBaseOperator | None = None
        self.come_after([])

    def come_after(self, upstream_task_ids: Sequence[str]) -> None:
        """Say which tasks stand for the nodes that this one's are made from."""
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
        """Build the nodes without the others: the producer's run is over."""
        operator = self.at_work = self.alone(task_id=self.task_id)
        operator.render_template_fields(context)
        operator.build_and_run_cmd(context=context, cmd_flags=operator.add_cmd_flags())
        if self.assets is not None:
            self.assets.of_node(self.unique_ids[0], context)

    def on_kill(self) -> None:
        """Let dbt cancel its queries; Airflow calls it as it ends the task."""
        if self.at_work is not None:
            self.at_work.on_kill()


def converters(
    dbt: dict[str, Any],
    limits: dict[str, Any],
    tests: dict[str, list[str]],
    assets: Assets,
) -> dict[DbtResourceType, Callable[..., BaseOperator]]:
    """Cosmos' node converters for this form: one task for a node and its tests.

    Args:
        dbt: what Cosmos' operators are told of dbt.
        limits: retries, pool and priority of a task.
        tests: unique ids of the tests of each node.
        assets: those of the project.
    """

    def convert(*, dag: Any, task_group: TaskGroup, node: DbtNode, task_id: str, **_: Any) -> BaseOperator:
        tested = tests.get(node.unique_id, [])
        # dbt does not run an ephemeral model: others contain it.
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
    """The task of a node has the node's name, unless that is the name of the task that runs dbt."""
    return f"{node.name}_{node.resource_type.value}" if node.name == PRODUCER_TASK_ID else node.name


def connect(group: TaskGroup, seeds: NodeOperator | None) -> None:
    """Tell each task of a group which tasks it comes after: the seeds first, then as dbt's graph has it.

    For Airflow the tasks wait for nobody: their triggers do. The task that runs dbt comes before none of them, so it is
    a leaf, and a failed build fails the run.

    Args:
        group: the group of the models' tasks.
        seeds: the task that stands for the seeds, if there are any.
    """
    for task in group.iter_tasks():
        if not isinstance(task, NodeOperator | EmptyOperator):
            continue
        if seeds is not None and not task.upstream_task_ids:
            seeds >> task
        task.trigger_rule = TriggerRule.ALWAYS
        if isinstance(task, NodeOperator):
            task.come_after(sorted(task.upstream_task_ids))
