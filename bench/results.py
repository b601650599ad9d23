"""build/bench.json: the newest figures of each part, with the machine, the date and the commit that they come from."""

import importlib.metadata
import json
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from stack.checkout import PROJECT_ROOT

FILE = PROJECT_ROOT / "build" / "bench.json"
# What some parts tell besides their ways.
COUNTS = (
    *("writer_s", "connector_s", "ratio", "events_per_s", "growth_exponent", "requests_per_event"),
    *("writer_s_with_20_ms_of_delay", "failed_runs"),
    "runs",
    "tasks",
    "tried_again",
    "events_per_run",
    "bytes_per_event",
)
DISTRIBUTIONS = (
    "apache-airflow",
    "apache-airflow-providers-openlineage",
    "astronomer-cosmos",
    "dbt-core",
    "dbt-postgres",
    "openlineage-dbt",
)


def circumstances() -> dict[str, Any]:
    """Where and of what a part is measured; to be asked before it starts, since it has the load of the machine."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": {
            "cpus": psutil.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
            "system": platform.platform(),
            "load_average_before": psutil.getloadavg()[0],
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in DISTRIBUTIONS},
        },
    }


def merge(file: Path, part: str, figures: dict[str, Any]) -> None:
    """Write the figures of one part into the file; those of the other parts stay as they are.

    Args:
        file: made when missing.
        part: name of the part.
        figures: what replaces the part's former figures.
    """
    results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps({**results, part: figures}, indent=2) + "\n", encoding="utf-8")
    new.replace(file)


def table(part: str, figures: dict[str, Any]) -> Table:
    """The figures of one part for people."""
    shown = Table(
        *("way", "wall s", "CPU s", "of it not idling", "MiB", "wall ratio", "CPU ratio, not idling"),
        title=f"{part}: median (smallest to largest); ratios: median (95 % of resampled medians)",
        caption=f"{_counts(figures)}{figures['rounds']} rounds, commit {figures['commit']}, {figures['date']}",
    )
    for name, way in figures["ways"].items():
        ratios = figures["ratios"].get(name, {})
        spreads = [_spread(way.get(key)) for key in ("wall_s", "cpu_s", "cpu_without_idling_s")]
        spreads.append(_spread(way.get("peak_memory_mib") or way.get("memory_mib")))
        shown.add_row(name, *spreads, *(_ratio(ratios.get(key)) for key in ("wall_s", "cpu_without_idling_s")))
    return shown


def _counts(figures: dict[str, Any]) -> str:
    counted = [f"{name}: {figures[name]}" for name in COUNTS if name in figures]
    return "; ".join([*counted, ""])


def _spread(spread: dict[str, float] | None) -> str:
    return _shown(spread["median"], spread["low"], spread["high"]) if spread else ""


def _ratio(ratio: dict[str, float] | None) -> str:
    return _shown(ratio["median"], ratio["interval_low"], ratio["interval_high"]) if ratio else ""


def _shown(median: float, low: float, high: float) -> str:
    return f"{median:.2f} ({low:.2f} to {high:.2f})"


def _commit() -> str:
    """Git's name of what is checked out, with ``-dirty`` after changes; ``unknown`` outside of a checkout."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=PROJECT_ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
