"""A child that does not outlive its parent: the standard library only, for both environments."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


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
