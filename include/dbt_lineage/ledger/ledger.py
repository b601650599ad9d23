"""The ledger's database: what is written to it, and its queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from psycopg2 import errors
from sqlalchemy import (
    ARRAY,
    Connection,
    Engine,
    and_,
    cast,
    column,
    delete,
    false,
    func,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ledger import connection
from dbt_lineage.ledger.schema import CLOSED, OPEN, VERSION_TABLE, Base, LineageEvent
from dbt_lineage.spool.facts import REASON_CHARACTERS, Acknowledgement, EventFacts, storable

# Rows of one statement: a few tens of milliseconds, so that no number of events outlasts the timeout.
BATCH = 2000

Row = TypeVar("Row")

_event = Base.metadata.tables[LineageEvent.__tablename__]
_FACTS = ("event_id", "job_namespace", "job_name", "run_id", "root_run_id", "event_type", "event_time", "emitted_at")
_ACKNOWLEDGED = ("topic", "partition", "offset", "acknowledged_at", "reason")


class LedgerError(ExpectedError):
    """The ledger's database did not do what was asked; the message names it, never its password."""


@dataclass(frozen=True)
class Totals:
    """How many events have come how far.

    Args:
        emitted: all of them.
        acknowledged: those that are in the events topic.
        dead: those that are in the dead letters, as not valid or given up by the ingestion.
        ingested: those of the events topic that the ingestion has read.
        verified: those of the events topic whose lineage was read back from the catalogue.
    """

    emitted: int
    acknowledged: int
    dead: int
    ingested: int
    verified: int


@dataclass(frozen=True)
class Pending:
    """An event that is on its way.

    Args:
        facts: whose it is, and since when.
        acknowledged_at: when the broker had it; None before.
        ingested_at: when the ingestion had read it; None before.
    """

    facts: EventFacts
    acknowledged_at: datetime | None
    ingested_at: datetime | None


class Ledger:
    """The ledger, used as a context manager, or kept for as long as a process lives. The first call connects.

    Every write is idempotent, and no call takes much longer than the settings' time-out.

    Args:
        settings: its database and how long a statement may take.

    Raises:
        LedgerError: by every method, the database is away, too slow or refused.
    """

    def __init__(self, settings: LedgerSettings) -> None:
        self._url = address(settings)
        self._engine = connection.engine(self._url, settings.timeout_seconds)
        self._days = settings.days

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def emitted(self, events: Sequence[EventFacts]) -> None:
        """Record events that were put into a spool; those already there stay unchanged."""
        # Always in the same order, so that two writers of the same events wait for each other without a deadlock.
        for batch in _batches(sorted(map(asdict, events), key=lambda row: row["event_id"])):
            with self._transaction() as database:
                database.execute(insert(_event).on_conflict_do_nothing(), batch)

    def acknowledged(self, acknowledgements: Sequence[Acknowledgement]) -> None:
        """Note where the broker has events.

        The first acknowledgement of an event counts, but the events topic goes before the dead letters: an event that
        was dead and then replayed is dead no more. Events that were never ``emitted`` to this ledger are left out.
        """
        for batch in _batches(_one_for_each_event(acknowledgements)):
            self._acknowledge(batch)

    def given_up(self, reasons: Mapping[str, str]) -> None:
        """Note why events that were in the events topic went from there to the dead letters.

        Args:
            reasons: by event id.
        """
        for event_id, reason in sorted(reasons.items()):
            kept = storable(reason, REASON_CHARACTERS)
            self._execute(update(_event).where(_event.c.event_id == event_id).values(reason=kept, verified_at=None))

    def ingested(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Note that the ingestion has read every event of a topic's partitions below these offsets."""
        self._note("ingested_at", topic, offsets)

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Note that the lineage of every event of a topic's partitions below these offsets was read back.

        What was acknowledged here after ``ingested`` was called is noted as ingested, too.
        """
        self._note(
            "verified_at", topic, offsets, ingested_at=func.coalesce(_event.c.ingested_at, func.clock_timestamp())
        )

    def unverified(self, topic: str, offsets: Mapping[int, int]) -> int:
        """How many events of a topic's partitions below these offsets are neither verified nor in the dead letters."""
        row = _event.c
        below = (and_(row.partition == each, row.offset < offset) for each, offset in offsets.items())
        query = select(func.count()).where(row.topic == topic, or_(false(), *below), text(OPEN))
        with self._transaction() as database:
            return database.execute(query).scalar_one()

    def delete_old(self) -> int:
        """Delete a batch of the oldest events that are older than the settings' days; those still under way stay.

        Returns:
            How many were deleted; 0 when there is nothing more to delete.
        """
        row = _event.c
        oldest = datetime.now(UTC) - timedelta(days=self._days)
        old = (
            select(row.event_id)
            .where(row.emitted_at < oldest, text(f"({CLOSED})"))
            .order_by(row.emitted_at)
            .limit(BATCH)
            # Several relays may delete at once, and an event that is sent again is under way again.
            .with_for_update(skip_locked=True)
        )
        return self._execute(delete(_event).where(row.event_id.in_(old)))

    def totals(self, root_run_id: str | None = None, since: datetime | None = None) -> Totals:
        """How many events have come how far.

        Args:
            root_run_id: only those of one root run, in Airflow a DAG run.
            since: only those that were emitted then or later; with a time zone. Without either every event is read.
        """
        chosen: Any = _event
        if since is not None:
            # Each has an index of its own.
            parts = (select(_event).where(_event.c.emitted_at >= since, text(part)) for part in (OPEN, f"({CLOSED})"))
            chosen = union_all(*parts).subquery()
        row = chosen.c
        alive = row.reason.is_(None)
        query = select(
            func.count(),
            func.count().filter(row.acknowledged_at.is_not(None), alive),
            func.count().filter(row.reason.is_not(None)),
            func.count().filter(row.ingested_at.is_not(None), alive),
            func.count().filter(row.verified_at.is_not(None), alive),
        ).select_from(chosen)
        if root_run_id is not None:
            query = query.where(row.root_run_id == root_run_id)
        with self._transaction() as database:
            return Totals(*database.execute(query).one())

    def pending(self, limit: int) -> list[Pending]:
        """The events that are neither verified nor in the dead letters, oldest first.

        Args:
            limit: how many at most.
        """
        row = _event.c
        query = (
            select(*(row[name] for name in _FACTS), row.acknowledged_at, row.ingested_at)
            .where(row.verified_at.is_(None), row.reason.is_(None))
            .order_by(row.emitted_at, row.event_id)
            .limit(limit)
        )
        with self._transaction() as database:
            found = database.execute(query).all()
        return [Pending(EventFacts(*event[: len(_FACTS)]), *event[len(_FACTS) :]) for event in found]

    def schema_version(self) -> str | None:
        """The version of the database's schema; None before the first migration."""
        known = text("SELECT to_regclass(:name)")
        with self._transaction() as database:
            if database.execute(known, {"name": VERSION_TABLE}).scalar() is None:
                return None
            return database.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608

    def _acknowledge(self, batch: Sequence[Acknowledgement]) -> None:
        given = _as_rows(batch)
        better = or_(_event.c.acknowledged_at.is_(None), and_(_event.c.reason.is_not(None), given.c.reason.is_(None)))
        change = (
            update(_event)
            .where(_event.c.event_id == given.c.event_id, better)
            .values({name: given.c[name] for name in _ACKNOWLEDGED})
        )
        self._execute(change)

    def _note(self, station: str, topic: str, offsets: Mapping[int, int], **also: Any) -> None:
        """Set the time of a station for the events below these offsets that have none yet, batch by batch."""
        row = _event.c
        for partition, offset in offsets.items():
            next_ones = (
                select(row.event_id)
                .where(row.topic == topic, row.partition == partition, row.offset < offset, row[station].is_(None))
                .where(row.reason.is_(None))
                .order_by(row.offset)
                .limit(BATCH)
            )
            change = (
                update(_event)
                .where(row.event_id.in_(next_ones), row[station].is_(None))
                .values({station: func.clock_timestamp(), **also})
            )
            while self._execute(change):
                pass

    # Two writers of the same events may deadlock; the database ends one of them, and it is retried.
    @retry(
        retry=retry_if_exception(lambda error: _is_deadlock(error.__cause__)),
        stop=stop_after_attempt(3),
        wait=wait_random(0, 0.1),
        reraise=True,
    )
    def _execute(self, change: Any) -> int:
        with self._transaction() as database:
            return database.execute(change).rowcount

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with transaction(self._engine, self._url) as database:
            yield database


@contextmanager
def transaction(engine: Engine, url: URL) -> Iterator[Connection]:
    """A transaction whose errors are LedgerErrors that name the database and not its password."""
    try:
        with engine.begin() as database:
            yield database
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise LedgerError(f"{place(url)}: {' '.join(str(cause).split())}") from error


def place(url: URL) -> str:
    """Where a database is, in words."""
    return f"PostgreSQL at {url.host}:{url.port or 5432} (database {url.database})"


def address(settings: LedgerSettings) -> URL:
    """The database that the settings name; they have refused what is none of PostgreSQL."""
    return make_url(settings.url.get_secret_value())


def _one_for_each_event(acknowledgements: Iterable[Acknowledgement]) -> list[Acknowledgement]:
    """The one acknowledgement of each event that counts, in the order of the ids."""
    counts: dict[str, Acknowledgement] = {}
    for each in acknowledgements:
        before = counts.get(each.event_id)
        if before is None or (before.reason is not None and each.reason is None):
            counts[each.event_id] = each
    return [counts[event_id] for event_id in sorted(counts)]


def _as_rows(batch: Sequence[Acknowledgement]) -> Any:
    """Acknowledgements as a table in a statement: one array for each column, so that all batches are one statement."""
    kept = [
        replace(each, reason=None if each.reason is None else storable(each.reason, REASON_CHARACTERS))
        for each in batch
    ]
    columns = {name: [getattr(each, name) for each in kept] for name in ("event_id", *_ACKNOWLEDGED)}
    arrays = [cast(items, ARRAY(_event.c[name].type)) for name, items in columns.items()]
    typed = [column(name, _event.c[name].type) for name in columns]
    return func.unnest(*arrays).table_valued(*typed, name="given").render_derived()


def _is_deadlock(error: BaseException | None) -> bool:
    return isinstance(error, DBAPIError) and isinstance(error.orig, errors.DeadlockDetected)


def _batches(rows: list[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
