"""The views beside the graph, and what the page says when something is missing or away."""

from playwright.sync_api import Page, expect

from tests.page import answers
from tests.page.server import Refusal, Site, served, site_of

MODELS = sum(node["kind"] == "model" for node in answers.shop().nodes)


def test_a_broken_promise_comes_first_with_its_course_and_what_to_do(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?tab=health")
    expect(page.get_by_role("heading", name="1 of 3 promises are broken")).to_be_visible()
    first = page.locator(".dbtl-promise").first
    expect(first).to_contain_text("Lineage arrives within a minute")
    expect(first).to_contain_text("82")
    expect(first.get_by_role("img", name="5 checks, from 4 to 82, 2 of them broken")).to_be_visible()
    expect(first.get_by_role("link", name="What to do")).to_have_attribute(
        "href", "https://docs.example/operations.md#late"
    )


def test_a_receipt_becomes_whole_without_a_reload(page: Page, site: Site) -> None:
    path = "receipts/shop/manual__2"
    site.given[path] = answers.receipt(done=2)
    page.goto(f"{site.page}?tab=receipts")
    page.evaluate("() => { window.sameDocument = true; }")
    expect(page.get_by_text(f"Not whole: {MODELS - 2} of {MODELS} models wait.")).to_be_visible()
    expect(page.get_by_role("row", name="order_totals")).to_contain_text("the relay has not sent it yet")
    site.given[path] = answers.receipt(done=MODELS)
    expect(page.get_by_text(f"Whole: the lineage of all {MODELS} models was read back")).to_be_visible()
    expect(page.get_by_role("cell", name="waits")).to_have_count(0)
    assert page.evaluate("() => window.sameDocument")


def test_a_receipt_can_be_taken_in_three_forms(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?tab=receipts")
    address = f"{site.address}/dbt-lineage/api/v1/receipts/shop/manual__2"
    for name, expected in (("JSON", ""), ("CSV", "?format=csv")):
        expect(page.get_by_role("link", name=name, exact=True)).to_have_attribute("href", address + expected)
    site.given["receipts/shop/manual__2/statement"] = {"payloadType": "application/vnd.in-toto+json"}
    with page.expect_download() as download:
        page.get_by_role("button", name="Signed statement").click()
    assert "in-toto" in download.value.path().read_text()


def test_without_a_key_there_is_no_statement_and_the_page_says_so(page: Page, site: Site) -> None:
    site.given["receipts/shop/manual__2/statement"] = Refusal(409, "No key signs receipts.")
    page.goto(f"{site.page}?tab=receipts")
    page.get_by_role("button", name="Signed statement").click()
    expect(page.get_by_text("No key signs receipts.")).to_be_visible()


def test_code_that_a_reader_may_not_see_is_said_to_be_hidden(page: Page, site: Site) -> None:
    for letter in site.given["dead-letters"]["letters"]:
        letter["payload"] = None
    page.goto(f"{site.page}?tab=dead-letters")
    expect(page.get_by_text("its payload is not shown")).to_have_count(2)
    node = "warehouse.shop.order_totals"
    site.given[f"nodes/{node}"] = answers.shop().node(node) | {"sql": None, "sql_hidden": True}
    page.goto(f"{site.page}?node={node}")
    expect(page.get_by_text("its SQL is not shown")).to_be_visible()


def test_dead_letters_are_shown_and_replayed(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?tab=dead-letters")
    expect(page.get_by_role("heading", name="2 dead letters")).to_be_visible()
    page.get_by_text("Payload").first.click()
    expect(page.get_by_text('"eventTime": "soon"').first).to_be_visible()
    page.get_by_role("button", name="Replay all that are new").click()
    expect(page.get_by_text("Started: lineage_replay, run manual__9.")).to_be_visible()
    assert site.posted == [("dead-letters/replay", {})]


def test_a_replay_that_is_refused_says_why(page: Page, site: Site) -> None:
    site.given["dead-letters/replay"] = Refusal(403, "You may not trigger the DAG lineage_replay.")
    page.goto(f"{site.page}?tab=dead-letters")
    page.get_by_role("button", name="Replay all that are new").click()
    expect(page.get_by_role("alert")).to_contain_text("You may not trigger the DAG lineage_replay.")


def test_whoever_may_not_replay_has_no_button(page: Page, site: Site) -> None:
    site.given["dead-letters"] |= {"may_replay": False}
    page.goto(f"{site.page}?tab=dead-letters")
    expect(page.get_by_role("heading", name="2 dead letters")).to_be_visible()
    expect(page.get_by_role("button", name="Replay all that are new")).to_have_count(0)


def test_an_event_is_shown_as_it_was_sent(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?tab=events&run=manual__2")
    page.get_by_role("button", name="Show JSON").click()
    expect(page.get_by_role("region", name="JSON")).to_contain_text('"namespace": "dbt"')


def test_what_a_column_reaches_is_listed(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?tab=what-if")
    box = page.get_by_role("combobox", name="Search columns")
    box.fill("stg_orders.amount")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option")).to_have_count(1)
    box.press("Enter")
    expect(
        page.get_by_text("reaches 1 table, 1 column by value, 1 column by condition only, and 1 chart")
    ).to_be_visible()
    expect(page.get_by_role("row", name="Revenue", exact=True)).to_be_visible()
    assert site.posted == [("what-if", {"node": "warehouse.shop.stg_orders", "column": "amount"})]


def test_what_other_sql_reaches_is_asked_of_the_server(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?tab=what-if")
    page.get_by_role("combobox", name="Model").select_option("warehouse.shop.order_totals")
    page.get_by_label("Its new SQL").fill("select 1 as revenue")
    page.get_by_role("button", name="What does it reach?").click()
    expect(page.get_by_role("heading", name="A change of the new SQL of order_totals")).to_be_visible()
    assert site.posted == [("what-if", {"node": "warehouse.shop.order_totals", "sql": "select 1 as revenue"})]


def test_the_ledger_away_is_said_and_the_page_recovers(page: Page, site: Site) -> None:
    good = site.given["health"]
    site.given["health"] = Refusal(503, "The ledger's database does not answer.", "ledger")
    page.goto(f"{site.page}?tab=health")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The ledger is away")
    expect(alert).to_contain_text("The ledger's database does not answer.")
    site.given["health"] = good
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="1 of 3 promises are broken")).to_be_visible()


def test_the_graph_stays_when_states_cannot_be_read(page: Page, site: Site) -> None:
    site.given["state"] = Refusal(503, "The ledger's database does not answer.", "ledger")
    page.goto(site.page)
    expect(page.locator(".dbtl-card").first).to_be_visible()
    expect(page.get_by_text("No state of runs: The ledger's database does not answer.")).to_be_visible()


def test_a_graph_from_the_manifest_alone_says_what_is_missing(page: Page, site: Site) -> None:
    site.given["graph"] |= {"source": "manifest", "problem": "the catalogue is away: edges are those of the manifest"}
    page.goto(site.page)
    expect(page.get_by_text("the catalogue is away: edges are those of the manifest")).to_be_visible()
    expect(page.locator(".dbtl-card").first).to_be_visible()


def test_lineage_that_is_off_is_said_with_its_reason(page: Page, site: Site) -> None:
    site.given["projects"][0] |= {"lineage_on": False, "lineage_reason": "switched off by anna at 10:00"}
    page.goto(site.page)
    expect(page.get_by_text("The lineage of shop is off")).to_be_visible()
    expect(page.get_by_text("switched off by anna at 10:00")).to_be_visible()


def test_nothing_has_run_yet(page: Page) -> None:
    with served(site_of(answers.Lineage("shop"))) as site:
        site.given |= {"receipts": [], "dead-letters": {"total": 0, "letters": []}}
        site.given["health"] |= {"promises": [], "alerts": []}
        for tab, text in (
            ("graph", "No lineage yet"),
            ("receipts", "Nothing has run yet"),
            ("dead-letters", "No dead letters"),
            ("health", "Nothing was checked yet"),
        ):
            page.goto(f"{site.page}?tab={tab}")
            expect(page.get_by_text(text, exact=True)).to_be_visible()


def test_a_link_to_what_is_gone_says_so(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?node=warehouse.shop.renamed")
    expect(page.get_by_text("There is no warehouse.shop.renamed in what is shown")).to_be_visible()
    page.goto(f"{site.page}?node=warehouse.shop.order_totals&column=gone")
    expect(page.get_by_text("has no column gone")).to_be_visible()
    page.goto(f"{site.page}?tab=receipts&dag=shop&run=gone")
    expect(page.get_by_text("there is no receipts/shop/gone")).to_be_visible()
    page.goto(f"{site.page}?project=other")
    expect(page.get_by_text("There is no project other, or you may not read its DAG.")).to_be_visible()


def test_a_login_that_has_ended_leads_back_here(page: Page, site: Site) -> None:
    site.given["projects"] = Refusal(401, "Not authenticated")
    page.goto(f"{site.page}?tab=health")
    link = page.get_by_role("link", name="Log in").get_attribute("href")
    assert link is not None
    assert link.startswith(f"{site.address}/api/v2/auth/login?next=")
    assert "tab%3Dhealth" in link
