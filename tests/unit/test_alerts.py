"""One message when a promise breaks, one when it is kept again, none in between."""

from datetime import UTC, datetime

import pytest

from include.checks.alerts import NAMED, Alert, Kind, changes, message
from include.checks.results import ITSELF, Result
from include.levels import Level

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUNBOOK = "https://docs.example.com/operations.md"


def result(subject: str, level: Level = Level.FAIL, check: str = "coverage", made: bool = True) -> Result:
    return Result(check, subject, level, "seen", "allowed", made=made)


def alert(subject: str, check: str = "coverage", number: int = 1) -> Alert:
    return Alert(number, check, subject, NOW, "seen <b>", "allowed")


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


def test_a_message_stays_readable_however_much_broke() -> None:
    told = message(Kind.BROKE, [alert(f"model.p.m{number:03}") for number in range(NAMED + 7)], RUNBOOK, {})
    assert "and 7 more" in told.html
    assert "and 7 more" in told.text
    assert told.text.count("model.p.m") == NAMED
