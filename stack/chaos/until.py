"""Waiting for something to be so."""

from collections.abc import Callable

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core import settings
from dbt_lineage.spool.spool import Spool
from stack.config import StackError

_LOOK_SECONDS = 0.02


def until(condition: Callable[[], object], otherwise: str, seconds: float = 60) -> None:
    """Wait until a condition holds.

    Args:
        condition: what is waited for.
        otherwise: what to say when it does not come to be.
        seconds: how long to wait at most.

    Raises:
        StackError: it did not come to be.
    """
    attempts = Retrying(
        retry=retry_if_result(lambda holds: not holds), stop=stop_after_delay(seconds), wait=wait_fixed(_LOOK_SECONDS)
    )
    try:
        attempts(condition)
    except RetryError:
        raise StackError(f"{otherwise} after {seconds:.0f} s") from None


def until_spool_is_empty() -> None:
    """Wait until Kafka, and the ledger, have all that was emitted, and what follows it up. Raises StackError."""
    spool = Spool(settings.spool().dir, settings.spool().max_bytes, bounded=False)

    def is_empty() -> bool:
        usage = spool.usage()
        return usage.waiting == usage.acknowledged == usage.follow_ups == 0

    try:
        until(is_empty, "the spool is not empty")
    finally:
        spool.close()
