"""The switch: who emits already obeys at once, nothing that runs fails for it, and nothing is lost by it."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import projects
from dbt_lineage.dashboards.refresh import ChartResult, Refreshed, conclude
from dbt_lineage.events.dbt_command import what_became_of
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.ops.removal import InSpool, RelayAtWork, UnsentEvents, require_sent
from dbt_lineage.ops.uncovered import table, uncovered
from dbt_lineage.relay.oversize import keep
from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.spool import Spool
from dbt_lineage.spool.switch import Switch
from dbt_lineage.spool.transport import SpoolTransport
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.alerts import Alert, changes
from dbt_lineage.watch.checks.results import ITSELF
from dbt_lineage.watch.checks.runner import made
from dbt_lineage.watch.checks.sources import Sources
from dbt_lineage.watch.health.parts import Parts
from tests.openlineage_events import body, number_of

ALL = (1 << 30, 1 << 40)
MIB = 1 << 20
Emit = Callable[[int], Any]


@pytest.fixture
def folder(tmp_path: Path, environment: pytest.MonkeyPatch) -> Path:
    """The folder that the settings name."""
    environment.setenv("SPOOL_DIR", str(tmp_path / "spool"))
    settings.spool.cache_clear()
    return tmp_path / "spool"


@pytest.fixture
def switch(folder: Path) -> Switch:
    return Switch(folder)


@pytest.fixture
def aside(folder: Path) -> Aside:
    return Aside(folder, 64 * MIB)


@pytest.fixture
def emit(folder: Path) -> Emit:
    """Emits the event of a number, as Airflow's provider and our own code do, by a client that is there already."""
    client = OpenLineageClient(transport=SpoolTransport(SpoolTransport.config_class.from_dict({})))

    def emit_one(number: int) -> Any:
        job, run = Job("tests", f"job {number}"), Run(f"00000000-0000-0000-0000-{number:012x}")
        now = datetime.now(UTC).isoformat()
        return client.emit(RunEvent(eventTime=now, eventType=RunState.START, run=run, job=job, producer="https://t"))

    return emit_one


def waiting(folder: Path) -> list[int]:
    return [number_of(event.body) for event in Spool(folder, 64 * MIB).waiting(*ALL)]


def kept(aside: Aside) -> list[int]:
    return [number_of(event.body) for event in aside.events()]


# --- who emits


def test_who_emits_already_obeys_at_once_and_comes_back(folder: Path, switch: Switch, aside: Aside, emit: Emit) -> None:
    emit(1)
    switch.turn_off()
    emit(2)
    emit(3)
    switch.turn_on()
    emit(4)
    assert waiting(folder) == [1, 4]
    assert kept(aside) == [2, 3]


def test_after_a_removal_nothing_is_kept(folder: Path, switch: Switch, aside: Aside, emit: Emit) -> None:
    switch.turn_off(keeps=False)
    emit(1)
    assert [each.name for each in folder.iterdir()] == [switch.file.name]
    assert kept(aside) == []


def test_while_off_an_event_that_there_is_no_room_for_is_named_and_no_error(
    folder: Path, switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    aside = Aside(folder, 1 << 16)
    for number in range(40):
        aside.keep(body(number, job="large", filler="x" * 4000))
    (job,) = uncovered(aside)
    assert job.kept > 0
    assert job.let_go > 0
    assert job.kept + job.let_go == len(job.runs) == 40
    assert "SPOOL_ASIDE_MAX_BYTES=65536" in caplog.text
    assert "large" in table([job])


def test_a_disk_that_refuses_is_no_error_while_off(folder: Path, switch: Switch, emit: Emit) -> None:
    switch.turn_off()
    (folder / "aside").write_text("a file where the folder should be")
    emit(1)
    switch.turn_on()
    (folder / "aside").unlink()
    emit(2)
    assert waiting(folder) == [2]


# --- the file


def test_off_stays_off_since_when_it_was(switch: Switch) -> None:
    first = switch.turn_off()
    assert switch.turn_off() == first == switch.off()
    removed = switch.turn_off(keeps=False)
    assert (removed.since, removed.keeps) == (first.since, False)
    assert switch.turn_on() == removed
    assert switch.turn_on() is None
    assert switch.off() is None


def test_a_file_made_by_hand_is_off_too(switch: Switch, folder: Path) -> None:
    folder.mkdir()
    for content in (b"", b"{", b'{"since": "yesterday", "by": "me", "keeps": true}', b"[]", b"\xff"):
        switch.file.write_bytes(content)
        off = switch.off()
        assert off is not None
        assert off.keeps
        assert (datetime.now(UTC) - off.since) < timedelta(minutes=1)


def test_whoever_is_killed_while_switching_leaves_a_switch_that_is_on_or_off(switch: Switch) -> None:
    def flip() -> None:
        while True:
            switch.turn_off()
            switch.turn_on()

    for pause in (0.02, 0.05, 0.03):
        child = multiprocessing.get_context("fork").Process(target=flip)
        child.start()
        seen = []
        deadline = datetime.now(UTC) + timedelta(seconds=pause)
        while datetime.now(UTC) < deadline:
            seen.append(switch.off())
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert {off.by for off in seen if off} <= {switch.turn_off().by}, "half a file was read"
        assert switch.turn_on() is not None


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match=r"lineage-off\.json cannot be written"):
        Switch(tmp_path / "file").turn_off()


# --- checks and health


@pytest.fixture
def sources(folder: Path) -> Sources:
    """Sources of which nothing but the switch can be asked: no service is there."""
    return Sources.of(*projects())


def test_while_off_the_checks_warn_once_and_ask_nobody_what_nobody_can_keep(sources: Sources, switch: Switch) -> None:
    off = switch.turn_off()
    results = [result for name in ("coverage", "freshness", "lag", "accuracy") for result in made(name, sources)]
    warnings = [result for result in results if result.level is not Level.OK]
    assert [(each.check, each.level, each.since) for each in warnings] == [("coverage", Level.WARN, off.since)]
    assert warnings[0].seen.startswith(f"lineage is off since {off.since.isoformat(timespec='seconds')}")


def test_once_removed_no_check_asks_a_service_that_is_gone(sources: Sources, switch: Switch) -> None:
    switch.turn_off(keeps=False)
    results = [result for name in CHECKS for result in made(name, sources)]
    assert [each.level for each in results].count(Level.OK) == len(CHECKS) - 1
    assert {each.check for each in results if each.level is Level.WARN} == {"coverage"}


def test_what_was_broken_before_stays_so_while_off(sources: Sources, switch: Switch) -> None:
    open_alerts = [
        Alert(1, "coverage", "model.p.a", sources.now, "", ""),
        Alert(2, "accuracy", ITSELF, sources.now, "", ""),
    ]
    switch.turn_off()
    results = [result for name in ("coverage", "accuracy") for result in made(name, sources)]
    changed = changes(open_alerts, results)
    assert (changed.broken, changed.recovered) == ([], [])


def test_the_health_says_since_when_and_how_much_is_kept_aside(folder: Path, switch: Switch, emit: Emit) -> None:
    emit(1)
    probes = {probe.name: probe.ask for probe in Parts.of(projects(), 1).probes()}
    assert probes["switch"]().level is Level.OK
    switch.turn_off()
    emit(2)
    assert probes["switch"]().level is Level.WARN
    assert "1 events are kept aside" in probes["switch"]().reason
    assert "waiting" not in probes["spool"]().reason


# --- sending again


# --- removing


def test_removing_loses_no_event_unless_it_is_told_to(folder: Path, switch: Switch, emit: Emit) -> None:
    require_sent(settings.spool())
    emit(1)
    switch.turn_off()
    emit(2)
    emit(3)
    keep(folder, b"large")
    (folder / "spool.sqlite.unreadable-1").write_bytes(b"")
    (folder / "spool.sqlite.unreadable-0").write_bytes(b"")
    (folder / "spool.sqlite.unreadable-0.json").write_text("{}")
    with pytest.raises(UnsentEvents) as refused:
        require_sent(settings.spool())
    counts = "1 waiting in the spool, 2 kept aside while lineage was off, 1 too large for Kafka, 1 files set aside"
    assert counts in str(refused.value)


def test_of_the_spool_only_the_switch_stays(folder: Path, switch: Switch, emit: Emit) -> None:
    emit(1)
    switch.turn_off()
    emit(2)
    part = InSpool(settings.spool())
    switch.turn_off(keeps=False)
    assert part.things()
    part.remove()
    assert part.things() == []
    assert [each.name for each in folder.iterdir()] == [switch.file.name]
    part.remove()


def test_a_spool_that_a_relay_holds_is_not_removed(folder: Path, emit: Emit) -> None:
    from filelock import FileLock

    emit(1)
    with FileLock(folder / "relay.lock"), pytest.raises(RelayAtWork, match="stop it first"):
        InSpool(settings.spool()).remove()
    assert waiting(folder) == [1]


def test_dashboards_are_refreshed_when_the_lineage_and_its_ledger_are_removed(switch: Switch) -> None:
    refreshed = Refreshed([ChartResult("shop", "Orders", "orders")], [], 0.1, datetime.now(UTC), everything=True)
    nobody_listens = settings.LedgerSettings(url="postgresql+psycopg2://nobody@127.0.0.1:1/none")
    for keeps in (True, False):
        switch.turn_off(keeps)
        if keeps:
            with pytest.raises(LedgerError):
                conclude(refreshed, nobody_listens, settings.spool(), "jaffle_shop")
        else:
            conclude(refreshed, nobody_listens, settings.spool(), "jaffle_shop")


def test_dbt_by_hand_says_what_became_of_its_events(switch: Switch) -> None:
    assert what_became_of(4, switch.off()) == "emitted 4 lineage events"
    switch.turn_off()
    assert what_became_of(4, switch.off()).endswith(": 4 events are kept aside")
    switch.turn_off(keeps=False)
    assert what_became_of(4, switch.off()).endswith(": 4 events are let go of")
