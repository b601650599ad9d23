"""JSON with one possible reading: anything ambiguous is refused."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

# Below the limits of the parsers on the way (Python about 1000 with its caller's frames, Jackson 1000), and above what
# real events have: Airflow's task tree nests as deep as a DAG is long.
MAX_DEPTH = 500

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


class NotStrictJson(ValueError):
    """The bytes are no JSON, or JSON with several readings; the message has the reason."""


def loads(body: bytes) -> Any:
    """Parse JSON.

    Args:
        body: the document, UTF-8.

    Raises:
        NotStrictJson: no UTF-8, no JSON, NaN or an infinity, a number that is too large to be read, a key twice in one
            object, half of a surrogate pair, or more than ``MAX_DEPTH`` levels.
    """
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        if _SURROGATE_ESCAPE.search(body):
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrictJson(f"no UTF-8: byte {error.start} is {error.object[error.start]:#04x}") from None
    except UnicodeEncodeError:
        raise NotStrictJson("half of a surrogate pair stands alone") from None
    except RecursionError:
        raise NotStrictJson(_too_deep()) from None
    except NotStrictJson:
        raise
    except ValueError as error:
        raise NotStrictJson(f"no JSON: {error}") from None
    # No document nests deeper than it has brackets; most events have few, and need no walk through all that they hold.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_deeper_than(document, MAX_DEPTH):
        raise NotStrictJson(_too_deep())
    return document


def _too_deep() -> str:
    return f"nested more than {MAX_DEPTH} levels deep"


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NotStrictJson(f"key {twice[:80]!r} stands twice in one object")
    return found


def _refuse_constant(name: str) -> Any:
    raise NotStrictJson(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise NotStrictJson(f"number {text[:40]} is too large")
    return number


def _is_deeper_than(document: Any, depth: int) -> bool:
    """Level by level, because the documents this is for would end a recursion."""
    level = [document]
    for _ in range(depth + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(parent: Any) -> Iterable[Any]:
    values = parent.values() if isinstance(parent, dict) else parent
    return [value for value in values if isinstance(value, (dict, list))] if isinstance(parent, (dict, list)) else ()
