"""Whether Airflow could read every DAG file of the stack."""

import json
import re
from datetime import datetime
from pathlib import Path

from stack import airflow
from stack.airflow_api import AirflowApi, await_condition
from stack.config import StackConfig, StackError

# Airflow passes over files that lack these words (DAG_DISCOVERY_SAFE_MODE).
_DAG_WORDS = (b"dag", b"airflow")
# Holds no DAG, so that nothing says when it was read; its error is that of dbt projects which cannot become DAGs.
_WITHOUT_DAGS = "project_errors.py"
# So the log of a DAG file begins each reading.
_BEGINS = "Filling up the DagBag from "


def await_all(config: StackConfig, since: datetime) -> None:
    """Wait until the DAG processor has read every DAG file after a time.

    Args:
        config: the running stack.
        since: a reading before it does not count; with a time zone.

    Raises:
        StackError: names each file that cannot be read and why, or that was not read in time.
    """
    api, files = AirflowApi(config), _files(config.settings.dags_dir)
    seconds = config.settings.start_timeout_seconds
    read: set[str] = set()

    def all_read() -> bool:
        read.update(api.read_files(since))
        rest = files - read - set(_failed(api, since))
        # Airflow's API does not name a file without DAGs, such as that of dashboards where no project has one.
        read.update(file for file in rest if readings(config, file, since) > 1)
        return rest <= read

    try:
        await_condition(all_read, seconds, "")
    except StackError:
        unread = ", ".join(sorted(files - read - set(_failed(api, since))))
        raise StackError(f"Airflow made no DAG of {unread} in {seconds:.0f} s; see `make stack-status`") from None
    if failed := _failed(api, since):
        lines = "\n".join(f"  {config.settings.dags_dir.name}/{file}: {why}" for file, why in sorted(failed.items()))
        raise StackError(f"{len(failed)} of {len(files)} DAG files cannot be read:\n{lines}")


def readings(config: StackConfig, file: str, since: datetime) -> int:
    """How often Airflow has begun to read a DAG file after a time. When it begins again, it has finished once.

    Args:
        config: the running stack.
        file: the file, by its path in the folder of DAG files.
        since: the time, with a time zone.
    """
    logs = airflow.dag_file_logs(config).glob(f"*/dags-folder/{file}.log")
    # The last line may be half written.
    lines = (line for log in logs for line in log.read_text().splitlines(keepends=True) if line[-1] == "\n")
    return sum(datetime.fromisoformat(json.loads(line)["timestamp"]) >= since for line in lines if _BEGINS in line)


def _files(folder: Path) -> set[str]:
    return {
        str(file.relative_to(folder))
        for file in folder.rglob("*.py")
        if file.name != _WITHOUT_DAGS and all(word in file.read_bytes().lower() for word in _DAG_WORDS)
    }


def _failed(api: AirflowApi, since: datetime) -> dict[str, str]:
    """Files that could not be read, each with the message of its error."""
    return {
        error["filename"]: _message(error["stack_trace"])
        for error in api.import_errors()
        if datetime.fromisoformat(error["timestamp"]) >= since
    }


def _message(stack_trace: str) -> str:
    """The error at the end of a traceback, all of its lines."""
    lines = stack_trace.strip().splitlines()
    starts = [
        i for i, line in enumerate(lines) if re.match(r"[\w.]+(Error|Exception|Warning|Interrupt|Timeout)?: ", line)
    ]
    return "\n".join(lines[starts[-1] :] if starts else lines[-1:])
