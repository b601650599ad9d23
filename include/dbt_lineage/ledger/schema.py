"""The ledger's tables."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Double, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from dbt_lineage.spool.facts import NAME_CHARACTERS, REASON_CHARACTERS, WORD_CHARACTERS

VERSION_TABLE = "ledger_version"

# An event that is neither verified nor in the dead letters is still under way.
OPEN = "verified_at IS NULL AND reason IS NULL"
CLOSED = "verified_at IS NOT NULL OR reason IS NOT NULL"

_POSITION = ("topic", "partition", "offset")
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
        Index("lineage_event_job", "job_namespace", "job_name", "event_time"),
        # A job that has not completed for a year is not looked for in all of its events.
        Index(
            "lineage_event_completed",
            "job_namespace",
            "job_name",
            "event_time",
            postgresql_where=text("event_type = 'COMPLETE'"),
        ),
        # What is under way is little, however much the table holds.
        Index("lineage_event_pending", "emitted_at", postgresql_where=text(OPEN)),
        Index("lineage_event_to_ingest", *_POSITION, postgresql_where=text("ingested_at IS NULL AND reason IS NULL")),
        Index("lineage_event_to_verify", *_POSITION, postgresql_where=text(OPEN)),
        # What may be deleted once it is old.
        Index("lineage_event_closed", "emitted_at", postgresql_where=text(CLOSED)),
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


class CheckResult(Base):
    """What a check said of one subject in one run of the checks; ``dbt_lineage.watch.checks.results`` explains the columns."""

    __tablename__ = "check_result"
    __table_args__ = (
        Index("check_result_run", "run", "check_name"),
        Index("check_result_checked_at", "checked_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    project: Mapped[str] = mapped_column(_Name, server_default="")
    run: Mapped[str] = mapped_column(_Name)
    checked_at: Mapped[datetime] = mapped_column(_Time)
    check_name: Mapped[str] = mapped_column(_Word)
    subject: Mapped[str] = mapped_column(_Name)
    level: Mapped[str] = mapped_column(_Word)
    seen: Mapped[str] = mapped_column(String(REASON_CHARACTERS))
    allowed: Mapped[str] = mapped_column(String(REASON_CHARACTERS))
    since: Mapped[datetime | None] = mapped_column(_Time)
    value: Mapped[float | None] = mapped_column(Double)
    unit: Mapped[str] = mapped_column(_Word)
    made: Mapped[bool]


class Alert(Base):
    """A promise that is or was broken, from when it broke to when it was kept again. One at a time is open."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "alert_open",
            "project",
            "check_name",
            "subject",
            unique=True,
            postgresql_where=text("recovered_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    project: Mapped[str] = mapped_column(_Name, server_default="")
    check_name: Mapped[str] = mapped_column(_Word)
    subject: Mapped[str] = mapped_column(_Name)
    since: Mapped[datetime] = mapped_column(_Time)
    seen: Mapped[str] = mapped_column(String(REASON_CHARACTERS))
    allowed: Mapped[str] = mapped_column(String(REASON_CHARACTERS))
    recovered_at: Mapped[datetime | None] = mapped_column(_Time)


class AlertNotice(Base):
    """Which channel was told that an alert broke, or that it recovered."""

    __tablename__ = "alert_notice"

    alert_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(_Word, primary_key=True)
    kind: Mapped[str] = mapped_column(_Word, primary_key=True)
    told_at: Mapped[datetime] = mapped_column(_Time)


class DashboardRefresh(Base):
    """The last refresh of a dashboard; ``dbt_lineage.ledger.refreshes`` explains the columns."""

    __tablename__ = "dashboard_refresh"

    project: Mapped[str] = mapped_column(_Name, primary_key=True, server_default="")
    dashboard: Mapped[str] = mapped_column(_Name, primary_key=True)
    refreshed_at: Mapped[datetime] = mapped_column(_Time)
    charts: Mapped[int]
    charts_equal: Mapped[int]
    recomputed: Mapped[int]
    seconds: Mapped[float] = mapped_column(Double)
    problem: Mapped[str] = mapped_column(String(REASON_CHARACTERS))


class JobLineage(Base):
    """What the newest verified event of a job says of one output; ``dbt_lineage.ledger.job_lineage`` explains the columns."""

    __tablename__ = "job_lineage"

    job_namespace: Mapped[str] = mapped_column(_Name, primary_key=True)
    job_name: Mapped[str] = mapped_column(_Name, primary_key=True)
    output: Mapped[str] = mapped_column(_Name, primary_key=True)
    database_service: Mapped[str] = mapped_column(_Name)
    event_id: Mapped[str] = mapped_column(_Word)
    run_id: Mapped[str] = mapped_column(_Word)
    event_time: Mapped[datetime] = mapped_column(_Time)
    verified_at: Mapped[datetime] = mapped_column(_Time)
    said: Mapped[str] = mapped_column(Text)
    sql: Mapped[str] = mapped_column(Text)


class HandedOver(Base):
    """An event that an ended worker handed over, until Kafka has it; ``dbt_lineage.ledger.of_relays`` explains the columns."""

    __tablename__ = "handed_over"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[str] = mapped_column(_Word, unique=True)
    emitted_at: Mapped[datetime] = mapped_column(_Time)
    source: Mapped[str] = mapped_column(_Name)
    body: Mapped[bytes]
    follows: Mapped[str | None] = mapped_column(_Word)
    subject: Mapped[str | None] = mapped_column(Text)
    happened: Mapped[str | None] = mapped_column(_Word)
    relay: Mapped[str | None] = mapped_column(_Name)
    claimed_until: Mapped[datetime | None] = mapped_column(_Time)


class SpoolState(Base):
    """The last state that a spool's relay reported; ``dbt_lineage.ledger.of_relays`` explains the columns."""

    __tablename__ = "spool_state"

    spool: Mapped[str] = mapped_column(_Name, primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(_Time)
    waiting: Mapped[int] = mapped_column(BigInteger)
    oldest: Mapped[datetime | None] = mapped_column(_Time)
    follow_ups: Mapped[int] = mapped_column(BigInteger)
    off_since: Mapped[datetime | None] = mapped_column(_Time)
    problem: Mapped[str] = mapped_column(String(REASON_CHARACTERS))


class DbtArtifact(Base):
    """An artifact of the last build of a dbt project, compressed; ``dbt_lineage.ledger.artifacts`` explains the columns."""

    __tablename__ = "dbt_artifact"

    dag_id: Mapped[str] = mapped_column(_Name, primary_key=True)
    name: Mapped[str] = mapped_column(_Word, primary_key=True)
    content: Mapped[bytes]
    kept_at: Mapped[datetime] = mapped_column(_Time)
