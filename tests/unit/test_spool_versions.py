"""The spool's file knows its version: an older one is brought up to date, a newer one or no spool is kept whole."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dbt_lineage.core.levels import Level
from dbt_lineage.core.settings import CheckSettings, SpoolSettings
from dbt_lineage.relay.salvage import report_of, salvage
from dbt_lineage.spool import schema
from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.follow_ups import FollowUp, FollowUps
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.spool import Receipt, Spool, Waiting
from dbt_lineage.spool.sqlite_file import FILE_NAME
from dbt_lineage.watch.checks import waiting as lag
from stack.checkout import PROJECT_ROOT
from tests.spools import of_version_0

MIB = 1 << 20
GENEROUS = 1 << 30
ALL = (1 << 30, 1 << 40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder, GENEROUS)


def body(number: int) -> bytes:
    return f'{{"number": {number}}}'.encode()


def bodies(spool: Spool) -> list[bytes]:
    return [event.body for event in spool.waiting(*ALL)]


def receipt(number: int) -> Receipt:
    return Receipt(event_id(body(number)), "{}", "events", 0, number, "2026-11-22T00:00:00+00:00", None)


def version_of(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def as_of_version(spool: Spool, version: int) -> None:
    """As if code of another version had written the file."""
    spool.close()
    with closing(sqlite3.connect(spool.file)) as connection, connection:
        connection.execute(f"PRAGMA user_version = {version}")


def test_a_new_file_has_the_present_version(spool: Spool) -> None:
    spool.put(body(0))
    spool.close()
    assert version_of(spool.file) == schema.VERSION > 0


def test_a_file_of_before_versions_is_taken_as_it_is(spool: Spool, folder: Path) -> None:
    of_version_0(folder, [body(number) for number in range(3)], [receipt(number) for number in range(10, 15)])
    assert bodies(spool) == [body(number) for number in range(3)]
    assert [each for _, each in spool.receipts(10)] == [receipt(number) for number in range(10, 15)]
    assert spool.set_aside_files() == []
    spool.put(body(3))
    spool.settle([event_id(body(0))], [receipt(0)])
    assert bodies(spool) == [body(1), body(2), body(3)]
    assert version_of(spool.file) == schema.VERSION


def test_receipts_of_before_versions_count_as_such_and_those_beyond_their_room_are_dropped(folder: Path) -> None:
    """Today's file has no bound for them but that of all."""
    receipts = [Receipt(f"id-{number}", "x" * 500, "events", 0, number, "2026", None) for number in range(2000)]
    of_version_0(folder, [], receipts)
    spool = Spool(folder, MIB)
    # At once, and not only after the relay's next receipt.
    for number in range(100):
        spool.put(json.dumps({"number": number, "text": "x" * 4000}).encode())
    relay = Spool(folder, MIB, bounded=False)
    relay.settle([], [receipt(3000)])
    usage = relay.usage()
    assert usage.receipts_used <= usage.receipts_limit
    assert usage.acknowledged + usage.dropped == 2001


def test_an_open_emitter_of_before_versions_goes_on(spool: Spool, folder: Path) -> None:
    """Workers are not restarted all at once: one of the old code writes into the file that the new code has migrated."""
    of_version_0(folder, [body(0)], [])
    with closing(sqlite3.connect(spool.file)) as old, old:
        old.execute("SELECT * FROM waiting").fetchall()
        spool.put(body(1))
        old.execute(
            "INSERT INTO waiting (event_id, emitted_at, source, body) VALUES (?, '2026-11-22T00:00:00+00:00', 'x', ?)",
            (event_id(body(2)), body(2)),
        )
        old.execute("INSERT INTO acknowledged VALUES (NULL, 'id', '{}', 'events', 0, 7, '2026', NULL)")
    assert bodies(spool) == [body(0), body(1), body(2)]
    assert spool.usage().receipts_used > 0


def test_two_processes_that_open_an_older_file_at_once_lose_nothing(spool: Spool, folder: Path) -> None:
    of_version_0(folder, [body(number) for number in range(500)], [receipt(number) for number in range(1000, 1500)])
    work = """
import sys; from pathlib import Path; from dbt_lineage.spool.spool import Spool
spool = Spool(Path(sys.argv[1]), 1 << 30)
print("ready", flush=True); sys.stdin.readline()
print(spool.put(b'{"by": "%s"}' % sys.argv[2].encode()), flush=True)
"""
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", work, str(folder), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT_ROOT,
        )
        for number in range(4)
    ]
    for opener in openers:
        assert opener.stdout is not None
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("\n")
        opener.stdin.flush()
    ids = {opener.communicate()[0].strip() for opener in openers}
    assert [opener.returncode for opener in openers] == [0] * 4
    waiting = spool.waiting(*ALL)
    assert [event.body for event in waiting[:500]] == [body(number) for number in range(500)]
    assert {event.event_id for event in waiting[500:]} == ids
    assert [each for _, each in spool.receipts(1000)] == [receipt(number) for number in range(1000, 1500)]
    assert spool.set_aside_files() == []
    # As many bytes as these receipts are: a second migration would have counted them twice.
    spool.forget(spool.receipts(1000))
    assert spool.usage().receipts_used == 0


def test_a_file_of_a_newer_version_is_kept_whole_until_the_code_is_as_new(
    spool: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        spool.put(body(number))
    spool.settle([event_id(body(0))], [receipt(0)])
    earlier = Waiting(0, event_id(body(9)), datetime.now(UTC), "host 1", body(9))
    follow_up = FollowUp(earlier, event_id(body(0)), "a job", "2026-11-22T00:00:00+00:00")
    FollowUps(spool).keep([follow_up], [])
    as_of_version(spool, 99)
    was = spool.file.read_bytes()

    spool.put(body(3))
    assert bodies(spool) == [body(3)]
    [aside] = spool.set_aside_files()
    assert aside.name.startswith(f"{FILE_NAME}.version-99-")
    assert aside.read_bytes() == was
    [said] = [record.getMessage() for record in caplog.records]
    for part in (str(spool.file), "version 99", f"up to {schema.VERSION}", str(aside), "newer release"):
        assert part in said
    # This code's relay leaves it alone, and the checks say that it is there.
    assert salvage(spool) == 0
    assert not report_of(aside).exists()
    assert not FollowUps(spool).any()
    results = lag.of_spool(SpoolSettings(dir=folder), CheckSettings(), spool.waiting(*ALL)[0].emitted_at)
    [result] = [result for result in results if result.subject == "set aside"]
    assert result.level is Level.FAIL
    assert aside.name in result.seen

    with monkeypatch.context() as newer:
        newer.setattr(schema, "VERSION", 99)
        assert salvage(spool) == 2
    assert bodies(spool) == [body(1), body(2), body(3)]
    assert [each for _, each in spool.receipts(10)] == [receipt(0)]
    assert [each.body for each in FollowUps(spool).due(10)] == [body(9)]
    assert report_of(aside).exists()
    results = lag.of_spool(SpoolSettings(dir=folder), CheckSettings(), spool.waiting(*ALL)[0].emitted_at)
    assert "set aside" not in {result.subject for result in results}


def test_a_reader_is_told_of_a_newer_file_and_how_its_events_come_back(spool: Spool) -> None:
    spool.put(body(0))
    as_of_version(spool, 99)
    with pytest.raises(SpoolError, match=r"version 99.*up to 1.*newer release"):
        spool.waiting(*ALL)
    assert bodies_of(spool.file) == [body(0)]


def bodies_of(file: Path) -> list[bytes]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT body FROM waiting ORDER BY id")]


def test_somebody_elses_database_is_kept_whole_and_named(
    spool: Spool, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.execute("INSERT INTO recipes VALUES ('cake')")
    was = spool.file.read_bytes()
    spool.put(body(0))
    assert bodies(spool) == [body(0)]
    [aside] = spool.set_aside_files()
    assert aside.read_bytes() == was
    [said] = [record.getMessage() for record in caplog.records]
    for part in (str(spool.file), "no spool", str(aside), "nothing of it was changed"):
        assert part in said
