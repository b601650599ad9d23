"""A stack of the benchmark's own, and the two things that are measured on it: DAG runs, and dbt by hand."""

import configparser
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import yaml
from tenacity import Retrying, retry_if_result, stop_after_delay

from bench.measure import Sample, Way, console
from bench.usage import Meter, tree_cpu_seconds
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings
from stack import airflow, lifecycle
from stack.airflow_api import AirflowApi
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError, StackSettings
from stack.services import SERVICES
from stack.supervisor import Supervisor

HOME = PROJECT_ROOT / ".stack-bench"
DAGS = PROJECT_ROOT / "bench" / "dags"
IDLE_SECONDS = 30.0
# Airflow would read each DAG file again every half minute, and some runs would meet that and others not. Seconds.
READ_DAGS_AGAIN_SECONDS = 86400
# The stack counts as quiet when one second took less than this: what a DAG run leaves to do has then been done.
QUIET_CPU_SECONDS = 0.3
QUIET_WITHIN_SECONDS = 60.0
# Thousands of models take the DAG processor a while.
_DAGS_KNOWN_SECONDS = 3600.0
DBT = (sys.executable, "-m", "dbt.cli.main")

# How much of a log a message carries.
LOG_CHARACTERS = 3000

Figures = dict[str, float]


class BenchStack:
    """A running stack that can be measured.

    Args:
        config: where it lives.

    Attributes:
        beside: processes that count as the stack's, and that its supervisor does not know, by name.
    """

    def __init__(self, config: StackConfig) -> None:
        self.config = config
        self.environment = airflow.full_environment(config)
        self.idle_cpu_per_s: Figures = {}
        self.failed_runs: dict[str, int] = {}
        self.beside: dict[str, int] = {}

    def restart(self) -> None:
        """Stop every process of the stack and start it again. Raises StackError when a service does not come up."""
        lifecycle.down(self.config)
        lifecycle.up(self.config)

    def run_dag(self, dag_id: str, seconds: float = 900) -> Figures:
        """Run a DAG once.

        Args:
            dag_id: the DAG.
            seconds: how long it may take.

        Returns:
            ``wall_s``: seconds from the run's start to its end, as Airflow has them; ``wall_from_queued_s``: from when
            it was queued.

        Raises:
            StackError: the run failed, left a model out, or did not end in time.
        """
        api = AirflowApi(self.config)
        run = api.run_once(dag_id, seconds=seconds)
        require_built(api, run)
        queued, start, end = (datetime.fromisoformat(run[key]) for key in ("queued_at", "start_date", "end_date"))
        return {"wall_s": (end - start).total_seconds(), "wall_from_queued_s": (end - queued).total_seconds()}

    def run_dbt(
        self,
        dbt: DbtSettings,
        *commands: Sequence[str],
        program: Sequence[str] = DBT,
        environment: Mapping[str, str] | None = None,
    ) -> Figures:
        """Run dbt by hand.

        Args:
            dbt: the project.
            commands: dbt's own with their options, such as ``("build",)``, one after the other.
            program: the words before each.
            environment: variables besides the stack's.

        Returns:
            Wall seconds under the same names as a DAG run's. By hand nothing is queued: both are the same.

        Raises:
            StackError: dbt failed.
        """
        artifacts = self.config.home / "by_hand" / dbt.project_dir.name
        artifacts.mkdir(parents=True, exist_ok=True)
        where = [
            *dbt.options,
            *("--target-path", str(artifacts), "--log-path", str(artifacts)),
        ]
        started = time.monotonic()
        for command in commands:
            self._run([*program, *command, *where], artifacts, environment or {})
        seconds = time.monotonic() - started
        return {"wall_s": seconds, "wall_from_queued_s": seconds}

    def dag_way(self, name: str, dag_id: str, at_most: int | None = None, tries: int = 1, seconds: float = 900) -> Way:
        """A DAG run as a way.

        Args:
            name: what the results call it.
            dag_id: the DAG.
            at_most: see ``Way``.
            tries: how many runs there may be for one that goes well; the others are counted in ``failed_runs``.
            seconds: how long one may take.
        """

        def take() -> Figures:
            for _ in range(tries - 1):
                try:
                    return self.run_dag(dag_id, seconds)
                except StackError as error:
                    self.failed_runs[name] = self.failed_runs.get(name, 0) + 1
                    console.print(str(error).splitlines()[0])
            return self.run_dag(dag_id, seconds)

        return Way(name, lambda: self._metered(take), at_most)

    def dbt_way(
        self,
        name: str,
        dbt: DbtSettings,
        *commands: Sequence[str],
        program: Sequence[str] = DBT,
        at_most: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Way:
        """Commands of dbt by hand as a way."""
        take = partial(self.run_dbt, dbt, *commands, program=program, environment=environment)
        return self.way(name, take, at_most)

    def way(self, name: str, take: Callable[[], Figures], at_most: int | None = None) -> Way:
        """Whatever gives its wall seconds, as a way."""
        return Way(name, lambda: self._metered(take), at_most)

    def start_dbt_with_lineage(self, dbt: DbtSettings, command: str) -> subprocess.Popen[bytes]:
        """Start a command of dbt by hand that leaves lineage, and let it run."""
        where = {f"DBT_{name.upper()}": str(value) for name, value in dbt.model_dump(exclude_none=True).items()}
        words = [sys.executable, "-m", "dbt_lineage", "dbt", command]
        return subprocess.Popen(words, env={**self.environment, **where}, stdout=subprocess.DEVNULL)

    def settle(self) -> None:
        """Wait until the stack has nothing to do, or long enough."""
        # A second that is measured, not one that is waited.
        Retrying(
            retry=retry_if_result(lambda seconds: seconds > QUIET_CPU_SECONDS),
            stop=stop_after_delay(QUIET_WITHIN_SECONDS),
            retry_error_callback=lambda _: None,
        )(self._cpu_of_a_second)

    def measure_idling(self) -> None:
        """Find out what CPU the stack uses when it has nothing to do."""
        self.settle()
        with lifecycle.step(f"idling for {IDLE_SECONDS:.0f} s"), Meter(self._services()) as meter:
            time.sleep(IDLE_SECONDS)
        self.idle_cpu_per_s = {name: seconds / meter.seconds for name, seconds in meter.cpu_s.items()}

    def _run(self, words: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        log = folder / "output.log"
        with log.open("w", encoding="utf-8") as output:
            done = subprocess.run(
                words, env={**self.environment, **environment}, cwd=folder, stdout=output, stderr=output
            )
        if done.returncode != 0:
            raise StackError(f"{' '.join(words)} failed:\n{log.read_text(encoding='utf-8')[-LOG_CHARACTERS:]}")

    def _metered(self, take: Callable[[], Figures]) -> Sample:
        with Meter(self._services()) as meter:
            figures = take()
            # What the run leaves to do is of the run.
            self.settle()
        total = sum(meter.cpu_s.values())
        idling = sum(self.idle_cpu_per_s.values()) * meter.seconds
        figures |= {
            "cpu_s": total,
            "cpu_without_idling_s": total - idling,
            "metered_s": meter.seconds,
            "peak_memory_mib": meter.peak_memory_mib,
        }
        return Sample(figures, meter.cpu_s, meter.peak_memory_by_root_mib)

    def _services(self) -> dict[str, int]:
        states = Supervisor(self.config).states()
        return {**{name: state["pid"] for name, state in states.items() if state["pid"]}, **self.beside}

    def _cpu_of_a_second(self) -> float:
        supervisord = int((self.config.home / "supervisord.pid").read_text())
        roots = [psutil.Process(pid) for pid in (supervisord, *self.beside.values())]
        before = sum(map(tree_cpu_seconds, roots))
        time.sleep(1)
        return sum(map(tree_cpu_seconds, roots)) - before


@contextmanager
def running(
    dags: str | Path, generated: Sequence[int] = (), projects: Mapping[str, Path] | None = None
) -> Iterator[BenchStack]:
    """A new stack with the DAG files of one folder, as a rule of ``bench/dags``; nothing of it is left afterwards.

    A DAG is named as its file, or as its project.

    Args:
        dags: the folder. A stack reads no other part's DAG files: reading them takes CPU time twice a minute.
        generated: sizes of the made-up projects that they need, models.
        projects: folders of the dbt projects that ``lineage.yml`` is to name, by name. Without them the stack has the
            project of the repository.

    Raises:
        StackError: another stack runs on this machine, this one does not come up, or Airflow cannot read the DAG files.
    """
    config = StackConfig(StackSettings(home=HOME, dags_dir=DAGS / dags))
    lifecycle.clean(config)
    require_no_other_stack()
    if projects:
        os.environ["LINEAGE_CONFIG"] = str(_write_projects(projects))
        settings.forget()
    try:
        config.prepare()
        _write_airflow_cfg(config)
        stack = BenchStack(config)
        for models in generated:
            subprocess.run([sys.executable, "-m", "bench.generated", str(models)], env=stack.environment, check=True)
        lifecycle.up(config)
        subprocess.run([sys.executable, "-m", "dbt_lineage", "topics"], env=stack.environment, check=True)
        if not projects:
            # Sources read what seeds write, and dbt knows no order between the two: the first build would come too early.
            stack.run_dbt(settings.dbt(), ("seed",))
        AirflowApi(config).await_dags(set(projects or (file.stem for file in config.settings.dags_dir.glob("*.py"))))
        stack.measure_idling()
        yield stack
    finally:
        lifecycle.clean(config)
        os.environ.pop("LINEAGE_CONFIG", None)
        settings.forget()


@contextmanager
def with_own_dags(config: StackConfig, *others: str, **variables: str) -> Iterator[BenchStack]:
    """A new stack with the project's own DAGs, without Superset; nothing of it is left afterwards.

    Args:
        config: where it lives.
        others: DAGs that Airflow has to know besides that of the dbt project.
        variables: of the environment, which the stack and this process have meanwhile.

    Raises:
        StackError: another stack runs on this machine, this one does not come up, or Airflow cannot read the DAG files.
    """
    lifecycle.clean(config)
    require_no_other_stack()
    before = dict(os.environ)
    os.environ |= variables
    try:
        lifecycle.up(config, *(service.name for service in SERVICES if service.name != "superset"))
        stack = BenchStack(config)
        os.environ |= stack.environment
        settings.forget()
        subprocess.run([sys.executable, "-m", "dbt_lineage", "topics"], check=True)
        AirflowApi(config).await_dags({settings.dbt().dag_id, *others}, _DAGS_KNOWN_SECONDS)
        stack.measure_idling()
        yield stack
    finally:
        lifecycle.clean(config)
        os.environ.clear()
        os.environ |= before
        settings.forget()


@contextmanager
def of_services(name: str, *services: str) -> Iterator[StackConfig]:
    """A few services on free ports, in whose environment this process is; nothing of them is left afterwards.

    Args:
        name: of the part that needs them, for their folder.
        services: which; with Kafka there are its topics, too.

    Raises:
        StackError: one does not come up.
    """
    config = StackConfig(StackSettings(home=PROJECT_ROOT / f".stack-bench-{name}", well_known_ports=False))
    lifecycle.clean(config)
    try:
        lifecycle.up(config, *services)
        with airflow.in_force(config):
            if "kafka" in services:
                subprocess.run([sys.executable, "-m", "dbt_lineage", "topics"], check=True)
            yield config
    finally:
        lifecycle.clean(config)


def make_tables(schema: str, names: Sequence[str], columns: Sequence[str]) -> None:
    """Make empty tables in the warehouse that everybody may read.

    Args:
        schema: where; made.
        names: of the tables.
        columns: of each table, integers.
    """
    warehouse = settings.warehouse()
    connection = psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname=warehouse.database,
        user=warehouse.user,
        password=warehouse.password.get_secret_value(),
    )
    described = ", ".join(f"{column} integer" for column in columns)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create schema {schema}; grant usage on schema {schema} to public")
        for name in names:
            cursor.execute(f"create table {schema}.{name} ({described})")
        cursor.execute(f"grant select on all tables in schema {schema} to public")
    connection.close()


def _write_projects(projects: Mapping[str, Path]) -> Path:
    each = [{"name": name, "dbt": {"project_dir": str(folder)}} for name, folder in projects.items()]
    # Runs are started by hand.
    all_of_them = {"profile": "generated", "target": "dev", "seeds": "", "schedule": "0 0 1 1 *"}
    file = PROJECT_ROOT / "build" / "bench" / "lineage.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({"projects": each, "defaults": {"dbt": all_of_them}}), encoding="utf-8")
    return file


def require_built(api: AirflowApi, run: dict[str, Any]) -> None:
    """Raise StackError when a run failed, with the log of a task that did; a run that built nothing is no success."""
    dag_id, run_id = run["dag_id"], run["dag_run_id"]
    states = {name: task["state"] for name, task in api.tasks(dag_id, run_id).items()}
    not_built = [name for name, state in states.items() if state != "success"]
    if run["state"] == "success" and not not_built:
        return
    failed = [name for name, state in states.items() if state == "failed"]
    log = api.log(dag_id, run_id, failed[0])[-LOG_CHARACTERS:] if failed else ""
    raise StackError(
        f"the run {run_id} of {dag_id} ended as {run['state']}; failed: {failed}; not built: {not_built}\n{log}"
    )


def _write_airflow_cfg(config: StackConfig) -> None:
    """What only the benchmark's Airflow has: a DAG says itself whether it tells of its lineage, and is read once."""
    options = configparser.ConfigParser()
    options["openlineage"] = {"selective_enable": "True"}
    options["dag_processor"] = {"min_file_process_interval": str(READ_DAGS_AGAIN_SECONDS)}
    home = Path(airflow.environment(config)["AIRFLOW_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    with (home / "airflow.cfg").open("w", encoding="utf-8") as file:
        options.write(file)


def require_no_other_stack() -> None:
    """The figures are of a machine that does nothing else."""
    for process in psutil.process_iter(["cmdline"]):
        if "supervisor.supervisord" in (process.info["cmdline"] or []):
            raise StackError(f"another stack is running, its process {process.pid}: stop it, then measure")
