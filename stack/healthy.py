"""Health check of one container: ``python -m stack.healthy scheduler``; exit code 1 with the reason when it is not well.

Airflow's components are asked as the local stack asks them, by Airflow's own health endpoint; the relay and the ingestion
by what they tell.
"""

import sys
from collections.abc import Sequence

import httpx

from dbt_lineage.core import settings
from dbt_lineage.core.liveness import silence
from dbt_lineage.core.projects import projects
from dbt_lineage.ingest.follow import SIGN_OF_LIFE
from dbt_lineage.relay.status import FILE_NAME

HEALTH_PATH = "/api/v2/monitor/health"
# Where each says that it is at work, in the folder of the spool.
SIGNS_OF_LIFE = {"relay": FILE_NAME, "ingestion": SIGN_OF_LIFE}
AIRFLOW_COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


def reason(part: str) -> str | None:
    """Why a part is not well.

    Args:
        part: ``relay``, ``ingestion``, or one of Airflow's components as its health endpoint names them.

    Returns:
        The reason in words; None when it is well.

    Raises:
        SettingsError: a setting is missing or wrong.
    """
    if part in SIGNS_OF_LIFE:
        # Of several projects the strictest counts: the part works for all of them.
        allowed = min(project.check.relay_silence_seconds for project in projects())
        return silence(settings.spool().dir / SIGNS_OF_LIFE[part], allowed)
    if part not in AIRFLOW_COMPONENTS:
        return f"there is no part {part}; there are {', '.join([*SIGNS_OF_LIFE, *AIRFLOW_COMPONENTS])}"
    url = str(settings.airflow().url).rstrip("/") + HEALTH_PATH
    try:
        answer = httpx.get(url, timeout=settings.health().timeout_seconds)
    except httpx.TransportError as error:
        return f"{url}: {error}"
    if answer.status_code != 200:
        return f"{url} answered {answer.status_code}"
    status = (answer.json().get(part) or {}).get("status")
    return None if status == "healthy" else f"Airflow says that it is {status or 'not there'}"


def main(arguments: Sequence[str]) -> None:
    """Tell the container engine by the exit code."""
    if len(arguments) != 1:
        sys.exit(f"usage: python -m stack.healthy PART, one of {', '.join([*SIGNS_OF_LIFE, *AIRFLOW_COMPONENTS])}")
    [part] = arguments
    try:
        why = reason(part)
    except settings.SettingsError as error:
        why = str(error)
    if why is not None:
        sys.exit(f"{part} is not healthy: {why}")


if __name__ == "__main__":
    main(sys.argv[1:])
