"""The ledger, as relays and ending workers use it: events handed over, and the state of every spool.

A worker with a temporary disk hands over the events that Kafka does not have yet. A relay claims the oldest of these
events, sends them like its own, and deletes them here once Kafka has acknowledged them. So a relay that is killed in
between loses none. One relay at a time has claims, which keeps the order of a job's events. Its claims end at most
30 s after it was killed, and another relay takes over.

The table of events has the relay that claimed each and until when; ``follows``, ``subject`` and ``happened`` are set for
an event that follows with its columns. The table of spools has what each spool's relay reported last.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.schema import Base, HandedOver
from dbt_lineage.ledger.schema import SpoolState as Row
from dbt_lineage.spool.facts import NAME_CHARACTERS, REASON_CHARACTERS, storable
from dbt_lineage.spool.follow_ups import FollowUp
from dbt_lineage.spool.leaving import SpoolState
from dbt_lineage.spool.spool import Waiting

CLAIM_SECONDS = 30
_FORGET_AFTER_HOURS = 24
# Any number that nobody else locks in this database.
_LOCK = 5_221_984_608

_handed = Base.metadata.tables[HandedOver.__tablename__]
_state = Base.metadata.tables[Row.__tablename__]


class RelayLedger(Ledger):
    """The ledger, as relays and ending workers use it. Every method raises LedgerError."""

    def hand_over(self, events: Sequence[Waiting | FollowUp]) -> None:
        """Store events until a relay has sent them to Kafka. Events that are stored already do not change.

        Args:
            events: in their order.
        """
        if events:
            with self._transaction() as database:
                database.execute(insert(_handed).on_conflict_do_nothing(), [_as_row(each) for each in events])

    def claim(self, relay: str, count: int, size: int, has: Collection[str] = ()) -> list[Waiting | FollowUp]:
        """Claim the oldest events that were handed over, and prolong the claims of this relay.

        Args:
            relay: the name of the relay's spool.
            count: how many are claimed at most.
            size: after this many bytes no further event is claimed.
            has: ids of the events that it has claimed and has in its spool. They are prolonged, and not returned.

        Returns:
            The other events in their order; none while another relay has claims.
        """
        row = _handed.c
        of_others = select(row.id).where(row.relay != relay, row.claimed_until > func.now()).limit(1)
        until = func.now() + timedelta(seconds=CLAIM_SECONDS)
        # An update leaves an old row behind: claims are prolonged when half of their time is over.
        short = row.claimed_until < func.now() + timedelta(seconds=CLAIM_SECONDS / 2)
        length = func.octet_length(row.body)
        before = (func.sum(length).over(order_by=row.id) - length).label("before")
        oldest = select(row.id, before).where(row.event_id.not_in(has)).order_by(row.id).limit(count).subquery()
        new = select(oldest.c.id).where(oldest.c.before < size)
        with self._transaction() as database:
            # Most of the time there is none, and the lock is not needed.
            if database.execute(select(row.id).limit(1)).first() is None:
                return []
            alone = database.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}).scalar()
            if not alone or database.execute(of_others).first() is not None:
                return []
            database.execute(update(_handed).where(row.event_id.in_(has), short).values(claimed_until=until))
            change = update(_handed).where(row.id.in_(new)).values(relay=relay, claimed_until=until)
            rows = database.execute(change.returning(_handed)).mappings().all()
        return [_event(each) for each in sorted(rows, key=lambda each: each["id"])]

    def delivered(self, event_ids: Sequence[str]) -> None:
        """Delete events that Kafka has.

        Args:
            event_ids: their ids.
        """
        self._execute(delete(_handed).where(_handed.c.event_id.in_(sorted(event_ids))))

    def handed_over(self) -> tuple[int, datetime | None]:
        """Count the events that were handed over and are not in Kafka. Also returns when the oldest was emitted."""
        with self._transaction() as database:
            row = database.execute(select(func.count(), func.min(_handed.c.emitted_at))).one()
        return row[0], row[1]

    def note(self, state: SpoolState) -> None:
        """Replace the recorded state of a spool.

        Args:
            state: its present state.
        """
        row = {
            **asdict(state),
            "spool": storable(state.spool, NAME_CHARACTERS),
            "problem": storable(state.problem, REASON_CHARACTERS),
            "seen_at": func.now(),
        }
        added = insert(_state).values(row)
        self._execute(added.on_conflict_do_update(index_elements=["spool"], set_=row))

    def forget(self, spool: str) -> int:
        """Delete the state of a spool that was removed.

        Args:
            spool: its name.

        Returns:
            How many states were deleted: 1, or 0 if no spool has that name.
        """
        return self._execute(delete(_state).where(_state.c.spool == storable(spool, NAME_CHARACTERS)))

    def spools(self) -> list[SpoolState]:
        """Return the state of each spool, ordered by name."""
        with self._transaction() as database:
            rows = database.execute(select(_state).order_by(_state.c.spool)).mappings().all()
        return [SpoolState(**row) for row in rows]

    def delete_old(self) -> int:
        """Delete old events, and the states of empty spools that were not reported for a day.

        Returns:
            How many rows were deleted.
        """
        row = _state.c
        gone = row.seen_at < func.now() - timedelta(hours=_FORGET_AFTER_HOURS)
        return super().delete_old() + self._execute(delete(_state).where(row.waiting + row.follow_ups == 0, gone))


def _as_row(handed: Waiting | FollowUp) -> dict[str, object]:
    more: dict[str, object] = {"follows": None, "subject": None, "happened": None}
    event = handed
    if isinstance(event, FollowUp):
        more = {"follows": event.follows, "subject": event.subject, "happened": event.happened}
        event = event.event
    first = {"event_id": event.event_id, "emitted_at": event.emitted_at, "body": event.body}
    return {**first, "source": storable(event.source, NAME_CHARACTERS), **more}


def _event(row: RowMapping) -> Waiting | FollowUp:
    event = Waiting(0, row["event_id"], row["emitted_at"], row["source"], bytes(row["body"]))
    return event if row["follows"] is None else FollowUp(event, row["follows"], row["subject"], row["happened"])
