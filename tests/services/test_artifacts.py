"""dbt's artifacts, where the machine that builds is not the one that reads them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_lineage.airflow.dbt_tasks.lineage_events import fetch_artifacts, keep_artifacts
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings, LedgerSettings


@pytest.fixture(autouse=True)
def ledger(store: LedgerSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings name a ledger of the test's own."""
    monkeypatch.setenv("LEDGER_URL", store.url.get_secret_value())
    settings.forget()
    yield
    monkeypatch.undo()
    settings.forget()


def machine(folder: Path, shared: bool = True) -> DbtSettings:
    return DbtSettings(artifacts_dir=folder, artifacts_shared=shared)


def built(project: Path, number: int, which: str = "build") -> None:
    """What dbt leaves of a command."""
    target = project / "target"
    target.mkdir(exist_ok=True, parents=True)
    (target / "manifest.json").write_text(json.dumps({"manifest": number}))
    (target / "run_results.json").write_text(json.dumps({"args": {"which": which}, "number": number}))


def read(dbt: DbtSettings) -> list[object]:
    return [json.loads(file.read_text()) for file in sorted(dbt.run_artifacts.glob("*"))]


def test_those_of_the_last_build_reach_another_machine(tmp_path: Path) -> None:
    builder, other, reader = (machine(tmp_path / name) for name in ("builder", "other", "reader"))
    built(tmp_path / "copy", 1)
    keep_artifacts(str(tmp_path / "copy"), {}, builder)  # type: ignore[arg-type]
    built(tmp_path / "copy", 2)
    keep_artifacts(str(tmp_path / "copy"), {}, other)  # type: ignore[arg-type]
    built(tmp_path / "copy", 3, which="seed")
    keep_artifacts(str(tmp_path / "copy"), {}, other)  # type: ignore[arg-type]
    for each in (reader, builder):
        fetch_artifacts(each)
        assert read(each) == [{"manifest": 2}, {"args": {"which": "build"}, "number": 2}]


def test_those_of_another_project_do_not(tmp_path: Path) -> None:
    built(tmp_path / "copy", 1)
    keep_artifacts(str(tmp_path / "copy"), {}, machine(tmp_path / "builder"))  # type: ignore[arg-type]
    reader = machine(tmp_path / "reader").model_copy(update={"dag_id": "finance"})
    fetch_artifacts(reader)
    assert read(reader) == []


def test_without_the_setting_they_stay_where_they_are(tmp_path: Path) -> None:
    built(tmp_path / "copy", 1)
    keep_artifacts(str(tmp_path / "copy"), {}, machine(tmp_path / "builder", shared=False))  # type: ignore[arg-type]
    reader = machine(tmp_path / "reader")
    fetch_artifacts(reader)
    assert read(reader) == []
