"""The tables of the spool's file, and how a file of an older version gets those of the present one.

A version only adds tables, columns and triggers: processes of the release before it, which are not restarted at the
same instant, go on with a file that was migrated under them.
"""

from collections.abc import Mapping, Sequence

APPLICATION_ID = 0x4F4C5350
VERSION = 1

# A new file gets these, then every migration. They are those of version 0, which knew of no versions.
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


def room(row: str = "") -> str:
    """An expression: the room of a receipt, bytes.

    SQLite needs at most twice the bytes of a row: a page may stay half empty before a row that does not fit in.

    Args:
        row: the row's name and a dot; empty for that of the query.
    """
    texts = ("event_id", "facts", "topic", "acknowledged_at", "reason")
    lengths = " + ".join(f"coalesce(length(CAST({row}{name} AS BLOB)), 0)" for name in texts)
    return f"(64 + 2 * ({lengths}))"


# The statements that make a file of each version out of one of the version before.
_MIGRATIONS: Mapping[int, Sequence[str]] = {
    1: (
        # How much room the receipts have taken. Triggers keep it, so it is right whoever writes.
        "CREATE TABLE receipts (room INTEGER NOT NULL)",
        f"INSERT INTO receipts SELECT coalesce(sum({room()}), 0) FROM acknowledged",  # noqa: S608
        f"""
        CREATE TRIGGER receipt_kept AFTER INSERT ON acknowledged BEGIN
            UPDATE receipts SET room = room + {room("NEW.")};
        END
        """,  # noqa: S608
        f"""
        CREATE TRIGGER receipt_forgotten AFTER DELETE ON acknowledged BEGIN
            UPDATE receipts SET room = room - {room("OLD.")};
        END
        """,  # noqa: S608
        # Where the events are whose receipts there was no room for.
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
