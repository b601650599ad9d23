"""What broke for the same reason is one group, in the table, in the message of a task and wherever it is told."""

import pytest
from rich.console import Console

from dbt_lineage.core.levels import Level
from dbt_lineage.watch.checks.groups import named, summary
from dbt_lineage.watch.checks.report import as_text, table
from dbt_lineage.watch.checks.results import Result


def coverage_of(count: int, level: Level = Level.FAIL) -> list[Result]:
    return [Result("coverage", f"model.p.m{number:04}", level, "no COMPLETE event ever") for number in range(count)]


@pytest.mark.parametrize("level", [Level.FAIL, Level.WARN])
def test_of_many_that_broke_alike_the_table_shows_the_first_five(level: Level) -> None:
    console = Console(width=200, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(table(coverage_of(1000, level)))
    assert captured.get().count("model.p.m") == 5
    assert "and 995 more" in captured.get()


def test_the_log_has_all_that_broke() -> None:
    assert as_text(coverage_of(1000)).count("model.p.m") == 1000


def test_a_task_fails_with_a_message_that_names_the_first_five_of_each_reason() -> None:
    late = [Result("coverage", f"model.p.l{each}", Level.FAIL, f"late: by {each} h") for each in range(2)]
    one = Result("lag", "relay", Level.FAIL, "it has never been at work: there is no file")
    said = summary([*coverage_of(1000), *late, one])
    assert said.splitlines() == [
        "1000 alike: no COMPLETE event ever: model.p.m0000, model.p.m0001, model.p.m0002, model.p.m0003, model.p.m0004 "
        "and 995 more",
        "2 alike: late: model.p.l0 (by 0 h), model.p.l1 (by 1 h)",
        "relay: it has never been at work: there is no file",
    ]


def test_of_many_words_the_first_five_are_said() -> None:
    assert named(["a", "b"]) == "a, b"
    assert named([str(each) for each in range(7)], "; ") == "0; 1; 2; 3; 4 and 2 more"
