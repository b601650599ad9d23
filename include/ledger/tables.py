"""The ledger's table."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Index, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from include.ledger.facts import NAME_CHARACTERS, REASON_CHARACTERS, WORD_CHARACTERS

VERSION_TABLE = "ledger_version"

_Time = DateTime(timezone=True)
_Name = String(NAME_CHARACTERS)
_Word = String(WORD_CHARACTERS)


class Base(DeclarativeBase):
    """Every table of the ledger."""


class LineageEvent(Base):
    """One event, and when it reached each station. A station that it has not reached has no time."""

    __tablename__ = "lineage_event"
    __table_args__ = (
        Index("lineage_event_root_run_id", "root_run_id"),
        Index("lineage_event_position", "topic", "partition", "offset"),
        Index("lineage_event_event_time", "event_time"),
        # What is under way is little, however much the table holds.
        Index("lineage_event_pending", "emitted_at", postgresql_where=text("verified_at IS NULL AND reason IS NULL")),
        Index("lineage_event_to_ingest", "topic", "partition", "offset", postgresql_where=text("ingested_at IS NULL")),
        Index("lineage_event_to_verify", "topic", "partition", "offset", postgresql_where=text("verified_at IS NULL")),
    )

    event_id: Mapped[str] = mapped_column(_Word, primary_key=True)
    job_namespace: Mapped[str] = mapped_column(_Name)
    job_name: Mapped[str] = mapped_column(_Name)
    run_id: Mapped[str] = mapped_column(_Word)
    root_run_id: Mapped[str] = mapped_column(_Word)
    event_type: Mapped[str] = mapped_column(_Word)
    event_time: Mapped[str] = mapped_column(_Word)
    emitted_at: Mapped[datetime] = mapped_column(_Time)
    topic: Mapped[str | None] = mapped_column(String(249))
    partition: Mapped[int | None]
    offset: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(REASON_CHARACTERS))
    acknowledged_at: Mapped[datetime | None] = mapped_column(_Time)
    ingested_at: Mapped[datetime | None] = mapped_column(_Time)
    verified_at: Mapped[datetime | None] = mapped_column(_Time)
