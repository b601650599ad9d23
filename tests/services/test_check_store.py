"""What the checks ask of the ledger and keep there, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from dbt_lineage.core.levels import Level
from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ledger.history import DoubleRun, History, LastEvent
from dbt_lineage.ledger.of_project import ProjectRecords
from dbt_lineage.ledger.refreshes import DashboardLedger, DashboardRefresh
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.spool.facts import NAME_CHARACTERS, Acknowledgement, EventFacts, storable
from dbt_lineage.watch.checks.alerts import Kind
from dbt_lineage.watch.checks.record import CheckStore
from dbt_lineage.watch.checks.results import ITSELF, Result
from stack import airflow
from stack.config import StackConfig

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def settings(stack: StackConfig) -> LedgerSettings:
    return LedgerSettings(url=SecretStr(airflow.environment(stack)["LEDGER_URL"]), timeout_seconds=5)


@pytest.fixture
def history(settings: LedgerSettings) -> Iterator[History]:
    with History(settings) as opened:
        yield opened


@pytest.fixture
def store(settings: LedgerSettings) -> Iterator[CheckStore]:
    with CheckStore(settings) as opened:
        yield opened


@pytest.fixture
def namespace() -> str:
    """A namespace of jobs that no other test has."""
    return f"shop-{uuid4()}"


@pytest.fixture
def check() -> str:
    """A check that no other test has."""
    return f"check-{uuid4()}"


class Emitter:
    """Puts events of a namespace into the ledger."""

    def __init__(self, history: History, namespace: str) -> None:
        self._history, self._namespace, self._offset = history, namespace, 0
        self.topic = f"events-{uuid4()}"

    def event(self, job: str, kind: str, ago: float, *, run: str = "", took: float = 1, dead: bool = False) -> None:
        """An event that happened so many seconds ago and was acknowledged so many seconds later."""
        happened = NOW - timedelta(seconds=ago)
        text = happened.isoformat(timespec="microseconds")
        facts = EventFacts(str(uuid4()), self._namespace, job, run or str(uuid4()), "root", kind, text, happened)
        self._history.emitted([facts])
        acknowledged = happened + timedelta(seconds=took)
        place = (self.topic, 0, self._offset, acknowledged, "no run" if dead else None)
        self._history.acknowledged([Acknowledgement(facts.event_id, *place)])
        self._offset += 1


@pytest.fixture
def emit(history: History, namespace: str) -> Emitter:
    return Emitter(history, namespace)


# --- the past of jobs


def test_the_last_events_of_each_job_are_told_apart(history: History, namespace: str, emit: Emitter) -> None:
    emit.event("a", "COMPLETE", 300)
    emit.event("a", "START", 200)
    emit.event("a", "FAIL", 100)
    # It adds to what was told of a run.
    emit.event("a", "OTHER", 99)
    emit.event("b", "COMPLETE", 50, dead=True)
    at, completed = NOW - timedelta(seconds=100), NOW - timedelta(seconds=300)
    assert history.last_events(namespace, ["a", "b", "c"]) == {
        "a": LastEvent(at, "FAIL", completed),
        "b": LastEvent(),
        "c": LastEvent(),
    }
    assert history.last_events("another", ["a"]) == {"a": LastEvent()}
    assert history.last_events(namespace, []) == {}


def test_jobs_whose_long_names_begin_alike_are_told_apart(history: History, namespace: str, emit: Emitter) -> None:
    one, other = (f"model.shop.{'x' * 100}_{number}" for number in range(2))
    emit.event(one, "COMPLETE", 300)
    found = history.last_events(namespace, [one, other])
    assert found[one].completed_at == NOW - timedelta(seconds=300)
    assert found[other] == LastEvent()


def test_a_job_whose_name_is_longer_than_the_ledger_keeps_is_found(
    history: History, namespace: str, emit: Emitter
) -> None:
    job = "x" * (NAME_CHARACTERS + 1)
    emit.event(storable(job, NAME_CHARACTERS), "COMPLETE", 300)
    assert history.last_events(namespace, [job])[job].completed_at == NOW - timedelta(seconds=300)
    assert history.latencies(namespace, [job], NOW - timedelta(seconds=2000))["acknowledged"].count == 1


def test_latencies_are_percentiles_of_the_events_of_the_period(history: History, namespace: str, emit: Emitter) -> None:
    for number in range(101):
        emit.event("a", "COMPLETE", 1000 - number, took=number)
    emit.event("a", "START", 10, took=5000)
    emit.event("a", "COMPLETE", 9000, took=5000)
    found = history.latencies(namespace, ["a"], NOW - timedelta(seconds=2000))
    assert found.keys() == {"acknowledged"}
    topic = found["acknowledged"]
    assert (topic.count, topic.p50, topic.p95, topic.max) == (101, 50, 95, 100)
    history.verified(emit.topic, {0: 50})
    assert history.latencies(namespace, ["a"], NOW - timedelta(seconds=2000))["verified"].count == 50
    assert history.latencies(namespace, ["a"], NOW - timedelta(seconds=2000), "another root") == {}


def test_a_run_that_ended_twice_is_found(history: History, namespace: str, emit: Emitter) -> None:
    for kind in ("START", "COMPLETE", "COMPLETE"):
        emit.event("a", kind, 10, run="twice")
    for kind in ("START", "RUNNING", "RUNNING", "COMPLETE", "OTHER"):
        emit.event("a", kind, 10, run="once")
    emit.event("a", "COMPLETE", 9000, run="long ago")
    emit.event("a", "FAIL", 9000, run="long ago")
    assert history.double_runs(namespace, ["a", "b"], NOW - timedelta(hours=1)) == [DoubleRun("a", "twice", 2)]


# --- results and alerts


def result(check: str, subject: str, level: Level = Level.FAIL, project: str = "") -> Result:
    return Result(check, subject, level, "seen", "allowed", since=NOW, value=1.5, unit="seconds", project=project)


def test_the_results_of_a_run_are_kept_and_those_of_a_second_try_replace_them(store: CheckStore, check: str) -> None:
    run = str(uuid4())
    store.record(run, check, [result(check, "a"), result(check, "b")], NOW)
    again = [result(check, "a", Level.OK), Result(check, ITSELF, Level.FAIL, "x" * 5000, made=False)]
    store.record(run, check, again, NOW)
    first, second = store.results(run)
    assert first == again[0]
    assert (second.seen, second.made) == ("x" * 2000, False)


def test_old_results_are_deleted(store: CheckStore, check: str) -> None:
    run = str(uuid4())
    store.record(run, check, [result(check, "a")], NOW - timedelta(days=31))
    assert len(store.results(run)) == 1
    store.settle([], NOW, 30)
    assert store.results(run) == []


def test_each_channel_is_told_of_each_change_once(store: CheckStore, check: str) -> None:
    def untold(channel: str, kind: Kind) -> list[str]:
        return [alert.subject for alert in store.untold(channel, kind) if alert.check == check]

    def tell(channel: str, kind: Kind) -> None:
        alerts = [alert for alert in store.untold(channel, kind) if alert.check == check]
        store.told(channel, kind, alerts, NOW)

    store.settle([result(check, "a"), result(check, "b", Level.OK)], NOW, 30)
    assert untold("mail", Kind.BROKE) == ["a"]
    store.settle([result(check, "a")], NOW, 30)
    assert untold("mail", Kind.BROKE) == ["a"]
    tell("mail", Kind.BROKE)
    store.settle([result(check, "a")], NOW, 30)
    assert (untold("mail", Kind.BROKE), untold("mail", Kind.RECOVERED)) == ([], [])
    assert untold("webhook", Kind.BROKE) == ["a"]

    store.settle([result(check, "a", Level.OK)], NOW, 30)
    assert untold("mail", Kind.RECOVERED) == ["a"]
    assert (untold("webhook", Kind.BROKE), untold("webhook", Kind.RECOVERED)) == ([], [])
    tell("mail", Kind.RECOVERED)
    assert untold("mail", Kind.RECOVERED) == []

    store.settle([result(check, "a")], NOW, 30)
    assert untold("mail", Kind.BROKE) == ["a"]
    assert [alert.subject for alert in store.open_alerts() if alert.check == check] == ["a"]
    store.settle([result(check, "a", Level.OK)], NOW, 30)


def test_subjects_are_compared_as_they_are_kept(store: CheckStore, check: str) -> None:
    long = result(check, "\0" + "ü" * 600)
    store.settle([long], NOW, 30)
    store.settle([long], NOW, 30)
    found = [alert for alert in store.open_alerts() if alert.check == check]
    assert [len(alert.subject) for alert in found] == [500]
    store.settle([Result(check, ITSELF, Level.OK, "well")], NOW, 30)
    assert [alert for alert in store.open_alerts() if alert.check == check] == []


# --- by project


@pytest.fixture
def one() -> str:
    """A project that no other test has."""
    return f"one-{uuid4()}"


@pytest.fixture
def other() -> str:
    """Another one."""
    return f"other-{uuid4()}"


def test_the_same_promise_of_two_projects_breaks_and_recovers_for_each(
    store: CheckStore, check: str, one: str, other: str
) -> None:
    def untold(kind: Kind, *projects: str) -> list[str]:
        return sorted(alert.project for alert in store.untold("mail", kind, projects) if alert.check == check)

    store.settle([result(check, "a", project=each) for each in (one, other)], NOW, 30)
    assert untold(Kind.BROKE, one, other) == sorted([one, other])
    assert untold(Kind.BROKE, one) == [one]
    store.told("mail", Kind.BROKE, store.untold("mail", Kind.BROKE, [one, other]), NOW)
    # One project's run of the checks says nothing of the other's.
    store.settle([result(check, "a", Level.OK, one)], NOW, 30)
    assert untold(Kind.RECOVERED, one, other) == [one]
    assert [alert.project for alert in store.open_alerts() if alert.check == check] == [other]
    store.settle([result(check, "a", Level.OK, other)], NOW, 30)


def test_a_second_try_of_one_project_leaves_the_results_of_the_other(
    store: CheckStore, check: str, one: str, other: str
) -> None:
    run = str(uuid4())
    for project in (one, other, one):
        store.record(run, check, [result(check, "a", project=project)], NOW, project)
    assert sorted(each.project for each in store.results(run)) == sorted([one, other])


def test_what_broke_before_there_were_projects_is_the_first_ones(store: CheckStore, check: str, one: str) -> None:
    store.settle([result(check, "a"), result("lag", check)], NOW, 30)
    store.settle([result(check, "a", project=one), result("lag", check)], NOW, 30, [one])
    found = {(alert.check, alert.project) for alert in store.open_alerts() if check in (alert.check, alert.subject)}
    # What all share stays so, and nothing is told twice.
    assert found == {(check, one), ("lag", "")}
    store.settle([result(check, "a", Level.OK, one), result("lag", check, Level.OK)], NOW, 30, [one])
    assert [alert for alert in store.open_alerts() if check in (alert.check, alert.subject)] == []


def test_the_alerts_of_a_project_that_is_no_more_are_over_and_those_of_a_new_name_go_on(
    store: CheckStore, check: str, one: str, other: str
) -> None:
    def opened() -> list[str]:
        return [alert.project for alert in store.open_alerts() if alert.check == check]

    store.settle([result(check, "a", project=one)], NOW, 30, [one, other])
    store.settle([result(check, "a", project=f"{one}-renamed")], NOW, 30, [f"{one}-renamed"])
    assert opened() == [f"{one}-renamed"]
    store.settle([], NOW, 30, [one, other])
    assert opened() == []


def refresh(dashboard: str, ago: float = 0) -> DashboardRefresh:
    return DashboardRefresh(dashboard, NOW - timedelta(seconds=ago), 2, 2, 0, 1.0, "")


def test_projects_have_dashboards_of_the_same_name(settings: LedgerSettings, check: str, one: str, other: str) -> None:
    with DashboardLedger(settings) as ledger:
        ledger.refreshed([refresh(check, 10)], all_there_are=False)
        assert [each.project for each in ledger.refreshes(one) if each.dashboard == check] == [""]
        for project in (one, other):
            ledger.refreshed([refresh(check), refresh(f"{check}-2")], all_there_are=True, project=project)
        assert {(each.project, each.dashboard) for each in ledger.refreshes(one)} >= {(one, check), (one, f"{check}-2")}
        assert not [each for each in ledger.refreshes(one) if each.project == other]
        ledger.refreshed([refresh(check)], all_there_are=True, project=one)
        left = {(each.project, each.dashboard) for each in ledger.refreshes() if each.dashboard.startswith(check)}
        assert left == {(one, check), (other, check), (other, f"{check}-2")}


def test_the_records_of_one_project_are_removed_and_no_others(
    settings: LedgerSettings, store: CheckStore, emit: Emitter, namespace: str, check: str, one: str, other: str
) -> None:
    for job in (f"model.{one}.a", f"test.{one}.b", f"model.{other}.a", one, f"{one}.dbt_build", f"{one}_2"):
        emit.event(job, "COMPLETE", 10)
    for project in (one, other):
        store.record(str(uuid4()), check, [result(check, "a", project=project)], NOW)
        store.settle([result(check, "a", project=project)], NOW, 30)
    records = {each: ProjectRecords(settings, each, Jobs(frozenset({namespace}), each, each)) for each in (one, other)}
    assert records[one].counts() == {"events": 4, "check results": 1, "alerts": 1}
    records[one].remove()
    assert records[one].counts() == {}
    assert records[other].counts() == {"events": 1, "check results": 1, "alerts": 1}
    records[other].remove()
    for each in records.values():
        each.__exit__(None, None, None)
