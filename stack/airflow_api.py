"""A client of Airflow's REST API (v2), as the demo and the tests use it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
from rich.console import Console
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay

from stack import airflow
from stack.config import StackConfig, StackError

FINISHED = ("success", "failed")
# A machine that runs more than this stack answers late.
_ANSWER_SECONDS = 120


class AirflowApi:
    """Talks to the stack's API server.

    Args:
        config: the running stack.
        user: as whom.
    """

    def __init__(self, config: StackConfig, user: str = airflow.ADMIN) -> None:
        self.address = f"http://{config.address('airflow')}"
        self._http = httpx.Client(base_url=self.address, timeout=_ANSWER_SECONDS)
        login = {"username": user, "password": airflow.passwords(config)[user]}
        self._http.headers["Authorization"] = f"Bearer {self._call('POST', '/auth/token', json=login)['access_token']}"

    @property
    def login(self) -> dict[str, str]:
        """The header that proves who asks, for what else the API server serves."""
        return {"Authorization": self._http.headers["Authorization"]}

    def unpause(self, dag_id: str, paused: bool = False) -> None:
        """Let a DAG run (or, with ``paused``, hold it)."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": paused})

    def pause(self, dag_id: str) -> None:
        """Hold a DAG: no run of it starts."""
        self.unpause(dag_id, paused=True)

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None, **dates: str) -> str:
        """Start a run by hand with these Params; returns its run id."""
        body = {"logical_date": None, "conf": conf or {}, **dates}
        return self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"]

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run."""
        return self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The latest hundred runs of a DAG, oldest first."""
        newest_first = {"limit": 100, "order_by": "-id"}
        return self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=newest_first)["dag_runs"][::-1]

    def await_run(self, dag_id: str, run_id: str, seconds: float = 600) -> dict[str, Any]:
        """Wait until a run has ended, and return it. Raises StackError when it does not end in time."""
        return await_condition(
            lambda: self._finished(self.run(dag_id, run_id)), seconds, f"run {run_id} of {dag_id} has not ended"
        )

    def await_new_run(self, dag_id: str, after: set[str], seconds: float = 600) -> dict[str, Any]:
        """Wait until a run that is not in ``after`` has ended, and return it. Raises StackError when none does."""
        return await_condition(
            lambda: self._newest_finished(dag_id, after), seconds, f"no new run of {dag_id} has ended"
        )

    def await_idle(self, dag_id: str, seconds: float = 600) -> None:
        """Wait until no run of a DAG is under way or queued. Raises StackError when that takes too long."""
        await_condition(
            lambda: all(run["state"] in FINISHED for run in self.runs(dag_id)),
            seconds,
            f"{dag_id} still has runs to do",
        )

    def run_once(self, dag_id: str, conf: dict[str, Any] | None = None, seconds: float = 900) -> dict[str, Any]:
        """Run a DAG once and return the ended run.

        A DAG with a schedule that was paused until now starts a run of its latest interval by itself; then that run
        is the one, so that nothing is run twice.
        """
        before = {run["dag_run_id"] for run in self.runs(dag_id)}
        dag = self._call("GET", f"/api/v2/dags/{dag_id}")
        self.unpause(dag_id)
        starts_by_itself = dag["is_paused"] and dag["next_dagrun_run_after"] is not None
        if starts_by_itself and not before and not conf:
            return self.await_new_run(dag_id, before, seconds)
        return self.await_run(dag_id, self.trigger(dag_id, conf), seconds)

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Task instances of a run by task id."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return {task["task_id"]: task for task in self._all(path, "task_instances")}

    def clear(self, dag_id: str, run_id: str, *task_ids: str, downstream: bool = False) -> None:
        """Clear tasks of a run, or all of them when none is named, so that they run again."""
        body: dict[str, Any] = {"dry_run": False, "only_failed": False}
        if not task_ids:
            self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/clear", json=body)
            return
        body |= {"dag_run_id": run_id, "task_ids": list(task_ids), "include_downstream": downstream}
        self._call("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", json={**body, "reset_dag_runs": True})

    def mark(self, dag_id: str, run_id: str, task_id: str, state: str) -> None:
        """Set a task's state by hand."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        self._call("PATCH", path, json={"new_state": state})

    def log(self, dag_id: str, run_id: str, task_id: str, attempt: int = 1) -> str:
        """Log of one try of a task, as text."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{attempt}"
        return self._ask("GET", path, params={"full_content": True}, headers={"Accept": "application/x-ndjson"}).text

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value") -> Any:
        """A value that a task pushed."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        return self._call("GET", path, params={"deserialize": True})["value"]

    def updated_assets(self, dag_id: str, run_id: str) -> set[str]:
        """URIs of the assets that a run updated."""
        path = "/api/v2/assets/events"
        events = self._all(path, "asset_events", source_dag_id=dag_id, source_run_id=run_id)
        return {event["uri"] for event in events}

    def dag(self, dag_id: str) -> dict[str, Any]:
        """A DAG, as Airflow shows it."""
        return self._call("GET", f"/api/v2/dags/{dag_id}")

    def import_errors(self) -> list[dict[str, Any]]:
        """DAG files that could not be read."""
        return self._call("GET", "/api/v2/importErrors")["import_errors"]

    def dags(self) -> set[str]:
        """Names of the DAGs that the DAG processor has read."""
        return {dag["dag_id"] for dag in self._all("/api/v2/dags", "dags")}

    def read_files(self, since: datetime) -> set[str]:
        """DAG files that were read after a time, by their path in the folder of DAG files."""
        dags = self._all("/api/v2/dags", "dags")
        return {
            dag["relative_fileloc"]
            for dag in dags
            if dag["last_parsed_time"] and datetime.fromisoformat(dag["last_parsed_time"]) >= since
        }

    def await_dags(self, wanted: set[str], seconds: float = 120) -> None:
        """Wait until the DAG processor has read these DAGs. Raises StackError with the import errors otherwise."""
        try:
            await_condition(lambda: wanted <= self.dags(), seconds, f"Airflow has not read the DAGs {sorted(wanted)}")
        except StackError as error:
            errors = "\n".join(f"{each['filename']}: {each['stack_trace']}" for each in self.import_errors())
            raise StackError(f"{error}\n{errors}") from None

    def _all(self, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """Every entry of a list that Airflow gives a hundred at a time."""
        entries: list[dict[str, Any]] = []
        while True:
            page = self._call("GET", path, params={"limit": 100, "offset": len(entries), **params})
            entries += page[key]
            if len(entries) >= page["total_entries"]:
                return entries

    def _finished(self, run: dict[str, Any]) -> dict[str, Any] | None:
        return run if run["state"] in FINISHED else None

    def _newest_finished(self, dag_id: str, after: set[str]) -> dict[str, Any] | None:
        new = [run for run in self.runs(dag_id) if run["dag_run_id"] not in after]
        return self._finished(new[-1]) if new else None

    def _call(self, method: str, path: str, **options: Any) -> Any:
        answer = self._ask(method, path, **options)
        return answer.json() if answer.content else None

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """An answer that is no error. Raises StackError."""
        try:
            answer = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise StackError(f"Airflow at {self.address}: {method} {path}: {error}") from error
        if answer.is_error:
            raise StackError(f"Airflow: {method} {path} answered {answer.status_code}: {answer.text[:300]}")
        return answer


def _pause(state: RetryCallState) -> float:
    """A twentieth of the seconds that it has taken so far, but half a second at least."""
    return max(0.5, (state.seconds_since_start or 0) / 20)


def await_condition(condition: Callable[[], Any], seconds: float, otherwise: str) -> Any:
    """Ask twice a second at first, then ever less, until the answer is true. Raises StackError with ``otherwise`` at last.

    To tell the state of a DAG run Airflow loads all of its tasks: that of a thousand models should not be asked often.

    Returns:
        The answer.
    """

    def give_up(_: object) -> None:
        raise StackError(f"{otherwise} after {seconds:.0f} s")

    with Console().status(""):
        return Retrying(
            retry=retry_if_result(lambda found: not found),
            stop=stop_after_delay(seconds),
            wait=_pause,
            retry_error_callback=give_up,
        )(condition)
