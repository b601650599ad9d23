"""What dbt said of each node and test of the last build, from its run_results.json."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

log = logging.getLogger(__name__)

_PASSED, _WARNED, _FAILED = ("pass", "success"), ("warn",), ("fail", "error", "runtime error")


@dataclass(frozen=True)
class Outcome:
    """How dbt's node or test ended.

    Args:
        status: dbt's word.
        message: what dbt said of it.
        at: when it ended, ISO 8601; None where dbt does not say.
    """

    status: str
    message: str
    at: str | None


def outcomes(run_artifacts: Path) -> Mapping[str, Outcome]:
    """How each node and test of the last build ended, by unique id; none where there was no build yet.

    Args:
        run_artifacts: folder of the artifacts of the last build.
    """
    file = run_artifacts / "run_results.json"
    try:
        found = file.stat()
    except OSError:
        return {}
    return _read(file, found.st_ino, found.st_mtime_ns, found.st_size)


def counted(results: Mapping[str, Outcome], tests: list[str]) -> dict[str, int]:
    """How many of some tests passed, failed and warned.

    Args:
        results: of the last build.
        tests: unique ids of the tests.
    """
    words = [results[each].status for each in tests if each in results]
    return {
        "passed": sum(word in _PASSED for word in words),
        "failed": sum(word in _FAILED for word in words),
        "warned": sum(word in _WARNED for word in words),
    }


@lru_cache(maxsize=32)
def _read(file: Path, *state: int) -> Mapping[str, Outcome]:
    try:
        results = json.loads(file.read_text(encoding="utf-8"))["results"]
        return {
            each["unique_id"]: Outcome(
                each["status"],
                each.get("message") or "",
                next((part.get("completed_at") for part in reversed(each.get("timing") or [])), None),
            )
            for each in results
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s does not tell how the last build ended: %s", file, error)
        return {}
