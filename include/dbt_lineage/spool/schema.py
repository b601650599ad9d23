"""The tables of the spool's file, and its migrations.

A version only adds tables, columns and triggers. So processes of the previous release, which are not restarted at the
same instant, go on with a migrated file.
"""

from collections.abc import Mapping, Sequence

APPLICATION_ID = 0x4F4C5350
VERSION = 1

# A new file gets these, then every migration. They are those of version 0, before there were versions.
_FIRST = (
    """
    CREATE TABLE waiting (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        emitted_at TEXT NOT NULL,
        source TEXT NOT NULL,
        body BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE acknowledged (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL,
        facts TEXT NOT NULL,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        "offset" INTEGER NOT NULL,
        acknowledged_at TEXT NOT NULL,
        reason TEXT
    )
    """,
)


RECEIPTS, FOLLOW_UPS = "acknowledged", "follow_ups"
# The columns of a row. A unique column is in an index too.
_HELD = {
    RECEIPTS: ("event_id", "facts", "topic", "acknowledged_at", "reason"),
    FOLLOW_UPS: ("event_id", "event_id", "emitted_at", "source", "body", "follows", "subject", "happened"),
}


def room(table: str, row: str = "") -> str:
    """An expression: the room of a receipt or of a follow-up, bytes.

    SQLite needs at most twice the bytes of a row: a page may stay half empty before a row that does not fit in.

    Args:
        table: in which the row is.
        row: the row's name and a dot; empty for that of the query.
    """
    lengths = " + ".join(f"coalesce(length(CAST({row}{name} AS BLOB)), 0)" for name in _HELD[table])
    return f"(64 + 2 * ({lengths}))"


def _counted(table: str) -> tuple[str, str]:
    """Triggers that count the room of a table's rows, so that the count is right for every writer."""
    return (
        f"""
        CREATE TRIGGER {table}_kept AFTER INSERT ON {table} BEGIN
            UPDATE rooms SET {table} = {table} + {room(table, "NEW.")};
        END
        """,  # noqa: S608
        f"""
        CREATE TRIGGER {table}_forgotten AFTER DELETE ON {table} BEGIN
            UPDATE rooms SET {table} = {table} - {room(table, "OLD.")};
        END
        """,  # noqa: S608
    )


# The statements that migrate a file to each version from the previous one.
_MIGRATIONS: Mapping[int, Sequence[str]] = {
    1: (
        # Follow-ups (follow_ups.py).
        """
        CREATE TABLE follow_ups (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id TEXT NOT NULL UNIQUE,
            emitted_at TEXT NOT NULL,
            source TEXT NOT NULL,
            body BLOB NOT NULL,
            follows TEXT NOT NULL,
            subject TEXT NOT NULL,
            happened TEXT NOT NULL
        )
        """,
        # The room that rows take, of each table with a limit of its own.
        "CREATE TABLE rooms (acknowledged INTEGER NOT NULL, follow_ups INTEGER NOT NULL)",
        f"INSERT INTO rooms SELECT coalesce(sum({room(RECEIPTS)}), 0), 0 FROM acknowledged",  # noqa: S608
        *_counted(RECEIPTS),
        *_counted(FOLLOW_UPS),
        # Ranges of events whose receipts were dropped.
        """
        CREATE TABLE dropped (
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (topic, partition)
        )
        """,
    ),
}


def statements(version: int | None) -> list[str]:
    """What makes a file of the present version.

    Args:
        version: of the file; None when it is empty.
    """
    later = (version or 0) + 1
    first = [] if version is not None else [f"PRAGMA application_id = {APPLICATION_ID}", *_FIRST]
    steps = [statement for number in range(later, VERSION + 1) for statement in _MIGRATIONS[number]]
    return [*first, *steps, f"PRAGMA user_version = {VERSION}"]
