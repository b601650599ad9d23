"""What processes use: CPU seconds of whole trees and the peak of their memory."""

import os
import resource
import threading
import time
from collections.abc import Iterable, Mapping
from types import TracebackType

import psutil

BY_HAND = "by hand"
# A look at the memory of forty processes takes a tenth of a second of CPU time.
SAMPLE_SECONDS = 3.0
MEBIBYTE = 2**20


def tree_cpu_seconds(root: psutil.Process) -> float:
    """CPU seconds that a process and its descendants have used so far, those that ended and were waited for included.

    Raises:
        psutil.NoSuchProcess: the root has ended.
    """
    while True:
        before = family(root)
        try:
            seconds = sum(sum(process.cpu_times()[:4]) for process in before)
        except psutil.NoSuchProcess:
            continue
        # One that ended between two readings would be counted twice, or not at all: then read again.
        if family(root) == before:
            return seconds


def children_cpu_seconds() -> float:
    """CPU seconds of this process's children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory_bytes(processes: Iterable[psutil.Process]) -> int:
    """Memory of processes together; what several share is counted once (PSS)."""
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total


class Meter:
    """Measures, as a context, what trees of processes and this process's own children use meanwhile.

    Args:
        roots: the process at the root of each tree, by the name of what runs there.

    Attributes:
        cpu_s: CPU seconds by name; ``by hand`` are this process's own children. There after the context.
        seconds: how long the context lasted.
        peak_memory_mib: largest sum of all trees' memory that was seen, MiB (PSS, looked at every three seconds).
        peak_memory_by_root_mib: the same of each tree alone.
    """

    def __init__(self, roots: Mapping[str, int]) -> None:
        self._roots = {name: psutil.Process(pid) for name, pid in roots.items()}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch_memory, name="memory", daemon=True)
        self.cpu_s: dict[str, float] = {}
        self.seconds = 0.0
        self.peak_memory_mib = 0.0
        self.peak_memory_by_root_mib = dict.fromkeys((*roots, BY_HAND), 0.0)

    def __enter__(self) -> "Meter":
        self._thread.start()
        self._started = time.monotonic()
        self._before = self._cpu_seconds()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        after = self._cpu_seconds()
        self.seconds = time.monotonic() - self._started
        self.cpu_s = {name: after[name] - self._before[name] for name in after}
        self._ended.set()
        self._thread.join()

    def _cpu_seconds(self) -> dict[str, float]:
        trees = {name: tree_cpu_seconds(root) for name, root in self._roots.items()}
        return {**trees, BY_HAND: children_cpu_seconds()}

    def _watch_memory(self) -> None:
        this = psutil.Process(os.getpid())
        peaks = self.peak_memory_by_root_mib
        while True:
            memory = {
                name: memory_bytes(set(family(root)) - {this}) / MEBIBYTE
                for name, root in (*self._roots.items(), (BY_HAND, this))
            }
            peaks.update({name: max(peaks[name], memory[name]) for name in memory})
            self.peak_memory_mib = max(self.peak_memory_mib, sum(memory.values()))
            if self._ended.wait(SAMPLE_SECONDS):
                return


def family(root: psutil.Process) -> list[psutil.Process]:
    """A process and its descendants."""
    return [root, *root.children(recursive=True)]
