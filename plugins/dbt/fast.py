"""As fast as dbt alone: one dbt process, and a task for each node and its tests that lives in the triggerer only.

Cosmos renders the graph. Its converters make the tasks: each is Cosmos' own LOCAL operator, which would build its node
alone, with a start in the triggerer put in front, where it ends as the node in the one dbt process ended. So nothing
waits for a worker, and a task that is cleared later can still build its node.
"""

from collections.abc import Callable, Sequence
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import BaseOperator, TaskGroup, TriggerRule
from airflow.sdk.definitions.context import Context
from airflow.triggers.base import StartTriggerArgs
from cosmos.constants import DbtResourceType
from cosmos.dbt.graph import DbtNode
from cosmos.operators.local import DbtBuildLocalOperator, DbtSeedLocalOperator

GROUP_ID = "models"
SEEDS_TASK_ID = "seeds"
PRODUCER_TASK_ID = "dbt_build"
TRIGGER = "plugins.dbt.trigger.DbtNodeTrigger"


class MirrorsNode(BaseOperator):
    """Makes a LOCAL operator start, and as a rule end, in the triggerer.

    Args:
        unique_ids: the dbt nodes that the task stands for.
        producer_task_id: the task that runs dbt.
    """

    start_from_trigger = True
    mirrors_node = True

    def __init__(self, *, unique_ids: Sequence[str], producer_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unique_ids = list(unique_ids)
        self.producer_task_id = producer_task_id
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
        """Build the node without the others: the producer's run is over."""
        self.execute(context)


class DbtBuildNode(MirrorsNode, DbtBuildLocalOperator):
    """A model or a snapshot, with its tests."""


class DbtSeedsNode(MirrorsNode, DbtSeedLocalOperator):
    """The seeds."""


def converters(tests: dict[str, list[str]]) -> dict[DbtResourceType, Callable[..., BaseOperator]]:
    """Cosmos' node converters for this form: one task for a node and its tests.

    Args:
        tests: unique ids of the tests of each node.
    """

    def convert(
        *, dag: Any, task_group: TaskGroup, task_args: dict[str, Any], node: DbtNode, task_id: str, **_: Any
    ) -> BaseOperator:
        tested = tests.get(node.unique_id, [])
        # dbt does not run an ephemeral model: others contain it.
        unique_ids = tested if node.has_ephemeral_materialization else [node.unique_id, *tested]
        where = {"dag": dag, "task_group": task_group, "task_id": task_id}
        if not unique_ids:
            return EmptyOperator(**where)
        return DbtBuildNode(
            unique_ids=unique_ids,
            producer_task_id=f"{GROUP_ID}.{PRODUCER_TASK_ID}",
            select=node.resource_name,
            **where,
            **task_args,
        )

    return {DbtResourceType.MODEL: convert, DbtResourceType.SNAPSHOT: convert}


def task_id(node: DbtNode) -> str:
    """The task of a node has the node's name, unless that is the name of the task that runs dbt."""
    return f"{node.name}_{node.resource_type.value}" if node.name == PRODUCER_TASK_ID else node.name


def connect(group: TaskGroup, seeds: MirrorsNode | None) -> None:
    """Tell each task of a group which tasks it comes after: the seeds first, then as dbt's graph has it.

    For Airflow the tasks wait for nobody: their triggers do. The task that runs dbt comes before none of them, so it is
    a leaf, and a failed build fails the run.

    Args:
        group: the group of the models' tasks.
        seeds: the task that stands for the seeds, if there are any.
    """
    for task in group.iter_tasks():
        if not isinstance(task, MirrorsNode | EmptyOperator):
            continue
        if seeds is not None and not task.upstream_task_ids:
            seeds >> task
        task.trigger_rule = TriggerRule.ALWAYS
        if isinstance(task, MirrorsNode):
            task.come_after(sorted(task.upstream_task_ids))
