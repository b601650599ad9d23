"""Start child processes that do not outlive this one, with a chosen environment. Uses only the standard library."""

import ctypes
import fnmatch
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Variables that any program may need: paths, language, and network access.
BASIC = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "HOSTNAME", "TMPDIR", "TEMP", "TMP", "XDG_*"),
    *("LANG", "LANGUAGE", "LC_*", "TZ", "TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"),
    *("PYTHON*", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_*"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)

# A shell that becomes the program, with a watcher in the background. The watcher reads from this process until it ends
# or closes the pipe. Then it sends SIGINT, and SIGKILL ten seconds later. ``$$`` is the program's process id, and 0 its
# whole process group.
_WATCHED = """
exec 3<&0
{
    trap '' INT TERM HUP
    read -r _
    kill -s INT 0
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -s 0 $$ && sleep 1; done
    kill -s KILL 0
} <&3 >/dev/null 2>&1 &
exec 3<&- </dev/null
exec "$@"
"""


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A function that matches names against patterns such as ``LC_*``, with case."""
    found = re.compile("|".join(map(fnmatch.translate, patterns)) or "(?!)")
    return lambda name: found.match(name) is not None


def basic_environment(*more: str) -> dict[str, str]:
    """This process's variables that any program may need. They include no secret.

    Args:
        more: patterns of further variables.
    """
    is_needed = matcher((*BASIC, *more))
    return {name: value for name, value in os.environ.items() if is_needed(name)}


def watched(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> "subprocess.Popen[str]":
    """Start a program that ends when this process ends, for any reason, or closes the program's ``stdin``.

    The program then gets SIGINT, and SIGKILL after ten seconds. So do all processes that it has started, since a program
    may be a script that runs another one. Close ``stdin`` after waiting for the program: that ends what it left behind.

    Args:
        command: the program and its arguments.
        environment: its variables.
        folder: its working folder.

    Returns:
        The process. Its ``stdout`` has the lines of both stdout and stderr.
    """
    # A shell that starts Airflow in the background lets it ignore SIGINT, and so does every program that Airflow starts; a
    # shell cannot change that. So it is undone in the child, before the shell; only if needed, since Python forks more
    # slowly then.
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCHED, "sh", *command],
        preexec_fn=_hear_interrupts if is_ignored else None,
        env=environment,
        cwd=folder,
        # A session of its own, so that a signal to this process's group does not reach the program.
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when the thread that started it ends, for any reason.

    A connector that outlives a killed ingestion would write beside the next pass, and overwrite edges that this pass has
    verified. Only Linux has this; elsewhere the function does nothing.

    Args:
        parent: process id of the parent. If it has ended already, this process ends itself.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
