"""Write facts to the catalogue and read them back: a few requests for each output, several outputs at once.

For each output the writer

1. reads the edges;
2. writes those that differ;
3. deletes those that the job no longer makes;
4. reads the edges again.

The edges of one output are written one after the other, since a real server answers 500 to two writes at once.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.catalogue.client import AT_ONCE, CatalogueLacks, CatalogueRefused
from dbt_lineage.catalogue.marks import FROM_EVENTS, Details, marks, without
from dbt_lineage.catalogue.qualified_names import joined, quoted, segment
from dbt_lineage.ingest.catalogue_tables import KeptOfTables, Tables
from dbt_lineage.ingest.edges import CatalogueTable, Wanted, differs, wanted
from dbt_lineage.ingest.fact import Fact, Table, newest
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Job, Warehouses

log = logging.getLogger(__name__)


class Outcome(Enum):
    """The result of writing a fact."""

    VERIFIED = "verified"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True)
class Written:
    """The result of writing a fact, with its reason.

    Args:
        outcome: VERIFIED: it was read back. SUPERSEDED: the catalogue has a newer fact of the same job and output.
            REFUSED: the catalogue refuses it. WAITING: something that it needs is missing now.
        reason: why it was refused, or why it waits.
        absent: messages about its tables and columns that neither catalogue nor warehouse has.
        changed: whether an edge was written or deleted for it.
    """

    outcome: Outcome
    reason: str = ""
    absent: tuple[str, ...] = ()
    changed: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do for it."""
        return self.outcome in (Outcome.VERIFIED, Outcome.SUPERSEDED)


@dataclass
class CatalogueWriter:
    """Writes facts.

    Args:
        client: the catalogue's client.
        warehouses: the warehouses that tables may be in, with their services in the catalogue.
        still_ours: called before each write. It raises when another pass has taken over.
        repeats: whether to write an edge again that has the mark of this very fact already.
        kept_of_tables: what is kept of tables from pass to pass.
    """

    client: AsyncClient
    warehouses: Warehouses
    still_ours: Callable[[], None] = lambda: None
    repeats: bool = False
    kept_of_tables: KeptOfTables = field(default_factory=KeptOfTables)
    _of_warehouse: dict[CatalogueWarehouse, Tables] = field(init=False)
    _pipelines: dict[Job, tuple[str, bool]] = field(default_factory=dict)
    _services: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._of_warehouse = {
            each: Tables(self.client, each, self.warehouses, self.kept_of_tables) for each in self.warehouses.all
        }

    async def write(self, facts: Iterable[Fact]) -> dict[Fact, Written]:
        """Write facts to the catalogue and read them back.

        Args:
            facts: the facts, in any order. The newest of each job and output counts.

        Returns:
            The result for each fact.

        Raises:
            CatalogueError: the catalogue is unreachable, or denies everything. What was written stays.
        """
        facts = list(facts)
        current = newest(facts)
        done = {fact: Written(Outcome.SUPERSEDED) for fact in facts if current[fact.subject] is not fact}
        problems: dict[str, str] = {}
        for tables in self._of_warehouse.values():
            problems |= await tables.resolve(current.values())
        outputs: dict[str, list[Fact]] = {}
        for fact in sorted(current.values(), key=lambda each: each.order):
            found = self._table(fact.output)
            outputs.setdefault(found.id if found else fact.output.key, []).append(fact)
        places = asyncio.Semaphore(AT_ONCE)

        async def write_output(of_output: list[Fact]) -> None:
            async with places:
                for fact in of_output:
                    done[fact] = await self._written(fact, problems)

        try:
            async with asyncio.TaskGroup() as group:
                for of_output in outputs.values():
                    group.create_task(write_output(of_output))
        except BaseExceptionGroup as failures:
            # The first failure has cancelled the other writes.
            raise failures.exceptions[0] from None
        return done

    def _tables(self, table: Table) -> Tables:
        """The tables of the warehouse that a table is in."""
        return self._of_warehouse[self.warehouses.of_table(table)]

    def _table(self, table: Table) -> CatalogueTable | None:
        """A table that was looked up; None when neither the catalogue nor its warehouse has it."""
        return self._tables(table)[table]

    def _job(self, fact: Fact) -> Job:
        return self.warehouses.job(fact.job, fact.output)

    async def pipeline(self, job: Job, make: bool = True) -> str | None:
        """Id of a job's pipeline. Raises CatalogueError.

        Args:
            job: the job.
            make: whether to create a missing pipeline.

        Returns:
            The id; None if the pipeline is missing and was not created.
        """
        if job not in self._pipelines:
            if not make:
                found = await self.client.find(f"/pipelines/name/{segment(self.pipeline_name(job))}")
                return found["id"] if found else None
            await self._make_service(job.service)
            request = {"name": "-".join(job[1:]), "service": quoted(job.service)}
            answer = await self.client.call("PUT", "/pipelines", json=request)
            self._pipelines[job] = (answer.json()["id"], answer.status_code == 201)
        return self._pipelines[job][0]

    def pipeline_name(self, job: Job) -> str:
        """Fully qualified name of a job's pipeline. OpenMetadata's own connector uses the same name."""
        return joined(job.service, "-".join(job[1:]))

    async def _make_service(self, name: str) -> None:
        if name in self._services:
            return
        if not await self.client.find(f"/services/pipelineServices/name/{segment(name)}"):
            service = {"name": name, "serviceType": "OpenLineage"}
            await self.client.call("PUT", "/services/pipelineServices", json=service)
        self._services.add(name)

    async def _written(self, fact: Fact, problems: Mapping[str, str]) -> Written:
        try:
            return await self._write_one(fact, problems)
        except CatalogueRefused as refusal:
            return Written(Outcome.REFUSED, str(refusal))
        except CatalogueLacks as lack:
            # Somebody has deleted a table since it was looked up. The next pass looks it up again.
            for table in (fact.output, *(edge.upstream for edge in fact.edges.values())):
                self._tables(table).forget(table)
            return Written(Outcome.WAITING, str(lack))

    async def _write_one(self, fact: Fact, problems: Mapping[str, str]) -> Written:
        for table in (fact.output, *(edge.upstream for edge in fact.edges.values())):
            if why := problems.get(table.key):
                outcome = Outcome.REFUSED if why.startswith("refused") else Outcome.WAITING
                return Written(outcome, f"{table}: {why}")
        absent = [f"{name} is no table of this catalogue" for name in fact.not_tables]
        output = self._table(fact.output)
        if output is None:
            return Written(Outcome.VERIFIED, absent=(*absent, f"there is no table {fact.output}"))
        there = {key: self._table(edge.upstream) for key, edge in fact.edges.items()}
        absent += [f"there is no table {fact.edges[key].upstream}" for key, table in there.items() if table is None]
        upstream = {key: table for key, table in there.items() if table is not None}
        stored = {} if self._tables(fact.output).take_new(fact.output) else await self._stored(output)
        if await self._is_superseded(fact, stored):
            return Written(Outcome.SUPERSEDED)
        wanted_edges = await self._wanted(fact, output, upstream, stored)
        absent += [each for edge in wanted_edges.values() for each in edge.absent]
        changed = await self._bring(fact, output, stored, wanted_edges)
        if changed and (problem := self._problem(fact, await self._stored(output), wanted_edges)):
            return Written(Outcome.REFUSED, problem, tuple(absent), changed)
        return Written(Outcome.VERIFIED, absent=tuple(absent), changed=changed)

    async def _stored(self, output: CatalogueTable) -> dict[str, Details]:
        """The edges into a table, by the id of the other end; from the database, not from search."""
        graph = await self.client.get(f"/lineage/table/{output.id}", upstreamDepth=1, downstreamDepth=0)
        return {
            edge["fromEntity"]: edge.get("lineageDetails") or {}
            for edge in graph.get("upstreamEdges") or []
            if edge["toEntity"] == output.id
        }

    async def _is_superseded(self, fact: Fact, stored: Mapping[str, Details]) -> bool:
        """Whether the catalogue has a newer fact of the same job and output."""
        mine = [mark.order for details in stored.values() for mark in marks(details) if mark.job == fact.job]
        if mine:
            return max(mine) > fact.order
        job = self._job(fact)
        if not fact.edges or await self.pipeline(job) is None or self._pipelines[job][1]:
            return False
        # A newer run that made the table from nothing has no edge. It has a status.
        newer = round(fact.at.timestamp() * 1000) + 1
        path = f"/pipelines/{segment(self.pipeline_name(job))}/status"
        statuses = await self.client.find(path, startTs=newer, endTs=2**53)
        name = fact.output.fqn.lower()
        return any(
            status["executionStatus"] == "Successful"
            and any(output["datasetFQN"].lower() == name for output in status.get("outputs") or [])
            for status in (statuses or {}).get("data") or []
        )

    async def _wanted(
        self, fact: Fact, output: CatalogueTable, upstream: Mapping[str, CatalogueTable], stored: Mapping[str, Details]
    ) -> dict[str, Wanted]:
        """The required edge from each input, by the input's id."""
        if not upstream:
            return {}
        job = self._job(fact)
        for details in stored.values():
            maker = details.get("pipeline") or {}
            if maker.get("fullyQualifiedName") == self.pipeline_name(job) and not maker.get("deleted"):
                self._pipelines.setdefault(job, (maker["id"], False))
        pipeline = await self.pipeline(job)
        assert pipeline is not None  # noqa: S101 - it was made
        return {
            table.id: wanted(fact, fact.edges[key], table, output, pipeline, stored.get(table.id))
            for key, table in upstream.items()
        }

    async def _bring(
        self, fact: Fact, output: CatalogueTable, stored: Mapping[str, Details], edges: Mapping[str, Wanted]
    ) -> bool:
        """Write the edges that differ, and remove the job's part from edges that the fact does not have."""
        changed = False
        for end, edge in edges.items():
            before = stored.get(end)
            if differs(before, edge.details):
                await self._put(end, output.id, edge.details)
                changed = True
            elif self.repeats and any(mark.order == fact.order for mark in marks(before or {}) if mark.job == fact.job):
                # An earlier pass wrote it and did not settle it. A failed write may be stored, but not in search.
                await self._put(end, output.id, edge.details)
        others = {end: details for end, details in stored.items() if end not in edges}
        pipeline = await self.pipeline(self._job(fact), make=False) if others else None
        for end, details in others.items():
            if not is_of_job(details, fact.job, pipeline):
                continue
            await self.remove(end, output.id, details, fact.job, pipeline)
            changed = True
        return changed

    async def remove(self, start: str, end: str, details: Details, job: tuple[str, str], pipeline: str | None) -> None:
        """Remove a job's part from an edge. An edge without other parts is deleted. Raises CatalogueError."""
        rest = without(details, job, pipeline)
        if rest is not None:
            await self._put(start, end, rest)
            return
        path = f"/lineage/table/{start}/table/{end}"
        await self.client.call("DELETE", path, or_status=(404,), may=self.still_ours)

    async def _put(self, start: str, end: str, details: Details) -> None:
        edge = {"fromEntity": _reference(start), "toEntity": _reference(end), "lineageDetails": details}
        await self.client.call("PUT", "/lineage", json={"edge": edge}, may=self.still_ours)

    def _problem(self, fact: Fact, stored: Mapping[str, Details], edges: Mapping[str, Wanted]) -> str:
        """How the stored edges differ from the written ones; empty when they do not."""
        for end, edge in edges.items():
            if why := differs(stored.get(end), edge.details):
                return f"{fact.output}: an edge was written, but {why}"
        left = [end for end, details in stored.items() if end not in edges and _is_marked(details, fact.job)]
        return f"{fact.output}: {len(left)} edges were deleted, but are still there" if left else ""


def is_of_job(details: Details, job: tuple[str, str], pipeline: str | None) -> bool:
    """Whether a job has a part in an edge: by its mark, or because the connector made it for its pipeline."""
    made_by = (details.get("pipeline") or {}).get("id")
    return _is_marked(details, job) or (
        not marks(details) and details.get("source") == FROM_EVENTS and pipeline is not None and made_by == pipeline
    )


def _is_marked(details: Details, job: tuple[str, str]) -> bool:
    return any(mark.job == job for mark in marks(details))


def _reference(entity_id: str) -> dict[str, Any]:
    return {"id": entity_id, "type": "table"}
