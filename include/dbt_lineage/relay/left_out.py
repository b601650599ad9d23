"""What was left out of an event because it was too large for Kafka: its run facet ``lineageLeftOut``."""

from collections.abc import Mapping
from typing import Any

LEFT_OUT = "lineageLeftOut"
# What the user can do about it.
REMEDY = "raise max.message.bytes of the events topic, then build it again"


def left_out(run_facets: Mapping[str, Any]) -> tuple[str, ...]:
    """What was left out of an event, in words; empty when nothing was.

    Args:
        run_facets: the facets of its run, which may hold anything.
    """
    facet = run_facets.get(LEFT_OUT)
    parts = facet.get("parts") if isinstance(facet, dict) else None
    return tuple(each for each in parts if isinstance(each, str)) if isinstance(parts, list) else ()
