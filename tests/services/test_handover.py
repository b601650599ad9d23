"""Workers whose disk goes with them: what they emitted is in Kafka or in the ledger's database before they end well."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from test_relay import arrived, awaited, numbers_by_job, once_each, process, running

from dbt_lineage.core.settings import CheckSettings, KafkaSettings, LedgerSettings, SpoolSettings
from dbt_lineage.ledger.of_relays import RelayLedger
from dbt_lineage.spool.follow_ups import FollowUp, FollowUps
from dbt_lineage.spool.leaving import SpoolState, left, name_of, newest_place
from dbt_lineage.spool.spool import Spool, Waiting, entry
from dbt_lineage.spool.switch import Switch
from dbt_lineage.watch.checks import waiting
from stack.checkout import PROJECT_ROOT
from tests.openlineage_events import body, number_of

NOWHERE = "127.0.0.1:1"
HAND_OVER = (
    "from dbt_lineage.core.commands import run; from dbt_lineage.relay.handover import hand_over; run('', hand_over)"
)


@pytest.fixture
def ledger(store: LedgerSettings) -> Iterator[RelayLedger]:
    with RelayLedger(store) as opened:
        yield opened


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "worker", 1 << 30)


def events(count: int, first: int = 0) -> list[Waiting]:
    """Of three jobs in turn, numbered."""
    return [entry(body(number, f"job {number % 3}")) for number in range(first, first + count)]


def expire_claims(store: LedgerSettings) -> None:
    """As if half a minute had gone by since the last sign of the relay that has them."""
    engine = create_engine(store.url.get_secret_value())
    with engine.begin() as database:
        database.execute(text("UPDATE handed_over SET claimed_until = now() - interval '1 second'"))
    engine.dispose()


def ending(spool: Spool, kafka: KafkaSettings, store: LedgerSettings, how: str, seconds: float = 30) -> tuple[int, str]:
    """The end of a task in a process of its own: its exit code, and what it said."""
    variables = {
        "SPOOL_DIR": str(spool.folder),
        "SPOOL_HANDOVER": how,
        "SPOOL_HANDOVER_SECONDS": str(seconds),
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA_EVENTS_TOPIC": kafka.events_topic,
        "KAFKA_DLQ_TOPIC": kafka.dlq_topic,
        "LEDGER_URL": store.url.get_secret_value(),
    }
    done = subprocess.run(
        [sys.executable, "-c", HAND_OVER],
        env={**os.environ, **variables},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@contextmanager
def taking_over(folder: Path, kafka: KafkaSettings, store: LedgerSettings) -> Iterator[None]:
    """A relay with a disk of its own."""
    with RelayLedger(store) as own, running(Spool(folder, 1 << 30), kafka, own):
        yield


def test_events_are_claimed_in_their_order_by_one_relay_at_a_time(ledger: RelayLedger, store: LedgerSettings) -> None:
    given = events(6)
    ledger.hand_over(given[:4])
    ledger.hand_over(given[2:])
    ids = [event.event_id for event in given]

    def claimed(relay: str, count: int) -> list[str]:
        return [each.event_id for each in ledger.claim(relay, count, 1 << 20) if isinstance(each, Waiting)]

    assert claimed("first", 3) == ids[:3]
    assert claimed("second", 3) == []
    ledger.delivered(ids[:2])
    assert claimed("first", 3) == ids[2:5]
    expire_claims(store)
    assert claimed("second", 10) == ids[2:]
    assert claimed("first", 10) == []
    ledger.delivered(ids)
    assert ledger.handed_over() == (0, None)


def test_a_claim_ends_at_its_size_and_goes_on_behind_what_the_relay_has(
    ledger: RelayLedger, store: LedgerSettings
) -> None:
    given = events(6)
    ledger.hand_over(given)
    two = len(given[0].body) + 1
    first = ledger.claim("relay", 10, two)
    assert first == given[:2]
    assert ledger.claim("relay", 10, two, {each.event_id for each in given[:2]}) == given[2:4]
    assert ledger.claim("relay", 0, two, {each.event_id for each in given[:4]}) == []
    # What it does not have in its spool is given to it again.
    assert ledger.claim("relay", 10, two) == given[:2]
    assert ledger.claim("other", 10, two) == []


def test_a_relay_that_stops_leaves_nothing_in_the_ledger_that_kafka_has(
    ledger: RelayLedger, store: LedgerSettings, kafka: KafkaSettings, tmp_path: Path
) -> None:
    ledger.hand_over(events(300))
    with taking_over(tmp_path / "relay", kafka, store):
        assert awaited(lambda: len(arrived(kafka, kafka.events_topic)) == 300)
    assert ledger.handed_over()[0] == 0


def test_a_relay_takes_nothing_over_while_the_lineage_is_off(
    ledger: RelayLedger, store: LedgerSettings, kafka: KafkaSettings, tmp_path: Path
) -> None:
    relay = Spool(tmp_path / "relay", 1 << 30)
    relay.prepare()
    Switch(relay.folder).turn_off()
    ledger.hand_over(events(5))
    with taking_over(relay.folder, kafka, store):
        assert awaited(lambda: [each.off_since is not None for each in ledger.spools()] == [True])
        assert relay.usage().waiting == 0
        Switch(relay.folder).turn_on()
        assert awaited(lambda: ledger.handed_over()[0] == 0)
    assert len(arrived(kafka, kafka.events_topic)) == 5


def test_what_comes_back_is_what_was_handed_over(ledger: RelayLedger) -> None:
    [event, later] = events(2)
    follow_up = FollowUp(later, event.event_id, "orders", "2026-11-22T14:12:07.123456+00:00")
    ledger.hand_over([event, follow_up])
    assert ledger.claim("relay", 10, 1 << 20) == [event, follow_up]
    assert ledger.handed_over() == (2, event.emitted_at)


def test_events_of_a_worker_reach_kafka_though_its_folder_is_gone(
    spool: Spool,
    kafka: KafkaSettings,
    store: LedgerSettings,
    ledger: RelayLedger,
    tmp_path: Path,
) -> None:
    given = events(3000)
    spool.put_all(given)
    code, said = ending(spool, kafka, store, "handover")
    assert code == 0, said
    spool.close()
    shutil.rmtree(spool.folder)
    assert ledger.handed_over() == (3000, given[0].emitted_at)
    with taking_over(tmp_path / "relay", kafka, store):
        assert awaited(lambda: ledger.handed_over()[0] == 0)
    found = arrived(kafka, kafka.events_topic)
    assert len(found) == 3000
    assert all(numbers == sorted(numbers) for numbers in numbers_by_job(found).values())


def test_a_relay_that_is_killed_with_its_disk_takes_nothing_with_it(
    spool: Spool,
    kafka: KafkaSettings,
    store: LedgerSettings,
    ledger: RelayLedger,
    tmp_path: Path,
) -> None:
    ledger.hand_over(events(50))
    taken = Spool(tmp_path / "killed", 1 << 30)
    away = kafka.model_copy(update={"bootstrap_servers": NOWHERE})
    relay = process(taken, away, "run", LEDGER_URL=store.url.get_secret_value())
    assert awaited(lambda: taken.usage().waiting == 50)
    relay.kill()
    relay.communicate()
    taken.close()
    shutil.rmtree(taken.folder)
    expire_claims(store)
    with taking_over(tmp_path / "relay", kafka, store):
        assert awaited(lambda: ledger.handed_over()[0] == 0)
    found = once_each(arrived(kafka, kafka.events_topic))
    assert sorted(number_of(each.value() or b"") for each in found) == list(range(50))


def test_a_task_waits_until_kafka_has_its_events_without_a_relay(
    spool: Spool,
    kafka: KafkaSettings,
    store: LedgerSettings,
) -> None:
    spool.put_all(events(300))
    code, said = ending(spool, kafka, store, "wait")
    assert code == 0, said
    assert not left(spool, newest_place(spool))
    assert len(arrived(kafka, kafka.events_topic)) == 300
    with RelayLedger(store) as ledger:
        assert ledger.totals().acknowledged == 300
        # It has ended in good order and left nothing: nobody waits for it.
        assert ledger.spools() == []


def test_a_task_waits_for_the_relay_beside_it(
    spool: Spool,
    kafka: KafkaSettings,
    store: LedgerSettings,
) -> None:
    with running(spool, kafka):
        spool.put_all(events(300))
        code, said = ending(spool, kafka, store, "wait")
        assert code == 0, said
        assert len(arrived(kafka, kafka.events_topic)) == 300


def test_a_task_whose_events_cannot_leave_fails_and_says_so(
    spool: Spool,
    kafka: KafkaSettings,
    store: LedgerSettings,
) -> None:
    spool.put_all(events(3))
    away = kafka.model_copy(update={"bootstrap_servers": NOWHERE})
    code, said = ending(spool, away, store, "wait", seconds=2)
    assert code != 0
    assert f"SPOOL_HANDOVER=wait: 3 events in {spool.file} did not reach Kafka within 2 s" in said
    nowhere = LedgerSettings(url=SecretStr("postgresql+psycopg2://nobody@127.0.0.1:1/ledger"))
    code, said = ending(spool, kafka, nowhere, "handover", seconds=2)
    assert code != 0
    assert f"SPOOL_HANDOVER=handover: 3 events in {spool.file} were not handed over within 2 s" in said
    assert spool.usage().waiting == 3


@pytest.mark.parametrize("how", ["off", "wait", "handover"])
def test_nothing_leaves_where_nothing_shall(
    how: str,
    spool: Spool,
    kafka: KafkaSettings,
    store: LedgerSettings,
    ledger: RelayLedger,
) -> None:
    spool.put_all(events(3))
    if how != "off":
        Switch(spool.folder).turn_off()
    code, said = ending(spool, kafka, store, how)
    assert code == 0, said
    assert spool.usage().waiting == 3
    assert ledger.handed_over() == (0, None)
    assert arrived(kafka, kafka.events_topic) == []


def test_columns_that_follow_are_handed_over_too(
    spool: Spool,
    kafka: KafkaSettings,
    store: LedgerSettings,
    ledger: RelayLedger,
    tmp_path: Path,
) -> None:
    [event, later] = events(2)
    spool.put_all([event])
    FollowUps(spool).keep([FollowUp(later, event.event_id, "orders", "2026-11-22T14:12:07.123456+00:00")], [])
    code, said = ending(spool, kafka, store, "handover")
    assert code == 0, said
    assert not left(spool, newest_place(spool))
    with taking_over(tmp_path / "relay", kafka, store):
        assert awaited(lambda: ledger.handed_over()[0] == 0)
    assert [number_of(each.value() or b"") for each in arrived(kafka, kafka.events_topic)] == [0]
    # They wait for the warehouse on a disk that stays.
    assert FollowUps(Spool(tmp_path / "relay", 1 << 30)).due(10) != []


def test_a_relay_drains_at_sigterm(spool: Spool, kafka: KafkaSettings, store: LedgerSettings) -> None:
    address = store.url.get_secret_value()
    relay = process(spool, kafka, "run", LEDGER_URL=address, SPOOL_HANDOVER="wait", RELAY_DRAIN_SECONDS="60")
    with RelayLedger(store) as ledger:
        assert awaited(lambda: [each.spool for each in ledger.spools()] == [name_of(spool.folder)])
        # It finds the signal before it finds the events.
        relay.send_signal(signal.SIGSTOP)
        spool.put_all(events(500))
        relay.send_signal(signal.SIGTERM)
        relay.send_signal(signal.SIGCONT)
        output, errors = relay.communicate(timeout=90)
        assert (relay.returncode, ledger.spools()) == (0, []), output + errors
    assert len(arrived(kafka, kafka.events_topic)) == 500


def test_a_relay_hands_over_at_sigterm_what_kafka_does_not_take(
    spool: Spool,
    kafka: KafkaSettings,
    store: LedgerSettings,
    ledger: RelayLedger,
) -> None:
    spool.put_all(events(5))
    away = kafka.model_copy(update={"bootstrap_servers": NOWHERE})
    address = store.url.get_secret_value()
    relay = process(spool, away, "run", LEDGER_URL=address, SPOOL_HANDOVER="handover", RELAY_DRAIN_SECONDS="1")
    assert awaited(lambda: [each.waiting for each in ledger.spools()] == [5])
    relay.terminate()
    output, errors = relay.communicate(timeout=60)
    assert relay.returncode == 0, output + errors
    assert ledger.handed_over()[0] == 5
    assert ledger.spools() == []
    assert not left(spool, newest_place(spool))


def test_checks_look_at_the_spools_of_other_machines(
    store: LedgerSettings, ledger: RelayLedger, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    ledger.note(SpoolState("near:/spool", 0, None, 0, None, ""))
    ledger.note(SpoolState("full:/spool", 7, now - timedelta(days=1), 0, None, "Kafka is away"))
    ledger.note(SpoolState("off:/spool", 7, now - timedelta(days=1), 0, now, ""))
    ledger.note(SpoolState(name_of(tmp_path), 9, now - timedelta(days=1), 0, None, ""))
    own = SpoolSettings(dir=tmp_path)
    # Its name stays, whatever the machine is called that mounts it.
    assert name_of(tmp_path) == name_of(tmp_path) != name_of(tmp_path.parent)

    def levels(later: timedelta = timedelta()) -> dict[str, str]:
        found = waiting.of_others(store, own, CheckSettings(), now + later)
        return {each.subject: each.level.value for each in found}

    assert levels() == {
        "handed over": "ok",
        "spool near:/spool": "ok",
        "spool full:/spool": "fail",
        "spool off:/spool": "ok",
    }
    gone = levels(timedelta(hours=1))
    assert (gone["spool near:/spool"], gone["spool off:/spool"]) == ("warn", "fail")
    assert ledger.forget("full:/spool") == 1
    assert "spool full:/spool" not in levels()
    nowhere = LedgerSettings(url=SecretStr("postgresql+psycopg2://nobody@127.0.0.1:1/ledger"))
    [only] = waiting.of_others(nowhere, own, CheckSettings(), now)
    assert (only.subject, only.level.value) == ("other spools", "warn")
