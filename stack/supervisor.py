"""The stack's processes under supervisord: configuration, start, stop and state.

supervisord restarts what dies, keeps each log, and is spoken to over a socket file that only its user can open.
"""

import configparser
import io
import os
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from stack import variables
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError
from stack.services import Service

GIVEN_UP = ("FATAL", "EXITED")


class Supervisor:
    """supervisord of one stack.

    Args:
        config: the stack whose processes it runs.
    """

    def __init__(self, config: StackConfig) -> None:
        self._config = config
        self._socket = config.socket("stack")

    def start_daemon(self, services: Iterable[Service]) -> None:
        """Start supervisord with these services known and stopped; when it runs already, tell it of changes.

        Raises:
            StackError: supervisord did not come up.
        """
        self._write_configuration(services)
        if self.is_running():
            self._reread()
            return
        self._socket.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._configuration)],
            capture_output=True,
            text=True,
            cwd=PROJECT_ROOT,
            # Services get their variables from their own files, not from whoever happened to start the daemon.
            env={name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TZ", "TMPDIR")},
        )
        if done.returncode != 0 or not self._await_daemon():
            raise StackError(f"supervisord did not start: {(done.stderr or done.stdout).strip()}")

    def is_running(self) -> bool:
        """Whether supervisord answers."""
        try:
            return self._rpc.getState()["statename"] == "RUNNING"
        except (OSError, xmlrpc.client.ProtocolError, xmlrpc.client.Fault):
            return False

    def start(self, name: str) -> None:
        """Start one process; one that runs stays as it is. Raises StackError when it cannot be started at all."""
        try:
            self._rpc.startProcess(name, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.ALREADY_STARTED:
                raise StackError(f"{name} cannot be started: {fault.faultString}") from None

    def stop(self, name: str, wait: bool = True) -> None:
        """Stop one process and, if asked to, wait for its end; one that does not run stays as it is."""
        try:
            self._rpc.stopProcess(name, wait)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.NOT_RUNNING:
                raise StackError(f"{name} cannot be stopped: {fault.faultString}") from None

    def states(self) -> dict[str, dict]:
        """What supervisord says of each process: ``statename``, ``pid``, ``description``."""
        return {process["name"]: process for process in self._rpc.getAllProcessInfo()}

    def shutdown(self) -> None:
        """End supervisord, which first ends every process, and wait until it is gone."""
        pid = self._rpc.getPID()
        self._rpc.shutdown()
        if not _await_exit(pid):
            raise StackError(f"supervisord (process {pid}) did not end; see {self._config.logs / 'supervisord.log'}")
        self._socket.unlink(missing_ok=True)

    def last_lines(self, name: str, count: int = 20) -> str:
        """The end of a service's log."""
        log = self._config.logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join(lines[-count:])

    @property
    def _rpc(self) -> Any:
        """A new connection for each call: supervisor's transport does not recover from one that was refused."""
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    @property
    def _configuration(self) -> Path:
        return self._config.home / "supervisord.conf"

    def _write_configuration(self, services: Iterable[Service]) -> None:
        parser = configparser.RawConfigParser()
        parser["unix_http_server"] = {"file": str(self._socket), "chmod": "0700"}
        parser["supervisord"] = {
            "logfile": str(self._config.logs / "supervisord.log"),
            "pidfile": str(self._config.home / "supervisord.pid"),
            "childlogdir": str(self._config.logs),
            **({"user": "root"} if os.geteuid() == 0 else {}),
        }
        parser["rpcinterface:supervisor"] = {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        }
        for service in services:
            parser[f"program:{service.name}"] = self._program(service)
        text = io.StringIO()
        parser.write(text)
        variables.write_private(self._configuration, text.getvalue())

    def _program(self, service: Service) -> dict[str, str]:
        log = str(self._config.logs / f"{service.name}.log")
        file = self._write_variables(service)
        command = [sys.executable, "-m", "stack.variables", str(file), *service.command(self._config)]
        return {
            "command": " ".join(_quoted(word) for word in command),
            "directory": str(PROJECT_ROOT),
            "autostart": "false",
            "autorestart": "true",
            "startsecs": "2",
            "startretries": "2",
            "stopsignal": service.stop_signal,
            "stopwaitsecs": "20",
            "stopasgroup": "true" if service.stop_signal == "TERM" else "false",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": log,
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": "2",
        }

    def _write_variables(self, service: Service) -> Path:
        """A file for a service's variables: supervisord's own syntax cannot hold each value, and its errors print them."""
        file = self._config.home / "env" / f"{service.name}.json"
        file.parent.mkdir(mode=0o700, exist_ok=True)
        variables.write(file, service.environment(self._config))
        return file

    def _reread(self) -> None:
        """Take over a changed configuration: what changed is stopped, and started again by who needs it."""
        added, changed, removed = self._rpc.reloadConfig()[0]
        for name in [*changed, *removed]:
            self._rpc.stopProcessGroup(name, True)
            self._rpc.removeProcessGroup(name)
        for name in [*added, *changed]:
            self._rpc.addProcessGroup(name)

    def _await_daemon(self) -> bool:
        return _poll(self.is_running, seconds=20)


def kill_tree(pid: int) -> None:
    """SIGKILL a process and all that it has started."""
    process = psutil.Process(pid)
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            each.kill()


def _quoted(word: str) -> str:
    """Quote for supervisord's shell-like syntax, where % starts an expansion."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _await_exit(pid: int) -> bool:
    import psutil

    try:
        psutil.Process(pid).wait(timeout=120)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def _poll(condition: Callable[[], bool], seconds: float) -> bool:
    return retry(
        retry=retry_if_result(lambda done: not done),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(0.2),
        retry_error_callback=lambda _: False,
    )(condition)()
