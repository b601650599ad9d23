"""Children of a process: that they do not outlive it, and which of its variables they get. Only the standard library."""

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
# What any program may need of its environment: where things are, its language, and how it reaches a network.
BASIC = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "HOSTNAME", "TMPDIR", "TEMP", "TMP", "XDG_*"),
    *("LANG", "LANGUAGE", "LC_*", "TZ", "TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"),
    *("PYTHON*", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_*"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)

# A shell that becomes the program, with a watch behind it. The watch reads from this process until that ends or closes
# the pipe. The program then has ten seconds after a SIGINT; ``$$`` is its process id, and 0 all of its process group.
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
    """Whether a name is one of some patterns, such as ``LC_*``. Capitals count."""
    found = re.compile("|".join(map(fnmatch.translate, patterns)) or "(?!)")
    return lambda name: found.match(name) is not None


def basic_environment(*more: str) -> dict[str, str]:
    """Of this process's variables those that any program may need; no secret is among them.

    Args:
        more: patterns of others that this program needs.
    """
    is_needed = matcher((*BASIC, *more))
    return {name: value for name, value in os.environ.items() if is_needed(name)}


def watched(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> "subprocess.Popen[str]":
    """Start a program that ends when this process ends, by whatever, or closes its ``stdin``.

    It then gets SIGINT, and SIGKILL after ten seconds. So do all processes that it has started: a program may be a script
    that runs another one. Whoever waits for it closes ``stdin`` afterwards, which ends what it left behind.

    Args:
        command: the program and its arguments.
        environment: its variables.
        folder: where it runs.

    Returns:
        The process. Its ``stdout`` has what it prints, also to stderr, line by line.
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCHED, "sh", *command],
        env=environment,
        cwd=folder,
        # A session of its own: a signal to the process group of this process is this process's matter.
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when the thread that started it ends, by whatever.

    A connector that outlives a killed ingestion would go on writing beside that of the next pass, and what that one
    has read back would not be the last word. Only Linux knows this; elsewhere it does nothing.

    Args:
        parent: process id of the one that started this one: it may have ended before the kernel was told.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
