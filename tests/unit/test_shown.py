"""Names and errors are printed as they are, whatever a console, a format or a logger would take for a form of its own."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from dbt_lineage.catalogue.reaper import Reaped, StaleEdge
from dbt_lineage.catalogue.stored import StoredEdge
from dbt_lineage.core import shown
from dbt_lineage.core.levels import Level
from dbt_lineage.ingest.replay import OfJob as Replayed
from dbt_lineage.ingest.replay import Replay
from dbt_lineage.manifest.graph import Edge
from dbt_lineage.ops import uncovered
from dbt_lineage.watch.checks.report import as_text
from dbt_lineage.watch.checks.results import Result
from prove import report
from prove.relations import ProveError
from prove.review import Review
from stack.config import StackConfig, StackError, StackSettings

# A form of rich, one that it refuses, an emoji, and those of str.format, of % and of Jinja.
NAME = "[bold]x[/red] :warning: {y} %s {{ z }}"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_table_shows_a_name_as_it_is() -> None:
    stored = StoredEdge(Edge(NAME, "b"), ("1", "2"), NAME, NAME, frozenset())
    told = {
        "uncovered": uncovered.table([uncovered.OfJob("", NAME, "2026", "2026")]),
        "reaped": Reaped(False, 1, (StaleEdge(stored, NAME),)).table(),
        "replay": Replay({("n", NAME): Replayed(NAME, 1, NOW, NOW)}).table(),
        "checks": as_text([Result("coverage", NAME, Level.FAIL, NAME, NAME)]),
        "text": shown.printed(NAME, width=100),
    }
    assert [name for name, text in told.items() if NAME not in text] == []


def test_a_proof_shows_a_name_as_it_is() -> None:
    finding = {"source": NAME, "target": "b", "reason": "r", "claimed": [], "seen": [], "trials": []}
    proof = dict.fromkeys(report._SHOWN, 0)
    proof |= {"recall_errors": [finding], "unexplained": [], "recall_errors_from_roots": [], "unresolved": [NAME]}
    proof |= {"not_shown": [{**finding, "reason": "empty"}], "not_shown_by_reason": {"empty": 1}}
    printed = io.StringIO()
    report.show({**proof, "explanations_unused": [NAME]}, Console(file=printed, width=200))
    assert printed.getvalue().count(NAME) == 4


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{a: ", b"a: b", b"[1"])
def test_a_review_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "review.yml").write_bytes(content)
    with pytest.raises(ProveError, match=r"review\.yml"):
        Review.load(tmp_path / "review.yml")


@pytest.mark.parametrize("name", ["credentials.json", "ports.json"])
def test_a_damaged_file_of_the_stack_is_named_and_not_shown(tmp_path: Path, name: str) -> None:
    config = StackConfig(StackSettings(home=tmp_path, well_known_ports=False))
    config.prepare()
    (tmp_path / name).write_text('{"ledger_password": ["to-hide"], "kafka": "to-hide"')
    with pytest.raises(StackError) as refused:
        config.prepare()
    assert str(refused.value).startswith(f"{tmp_path / name} is not what the stack wrote")
    assert "to-hide" not in str(refused.value)
