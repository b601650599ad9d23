"""Station 6: is the lineage complete, right and fresh now? There is one check for each promise."""

# Each check and its promise, in the order of an event's way.
CHECKS: dict[str, str] = {
    "coverage": "every model has completed since its DAG was due",
    "freshness": "every model's last event is young enough",
    "validity": "every event is as OpenLineage wants it, with times that can be",
    "lag": "no event waits too long in the spool, in Kafka or before the catalogue",
    "latency": "events reach Kafka and the catalogue soon",
    "accuracy": "the catalogue has the edges and columns that it should, and no others",
    "duplicates": "no run, edge, table or pipeline is there twice",
    "dashboards": "every dashboard shows what the warehouse says, and was refreshed since its tables were built",
    "stale": "the catalogue has nothing of models that are no more",
}
# Checks of what all projects share. They are made once, with the thresholds of the first project.
SHARED = frozenset({"validity", "lag"})


def checks_of(project: str, first: str) -> dict[str, str]:
    """The checks of a project, with their promises.

    Args:
        project: its name.
        first: the name of the first project, which also has the checks of what all projects share.
    """
    return {name: promise for name, promise in CHECKS.items() if project == first or name not in SHARED}
