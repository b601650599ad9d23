"""The emitting half of a trial: a process emits a story, something is hit meanwhile, and the topic is read."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import Any

from dbt_lineage.core import settings
from dbt_lineage.events.run_event import is_follow_up
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import header, messages
from stack.chaos import services
from stack.chaos.plan import Strike
from stack.chaos.story import Story
from stack.chaos.truth import Truth
from stack.chaos.until import until
from stack.config import StackConfig, StackError

# A stock transport waits for a broker that is away.
_SECONDS = 120.0


class Emission:
    """A story, and the process that emits it.

    Args:
        config: the running stack.
        seed: what the story is drawn from.
        schema: a schema that no other trial has.
        strike: what is done to the stack.

    Attributes:
        struck: whether there was still something to hit.
        followed_up: events of the topic, when it was read last, that bring columns of others.
    """

    def __init__(self, config: StackConfig, seed: str, schema: str, strike: Strike) -> None:
        self.story = Story(seed, schema)
        self.struck = False
        self.followed_up = 0
        self._config = config
        self._seed = seed
        self._strike = strike
        folder = config.home / "chaos"
        folder.mkdir(exist_ok=True)
        self._diary = folder / f"{schema}.diary"
        self._log = config.logs / f"chaos-{schema}.log"

    def run(self, transport: dict[str, Any]) -> Truth:
        """Emit the story to its end; an emitter that was killed is started again.

        Args:
            transport: OpenLineage's transport configuration.

        Returns:
            What the emitter wrote down.

        Raises:
            StackError: it did not begin, or ended by itself with an error, or what was hit did not come back.
        """
        process = self._start(transport)
        if self._strike.phase == "emission":
            until(lambda: Truth.read(self._diary).begun or process.poll() is not None, "nothing was emitted")
            time.sleep(self._strike.after_seconds)
            self._hit(process)
        if process.wait(_SECONDS) == -signal.SIGKILL:
            process = self._start(transport)
        if code := process.wait(_SECONDS):
            raise StackError(f"the emitter ended with exit code {code}, see {self._log}")
        return Truth.read(self._diary)

    def arrived(self, topic: str, since: dict[int, int]) -> Counter[int]:
        """How often each event of the story, by its place, is in a topic: without the copies that ``event_id`` tells.

        Args:
            topic: the topic.
            since: where it ended before the story began.
        """
        ids: set[bytes] = set()
        counts: Counter[int] = Counter()
        self.followed_up = 0
        for message in messages(settings.kafka(), topic, since, topic_ends(topic)):
            event = json.loads(message.value() or b"")
            event_id = header(message, "event_id")
            if event["job"]["namespace"] != self.story.schema or event_id in ids:
                continue
            if event_id is not None:
                ids.add(event_id)
            # They bring columns that the warehouse did not tell in time.
            self.followed_up += is_follow_up(event)
            number = self.story.numbers.get((event["run"]["runId"], event["eventType"]))
            # Other events of the same jobs are not the emitter's.
            if number is not None:
                counts[number] += 1
        return counts

    def _hit(self, process: subprocess.Popen) -> None:
        self.struck = True
        if self._strike.target == "emitter":
            process.kill()
            self.struck = process.wait() == -signal.SIGKILL
        else:
            services.hit(self._config, self._strike)

    def _start(self, transport: dict[str, Any]) -> subprocess.Popen:
        arguments = ["--seed", self._seed, "--schema", self.story.schema, "--diary", str(self._diary)]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "stack.chaos.emitter", *arguments, "--transport", json.dumps(transport)],
                stdout=log,
                stderr=log,
            )


def topic_ends(topic: str) -> dict[int, int]:
    """Where a topic ends now; asked by a client that does not stay to complain of a broker that is killed."""
    return Bookmarks(settings.kafka(), topic).ends()
