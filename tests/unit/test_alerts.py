"""One message when a promise breaks, one when it is kept again, none in between."""

from datetime import UTC, datetime

import pytest

from dbt_lineage.core.levels import Level
from dbt_lineage.watch.checks.alerts import Alert, Kind, changes, message
from dbt_lineage.watch.checks.results import ITSELF, Result

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUNBOOK = "https://docs.example.com/operations.md"


def result(
    subject: str, level: Level = Level.FAIL, check: str = "coverage", made: bool = True, project: str = ""
) -> Result:
    return Result(check, subject, level, "seen", "allowed", made=made, project=project)


def alert(subject: str, check: str = "coverage", number: int = 1, project: str = "") -> Alert:
    return Alert(number, check, subject, NOW, "seen <b>", "allowed", project=project)


@pytest.mark.parametrize(
    ("known", "results", "broken", "recovered"),
    [
        pytest.param([], [result("a")], ["a"], [], id="breaks"),
        pytest.param([alert("a")], [result("a")], [], [], id="is still broken"),
        pytest.param([alert("a")], [result("a", Level.OK)], [], ["a"], id="recovers"),
        pytest.param([alert("a")], [result(ITSELF, Level.OK)], [], ["a"], id="is no longer named"),
        pytest.param([alert("a")], [result("a", Level.WARN)], [], [], id="is only better"),
        pytest.param([], [result("a", Level.WARN)], [], [], id="warns"),
        pytest.param([alert("a")], [result("b")], ["b"], ["a"], id="one after the other"),
        pytest.param([alert("a")], [result("a", Level.OK, "lag")], [], [], id="another check"),
        pytest.param([alert("a")], [result(ITSELF, made=False)], [ITSELF], [], id="cannot be made"),
        pytest.param([alert("a"), alert(ITSELF)], [result("a")], [], [ITSELF], id="can be made again"),
        pytest.param([alert("a")], [], [], [], id="was not made"),
    ],
)
def test_only_what_is_new_changes_anything(
    known: list[Alert], results: list[Result], broken: list[str], recovered: list[str]
) -> None:
    found = changes(known, results)
    assert [each.subject for each in found.broken] == broken
    assert [each.subject for each in found.recovered] == recovered


def test_a_message_says_what_broke_since_when_and_what_to_do() -> None:
    told = message(
        Kind.BROKE, [alert("model.p.a"), alert("relay", "lag", 2)], RUNBOOK, {"Log": "http://airflow/log?a=1&b=2"}
    )
    assert told.subject == "[Lineage] broken: coverage (1), lag (1)"
    for text in (told.html, told.text):
        assert "model.p.a" in text
        assert "2026-11-22 12:00 UTC" in text
        assert f"{RUNBOOK}#coverage" in text
        assert f"{RUNBOOK}#lag" in text
    assert "seen &lt;b&gt;" in told.html
    assert '<a href="http://airflow/log?a=1&amp;b=2">' in told.html


def test_a_message_of_a_recovery_names_it() -> None:
    told = message(Kind.RECOVERED, [alert("model.p.a")], RUNBOOK, {})
    assert told.subject == "[Lineage] recovered: coverage (1)"
    assert "model.p.a" in told.text
    assert "What to do" not in told.html


def many(count: int, seen: str, check: str = "coverage", kind: str = "m") -> list[Alert]:
    return [
        Alert(number, check, f"model.p.{kind}{number:04}", NOW, seen.format(number), "allowed")
        for number in range(count)
    ]


def test_what_broke_for_the_same_reason_is_one_group_of_which_the_first_five_are_named() -> None:
    told = message(Kind.BROKE, many(1000, "no COMPLETE event ever"), RUNBOOK, {})
    assert told.subject == "[Lineage] broken: coverage (1000)"
    for text in (told.html, told.text):
        assert text.count("no COMPLETE event ever") == 1
        assert text.count("model.p.m") == 5
        assert "model.p.m0004" in text
        assert "1000 alike: no COMPLETE event ever" in text
        assert "and 995 more" in text
    assert len(told.text.splitlines()) < 15
    assert max(map(len, told.text.splitlines())) < 200


def test_those_beyond_the_first_stand_in_what_is_logged() -> None:
    told = message(Kind.BROKE, many(1000, "no COMPLETE event ever"), RUNBOOK, {})
    assert told.whole.count("model.p.m") == 1000
    assert "more" not in told.whole


def test_a_reason_is_told_once_and_what_differs_at_each() -> None:
    told = message(Kind.BROKE, many(3, "not completed since it was due: last completed day {}"), RUNBOOK, {})
    assert told.text.count("not completed since it was due") == 1
    for number in range(3):
        assert f"model.p.m000{number} | 2026-11-22 12:00 UTC | last completed day {number}" in told.text


def test_each_reason_of_a_check_is_a_group() -> None:
    alerts = [*many(7, "never"), *many(8, "late: {}", kind="k"), *many(1, "other", kind="o")]
    told = message(Kind.BROKE, alerts, RUNBOOK, {})
    assert "7 alike: never" in told.text
    assert "8 alike: late" in told.text
    assert "and 2 more" in told.text
    assert "and 3 more" in told.text
    assert "model.p.o0000 | 2026-11-22 12:00 UTC | other | allowed" in told.text


def test_many_reasons_do_not_make_a_message_long() -> None:
    told = message(Kind.BROKE, many(500, "reason {}"), RUNBOOK, {})
    assert len(told.text.splitlines()) < 25
    assert "for other reasons" in told.text
    assert "for other reasons" in told.html
    assert told.whole.count("model.p.m") == 500


def test_what_is_well_again_is_told_in_groups_too() -> None:
    told = message(Kind.RECOVERED, many(1000, "no COMPLETE event ever"), RUNBOOK, {})
    assert told.subject == "[Lineage] recovered: coverage (1000)"
    assert told.text.count("model.p.m") == 5
    assert "and 995 more" in told.text
    assert "and 995 more" in told.html


# --- several projects


def test_a_promise_of_one_project_says_nothing_of_the_same_one_of_another() -> None:
    known = [alert("a", project="sales"), alert("a", number=2, project="finance")]
    found = changes(known, [result(ITSELF, Level.OK, project="sales"), result("b", project="finance")])
    assert [(each.project, each.subject) for each in found.broken] == [("finance", "b")]
    assert [(each.project, each.subject) for each in found.recovered] == [("sales", "a"), ("finance", "a")]
    # A check that could not be made of one project tells nothing of it, and all of the other.
    found = changes(known, [result(ITSELF, made=False, project="sales"), result(ITSELF, Level.OK, project="finance")])
    assert [each.project for each in found.recovered] == ["finance"]


def test_a_message_tells_projects_apart_where_there_are_several() -> None:
    alerts = [
        alert("model.p.a", project="sales"),
        alert("model.q.b", project="finance"),
        alert("lost", "accuracy", project="finance"),
        alert("relay", "lag"),
    ]
    told = message(Kind.BROKE, alerts, RUNBOOK, {}, by_project=True)
    assert told.subject == (
        "[Lineage] broken: all projects: lag (1); finance: coverage (1), accuracy (1); sales: coverage (1)"
    )
    heads = [line for line in told.text.splitlines() if ": every model has completed" in line]
    assert [head.partition(":")[0] for head in heads] == ["finance", "sales"]
    assert message(Kind.BROKE, alerts, RUNBOOK, {}).subject == "[Lineage] broken: coverage (2), lag (1), accuracy (1)"
