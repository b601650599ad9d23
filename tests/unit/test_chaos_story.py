"""The chaos harness judges by a story and a diary: both must say the same to whoever reads them, whenever."""

from itertools import islice
from pathlib import Path
from typing import get_args

import pytest

from stack.chaos.plan import Target, strikes
from stack.chaos.story import Story
from stack.chaos.truth import BEGUN, EMITTED, Diary, Truth


def complete_of(story: Story, model: str) -> list[int]:
    return [
        place for place, event in enumerate(story.events) if event.run.model == model and event.outcome == "COMPLETE"
    ]


def test_a_story_follows_from_its_seed_and_schema() -> None:
    assert Story("1", "trial").events == Story("1", "trial").events
    others = [Story("2", "trial"), Story("1", "other")]
    assert all(Story("1", "trial").numbers.keys().isdisjoint(other.numbers) for other in others)


def test_each_event_of_a_story_has_a_key_of_its_own() -> None:
    story = Story("1", "trial")
    assert [story.numbers[event.key] for event in story.events] == list(range(len(story.events)))


def test_the_last_complete_of_a_model_counts_among_those_that_arrived() -> None:
    story = Story("1", "trial")
    model = story.events[0].run.model
    first, *_, last = complete_of(story, model)
    assert story.lineage([last, first]) == story.events[last].run.lineage
    assert story.lineage([first]) == story.events[first].run.lineage


def test_a_failed_run_and_a_start_leave_no_lineage() -> None:
    story = Story("1", "trial")
    others = [place for place, event in enumerate(story.events) if event.outcome != "COMPLETE"]
    assert {story.events[place].outcome for place in others} == {"START", "FAIL"}
    assert story.lineage(others) == frozenset()


def test_a_story_takes_columns_away_from_an_edge_and_edges_from_a_model() -> None:
    """Else no trial would see that a catalogue keeps what it should drop."""
    story = Story("1", "trial")
    everything = frozenset().union(*(event.run.lineage for event in story.events if event.outcome == "COMPLETE"))
    dropped = everything - story.lineage(range(len(story.events)))
    assert {len(edge) for edge in dropped} == {2, 4}


@pytest.mark.parametrize("torn", ["", "emit", "emitted 3", "emitted "])
def test_a_line_that_was_torn_says_nothing(tmp_path: Path, torn: str) -> None:
    diary = Diary(tmp_path / "diary")
    for place in (0, 1):
        diary.note(BEGUN, place)
    diary.note(EMITTED, 0)
    with (tmp_path / "diary").open("a") as file:
        file.write(torn)
    assert Truth.read(tmp_path / "diary") == Truth(emitted=frozenset({0}), begun=frozenset({0, 1}))


def test_a_round_hits_every_target_and_a_seed_repeats_it() -> None:
    targets = get_args(Target)
    assert {strike.target for strike in islice(strikes(3), len(targets))} == set(targets)
    assert list(islice(strikes(3), 20)) == list(islice(strikes(3), 20))
    assert list(islice(strikes(3), 20)) != list(islice(strikes(4), 20))


def test_nothing_of_the_runs_that_arrive_late_is_in_the_story() -> None:
    """Else a trial would not see that an older run has overwritten a newer one."""
    story = Story("1", "trial")
    told = story.lineage(range(len(story.events)))
    assert all(event.run.lineage - told for event in story.older())
    assert max(event.time for event in story.older()) < min(event.time for event in story.events)
    assert min(event.time for event in story.newer()) > max(event.time for event in story.events)
