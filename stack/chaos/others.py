"""Events that no emitter of a trial sends: written into the events topic as another machine's relay would."""

import uuid

from openlineage.client.serde import Serde

from dbt_lineage.core import settings
from dbt_lineage.events.run_event import FACT, SAYS
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.writer import Writer
from stack.chaos.emitter import run_event
from stack.chaos.story import Story, StoryEvent


def send_late_events(story: Story) -> bool:
    """Runs that ended before all others and arrive after them, each in another partition than its job's.

    Returns:
        Whether there is a model that they are older than.
    """
    late = story.older()
    _send(story, late)
    return bool(late)


def send_newer_events(story: Story) -> None:
    """A run of each model that ended after all others."""
    _send(story, story.newer())


def _send(story: Story, events: list[StoryEvent]) -> None:
    kafka = settings.kafka()
    partitions = Bookmarks(kafka, kafka.events_topic).partitions()
    with Writer(kafka) as writer:
        for number, event in enumerate(events):
            body = Serde.to_json(run_event(event, story)).encode()
            headers = [("event_id", str(uuid.uuid4()).encode()), (SAYS, FACT)]
            partition = partitions[number % len(partitions)]
            writer.write(kafka.events_topic, body, None, headers, partition=partition)
