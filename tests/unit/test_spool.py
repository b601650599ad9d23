"""The spool: what ``put`` has returned is on disk, once, in order, whatever dies and whatever the disk does."""

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

from dbt_lineage.core import settings
from dbt_lineage.relay.salvage import report_of, salvage
from dbt_lineage.spool import spool as store
from dbt_lineage.spool.errors import SpoolError, SpoolFull, SpoolUnreadable
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.remains import salvaged
from dbt_lineage.spool.spool import Receipt, Spool
from dbt_lineage.spool.sqlite_file import FILE_NAME
from stack.checkout import PROJECT_ROOT
from tests.spools import set_aside

GENEROUS = 1 << 30
ALL = (1 << 30, 1 << 40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder, GENEROUS)


def bodies(spool: Spool) -> list[bytes]:
    return [event.body for event in spool.waiting(*ALL)]


def numbered(number: int) -> bytes:
    return f'{{"number": {number}}}'.encode()


def in_a_fork_that_is_killed(work: Callable[[], object]) -> bool:
    """Whether a child that does something is killed by it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def in_a_fork(work: Callable[[], None]) -> int:
    """Do something in a child that ends as Airflow's does, without any cleaning up; its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_an_event_has_one_id_however_it_is_written() -> None:
    written = b'{"job": {"name": "orders", "namespace": "caf\xc3\xa9"}, "time": 1.50}'
    otherwise = b'{ "time":1.5,"job":{"namespace":"caf\\u00e9","name":"orders"} }'
    assert event_id(written) == event_id(otherwise)
    assert UUID(event_id(written)).version == 5
    assert event_id(written) != event_id(b'{"job": {"name": "orders", "namespace": "cafe"}, "time": 1.50}')


@pytest.mark.parametrize(
    "no_json", [b"", b"{", b"\xff\xfe", b'{"a": 1, "a": 2}', b'{"a": NaN}', b'"\\ud800"', b"[" * 9999]
)
def test_what_is_no_json_has_an_id_of_its_own_too(no_json: bytes) -> None:
    assert event_id(no_json) == event_id(bytes(no_json))
    assert event_id(no_json) not in {event_id(b'{"a": 2}'), event_id(no_json + b" ")}


def test_events_wait_in_the_order_in_which_they_came(spool: Spool) -> None:
    ids = [spool.put(numbered(number)) for number in range(20)]
    waiting = spool.waiting(*ALL)
    assert [event.event_id for event in waiting] == ids == [event_id(event.body) for event in waiting]
    assert [event.body for event in waiting] == [numbered(number) for number in range(20)]
    assert {event.source for event in waiting} == {f"{os.uname().nodename} {os.getpid()}"}


def test_a_batch_is_bounded_in_number_and_in_bytes(spool: Spool) -> None:
    for number in range(5):
        spool.put(numbered(number))
    assert len(spool.waiting(3, 1 << 20)) == 3
    assert len(spool.waiting(100, len(numbered(0)) + 1)) == 2
    assert len(spool.waiting(100, 1)) == 1
    assert [event.body for event in spool.waiting(100, 1 << 20, after=spool.waiting(3, 1 << 20)[-1].id)] == [
        numbered(3),
        numbered(4),
    ]


def test_the_same_event_twice_waits_once(spool: Spool) -> None:
    assert spool.put(b'{"a": 1, "b": 2}') == spool.put(b'{"b": 2, "a": 1}')
    assert bodies(spool) == [b'{"a": 1, "b": 2}']


def test_what_is_settled_leaves_and_its_receipt_is_kept_until_it_is_forgotten(spool: Spool) -> None:
    first, second = (spool.put(numbered(number)) for number in range(2))
    receipt = Receipt(first, "{}", "topic", 2, 17, "2026-11-22T00:00:00+00:00", None)
    spool.settle([spool.waiting(*ALL)[0].event_id], [receipt])
    assert [event.event_id for event in spool.waiting(*ALL)] == [second]
    ((place, kept),) = spool.receipts(10)
    assert kept == receipt
    spool.forget([(place, kept)])
    assert spool.receipts(10) == []


def test_a_place_is_never_given_twice(spool: Spool) -> None:
    spool.put(numbered(0))
    (first,) = spool.waiting(*ALL)
    spool.settle([first.event_id], [])
    spool.put(numbered(0))
    assert spool.waiting(*ALL)[0].id > first.id


def test_the_order_does_not_depend_on_the_clock(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Backwards(datetime):
        hour_of_day = 23

        @classmethod
        def now(cls, tz: object = None) -> datetime:
            cls.hour_of_day -= 1
            return datetime(2026, 11, 22, cls.hour_of_day, tzinfo=UTC)

    monkeypatch.setattr(store, "datetime", Backwards)
    for number in range(5):
        spool.put(numbered(number))
    waiting = spool.waiting(*ALL)
    assert [event.body for event in waiting] == [numbered(number) for number in range(5)]
    times = [event.emitted_at for event in waiting]
    assert times == sorted(times, reverse=True)


def test_only_its_owner_can_read_it(spool: Spool, folder: Path) -> None:
    spool.put(b"{}")
    assert folder.stat().st_mode & 0o777 == 0o700
    files = ("spool.sqlite", "spool.sqlite-wal", "spool.sqlite-shm", "spool.lock")
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == dict.fromkeys(files, 0o600)


def test_usage_tells_what_waits_and_how_much_room_it_takes(spool: Spool) -> None:
    empty = spool.usage()
    assert (empty.waiting, empty.acknowledged, empty.oldest, empty.limit) == (0, 0, None, GENEROUS)
    for number in range(100):
        spool.put(json.dumps({"number": number, "text": "x" * 4000}).encode())
    full = spool.usage()
    assert full.waiting == 100
    assert full.oldest == spool.waiting(1, 1)[0].emitted_at
    assert full.used > empty.used + 100 * 4000
    spool.settle([event.event_id for event in spool.waiting(*ALL)], [])
    assert spool.usage().used < full.used / 4


def test_the_version_differs_once_somebody_else_has_written(spool: Spool, folder: Path) -> None:
    seen = [spool.version()]
    assert spool.version() == seen[0]
    Spool(folder, GENEROUS).put(numbered(0))
    seen.append(spool.version())
    # A fork closes the file; what counts the changes of an open file begins anew then.
    assert in_a_fork(lambda: print(Spool(folder, GENEROUS).put(numbered(1)))) == 0
    seen.append(spool.version())
    assert len(set(seen)) == 3


def test_what_returned_is_there_once_however_many_writers_are_killed(folder: Path) -> None:
    """Eight writers at once, each killed at a random instant and started again."""
    dice = random.Random(5)  # noqa: S311 - which process dies is no secret
    reported: list[str] = []
    for round_ in range(4):
        writers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.spool_writer", str(folder), f"{round_}.{number}"],
                stdout=subprocess.PIPE,
                text=True,
                cwd=PROJECT_ROOT,
            )
            for number in range(8)
        ]
        for writer in dice.sample(writers, len(writers)):
            assert writer.stdout is not None
            # At least one event each, so that it is killed while it writes.
            reported += [writer.stdout.readline().strip() for _ in range(dice.randrange(1, 20))]
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            rest, _ = writer.communicate()
            # A line that was cut off is one that was not reported.
            reported += [line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    spool = Spool(folder, GENEROUS)
    waiting = [event.event_id for event in spool.waiting(*ALL)]
    assert len(waiting) == len(set(waiting))
    assert set(reported) <= set(waiting)
    assert len(reported) == len(set(reported)) >= 32
    # A writer that was killed between commit and report has one event more.
    assert len(waiting) - len(reported) <= 32
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_threads_and_forks_of_one_process_write_at_once(spool: Spool, folder: Path) -> None:
    """Airflow's provider forks while its threads go on, emits in the child, and ends it without cleaning up."""
    other = Spool(folder, GENEROUS)

    def write(name: str) -> None:
        for number in range(40):
            (spool if number % 2 else other).put(f'{{"by": "{name}", "number": {number}}}'.encode())

    threads = [threading.Thread(target=write, args=(f"thread {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    codes = [in_a_fork(lambda name=f"fork {number}": write(name)) for number in range(10)]  # type: ignore[misc]
    for thread in threads:
        thread.join()
    assert codes == [0] * 10
    found = [json.loads(body) for body in bodies(spool)]
    for name in {event["by"] for event in found}:
        assert [event["number"] for event in found if event["by"] == name] == list(range(40))
    assert len(found) == 13 * 40


def test_the_parent_closing_its_file_takes_nothing_from_a_child(spool: Spool, folder: Path) -> None:
    """The log of a file that seems to be used by nobody is removed: a child must count as a user."""
    spool.put(numbered(0))
    to_child, to_parent = os.pipe(), os.pipe()

    def child() -> None:
        spool.put(numbered(1))
        os.write(to_parent[1], b"1")
        os.read(to_child[0], 1)
        spool.put(numbered(2))

    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(in_a_fork(child)))
    thread.start()
    os.read(to_parent[0], 1)
    spool.close()
    assert bodies(spool) == [numbered(0), numbered(1)]
    spool.close()
    os.write(to_child[1], b"1")
    thread.join()
    assert done == [0]
    assert bodies(Spool(folder, GENEROUS)) == [numbered(number) for number in range(3)]


def test_a_relay_that_stands_still_holds_up_no_emitter(spool: Spool, folder: Path) -> None:
    for number in range(10):
        spool.put(numbered(number))
    relay = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from dbt_lineage.spool.spool import Spool\n"
            "spool = Spool(Path(sys.argv[1]), 1 << 30)\n"
            "batch = spool.waiting(5, 1 << 20); print('read', flush=True); sys.stdin.read()",
            str(folder),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
    )
    assert relay.stdout is not None
    assert relay.stdout.readline() == b"read\n"
    relay.send_signal(signal.SIGSTOP)
    try:
        # More than the pages after which SQLite tidies its log up, which a reader could hinder.
        for number in range(10, 2000):
            spool.put(numbered(number))
    finally:
        relay.kill()
        relay.communicate()
    assert bodies(spool) == [numbered(number) for number in range(2000)]


def test_a_full_spool_says_so_and_takes_events_again_once_some_have_left(folder: Path) -> None:
    limit = 1 << 20
    spool = Spool(folder, limit)
    kept = 0

    def fill() -> None:
        nonlocal kept
        while kept < 10_000:
            spool.put(json.dumps({"number": kept, "text": "x" * 4000}).encode())
            kept += 1

    with pytest.raises(SpoolFull) as refusal:
        fill()
    assert f"SPOOL_MAX_BYTES={limit}" in str(refusal.value)
    assert str(folder) in str(refusal.value)
    assert len(bodies(spool)) == kept > 100
    assert spool.file.stat().st_size <= limit
    # The relay is not bound by the limit: its receipts may be larger than the events that make room for them.
    relay = Spool(folder, limit, bounded=False)
    batch = relay.waiting(25, GENEROUS)
    receipts = [Receipt(event.event_id, "x" * 5000, "t", 0, 0, "2026", None) for event in batch]
    relay.settle([event.event_id for event in batch], receipts)
    assert len(relay.receipts(100)) == 25
    before = kept
    with pytest.raises(SpoolFull):
        fill()
    assert len(bodies(spool)) == kept - 25 >= before


def test_a_disk_that_takes_no_more_is_told_of_and_what_was_kept_stays(folder: Path) -> None:
    """A limit on the size of files is the full disk that a test can have without mounting one."""
    work = f"""
import resource, sys
from pathlib import Path
from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.spool import Spool
spool = Spool(Path({str(folder)!r}), 1 << 30)
spool.put(b'{{}}')
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
kept = 1
try:
    while kept < 10_000:
        spool.put(b'{{"number": %d, "text": "%s"}}' % (kept, b"x" * 4000))
        kept += 1
except SpoolError as error:
    print(kept, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
spool.put(b'{{"after": true}}')
"""
    done = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, cwd=PROJECT_ROOT)
    assert done.returncode == 0, done.stderr
    kept, problem = done.stdout.split(maxsplit=1)
    assert str(folder) in problem
    assert f"SPOOL_MAX_BYTES={1 << 30}" in problem
    found = bodies(Spool(folder, GENEROUS))
    assert len(found) == int(kept) + 1 > 5
    assert found[-1] == b'{"after": true}'
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match=str(tmp_path / "file" / "spool")):
        Spool(tmp_path / "file" / "spool", GENEROUS).put(b"{}")


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def emptied(file: Path) -> None:
    os.truncate(file, 0)


def overwritten(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as handle:
        handle.seek(size // 2)
        handle.write(os.urandom(64 * 1024))


def another_file(file: Path) -> None:
    file.write_bytes(b"this is no database at all\n" * 1000)


def damaged_with(spool: Spool, damage: Callable[[Path], None]) -> list[bytes]:
    """Damage a file that holds 200 events; gives them."""
    texts = [json.dumps({"number": number, "text": "x" * 3000}).encode() for number in range(200)]
    for text in texts:
        spool.put(text)
    spool.close()
    damage(spool.file)
    return texts


@pytest.mark.parametrize("damage", [truncated, emptied, overwritten, another_file])
def test_a_damaged_file_is_told_of_and_set_aside_and_the_next_event_has_a_new_one(
    spool: Spool, folder: Path, damage: Callable[[Path], None]
) -> None:
    texts = damaged_with(spool, damage)
    damaged = spool.file.read_bytes()
    with pytest.raises(SpoolUnreadable) as problem:
        bodies(spool)
    assert str(spool.file) in str(problem.value)
    aside = spool.set_aside(problem.value)
    assert aside is not None
    assert aside.name.startswith("spool.sqlite.unreadable-")
    assert spool.set_aside_files() == [aside]
    assert aside.read_bytes() == damaged
    # Whoever notices later finds that it is done.
    assert spool.set_aside(problem.value) is None
    spool.put(b"{}")
    assert bodies(spool) == [b"{}"]
    saved = {event.body for event in salvaged(aside)}
    assert saved <= set(texts)
    if damage in (truncated, overwritten):
        assert len(saved) > 50


def test_an_event_finds_a_new_file_when_the_old_one_is_no_spool_any_more(spool: Spool) -> None:
    spool.put(numbered(0))
    spool.close()
    another_file(spool.file)
    spool.put(numbered(1))
    assert bodies(spool) == [numbered(1)]
    assert len(spool.set_aside_files()) == 1


def test_an_emitter_with_an_open_file_notices_that_it_was_set_aside(spool: Spool, folder: Path) -> None:
    other = Spool(folder, GENEROUS)
    other.put(numbered(0))
    spool.put(numbered(1))
    identity = (spool.file.stat().st_dev, spool.file.stat().st_ino)
    aside = spool.set_aside(SpoolUnreadable("as if", identity))
    assert aside is not None
    other.put(numbered(2))
    assert bodies(other) == bodies(spool) == [numbered(2)]
    assert [event.body for event in salvaged(aside)] == [numbered(1), numbered(0)] * 2


def test_whoever_is_killed_while_setting_aside_leaves_nothing_that_spoils_the_next_file(
    spool: Spool, folder: Path
) -> None:
    spool.put(numbered(0))
    aside = folder / "spool.sqlite.unreadable-20261122T000000.000000Z"
    # The log still has the event; the connection stays open, as that of a process which was killed would.
    spool.file.rename(aside)
    other = Spool(folder, GENEROUS)
    other.put(numbered(1))
    assert bodies(other) == [numbered(1)]
    assert [event.body for event in salvaged(aside)][:1] == [numbered(0)]


def test_what_was_read_of_a_file_that_is_set_aside_meanwhile_takes_nothing_out_of_the_new_one(
    spool: Spool, folder: Path
) -> None:
    emitter = Spool(folder, GENEROUS)
    for number in range(3):
        emitter.put(numbered(number))
    batch = spool.waiting(*ALL)
    receipts = [Receipt(event.event_id, "{}", "events", 0, 0, "2026-11-22T00:00:00+00:00", None) for event in batch]
    spool.settle([batch[0].event_id], receipts[:1])
    told = spool.receipts(10)
    set_aside(emitter)
    for number in range(3, 8):
        emitter.put(numbered(number))

    spool.settle([event.event_id for event in batch], receipts[1:])
    assert bodies(spool) == [numbered(number) for number in range(3, 8)]
    spool.forget(told)
    assert [receipt for _, receipt in spool.receipts(10)] == receipts[1:]


def test_what_is_salvaged_goes_before_what_is_newer_in_the_order_it_had(spool: Spool, folder: Path) -> None:
    texts = [json.dumps({"number": number, "text": "x" * 3000}).encode() for number in range(600)]
    for text in texts[:200]:
        spool.put(text)
    first = set_aside(spool)
    for text in texts[200:400]:
        spool.put(text)
    second = set_aside(spool)
    for text in texts[400:]:
        spool.put(text)
    assert salvage(spool) == 400
    assert bodies(spool) == texts

    # As if it had been killed after one file: what is there already stays where it is.
    spool.settle([event_id(text) for text in texts[50:120]], [])
    for file in (first, second):
        report_of(file).unlink()
    assert salvage(spool) == 400
    assert set(bodies(spool)) == set(texts)
    assert [text for text in bodies(spool) if text not in texts[50:120]] == [*texts[:50], *texts[120:]]


@pytest.mark.parametrize("damage", [truncated, overwritten])
def test_what_is_salvaged_of_a_damaged_file_is_in_order(
    spool: Spool, folder: Path, damage: Callable[[Path], None]
) -> None:
    damaged_with(spool, damage)
    with pytest.raises(SpoolUnreadable) as problem:
        bodies(spool)
    spool.set_aside(problem.value)
    spool.put(numbered(200))
    assert salvage(spool) > 50
    numbers = [json.loads(body)["number"] for body in bodies(spool)]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 200


def test_where_no_spool_ever_was_nothing_is_salvaged_and_nothing_is_made(spool: Spool, folder: Path) -> None:
    assert salvage(spool) == 0
    assert not folder.exists()


def test_whoever_is_killed_while_setting_aside_costs_no_event(
    spool: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The log has the event, the file does not: this connection stays open, as that of a process which was killed would.
    spool.put(numbered(0))
    with monkeypatch.context() as patch:
        patch.setattr(Spool, "_move_journals", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        assert in_a_fork_that_is_killed(lambda: set_aside(Spool(folder, GENEROUS)))
    relay = Spool(folder, GENEROUS)
    assert salvage(relay) == 1
    assert bodies(relay) == [numbered(0)]


def test_events_together_are_in_the_spool_all_or_none(folder: Path) -> None:
    spool = Spool(folder, 1 << 20)
    spool.put_all([store.entry(numbered(1)), store.entry(numbered(2)), store.entry(numbered(1))])
    assert bodies(spool) == [numbered(1), numbered(2)]
    too_many = [json.dumps({"number": number, "text": "x" * 4000}).encode() for number in range(1000)]
    with pytest.raises(SpoolFull):
        spool.put_all([store.entry(body) for body in too_many])
    assert bodies(spool) == [numbered(1), numbered(2)]


def test_what_is_emitted_together_comes_into_the_spool_at_the_end(folder: Path) -> None:
    config = {"type": "dbt_lineage.spool.transport.SpoolTransport", "dir": str(folder)}
    client = OpenLineageClient(config={"transport": config})
    spool = Spool(folder, GENEROUS)
    with client.transport.together():  # type: ignore[attr-defined]
        client.emit(run_event("first"))
        client.emit(run_event("second"))
        assert bodies(spool) == []
    client.emit(run_event("third"))
    assert [json.loads(body)["job"]["name"] for body in bodies(spool)] == ["first", "second", "third"]


def run_event(job: str) -> RunEvent:
    return RunEvent(
        eventTime="2026-11-22T14:12:07.000000+00:00",
        eventType=RunState.START,
        run=Run(runId="0190c2b4-7a3c-7b1a-8a2e-0242ac120002"),
        job=Job(namespace="tests", name=job),
        producer="https://example.com",
    )


def test_openlineages_client_finds_the_transport_by_its_import_path(folder: Path) -> None:
    config = {"type": "dbt_lineage.spool.transport.SpoolTransport", "dir": str(folder), "max_bytes": str(1 << 21)}
    client = OpenLineageClient(config={"transport": config})
    event = run_event("caf\u00e9")
    client.emit(event)
    assert client.close()
    spool = Spool(folder, GENEROUS)
    (waiting,) = spool.waiting(*ALL)
    found = json.loads(waiting.body)
    assert (found["run"]["runId"], found["job"]["name"]) == (event.run.runId, "caf\u00e9")
    assert Spool(folder, 1 << 21).usage().limit == 1 << 21


def test_the_transport_has_the_settings_where_its_configuration_says_nothing(
    folder: Path, environment: pytest.MonkeyPatch
) -> None:
    from dbt_lineage.spool.transport import SpoolConfig

    environment.setenv("SPOOL_DIR", str(folder))
    environment.setenv("SPOOL_MAX_BYTES", str(3 << 20))
    assert SpoolConfig.from_dict({"type": "x"}) == SpoolConfig(dir=folder, max_bytes=3 << 20)
    assert SpoolConfig.from_dict({"max_bytes": 2 << 20}) == SpoolConfig(dir=folder, max_bytes=2 << 20)


@pytest.mark.parametrize(
    ("configuration", "named"), [({"path": "x"}, "path"), ({"max_bytes": "many"}, "max_bytes"), ({"max_bytes": 5}, "5")]
)
def test_a_wrong_configuration_of_the_transport_is_refused(configuration: dict[str, object], named: str) -> None:
    from dbt_lineage.spool.transport import SpoolConfig

    with pytest.raises(settings.SettingsError, match=named):
        SpoolConfig.from_dict(configuration)


def test_the_transport_imports_neither_kafka_nor_sqlalchemy() -> None:
    look = "import sys, dbt_lineage.spool.transport; print(sorted({'confluent_kafka', 'sqlalchemy', 'airflow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, cwd=PROJECT_ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_a_put_is_flushed_to_the_disk_before_it_returns(folder: Path) -> None:
    """Killing a process cannot show this, only losing power could; so SQLite is asked what it promises."""
    spool = Spool(folder, GENEROUS)
    spool.put(b"{}")
    assert spool._open is not None
    assert spool._open.execute("PRAGMA synchronous").fetchone() == (2,)
    assert spool._open.execute("PRAGMA journal_mode").fetchone() == ("wal",)
