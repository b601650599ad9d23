"""Facts in the form in which the ledger keeps the lineage of jobs."""

from collections.abc import Iterator, Mapping

from dbt_lineage.ingest.fact import Fact, newest
from dbt_lineage.ledger.job_lineage import JobLineage, LineageLedger, Said


def keep(ledger: LineageLedger, facts: Mapping[Fact, str]) -> None:
    """Let the ledger keep what facts say; of each job and output only the newest counts.

    Args:
        ledger: the ledger.
        facts: each with the id of its event.

    Raises:
        LedgerError: it is away, too slow or refuses.
    """
    ledger.keep(_kept(fact, facts[fact]) for fact in newest(facts).values())


def _kept(fact: Fact, event_id: str) -> JobLineage:
    edges = list(fact.edges.values())
    described = fact.schemas.get(fact.output.key, {})
    said = Said(
        inputs=[(edge.upstream.service, str(edge.upstream)) for edge in edges],
        columns=[(name, column.type, column.description) for name, column in described.items()],
        links=[(place, link.source, link.target, link.ways) for place, edge in enumerate(edges) for link in edge.links],
        deciding=list(_deciding(fact)),
        expressions={name: text for name, text in fact.expressions.items() if text},
        unresolved=fact.unresolved,
    )
    return JobLineage(*fact.job, str(fact.output), fact.output.service, event_id, fact.run, fact.at, said, fact.sql)


def _deciding(fact: Fact) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for place, edge in enumerate(fact.edges.values()):
        for way, columns in edge.deciding.items():
            yield place, way, columns
