"""An event that ends the connector, or hangs it, each time: it goes to the dead letters, and it alone; the rest arrives."""

import signal
from dataclasses import replace

import pytest
from killable_shop import Shop, letter_id

from include.kafka.reader import headers
from include.openmetadata.catalogue import CatalogueUnavailable
from include.openmetadata.ingest import LineageIngestion, LineageUnverified
from include.openmetadata.runs import Connector
from include.openmetadata.workflows import WorkflowError


def trying(shop: Shop, attempts: int, connector: Connector) -> LineageIngestion:
    """The ingestion with deadlines that suit a connector whose own begin when it hangs."""
    openmetadata = shop.openmetadata.model_copy(update={"attempts": attempts})
    return replace(shop.ingestion(connector), openmetadata=openmetadata, deadline_seconds=0.5, alone_seconds=0.5)


def letters(shop: Shop) -> dict[str, str]:
    """The reasons in the dead letters, by event id; each is there once."""
    found = shop.in_topic(shop.kafka.dlq_topic)
    reasons = {letter_id(each): dict(headers(each))["reason"].decode() for each in found}
    assert len(reasons) == len(found)
    return reasons


class Cut(BaseException):
    """The pass ends here, with whatever it was about to do."""


def test_what_hangs_the_connector_each_time_goes_to_the_dead_letters_and_all_else_arrives(shop: Shop) -> None:
    good = [f"m{number}" for number in range(9)]
    shop.make_tables(raw="id", **dict.fromkeys(["hang", *good], "id"))
    hanging, *_ = [shop.emit(model, {"raw": {"id": "id"}}) for model in ("hang", *good)]
    shop.poison("hang")
    ingestion = trying(shop, 1, shop.hanging_connector)

    with pytest.raises(LineageUnverified, match="deaths of the connector in a row: 1;"):
        ingestion.run()
    assert letters(shop) == {}
    assert ingestion.run().dead == 1

    assert letters(shop) == {hanging: "the connector did not end within 2.5 s with this event alone, 1 times"}
    assert shop.told.dead == letters(shop)
    assert shop.edges() == {("raw", model): {("id", "id")} for model in good}
    verified, ends = shop.verified()
    assert verified == ends
    assert shop.told.offsets == {"ingested": shop.event_offsets(), "verified": shop.event_offsets()}


def test_two_killers_of_one_partition_and_what_they_supersede(shop: Shop) -> None:
    shop.make_tables(raw="id cents", deadly="id", segfault="id amount", m4="id")
    alike = [shop.emit("deadly", {"raw": {"id": "id"}}) for _ in range(2)]
    shop.emit("segfault", {"raw": {"id": "id"}})
    newer = shop.emit("segfault", {"raw": {"id": "id", "amount": "cents"}})
    shop.emit("m4", {"raw": {"id": "id"}})
    ingestion = trying(shop, 1, shop.quick_connector(*alike, newer))

    for deaths in (1, 2):
        with pytest.raises(LineageUnverified, match=f"deaths of the connector in a row: {deaths};"):
            ingestion.run()
    ingestion.run()
    reason = "the connector was ended by signal 11 with this event alone, 1 times"
    assert letters(shop) == dict.fromkeys([*alike, newer], reason)
    # What the connector does not die of counts again, now that what superseded it is dead.
    assert shop.edges() == {("raw", "segfault"): {("id", "id")}, ("raw", "m4"): {("id", "id")}}


def test_a_killer_that_is_superseded_is_not_read_and_a_kill_from_outside_costs_no_event(shop: Shop) -> None:
    shop.make_tables(raw="id", deadly="id", m0="id", m4="id")
    for model in ("deadly", "m0", "m4"):
        shop.emit(model, {"raw": {"id": "id"}})
    for _ in range(2):
        with pytest.raises(LineageUnverified, match=r"model\.deadly, .*try 0 of 2"):
            trying(shop, 2, shop.quick_connector("deadly")).run()
    shop.emit("deadly", {"raw": {}})
    met: list[str] = []
    kills = [-signal.SIGKILL]

    def killed_once(group: str, seconds: float) -> int:
        return kills.pop() if kills else shop.quick_connector(met=met)(group, seconds)

    assert trying(shop, 2, killed_once).run().dead == 0
    assert kills == []
    assert shop.edges() == {("raw", "deadly"): set(), ("raw", "m0"): {("id", "id")}, ("raw", "m4"): {("id", "id")}}
    assert letters(shop) == {}


def test_what_kills_the_pass_together_with_the_connector_goes_to_the_dead_letters_too(shop: Shop) -> None:
    # What never arrives, and stands before the deadly one or in another partition, must not shield it.
    good = [f"m{number}" for number in range(6)]
    shop.make_tables(raw="id", deadly="id", wrong="id", other="id", **dict.fromkeys(good, "id"))
    shop.emit("wrong", {"raw": {"id": "no_such_column"}})
    killer, *_ = [shop.emit(model, {"raw": {"id": "id"}}) for model in ("deadly", *good)]
    openmetadata = shop.openmetadata.model_copy(update={"attempts": 3})

    # Three with all events to read, then one for each time that the deadly one is read alone.
    for number in range(6):
        assert shop.killed_pass(openmetadata, "deadly") == -signal.SIGKILL
        assert killer not in letters(shop)
        if number == 4:
            # The model runs again meanwhile, and what is new never arrives either.
            again = shop.emit("deadly", {"raw": {"id": "id"}})
            shop.emit("other", {"raw": {"id": "no_such_column"}})
    met: list[str] = []
    with pytest.raises(LineageUnverified, match="other"):
        trying(shop, 3, shop.quick_connector("deadly", met=met)).run()
    assert "deadly" not in met
    reason = "the connector and its pass were killed with this event alone, 3 times"
    assert {name: letters(shop)[name] for name in (killer, again)} == {killer: reason, again: reason}
    assert shop.edges() == {("raw", model): {("id", "id")} for model in good}


def test_passes_that_are_killed_or_fail_for_another_reason_cost_no_event(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.make_tables(raw="id", m0="id", m4="id")
    for model in ("m0", "m4"):
        shop.emit(model, {"raw": {"id": "id"}})
    once = shop.openmetadata.model_copy(update={"attempts": 1})

    def cut(group: str, seconds: float) -> int:
        raise Cut

    def and_then_the_catalogue_is_away(group: str, seconds: float) -> int:
        shop.fail("GET", "^/api/v1/lineage/table/name/", status=503, times=1000)
        return 0

    with pytest.raises(Cut):
        trying(shop, 1, cut).run()
    with pytest.raises(CatalogueUnavailable):
        trying(shop, 1, and_then_the_catalogue_is_away).run()
    shop.heal()
    assert shop.killed_pass(once, "m0", "m4") == -signal.SIGKILL
    assert "events are singled out" not in caplog.text
    assert trying(shop, 1, shop.quick_connector()).run().dead == 0
    assert "the connector died 1 times in a row: events are singled out" in caplog.text
    assert letters(shop) == {}
    assert shop.edges() == {("raw", model): {("id", "id")} for model in ("m0", "m4")}


def test_no_death_counts_while_the_catalogue_or_the_connector_is_not_well_and_each_only_once(shop: Shop) -> None:
    # What never arrives, and stands before the deadly one in its partition, must not shield it.
    shop.make_tables(raw="id", deadly="id", wrong="id", m4="id")
    wrong = shop.emit("wrong", {"raw": {"id": "no_such_column"}})
    killer = shop.emit("deadly", {"raw": {"id": "id"}})
    shop.emit("m4", {"raw": {"id": "id"}})
    met: list[str] = []
    connector = shop.quick_connector("deadly", met=met)

    def and_the_catalogue_takes_no_writes(group: str, seconds: float) -> int:
        code = connector(group, seconds)
        if code < 0:
            shop.fail("PUT", "^/api/v1/pipelines$", status=503, times=1000)
        return code

    def never_ending_well(group: str, seconds: float) -> int:
        return min(connector(group, seconds), -signal.SIGKILL)

    def and_the_second_time_the_pass(group: str, seconds: float) -> int:
        code = connector(group, seconds)
        if code < 0 and met.count("deadly") == before + 2:
            raise Cut
        return code

    for _ in range(2):
        with pytest.raises(LineageUnverified):
            trying(shop, 2, connector).run()
    with pytest.raises(CatalogueUnavailable, match=r"PUT /api/v1/pipelines answered 503"):
        trying(shop, 2, and_the_catalogue_takes_no_writes).run()
    shop.heal()
    with pytest.raises(WorkflowError, match="was ended by signal 9 with nothing to read"):
        trying(shop, 2, never_ending_well).run()
    before = met.count("deadly")
    with pytest.raises(Cut):
        trying(shop, 2, and_the_second_time_the_pass).run()
    assert letters(shop) == {}

    # Of the two deaths that a verdict takes, the one before the pass was killed is remembered.
    before = met.count("deadly")
    assert trying(shop, 2, connector).run().dead == 2
    assert met.count("deadly") == before + 1
    reasons = letters(shop)
    assert reasons.pop(wrong).startswith("not in the catalogue after ")
    assert reasons == {killer: "the connector was ended by signal 11 with this event alone, 2 times"}
    assert shop.edges() == {("raw", "m4"): {("id", "id")}}
    verified, ends = shop.verified()
    assert verified == ends


def test_a_catalogue_that_is_read_and_takes_no_writes_costs_no_event(shop: Shop) -> None:
    shop.make_tables(raw="id", m0="id", m4="id")
    shop.emit("m0", {"raw": {"id": "id"}})
    trying(shop, 1, shop.quick_connector()).run()
    shop.emit("m4", {"raw": {"id": "id"}})

    def and_the_catalogue_takes_no_writes(group: str, seconds: float) -> int:
        shop.fail("PUT", "^/api/v1/lineage", status=503, times=1000)
        code = shop.quick_connector()(group, seconds)
        shop.fail("PUT", "^/api/v1/pipelines$", status=503, times=1000)
        return code

    for _ in range(2):
        with pytest.raises(CatalogueUnavailable, match=r"PUT /api/v1/pipelines answered 503"):
            trying(shop, 1, and_the_catalogue_takes_no_writes).run()
        shop.heal()
    assert letters(shop) == {}
    assert trying(shop, 1, shop.quick_connector()).run().dead == 0
    assert shop.edges() == {("raw", model): {("id", "id")} for model in ("m0", "m4")}
