"""A time limit for work that cannot be interrupted otherwise."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(BaseException):
    """The time is over. It is no ``Exception``, since code that handles those must not handle this."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End what is done inside when its time is over, by the process's alarm clock (``signal.setitimer``).

    Only the main thread can be ended so; in another thread there is no limit.

    Args:
        seconds: how long it may take.

    Raises:
        TookTooLong: it took longer.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
