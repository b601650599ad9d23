"""Whether this machine can run the project, asked before anything is installed: ``make doctor``.

Only Python's own library is used. Each check is a sentence; one that fails carries its remedy.
"""

import argparse
import functools
import json
import os
import platform
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dbt_lineage.core import commands
from stack import java as javas
from stack.compose_secrets import ENV_FILE, variables

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("airflow", "openmetadata", "superset")
PYTHONS = ((3, 11), (3, 12), (3, 13))
# Wheels exist for these; measured needs: `du -sh .venvs .stack` after a demo, and its memory by `make bench PARTS=sizes`.
MACHINES = {"Linux": ("x86_64", "aarch64"), "Darwin": ("arm64", "x86_64")}
DISK_TO_INSTALL, DISK_TO_RUN, DISK_OF_SPARK = 4.0, 1.0, 2.0
MEMORY = 5.0
GIB = 1024**3
# What a socket file's path may have on Linux, less the longest name that the stack gives one.
# supervisord first binds it under a name that ends with its process id.
SOCKET_BYTES, SOCKET_NAME = 107, len("/lineage-4294967295/stack-0123456789ab.sock.4194304")
# The index has so long to answer; pip itself may take longer, since a busy machine needs seconds to start it.
NETWORK_SECONDS, PIP_SECONDS = 3, 60
# Where system programs are; a shell of `su` without `-` does not look there.
SYSTEM_FOLDERS = ("/usr/sbin", "/sbin")
CERTIFICATES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True)
class Finding:
    """What a check saw.

    Args:
        seen: what is there, in words.
        remedy: what to do; empty when all is well.
        hint: whether the remedy is only advice.
    """

    seen: str
    remedy: str = ""
    hint: bool = False

    @property
    def stops(self) -> bool:
        """Whether the project cannot run like this."""
        return bool(self.remedy) and not self.hint


def python() -> Finding:
    """Interpreter of every environment."""
    version = f"{platform.python_implementation()} {platform.python_version()} ({sys.executable})"
    if sys.implementation.name != "cpython" or sys.version_info[:2] not in PYTHONS:
        known = ", ".join(".".join(map(str, each)) for each in PYTHONS)
        return Finding(version, f"CPython {known} is required: name one with `make PYTHON=/path/to/python3.12`")
    made = {name: found for name in ENVIRONMENTS if (found := _version_of(name))}
    others = [
        f"{name} has {found}" for name, found in made.items() if found != ".".join(map(str, sys.version_info[:2]))
    ]
    return Finding(version + (f"; environment {', '.join(others)}" if others else ""))


def _version_of(environment: str) -> str:
    """Python of an environment that is there, such as 3.11."""
    return next((path.name[6:] for path in (ROOT / ".venvs" / environment / "lib").glob("python3.*")), "")


def processor() -> Finding:
    """Operating system and processor: those that every package has a wheel for."""
    system, machine = platform.system(), platform.machine()
    cores = os.cpu_count() or 1
    seen = f"{system} {machine}, {cores} cores"
    if machine not in MACHINES.get(system, ()):
        return Finding(seen, "packages have wheels for Linux (x86_64, aarch64) and macOS only: use such a machine")
    if system == "Linux" and not platform.libc_ver()[0]:
        return Finding(f"{seen}, musl", "packages have wheels for glibc only: use Debian, Ubuntu or Fedora, not Alpine")
    if cores < 2:
        return Finding(seen, "the demo takes several times longer on one core", hint=True)
    return Finding(seen)


def memory() -> Finding:
    """Free memory, within the limit of a container."""
    free = _available_memory()
    if free is None:
        return Finding("unknown on this system")
    seen = f"{free / GIB:.1f} GiB free"
    if free < MEMORY * GIB and not _stack_runs():
        return Finding(
            seen, f"the stack takes {MEMORY:g} GiB: close programs, or raise the container's limit", hint=True
        )
    return Finding(seen)


def _available_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), None)
    for folder in ("/sys/fs/cgroup",):
        try:
            limit = Path(folder, "memory.max").read_text().strip()
            used = int(Path(folder, "memory.current").read_text())
        except (OSError, ValueError):
            continue
        if limit.isdigit() and free is not None:
            free = min(free, int(limit) - used)
    return free


def disk() -> Finding:
    """Free disk where the environments and the stack's data go."""
    needed = DISK_TO_RUN if _installed() else DISK_TO_INSTALL + (DISK_OF_SPARK if _builds_on_spark() else 0)
    places = {ROOT: needed, _stack_home(): DISK_TO_RUN, Path(tempfile.gettempdir()): 0.1}
    shown = []
    for place, gib in places.items():
        free = shutil.disk_usage(_existing(place)).free / GIB
        shown.append(f"{free:.1f} GiB in {place}")
        if free < gib:
            return Finding(f"{free:.2f} GiB free in {place}", f"{gib:g} GiB are required there: free some space")
    return Finding(", ".join(shown))


def folders() -> Finding:
    """Folders that are written to, and that programs are started from."""
    for place in (ROOT, _stack_home(), Path(tempfile.gettempdir())):
        existing = _existing(place)
        try:
            with tempfile.NamedTemporaryFile("w", dir=existing, prefix=".doctor", delete=False) as script:
                script.write("#!/bin/sh\nexit 0\n")
        except OSError as error:
            return Finding(
                f"{existing}: {error.strerror}", "this folder must be writable: change its rights or its owner"
            )
        try:
            os.chmod(script.name, stat.S_IRWXU)
            if place == ROOT and subprocess.run([script.name], check=False).returncode != 0:
                return Finding(f"{existing} runs no program", "clone the project into a folder that is not noexec")
        except PermissionError:
            return Finding(f"{existing} is mounted noexec", "clone the project into a folder where programs may run")
        finally:
            os.unlink(script.name)
    return Finding("writable, programs run")


def sockets() -> Finding:
    """Length of the path of a socket file."""
    folder = tempfile.gettempdir()
    if len(os.fsencode(folder)) + SOCKET_NAME > SOCKET_BYTES:
        room = SOCKET_BYTES - SOCKET_NAME
        return Finding(
            f"TMPDIR={folder}", f"a socket file's path is too long there: name a folder of at most {room} bytes"
        )
    return Finding(f"in {folder}")


def ports() -> Finding:
    """Ports that the user chose; others are chosen free."""
    if _stack_runs():
        return Finding("the stack is running")
    env_file = variables(ENV_FILE.read_text(encoding="utf-8")) if ENV_FILE.exists() else {}
    settings = {**env_file, **os.environ}
    chosen = {name: value for name, value in settings.items() if name.startswith("STACK_") and name.endswith("_PORT")}
    kept = _stack_home() / "ports.json"
    if kept.exists():
        chosen = {
            f"STACK_{name.upper()}_PORT": str(port) for name, port in json.loads(kept.read_text()).items()
        } | chosen
    for name, value in chosen.items():
        if not value.isdigit() or not 0 < int(value) <= 65535:
            return Finding(f"{name}={value}", "a port is a number from 1 to 65535")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", int(value)))
            except OSError as error:
                remedy = f"stop the program that has it, or choose another port with {name}"
                return Finding(f"port {value} ({name}): {error.strerror}", remedy)
    return Finding("free" if chosen else "chosen when the stack starts")


def user() -> Finding:
    """Who runs it; PostgreSQL refuses to run as root, so root needs a system user for it."""
    if os.geteuid() != 0:
        return Finding(f"user {os.geteuid()}")
    if _has_user("postgres-stack"):
        missing = [] if system_program("setpriv") else ["setpriv"]
    else:
        missing = [name for name in ("useradd", "setpriv") if not system_program(name)]
    if missing:
        remedy = "install the packages passwd and util-linux, or run this as another user than root"
        return Finding(f"root, without {' and '.join(missing)}", remedy)
    return Finding("root; PostgreSQL runs as the system user postgres-stack")


def _has_user(name: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def system_program(name: str) -> str | None:
    """Path of a program, also where PATH lacks the folders of system programs."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS)))


def certificates() -> Finding:
    """Certificate authorities that downloads trust."""
    for name in CERTIFICATES:
        if (file := os.environ.get(name)) and not os.access(file, os.R_OK):
            return Finding(f"{name}={file}", f"this file cannot be read: correct {name} or unset it")
    named = {os.environ[name] for name in CERTIFICATES if os.environ.get(name)}
    return Finding(", ".join(sorted(named)) or "those that pip brings")


def network() -> Finding:
    """Whether the package index answers, asked only while something has to be installed."""
    if _installed():
        return Finding("not needed, everything is installed")
    proxy = next((os.environ[name] for name in ("HTTPS_PROXY", "https_proxy") if os.environ.get(name)), "")
    through = f" through the proxy {proxy}" if proxy else ""
    pip = [sys.executable, *_pip(), "download", "--quiet", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as folder:
        # A package of 11 kB that the locks have.
        command = [*pip, "--timeout", str(NETWORK_SECONDS), "--retries", "0", "--dest", folder, "six"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS)
        except subprocess.TimeoutExpired:
            return Finding(f"no answer{through} in {PIP_SECONDS} s", _NETWORK_REMEDY)
    if done.returncode == 0:
        return Finding(f"the package index answers{through}")
    said = done.stderr + done.stdout
    if "CERTIFICATE_VERIFY_FAILED" in said or "SSLError" in said:
        remedy = "name the file of your network's certificate authorities in SSL_CERT_FILE"
        return Finding(f"the package index{through} has a certificate that is not trusted", remedy)
    return Finding(f"the package index does not answer{through}", _NETWORK_REMEDY)


def java() -> Finding:
    """Java for Spark. Kafka's is installed with the environments."""
    if not _builds_on_spark():
        return Finding("not needed, only Spark takes the system's")
    try:
        return Finding(str(javas.home()))
    except javas.NoJava as error:
        return Finding("none for Spark", str(error))


_NETWORK_REMEDY = "connect this machine, set HTTPS_PROXY, or name an index that it reaches in PIP_INDEX_URL"


def _pip() -> list[str]:
    """How pip is started: the interpreter's own, else the one inside of ensurepip."""
    import ensurepip
    import importlib.util

    if importlib.util.find_spec("pip"):
        return ["-m", "pip"]
    [wheel] = Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")
    return [f"{wheel}/pip"]


CHECKS: dict[str, Callable[[], Finding]] = {
    "Python": python,
    "processor": processor,
    "memory": memory,
    "disk": disk,
    "folders": folders,
    "sockets": sockets,
    "ports": ports,
    "user": user,
    "certificates": certificates,
    "network": network,
    "Java": java,
}


def examine() -> Iterator[tuple[str, Finding]]:
    """Make every check; one that cannot be made is a finding of its own."""
    for name, check in CHECKS.items():
        try:
            yield name, check()
        except OSError as error:
            yield name, Finding(f"could not be checked: {error}", "see the message", hint=True)


@functools.cache
def _installed() -> bool:
    """Whether all environments are there and as new as their locks."""
    locks = [ROOT / "requirements.txt", *(ROOT / "requirements").glob("*.txt")]
    others = ("superset-overrides.txt",) if _builds_on_spark() else ("superset-overrides.txt", "spark.txt")
    newest = max(lock.stat().st_mtime for lock in locks if lock.name not in others)
    needed = (*ENVIRONMENTS, "spark") if _builds_on_spark() else ENVIRONMENTS
    made = [ROOT / ".venvs" / name / ".ready" for name in needed]
    return all(ready.exists() for ready in made) and max(ready.stat().st_mtime for ready in made) >= newest


def _builds_on_spark() -> bool:
    """Whether dbt builds on Spark, by the setting or as at the stack's last start."""
    kept = _stack_home() / "warehouse"
    return os.environ.get("STACK_WAREHOUSE", kept.read_text() if kept.exists() else "") == "spark"


def _stack_home() -> Path:
    return ROOT / os.environ.get("STACK_HOME", ".stack")


def _stack_runs() -> bool:
    """Whether the stack of this checkout holds its ports itself."""
    try:
        pid = int((_stack_home() / "supervisord.pid").read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return True


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def main() -> int:
    """Print what was found; exit code 1 when something stops the project."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="print only what stops the project")
    quiet = parser.parse_args().quiet
    stopped = False
    for name, finding in examine():
        stopped |= finding.stops
        if finding.stops:
            print(f"doctor: {name}: {finding.seen}: {finding.remedy}", file=sys.stderr)
        elif not quiet:
            advice = f" ({finding.remedy})" if finding.remedy else ""
            print(f"ok  {name + ':':14}{finding.seen}{advice}")
    return 1 if stopped else 0


if __name__ == "__main__":
    commands.run("doctor", main)
