"""Ask a warehouse for columns on a thread of its own.

A warehouse that is unreachable or hangs delays only the events that need it, and only for a limited time.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from dbt_lineage.relay.completion import Columns
from dbt_lineage.warehouse.port import WarehouseError

# How long the answer of a healthy warehouse is awaited at once, so that a batch is not split. Seconds.
_AT_ONCE = 0.2
# A question has at least this long before it counts as failed. Seconds.
_AT_LEAST = 1.0
# Pauses after a failed question: the first, and the longest. Seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0

_logger = logging.getLogger(__name__)


class _Question:
    """One question under way.

    Args:
        ask: asks the warehouse.
        needs: the relations that each event needs, by the event's id.
    """

    def __init__(self, ask: Callable[[Iterable[str]], Columns], needs: Mapping[str, frozenset[str]]) -> None:
        self.events = frozenset(needs)
        self.asked_at = time.monotonic()
        self.columns: Columns = {}
        self.problem: str | None = None
        self.done = threading.Event()
        relations = frozenset().union(*needs.values())
        # A daemon thread, so that a hanging warehouse does not keep the relay from ending.
        threading.Thread(target=self._run, args=(ask, relations), name="columns", daemon=True).start()

    def _run(self, ask: Callable[[Iterable[str]], Columns], relations: frozenset[str]) -> None:
        try:
            self.columns = ask(relations)
        except WarehouseError as error:
            self.problem = str(error)
        except Exception as error:
            # Any error answers the question: the relay must not wait for this thread without a limit.
            _logger.exception("the warehouse could not be asked for the columns of %d relations", len(relations))
            self.problem = f"the warehouse could not be asked: {type(error).__name__}: {error}"
        finally:
            self.done.set()


class Questions:
    """One question at a time, about the relations of many events.

    Args:
        ask: returns the columns of relations, or raises WarehouseError.
        place: the warehouse, in words.
        wait_seconds: how long events wait for their columns, counted from the first question that failed.
    """

    def __init__(self, ask: Callable[[Iterable[str]], Columns], place: str, wait_seconds: float) -> None:
        self._ask = ask
        self._place = place
        self._wait_seconds = wait_seconds
        self._open: _Question | None = None
        self._answered: frozenset[str] = frozenset()
        self._columns: Columns = {}
        self._failing_since = 0.0
        self._next_at = 0.0
        self._pause = _FIRST_PAUSE
        self.problem: str | None = None

    @property
    def given_up(self) -> bool:
        """Whether events go on without columns: no question was answered for ``wait_seconds``."""
        return self.problem is not None and time.monotonic() - self._failing_since >= self._wait_seconds

    @property
    def may_ask(self) -> bool:
        """Whether a question may be asked now: none is open, and the pause after a failure is over."""
        return self._open is None and time.monotonic() >= self._next_at

    def ask(self, needs: Mapping[str, frozenset[str]]) -> None:
        """Ask for the relations of events, if ``may_ask``. A healthy warehouse has mostly answered when this returns.

        Args:
            needs: relations by the event's id.
        """
        if not self.may_ask:
            return
        self._open = _Question(self._ask, needs)
        if self.problem is None:
            self._open.done.wait(_AT_ONCE)
        self.look()

    def columns_for(self, event_id: str) -> Columns | None:
        """The answer for an event; None when there is none yet, or nothing was asked for it."""
        return self._columns if event_id in self._answered else None

    def look(self) -> bool:
        """Take the answer if it is there. Returns whether anything changed."""
        question = self._open
        if question is None:
            return False
        if question.done.is_set():
            self._open = None
            if question.problem is None:
                self._answered, self._columns = question.events, question.columns
                self.problem, self._pause = None, _FIRST_PAUSE
            else:
                self._failed(question, question.problem)
                self._next_at = time.monotonic() + self._pause
                self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            return True
        patience = max(self._wait_seconds, _AT_LEAST)
        if self.problem is None and time.monotonic() - question.asked_at >= patience:
            self._failed(question, f"{self._place}: no answer to the question for columns within {patience:g} s")
            return True
        return False

    def _failed(self, question: _Question, problem: str) -> None:
        if self.problem is None:
            self._failing_since = question.asked_at
        self.problem = problem
