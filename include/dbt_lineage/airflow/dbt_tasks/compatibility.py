"""Check that Airflow and Cosmos have the private names that the fast form uses.

If a version has changed one of these names, the dbt tasks use Cosmos' own form: slower, but not broken. Changes that only
make Airflow's processes faster are in ``internals.py``. Each of them is skipped by itself.
"""

import importlib
import inspect
import logging
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

log = logging.getLogger(__name__)

# These modules import the other names. An import that fails names what is missing.
MODULES = tuple(f"{__package__}.{name}" for name in ("running", "fast", "model_assets", "producer", "trigger"))


@dataclass(frozen=True)
class Needed:
    """A name of a library.

    Args:
        file: the module here that uses it.
        distribution: the library.
        module: the library's module that has it.
        name: the function, the class or the class member.
        parameters: the parameters that are passed by name.
    """

    file: str
    distribution: str
    module: str
    name: str
    parameters: frozenset[str] = field(default_factory=frozenset)

    def problem(self) -> str | None:
        """What is wrong with it; None when it exists and has these parameters."""
        used = f"{self.file} uses {self.module}.{self.name}, which {self.distribution} {_version(self.distribution)}"
        try:
            found: Any = importlib.import_module(self.module)
            for part in self.name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError):
            return f"{used} does not have"
        if self.parameters:
            try:
                taken = inspect.signature(found).parameters.keys()
            except (TypeError, ValueError):
                return f"{used} has in another form"
            if missing := self.parameters - taken:
                return f"{used} no longer gives {', '.join(sorted(missing))}"
        return None


def _needed(file: str, distribution: str, module: str, name: str, *parameters: str) -> Needed:
    return Needed(file, distribution, module, name, frozenset(parameters))


_SDK, _AIRFLOW, _COSMOS = "apache-airflow-task-sdk", "apache-airflow-core", "astronomer-cosmos"
_LOCAL = "cosmos.operators.local"
NEEDED = (
    _needed("fast", _SDK, "airflow.sdk", "BaseOperator.start_from_trigger"),
    _needed("fast", _SDK, "airflow.sdk", "BaseOperator.start_trigger_args"),
    _needed("fast", _SDK, "airflow.sdk", "BaseOperator.render_template_fields", "context"),
    _needed(
        "fast", _AIRFLOW, "airflow.triggers.base", "StartTriggerArgs", "trigger_cls", "next_method", "trigger_kwargs"
    ),
    _needed("fast", _COSMOS, _LOCAL, "AbstractDbtLocalBase.build_and_run_cmd", "context", "cmd_flags"),
    _needed("task_group", _COSMOS, "cosmos", "RenderConfig", "node_converters", "normalize_task_id"),
    _needed("task_group", _COSMOS, "cosmos.dataset", "get_dataset_namespace", "profile_config"),
    _needed("task_group", _COSMOS, "cosmos.dataset", "make_dataset_uri_builder"),
    _needed("running", _COSMOS, "cosmos.dbt.runner", "run_command", "command", "env", "cwd", "callbacks"),
    _needed("running", _COSMOS, _LOCAL, "AbstractDbtLocalBase.run_subprocess", "command", "env", "cwd"),
    _needed("running", _COSMOS, _LOCAL, "AbstractDbtLocalBase.handle_exception_subprocess", "result"),
    _needed("running", _COSMOS, _LOCAL, "AbstractDbtLocalBase.on_kill"),
    _needed("producer", _COSMOS, _LOCAL, "AbstractDbtLocalBase.run_dbt_runner", "command", "env", "cwd"),
    _needed("producer", _COSMOS, _LOCAL, "AbstractDbtLocalBase.handle_exception_dbt_runner", "result"),
    _needed(
        "producer", _COSMOS, _LOCAL, "AbstractDbtLocalBase.calculate_openlineage_events_completes", "env", "project_dir"
    ),
    _needed(
        "internals", _SDK, "airflow.sdk.execution_time.task_runner", "RuntimeTaskInstance.get_task_states",
        "dag_id", "run_ids", "task_ids",
    ),
    _needed(
        "internals", _SDK, "airflow.sdk.execution_time.xcom", "XCom.get_one",
        "dag_id", "run_id", "task_id", "key", "map_index",
    ),
    _needed("trigger", _AIRFLOW, "airflow.triggers.base", "TaskSuccessEvent.__init__", "xcoms"),
    _needed("trigger", _AIRFLOW, "airflow.triggers.base", "TaskFailedEvent.__init__", "xcoms"),
    _needed("trigger", _AIRFLOW, "airflow.triggers.base", "TaskSkippedEvent.__init__", "xcoms"),
)  # fmt: skip


def fast_form_works() -> bool:
    """Whether the installed Airflow and Cosmos have what the fast form needs. What they lack is logged once."""
    problems = lacking()
    if problems:
        _log_once(problems)
    return not problems


def lacking() -> tuple[str, ...]:
    """What the fast form needs and the installed versions lack, one sentence each."""
    problems = [problem for needed in NEEDED if (problem := needed.problem()) is not None]
    for module in MODULES:
        try:
            importlib.import_module(module)
        except ImportError as error:
            problems.append(f"{module}: {error}")
    return tuple(problems)


@cache
def _log_once(problems: tuple[str, ...]) -> None:
    log.warning(
        "The fast form of the dbt tasks does not work with these versions, so Cosmos' own tasks run dbt, one process "
        "for each model: %s",
        "; ".join(problems),
    )


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "(not installed)"
