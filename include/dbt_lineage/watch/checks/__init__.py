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
