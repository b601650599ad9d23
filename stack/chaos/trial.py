"""One trial: a story is emitted and ingested, something is killed on the way, and what arrived is compared."""

from collections import Counter
from dataclasses import asdict, dataclass

from dbt_lineage.core import settings
from dbt_lineage.ledger.ledger import Ledger
from stack.chaos import services
from stack.chaos.catalogue import TrialCatalogue
from stack.chaos.emission import Emission, topic_ends
from stack.chaos.ingester import Ingester
from stack.chaos.ingestion import DONE
from stack.chaos.others import send_late_events, send_newer_events
from stack.chaos.plan import Strike
from stack.chaos.truth import Truth
from stack.chaos.until import until, until_spool_is_empty
from stack.config import StackConfig, StackError

TRANSPORT = {"type": "dbt_lineage.spool.transport.SpoolTransport"}
# A catalogue that hangs is waited for.
_PASS_SECONDS = 180.0
# How often a pass is repeated; what is still missing then is missing.
_PASSES = 6
_STRUCK_IN_A_PASS = ("kafka", "writer", "catalogue", "postgres", "two passes", "token", "search engine")


@dataclass(frozen=True)
class Verdict:
    """What a trial came to.

    Args:
        struck: whether there was still something to hit.
        emitted: events whose ``emit`` returned.
        lost: how many of them are not in the events topic.
        duplicates: events that are there more than once after second copies were dropped by ``event_id``.
        missing: edges, of tables and of columns, that should be in the catalogue and are not.
        unexpected: edges that are in the catalogue and should not be.
        ledger_agrees: whether the ledger knows of each event that arrived, and of no other.
    """

    struck: bool
    emitted: int
    lost: int
    duplicates: int
    missing: int
    unexpected: int
    ledger_agrees: bool

    @property
    def whole(self) -> bool:
        """Whether nothing was lost, doubled or made up."""
        return self.ledger_agrees and not (self.lost or self.duplicates or self.missing or self.unexpected)


class Trial:
    """One trial.

    Args:
        config: the running stack.
        seed: what the story is drawn from.
        schema: a schema that no other trial has.
        strike: what is done to the stack.
        ingester: the process that ingests.
    """

    def __init__(self, config: StackConfig, seed: str, schema: str, strike: Strike, ingester: Ingester) -> None:
        self._config = config
        self._strike = strike
        self._ingester = ingester
        self._emission = Emission(config, seed, schema, strike)
        self._struck = False
        self._newer = False
        self._refused = ""

    def run(self) -> Verdict:
        """Emit, ingest, compare.

        Raises:
            StackError: the stack did not come to rest, or a process of the trial ended in an unforeseen way.
        """
        before = topic_ends(settings.kafka().events_topic)
        with TrialCatalogue(settings.openmetadata(), settings.warehouse().database) as catalogue:
            catalogue.make_tables(self._emission.story.schema)
            # It imports what it needs while the events are emitted.
            self._ingester.start()
            truth = self._emission.run(TRANSPORT)
            until_spool_is_empty()
            self._ingest(catalogue)
            counts = self._emission.arrived(settings.kafka().events_topic, before)
            if self._strike.target == "late event":
                self._struck = send_late_events(self._emission.story)
                self._pass(1, "what arrives late")
            catalogue.recover()
            return self._verdict(truth, counts, catalogue)

    def _ingest(self, catalogue: TrialCatalogue) -> None:
        """Pass after pass, as a task is tried again, until one says that all is settled."""
        catalogue.recover()
        if self._strike.target == "refused event":
            self._refused = max(self._emission.story.newest, default="")
            catalogue.refuse(self._emission.story.schema, self._refused)
            self._struck = True
        if self._strike.before_settling:
            catalogue.delay_settling()
        for attempt in range(_PASSES):
            self._begin(attempt + 1, str(self._strike))
            if attempt == 0 and self._strike.phase == "ingestion" and self._strike.target in _STRUCK_IN_A_PASS:
                until(lambda: self._ingester.is_done() or self._is_time(catalogue), "the ingestion did nothing")
                self._struck = not self._ingester.is_done() and self._hit(catalogue)
            code = self._ingester.wait(_PASS_SECONDS)
            if attempt == 0 and (self._strike.fault or self._strike.before_settling):
                catalogue.recover()
            if code == DONE:
                return

    def _begin(self, number: int, what: str) -> None:
        self._ingester.begin(f"{self._emission.story.schema}: {what}, pass {number}")

    def _pass(self, number: int, what: str) -> int:
        self._begin(number, what)
        return self._ingester.wait(_PASS_SECONDS)

    def _is_time(self, catalogue: TrialCatalogue) -> bool:
        if self._strike.before_settling:
            return catalogue.is_settling()
        return catalogue.writes() >= self._strike.after_writes

    def _hit(self, catalogue: TrialCatalogue) -> bool:
        if self._strike.target == "writer":
            self._ingester.kill()
        elif self._strike.target == "two passes":
            self._stall()
        elif self._strike.fault:
            catalogue.fail(self._strike.fault, self._strike.times, self._strike.applied)
        else:
            services.hit(self._config, self._strike)
        return True

    def _stall(self) -> None:
        """The pass stalls, another one does all the work meanwhile, and the first one wakes up."""
        self._ingester.stop()
        with Ingester(self._ingester.log) as other:
            for number in range(_PASSES):
                other.begin(f"{self._emission.story.schema}: the other pass, {number + 1}")
                if other.wait(_PASS_SECONDS) == DONE:
                    break
            # Something newer, which the one that wakes up must not overwrite.
            send_newer_events(self._emission.story)
            other.begin(f"{self._emission.story.schema}: the other pass, what is newer")
            other.wait(_PASS_SECONDS)
        self._newer = True
        self._ingester.go_on()

    def _verdict(self, truth: Truth, counts: Counter[int], catalogue: TrialCatalogue) -> Verdict:
        story = self._emission.story
        expected = story.newer_lineage() if self._newer else story.lineage(counts.keys())
        found = catalogue.lineage(story.schema)
        if self._refused:
            # What the catalogue never takes is in the dead letters, and nothing of it in the catalogue.
            expected = frozenset(part for part in expected if part[1] != self._refused)
        with Ledger(settings.ledger()) as ledger:
            totals = ledger.totals(story.root_run_id)
        arrived = len(counts) + self._emission.followed_up
        return Verdict(
            struck=self._struck or self._emission.struck,
            emitted=len(truth.emitted),
            lost=len(truth.emitted - counts.keys()),
            duplicates=counts.total() - len(counts),
            missing=len(expected - found),
            unexpected=len(found - expected),
            ledger_agrees=totals.emitted == totals.acknowledged + totals.dead == arrived,
        )


def ingest_what_is_left(ingester: Ingester) -> dict[str, int]:
    """One more pass, on a stack that is well, which tells a ledger that was away what it has missed.

    Returns:
        The totals of the ledger.

    Raises:
        StackError: something is still not verified.
    """
    ingester.begin("the rest")
    if ingester.wait(_PASS_SECONDS) != DONE:
        raise StackError(f"the ingestion still has something to do, see {ingester.log}")
    with Ledger(settings.ledger()) as ledger:
        return asdict(ledger.totals())
