"""Settings of a topic by which events would be lost are told, each in one sentence."""

from datetime import timedelta

from dbt_lineage.kafka.losses import deleted, deleted_soon, forgotten
from dbt_lineage.kafka.offsets import Bookmark

WEEK, DAY = timedelta(days=7), timedelta(days=1)


def test_a_partition_that_begins_past_what_was_verified_is_named() -> None:
    verified = {0: Bookmark(5, ""), 1: Bookmark(5, ""), 2: None}
    assert deleted("events", verified, {0: (5, 9), 1: (8, 9), 2: (8, 9)}) == [
        "events[1] begins at 8, verified is it up to 5: 3 messages were deleted before they were verified"
    ]


def test_an_event_that_waits_for_half_of_the_retention_is_about_to_be_lost() -> None:
    assert deleted_soon("events", DAY, 11 * 3600) == []
    [said] = deleted_soon("events", DAY, 13 * 3600)
    assert "raise KAFKA_RETENTION_DAYS" in said
    assert deleted_soon("events", None, 1e9) == []


def test_offsets_that_are_forgotten_before_events_are_named() -> None:
    assert forgotten(WEEK, WEEK) == []
    assert forgotten(WEEK, None) == []
    [said] = forgotten(WEEK, DAY)
    assert "offsets.retention.minutes" in said
    [said] = forgotten(None, WEEK)
    assert "keep events for ever" in said
