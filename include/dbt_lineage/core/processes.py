"""Children of a process: that they do not outlive it, and which of its variables they get. Only the standard library."""

import ctypes
import fnmatch
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable

_PR_SET_PDEATHSIG = 1
# What any program may need of its environment: where things are, its language, and how it reaches a network.
BASIC = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "HOSTNAME", "TMPDIR", "TEMP", "TMP", "XDG_*"),
    *("LANG", "LANGUAGE", "LC_*", "TZ", "TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"),
    *("PYTHON*", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_*"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)


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
