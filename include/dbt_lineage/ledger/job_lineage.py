"""What the newest verified event of each job says: which tables and columns its output was made from."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from dbt_lineage.ledger.ledger import BATCH, Ledger
from dbt_lineage.ledger.schema import Base
from dbt_lineage.ledger.schema import JobLineage as Row
from dbt_lineage.spool.facts import NAME_CHARACTERS, WORD_CHARACTERS, storable

_row = Base.metadata.tables[Row.__tablename__]
_KEY = ["job_namespace", "job_name", "output"]
# The SQL of a thousand models is not read to draw their lineage.
_SHOWN = ["job_namespace", "job_name", "output", "database_service", "event_id", "run_id", "event_time", "verified_at"]


@dataclass(frozen=True)
class Said:
    """What an event says of one output.

    Args:
        inputs: the catalogue's database service and ``database.schema.table`` of each input.
        columns: name, type and description of each column of the output, in order; none where the event has no schema.
        links: place of the input in ``inputs``, its column, the output's column, and how, as OpenLineage's subtypes.
        deciding: place of the input, how, and its columns that decide which rows the output has.
        expressions: the SQL expression of an output's column, by its name.
        unresolved: columns of the output whose lineage could not be told, ``*`` for all, each with the reason.
    """

    inputs: Sequence[Sequence[str]]
    columns: Sequence[Sequence[str]] = ()
    links: Sequence[tuple[int, str, str, Sequence[str]]] = ()
    deciding: Sequence[tuple[int, str, Sequence[str]]] = ()
    expressions: dict[str, str] = field(default_factory=dict)
    unresolved: Sequence[Sequence[str]] = ()

    def as_text(self) -> str:
        """As the ledger keeps it."""
        return json.dumps(vars(self), separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> "Said":
        """Read what ``as_text`` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class JobLineage:
    """The lineage of one output of a job.

    Args:
        job_namespace: namespace of the job.
        job_name: its name.
        output: ``database.schema.table`` as the event spells it.
        database_service: the catalogue's database service that has it.
        event_id: the event that says so.
        run_id: its run.
        event_time: when it happened; with a time zone.
        said: what it says.
        sql: the SQL that made the output; empty where the event has none, or where it was not asked for.
        verified_at: when it was read back from the catalogue; the ledger notes it.
    """

    job_namespace: str
    job_name: str
    output: str
    database_service: str
    event_id: str
    run_id: str
    event_time: datetime
    said: Said
    sql: str = ""
    verified_at: datetime | None = None


class LineageLedger(Ledger):
    """The ledger, as the lineage of jobs is kept in it and read. Every method raises LedgerError."""

    def keep(self, lineage: Iterable[JobLineage]) -> None:
        """Keep what verified events say, each in place of an older one of the same job and output.

        Args:
            lineage: at most one of each job and output.
        """
        rows = sorted(map(_as_row, lineage), key=lambda row: [row[name] for name in _KEY])
        added = insert(_row)
        changed = {each.name: added.excluded[each.name] for each in _row.c if each.name not in _KEY}
        newer = or_(
            _row.c.event_time < added.excluded.event_time,
            (_row.c.event_time == added.excluded.event_time) & (_row.c.run_id <= added.excluded.run_id),
        )
        statement = added.on_conflict_do_update(index_elements=_KEY, set_=changed, where=newer)
        for start in range(0, len(rows), BATCH):
            with self._transaction() as database:
                database.execute(statement.values(verified_at=func.clock_timestamp()), rows[start : start + BATCH])

    def version(self) -> str:
        """What changes whenever the lineage of a job does."""
        query = select(func.count(), func.max(_row.c.verified_at))
        with self._transaction() as database:
            found: Any = database.execute(query).one()
        count, last = found
        return f"{count}@{last.isoformat() if last else ''}"

    def all(self) -> list[JobLineage]:
        """The lineage of every job, without the SQL."""
        query = select(*(_row.c[name] for name in _SHOWN), _row.c.said).order_by(*(_row.c[name] for name in _KEY))
        with self._transaction() as database:
            return [_as_lineage(row) for row in database.execute(query).mappings()]

    def of_job(self, namespace: str, name: str) -> list[JobLineage]:
        """The lineage of the outputs of one job, with the SQL.

        Args:
            namespace: namespace of the job.
            name: its name.
        """
        query = select(_row).where(
            _row.c.job_namespace == storable(namespace, NAME_CHARACTERS),
            _row.c.job_name == storable(name, NAME_CHARACTERS),
        )
        with self._transaction() as database:
            return [_as_lineage(row) for row in database.execute(query).mappings()]


def _as_row(lineage: JobLineage) -> dict[str, Any]:
    return {
        "job_namespace": storable(lineage.job_namespace, NAME_CHARACTERS),
        "job_name": storable(lineage.job_name, NAME_CHARACTERS),
        "output": storable(lineage.output, NAME_CHARACTERS),
        "database_service": storable(lineage.database_service, NAME_CHARACTERS),
        "event_id": storable(lineage.event_id, WORD_CHARACTERS),
        "run_id": storable(lineage.run_id, WORD_CHARACTERS),
        "event_time": lineage.event_time,
        "said": lineage.said.as_text(),
        "sql": storable(lineage.sql, len(lineage.sql)),
    }


def _as_lineage(row: Any) -> JobLineage:
    return JobLineage(**{**row, "said": Said.parse(row["said"])})
