"""How fast one relay brings waiting events to Kafka, with and without columns, and what memory it takes."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import psutil

from bench.parts import part
from bench.parts.catalogue import COLUMNS
from bench.stack import make_tables, of_services
from bench.statistics import growth_exponent
from bench.usage import MEBIBYTE
from dbt_lineage.core import settings
from dbt_lineage.spool.spool import Spool, entry
from stack.config import StackConfig, StackError

SERVICES = ("postgres", "kafka")
SIZES = (10_000, 100_000, 1_000_000)
# A project's models: each has a statement, which the relay finds in its cache from the second run on.
MODELS = 200
SCHEMA = "relay_bench"
# Bytes; the largest size needs some 4 GB.
_ROOM = 1 << 33
_LOOK_SECONDS = 0.1
_SECONDS_PER_EVENT = 0.1
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@part("relay", by_default=False)
def relay(_: int) -> dict[str, Any]:
    """Events that wait when the relay starts, until Kafka has acknowledged the last; once for each size."""
    sizes = [int(each) for each in os.environ.get("EVENTS", "").split()] or list(SIZES)
    with of_services("relay", *SERVICES) as config:
        os.environ["SPOOL_MAX_BYTES"] = str(_ROOM)
        settings.forget()
        make_tables(SCHEMA, [f"m{number}" for number in range(MODELS)], COLUMNS)
        ways = {way: {size: _drained(config, size, way == "with columns") for size in sizes} for way in WAYS}
    return {
        **{way: {str(size): figures for size, figures in by_size.items()} for way, by_size in ways.items()},
        "growth_exponents": {
            way: growth_exponent({size: each["seconds"] for size, each in by_size.items()})
            for way, by_size in ways.items()
            if len(by_size) > 1
        },
        "ways": {},
        "ratios": {},
    }


WAYS = ("without columns", "with columns")


def _drained(config: StackConfig, count: int, with_columns: bool) -> dict[str, float]:
    """Fill a spool, and let a relay drain it."""
    folder = config.home / "spool-of-bench"
    shutil.rmtree(folder, ignore_errors=True)
    spool = Spool(folder, _ROOM)
    events = _events(count, with_columns)
    while bodies := list(islice(events, 1000)):
        spool.put_all([entry(body) for body in bodies])
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "dbt_lineage", "relay", "drain"],
        env={**os.environ, "SPOOL_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
    )
    watched, peak = psutil.Process(process.pid), 0
    while spool.waiting(1, 1):
        if process.poll() is not None or time.monotonic() - started > 60 + count * _SECONDS_PER_EVENT:
            raise StackError(f"the relay did not drain {count} events: exit code {process.poll()}")
        peak = max(peak, watched.memory_info().rss)
        time.sleep(_LOOK_SECONDS)
    seconds = time.monotonic() - started
    spool.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "seconds": round(seconds, 2),
        "events_per_s": round(count / seconds, 1),
        "peak_memory_mib": round(peak / MEBIBYTE, 1),
        "cpu_ms_per_event": round(1000 * (used.ru_utime + used.ru_stime) / count, 3),
    }


def _events(count: int, with_columns: bool) -> Iterator[bytes]:
    """Events of runs: COMPLETE of models with their SQL, or START, which has no columns to be asked for."""
    namespace, database = settings.warehouse().namespace, settings.warehouse().database
    for number in range(count):
        model = 1 + number % (MODELS - 1)
        event: dict[str, Any] = {
            "eventType": "COMPLETE" if with_columns else "START",
            "eventTime": (_EPOCH + timedelta(milliseconds=number)).isoformat(),
            "producer": "urn:bench",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": str(uuid.UUID(int=number)), "facets": {}},
            "job": {"namespace": "bench", "name": f"m{model}", "facets": {}},
            "inputs": [],
            "outputs": [],
        }
        if with_columns:
            names = [f"{database}.{SCHEMA}.m{each}" for each in ((model - 1) // 2, model)]
            # dbt's, as it stands in an event: it is never run.
            sql = f"select {', '.join(f'{each} + 1 as {each}' for each in COLUMNS)} from {names[0]}"  # noqa: S608
            facet = {"_producer": "urn:bench", "_schemaURL": "urn:bench", "query": sql}
            event["job"]["facets"]["sql"] = facet
            event["inputs"], event["outputs"] = ([{"namespace": namespace, "name": each}] for each in names)
        yield json.dumps(event).encode()
