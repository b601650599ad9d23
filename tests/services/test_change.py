"""A project that changes: what the catalogue shows of it after one build before, and two after the change.

All that changes, changes at once, and nothing in it has to do with another: each test asks for one of them.
"""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient
from shifting_project import AFTER, BEFORE, NAME, RAW, Edges, Shifting

from dbt_lineage.catalogue.reaper import Reaper, ReapRefused
from dbt_lineage.core import settings
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.config import StackConfig
from stack.postgres import WAREHOUSE_DATABASE
from tests.support import Catalogue, query

MODEL = f"{NAME}-model.{NAME}"


@dataclass
class Story:
    """What was seen.

    Args:
        codes: dbt's exit codes of all builds.
        before: the edges of target one after the first ingestion.
        before_two: those of target two.
        after: the edges of target one after the second.
        history: the runs of each model.
    """

    project: Shifting
    codes: list[int] = field(default_factory=list)
    before: Edges = field(default_factory=dict)
    before_two: Edges = field(default_factory=dict)
    after: Edges = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def project(stack: StackConfig, catalogue: Catalogue) -> Iterator[Shifting]:
    """The project, with everything of its own."""
    folder = stack.home / "project" / NAME
    folder.mkdir(parents=True)
    made = Shifting(folder, catalogue)
    client = AdminClient({"bootstrap.servers": made.kafka.bootstrap_servers})
    topics = TopicAdmin(client, made.kafka.bootstrap_servers, made.kafka.timeout_seconds)
    for topic in made.kafka.topics.values():
        topics.ensure(TopicSpec.kept_for_days(topic, made.kafka.partitions, 1, 1))
    made.make_sources()
    yield made
    made.drop()
    for deleted in client.delete_topics(list(made.kafka.topics.values())).values():
        deleted.result()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def story(project: Shifting) -> Story:
    """Two targets are built at once; then one of them changes, and is built twice more, at last with the other."""
    told = Story(project)
    for target in ("one", "two"):
        project.write(target, BEFORE)
    told.codes += project.build("one", "two")
    project.describe()
    project.ingest()
    told.before, told.before_two = project.edges("one"), project.edges("two")

    project.change_sources()
    project.write("one", AFTER)
    told.codes += project.build("one")
    # The other target is built from the changed source too, and has its models as they were.
    project.write("two", {**BEFORE, "staged": AFTER["staged"]})
    told.codes += project.build("one", "two")
    project.describe()
    with ThreadPoolExecutor(1) as beside:
        tests = beside.submit(project.ingest_tests)
        project.ingest()
        tests.result()
    told.after = project.edges("one")
    told.history = {model: project.runs(model) for model in BEFORE | AFTER}
    return told


def into(edges: Edges, model: str) -> Edges:
    """The edges into a model."""
    return {ends: columns for ends, columns in edges.items() if ends[1] == model}


def same(*columns: str) -> set[tuple[str, str]]:
    return {(column, column) for column in columns}


def test_the_builds_end_as_they_should(story: Story) -> None:
    assert story.codes == [0, 0, 1, 1, 1]


def test_two_targets_that_are_built_at_once_have_their_own_edges(story: Story) -> None:
    expected = {
        (f"{RAW}.payments", "staged"): same("id", "amount", "note"),
        (f"{RAW}.labels", "other"): same("id", "label"),
        ("staged", "rewritten"): same("id", "amount"),
        ("staged", "old_name"): same("id"),
        (f"{RAW}.labels", "dropped"): same("id", "label"),
        ("staged", "grown"): same("id", "amount"),
        ("staged", "tested"): same("id", "note"),
        ("staged", "failing"): same("id", "amount"),
        ("failing", "below"): same("id", "amount"),
    }
    assert story.before == story.before_two == expected


def test_a_model_whose_sql_changes_is_made_from_what_it_reads_now(story: Story) -> None:
    assert into(story.after, "rewritten") == {("other", "rewritten"): {("id", "id"), ("label", "amount")}}


def test_a_new_model_has_its_edges(story: Story) -> None:
    assert into(story.after, "fresh") == {("other", "fresh"): same("id"), ("staged", "fresh"): same("amount")}


def test_a_renamed_model_has_its_edges_under_the_new_name(story: Story) -> None:
    assert into(story.after, "new_name") == {("staged", "new_name"): same("id")}


def test_a_new_column_of_an_incremental_model_has_its_source(story: Story) -> None:
    assert into(story.after, "grown") == {("staged", "grown"): same("id", "amount", "note")}
    assert query(f"select note from {NAME}_one.grown where id = 2") == [("b",)]


def test_a_source_column_that_is_renamed_is_followed(story: Story) -> None:
    edges = into(story.after, "staged")
    assert edges == {(f"{RAW}.payments", "staged"): {("id", "id"), ("amount", "amount"), ("memo", "note")}}


def test_a_failing_test_leaves_the_lineage_and_is_seen(story: Story) -> None:
    assert into(story.after, "tested") == into(story.before, "tested")
    [result] = story.project.tests().values()
    assert result["testCaseStatus"] == "Failed"
    assert "1" in result["result"]


def test_a_failing_model_and_what_is_below_it_keep_the_edges_that_they_had(story: Story) -> None:
    for model in ("failing", "below"):
        assert into(story.after, model) == into(story.before, model) != {}


# --- the history


def runs_in(target: str, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that wrote into a target."""
    return [run for run in runs if f"{NAME}_{target}." in run["outputs"][0]["datasetFQN"]]


def test_the_runs_in_a_row_are_so_many_runs_of_one_pipeline(story: Story) -> None:
    runs = runs_in("one", story.history["staged"])
    assert [run["executionStatus"] for run in runs] == ["Successful"] * 3
    assert len({run["executionId"] for run in runs}) == 3
    assert len(story.history["staged"]) == 5, "and those of the other target"
    assert story.project.pipelines() == set(BEFORE | AFTER)


def test_a_run_has_its_times_and_outcome(story: Story) -> None:
    runs = runs_in("one", story.history["failing"])
    assert [run["executionStatus"] for run in runs] == ["Successful", "Failed", "Failed"]
    assert ["division by zero" in run.get("error", {}).get("errorMessage", "") for run in runs] == [False, True, True]
    for run in runs:
        began = datetime.fromisoformat(run["parameters"]["startTime"]).timestamp() * 1000
        assert began <= run["endTime"] == run["timestamp"]
    # dbt skipped it when it could not build the one above: it did not run.
    assert [run["executionStatus"] for run in runs_in("one", story.history["below"])] == ["Successful"]


def test_what_is_read_again_makes_no_second_edge_and_no_second_run(story: Story) -> None:
    assert story.project.ingest(from_start=True).runs > 0
    assert {model: story.project.runs(model) for model in BEFORE | AFTER} == story.history
    edges = story.project.edges("one")
    assert {ends: columns for ends, columns in edges.items() if ends in story.after} == story.after


# --- what is no more


@pytest.fixture(scope="module")
def others(story: Story) -> Edges:
    """Edges of others, into what is no more and into what is."""
    drawn = {("other", "dropped"): "Manual", ("tested", "dropped"): "DbtLineage", ("other", "below"): "Manual"}
    for ends, source in drawn.items():
        story.project.draw(*ends, source=source)
    return {ends: set() for ends in drawn}


STALE = {(f"{RAW}.labels", "dropped"), ("staged", "old_name")}


def test_what_is_no_more_is_stale(story: Story, others: Edges) -> None:
    schema = f"{WAREHOUSE_DATABASE}.{NAME}_one"
    assert story.project.stale() == {
        f"{schema}.staged -> {schema}.old_name",
        f"{WAREHOUSE_DATABASE}.{RAW}.labels -> {schema}.dropped",
        *(f"table {schema}.{downstream}" for _, downstream in STALE),
        *(f"pipeline {MODEL}.{downstream}" for _, downstream in STALE),
    }


def test_a_dry_run_of_the_reaper_names_it_and_deletes_nothing(story: Story, others: Edges) -> None:
    before = story.project.edges()
    said = story.project.command("reap", "--prune-pipelines")
    assert "2 of 12 edges and 0 pipelines, dry run: nothing was deleted" in said
    for _, downstream in STALE:
        assert f"-> {WAREHOUSE_DATABASE}.{NAME}_one.{downstream} " in said
    assert story.project.edges() == before


def test_a_reaper_that_would_take_too_much_takes_nothing(story: Story, others: Edges) -> None:
    few = story.project.openmetadata.model_copy(update={"reap_limit": 1})
    reaper = Reaper(story.project.dbt, PostgresWarehouse(settings.warehouse()), story.project.openlineage, few)
    with pytest.raises(ReapRefused, match=r"2 of the 12 edges .* OPENMETADATA_REAP_LIMIT=1 allows 1"):
        reaper.run(dry_run=False)
    assert story.project.edges().keys() >= STALE


def test_the_reaper_takes_just_that(story: Story, others: Edges) -> None:
    before, of_two = story.project.edges("one"), story.project.edges("two")
    assert "2 of 12 edges and 0 pipelines, deleted" in story.project.command("reap", "--for-real", "--prune-pipelines")
    after = story.project.edges("one")
    assert after == {ends: columns for ends, columns in before.items() if ends not in STALE}
    assert after.keys() >= others.keys()
    # The other target still has both models, and their pipelines.
    assert story.project.edges("two") == of_two
    assert of_two.keys() >= STALE
    assert story.project.pipelines() == set(BEFORE | AFTER)
    assert story.project.stale() == {f"pipeline {MODEL}.{model}" for _, model in STALE}
