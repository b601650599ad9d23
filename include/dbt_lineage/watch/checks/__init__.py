"""Station 6: is the lineage complete, right and fresh, now? One check a promise."""

# Each check, and the promise that it looks after. The order is that of the way of an event.
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
# Of what all projects share: made once for all of them, with the thresholds of the first one.
SHARED = frozenset({"validity", "lag"})


def checks_of(project: str, first: str) -> dict[str, str]:
    """The checks that are made for a project, with their promises.

    Args:
        project: its name.
        first: the name of the first project, which looks after what all share.
    """
    return {name: promise for name, promise in CHECKS.items() if project == first or name not in SHARED}
