"""Only what is dead fails; what needs it says so, and what hangs is not waited for."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dbt_lineage.core import settings
from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level
from dbt_lineage.core.liveness import SignOfLife, silence
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.settings import SettingsError
from dbt_lineage.relay.status import FILE_NAME, StatusFile
from dbt_lineage.spool.spool import Spool
from dbt_lineage.spool.switch import Switch
from dbt_lineage.watch.health.lines import Answer, Probe, examine
from dbt_lineage.watch.health.parts import Parts
from stack.checkout import PROJECT_ROOT

LONG = 60.0


def answering(level: Level, reason: str = "seen") -> Any:
    return lambda: Answer(level, reason)


def dead() -> Answer:
    raise ConnectionError("connection refused")


def levels(*probes: Probe, seconds: float = LONG) -> dict[str, tuple[Level, str]]:
    return {line.name: (line.level, line.reason) for line in examine(probes, seconds)}


def test_each_probe_is_a_line_in_the_given_order() -> None:
    lines = examine([Probe("b", answering(Level.OK)), Probe("a", answering(Level.WARN, "why"))], LONG)
    assert [(line.name, line.level, line.reason) for line in lines] == [
        ("b", Level.OK, "seen"),
        ("a", Level.WARN, "why"),
    ]


def test_what_a_probe_raises_is_the_reason_of_its_failure() -> None:
    assert levels(Probe("a", dead)) == {"a": (Level.FAIL, "connection refused")}


def test_what_needs_a_dead_part_is_unknown_and_so_is_what_needs_that() -> None:
    assert levels(Probe("a", dead), Probe("b", dead, ("a",)), Probe("c", answering(Level.WARN), ("b",))) == {
        "a": (Level.FAIL, "connection refused"),
        "b": (Level.UNKNOWN, "needs a"),
        "c": (Level.UNKNOWN, "needs b"),
    }


def test_what_is_well_without_the_part_that_it_needs_stays_well() -> None:
    assert levels(Probe("a", dead), Probe("b", answering(Level.OK), ("a",)))["b"] == (Level.OK, "seen")


def test_what_needs_a_well_part_fails_by_itself() -> None:
    found = levels(Probe("a", answering(Level.OK)), Probe("b", dead, ("a", "a part that is not asked")))
    assert found["b"] == (Level.FAIL, "connection refused")


def test_a_probe_that_hangs_is_not_waited_for() -> None:
    never = threading.Event()

    def hang() -> Answer:
        never.wait()
        return Answer(Level.OK, "too late")

    found = levels(Probe("hangs", hang), Probe("b", answering(Level.OK)), Probe("c", dead, ("hangs",)), seconds=0.2)
    never.set()
    assert found == {
        "hangs": (Level.FAIL, "no answer within 0.2 s"),
        "b": (Level.OK, "seen"),
        "c": (Level.UNKNOWN, "needs hangs"),
    }


# --- the relay


def tell(folder: Path, **changes: Any) -> Path:
    told = {
        "pid": os.getpid(),
        "host": os.uname().nodename,
        "seen_at": datetime.now(UTC).isoformat(),
        "stopped_at": None,
        **changes,
    }
    (folder / FILE_NAME).write_text(json.dumps(told))
    return folder / FILE_NAME


def test_a_relay_that_says_so_is_at_work(tmp_path: Path) -> None:
    assert silence(tell(tmp_path), LONG) is None


def test_a_relay_that_never_was_is_not_at_work(tmp_path: Path) -> None:
    assert silence(tmp_path / FILE_NAME, LONG) == f"it has never been at work: there is no {tmp_path / FILE_NAME}"


def test_a_relay_that_was_stopped_or_killed_is_not_at_work(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert str(silence(tell(tmp_path, stopped_at="2026-11-22"), LONG)) == "it was stopped at 2026-11-22"
    assert f"its process {ended.pid} is gone" in str(silence(tell(tmp_path, pid=ended.pid), LONG))


def test_a_relay_elsewhere_is_known_by_what_it_says(tmp_path: Path) -> None:
    folder = tell(tmp_path, host="elsewhere", pid=2**22 + 1)
    assert silence(folder, LONG) is None
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert "it has written no status for 5 min" in str(silence(folder, LONG, later))


def test_a_process_says_that_it_is_at_work_until_it_ends(tmp_path: Path) -> None:
    with SignOfLife(tmp_path / "new" / "sign.json"):
        assert silence(tmp_path / "new" / "sign.json", LONG) is None
    assert str(silence(tmp_path / "new" / "sign.json", LONG)).startswith("it was stopped at 20")


# --- the parts


def test_every_part_has_a_section_in_the_runbook(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ALERT_SMTP_SERVER", "127.0.0.1:25")
    environment.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql+psycopg2://airflow:secret@127.0.0.1/airflow")
    names = [probe.name for probe in Parts.of(projects(), 1).probes()]
    text = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    headings = {line.lstrip("#").strip() for line in text.splitlines() if line.startswith("## ")}
    assert len(names) == len(set(names))
    assert set(names) - headings == set()


def test_without_a_superset_nobody_asks_for_it(environment: pytest.MonkeyPatch) -> None:
    with_superset = {probe.name for probe in Parts.of(projects(), 1).probes()}
    environment.delenv("SUPERSET_PASSWORD")
    settings.forget()
    without = {probe.name for probe in Parts.of(projects(), 1).probes()}
    assert with_superset - without == {"superset", "charts"}


def test_each_part_comes_after_those_that_it_needs(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql+psycopg2://airflow:secret@127.0.0.1/airflow")
    before: set[str] = set()
    for probe in Parts.of(projects(), 1).probes():
        assert set(probe.needs) <= before, probe.name
        before.add(probe.name)


def test_databases_on_other_servers_have_servers_of_their_own(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LEDGER_URL", "postgresql+psycopg2://u:p@ledger.example.com:5433/ledger")
    environment.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql+asyncpg://u:p@airflow.example.com/airflow")
    needs = {probe.name: probe.needs for probe in Parts.of(projects(), 1).probes()}
    assert {"postgresql", "postgresql-ledger", "postgresql-airflow"} <= needs.keys()
    assert needs["warehouse"] == ("postgresql",)
    assert needs["ledger"] == ("postgresql-ledger",)
    assert needs["airflow-api-server"] == ("postgresql-airflow",)


@pytest.mark.parametrize(
    ("told", "level", "said"),
    [
        ({"sent": 2}, Level.OK, "2 sent, 0 to the dead letters"),
        ({"warehouse_error": "no", "follow_ups": 3}, Level.WARN, "3 events wait for their columns: no"),
        ({"warehouse_error": "no"}, Level.WARN, "no"),
        ({"follow_ups": 1}, Level.WARN, "1 events wait for their columns: the warehouse answers again"),
        (
            {"follow_ups_let_go": 4},
            Level.WARN,
            "4 events keep no columns: there was no room for more that wait for them",
        ),
        ({"kafka_error": "away", "follow_ups": 3, "warehouse_error": "no"}, Level.FAIL, "away"),
    ],
)
def test_the_delivery_says_how_many_events_wait_for_their_columns_and_why(
    environment: pytest.MonkeyPatch, tmp_path: Path, told: dict[str, Any], level: Level, said: str
) -> None:
    environment.setenv("SPOOL_DIR", str(tmp_path))
    StatusFile(tmp_path).update(**told)
    [delivery] = [probe for probe in Parts.of(projects(), 1).probes() if probe.name == "delivery"]
    # Without its columns an event is delivered all the same.
    assert "warehouse" not in delivery.needs
    answer = delivery.ask()
    assert answer.level is level
    assert answer.reason.startswith(said)


def test_while_the_lineage_is_off_the_spool_only_says_how_full_it_is(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("SPOOL_DIR", str(tmp_path))
    Spool(tmp_path, 1 << 30).put(b"{}")
    [spool] = [probe for probe in Parts.of(projects(), 1).probes() if probe.name == "spool"]
    assert all(part in spool.ask().reason for part in ("MiB in use", "receipts", "1 waiting", "nothing waits"))
    Switch(tmp_path).turn_off()
    assert spool.ask().reason.endswith("MiB in use")


# --- several projects


def project(name: str, **warehouse: Any) -> Project:
    """One that has what the environment says, but for its warehouse."""
    known = settings.warehouse()
    return Project.of(name, warehouse=known.model_copy(update=warehouse))


def test_what_projects_share_has_one_line_and_what_they_do_not_has_theirs() -> None:
    one = [probe.name for probe in Parts.of(projects(), 1).probes()]
    same = [probe.name for probe in Parts.of([project("sales"), project("finance")], 1).probes()]
    assert set(same) - set(one) == {"charts sales", "charts finance", "manifest"}
    needs = {
        probe.name: probe.needs
        for probe in Parts.of(
            [project("sales"), project("finance", host="far"), project("stock", host="far")], 1
        ).probes()
    }
    assert needs["warehouse sales"] == ("postgresql",)
    assert needs["warehouse finance, stock"] == ("postgresql-finance",)
    assert "warehouse" not in needs
    assert {"broker", "catalogue", "superset"} <= needs.keys()


class Unread(Project):
    """One whose password is nowhere."""

    @property
    def warehouse(self) -> Any:  # type: ignore[override]
        """Raises SettingsError."""
        raise SettingsError("WAREHOUSE_PASSWORD is not set")


def test_a_project_whose_settings_cannot_be_read_is_a_line_of_its_own() -> None:
    parts = Parts.of([project("sales"), Unread("finance")], 1)
    probes = {probe.name: probe for probe in parts.probes()}
    with pytest.raises(RuntimeError, match="WAREHOUSE_PASSWORD is not set"):
        probes["settings finance"].ask()
    assert "warehouse" in probes
    with pytest.raises(SettingsError):
        Parts.of([Unread("finance")], 1)


# --- words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (9.4321, "9.43 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (90061, "1 d 1 h"),
        (86400 * 9, "9 d"),
        (-90, "-1 min 30 s"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
