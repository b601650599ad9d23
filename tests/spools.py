"""Spools that somebody takes for damaged, and spools of old."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

from dbt_lineage.spool.errors import SpoolUnreadable
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.spool import Receipt, Spool
from dbt_lineage.spool.sqlite_file import FILE_NAME


def set_aside(spool: Spool) -> Path:
    """Set a sound file aside, as somebody does who found it damaged."""
    found = spool.file.stat()
    aside = spool.set_aside(SpoolUnreadable("as if", (found.st_dev, found.st_ino)))
    assert aside is not None
    return aside


def of_version_0(folder: Path, bodies: Sequence[bytes], receipts: Sequence[Receipt]) -> None:
    """A spool as it was written before its file had a version."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        connection.executescript(_VERSION_0)
        connection.executemany(
            "INSERT INTO waiting (event_id, emitted_at, source, body) VALUES (?, ?, ?, ?)",
            [(event_id(body), "2026-11-22T00:00:00+00:00", "host 1", body) for body in bodies],
        )
        connection.executemany(
            "INSERT INTO acknowledged VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", [astuple(receipt) for receipt in receipts]
        )


# To the letter what that code executed.
_VERSION_0 = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA application_id = 1330402128;
    CREATE TABLE waiting (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        emitted_at TEXT NOT NULL,
        source TEXT NOT NULL,
        body BLOB NOT NULL
    );
    CREATE TABLE acknowledged (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL,
        facts TEXT NOT NULL,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        "offset" INTEGER NOT NULL,
        acknowledged_at TEXT NOT NULL,
        reason TEXT
    );
"""
