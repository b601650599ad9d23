"""The graph of the lineage page: the path of a column, search, keys, links, and a project of a thousand models."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.page import answers
from tests.page.server import Site, served, site_of

REVENUE = "warehouse.shop.customer_lifetime_value"


def cards(page: Page, classes: str = "") -> list[str]:
    """Names of the cards that are drawn, those with some classes alone."""
    return sorted(page.locator(f".dbtl-card{classes} .name").all_inner_texts())


def found(page: Page) -> Locator:
    """What the search offers."""
    return page.get_by_role("listbox", name="Found").get_by_role("option")


def test_a_small_project_opens_with_all_of_its_tables(page: Page, site: Site) -> None:
    page.goto(site.page)
    expect(page.locator(".dbtl-card")).to_have_count(len(answers.shop().nodes))
    expect(page.get_by_role("link", name="All tables")).to_have_attribute("aria-current", "page")


def test_a_column_that_is_clicked_lights_its_path_and_nothing_else(page: Page, site: Site) -> None:
    page.goto(site.page)
    one = page.locator(".dbtl-card", has_text="customer_lifetime_value")
    one.get_by_role("button", name=re.compile("4 columns")).click()
    one.get_by_role("button", name="total_revenue").click()
    expect(page.locator(".dbtl-card.by-value")).to_have_count(6)
    by_value = ["Revenue", "customer_lifetime_value", "order_totals", "raw_orders", "shop", "stg_orders"]
    assert cards(page, ".by-value") == by_value
    assert cards(page, ".by-condition") == ["raw_customers", "stg_customers"]
    assert cards(page, ".faded") == ["Prices", "product_prices", "raw_products", "stg_products"]
    lit = {row.replace("●", "").replace("◉", "").strip() for row in page.locator(".row.by-value").all_inner_texts()}
    assert lit == {"amount", "revenue", "total_revenue"}
    assert "column=total_revenue" in page.url
    one.get_by_role("button", name="total_revenue").click()
    expect(page.locator(".dbtl-card.faded")).to_have_count(0)


def test_conditions_can_be_left_out_of_a_path(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?column=total_revenue&of={REVENUE}")
    expect(page.locator(".dbtl-card.by-condition")).to_have_count(2)
    page.get_by_role("button", name="Conditions").click()
    expect(page.locator(".dbtl-card.by-condition")).to_have_count(0)
    expect(page.locator(".dbtl-graph .line.by-condition")).to_have_count(0)


def test_lines_tell_value_condition_and_proof_apart_without_colour(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?column=total_revenue&of={REVENUE}")
    condition = page.locator(".dbtl-graph .line.by-condition:not(.proved) .stroke").first
    expect(condition).to_have_css("stroke-dasharray", re.compile("5px"))
    value = page.locator(".dbtl-graph .line.by-value:not(.proved) .stroke").first
    expect(value).to_have_css("stroke-dasharray", "none")
    expect(page.locator(".dbtl-graph .line.by-value.proved .case")).to_have_count(3)


def test_only_the_path_hides_what_is_unrelated(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?column=total_revenue&of={REVENUE}")
    page.get_by_role("button", name="Only the path").click()
    expect(page.locator(".dbtl-card")).to_have_count(8)
    expect(page.locator(".dbtl-card.faded")).to_have_count(0)


def test_the_tables_of_one_schema_are_drawn_alone(page: Page, site: Site) -> None:
    page.goto(site.page)
    page.get_by_role("combobox", name="Show tables of").select_option("raw (3)")
    expect(page.locator(".dbtl-card")).to_have_count(3)
    assert "within=schema%3Araw" in page.url


def test_the_search_jumps_to_a_column(page: Page, site: Site) -> None:
    page.goto(site.page)
    box = page.get_by_role("combobox", name="Search tables and columns")
    box.fill("total_rev")
    expect(found(page)).to_have_count(1)
    box.press("Enter")
    expect(page.get_by_role("complementary", name="About customer_lifetime_value")).to_be_visible()
    expect(page.locator(".row.start")).to_have_text(re.compile("total_revenue"))


def test_the_search_takes_a_selector_of_dbt(page: Page, site: Site) -> None:
    page.goto(site.page)
    box = page.get_by_role("combobox", name="Search tables and columns")
    box.fill("+order_totals")
    expect(found(page).first).to_contain_text("order_totals")
    box.press("Enter")
    expect(page.locator(".dbtl-card")).to_have_count(3)
    assert cards(page) == ["order_totals", "raw_orders", "stg_orders"]


def test_a_step_more_draws_more_and_the_counts_say_so(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?node={REVENUE}")
    expect(page.get_by_text("3 of 5 upstream, 1 of 2 downstream")).to_be_visible()
    page.get_by_role("button", name="+1 hop").click()
    expect(page.get_by_text("5 of 5 upstream, 2 of 2 downstream")).to_be_visible()
    expect(page.get_by_role("button", name="+1 hop")).to_be_disabled()


def test_back_and_a_link_show_the_same_view(page: Page, site: Site, browser: Browser) -> None:
    page.goto(site.page)
    page.get_by_role("button", name="order_totals", exact=True).click()
    panel = page.get_by_role("complementary", name="About order_totals")
    panel.get_by_role("button", name="revenue").click()
    expect(page.locator(".row.start")).to_contain_text("revenue")
    other = browser.new_page()
    other.goto(page.url)
    expect(other.locator(".row.start")).to_contain_text("revenue")
    other.close()
    page.go_back()
    expect(page.locator(".row.start")).to_have_count(0)
    page.go_back()
    expect(panel).to_have_count(0)


def test_an_open_card_lists_its_columns_and_does_not_move(page: Page, site: Site) -> None:
    page.goto(site.page)
    one = page.locator(".dbtl-card", has_text="stg_products")
    expect(one).to_be_visible()
    other = page.locator(".react-flow__node", has_text="customer_lifetime_value")
    before = page.locator(".react-flow__viewport").get_attribute("style")
    one.get_by_role("button", name=re.compile("2 columns")).click()
    expect(one.locator(".dbtl-list .row")).to_have_text(["sku", "price"])
    assert page.locator(".react-flow__viewport").get_attribute("style") == before
    expect(other).to_be_visible()


def test_a_line_says_what_it_stands_for(page: Page, site: Site) -> None:
    page.goto(site.page)
    line = page.locator(".line:has(.case) .hit").first
    line.dispatch_event("click")
    panel = page.get_by_role("complementary", name="Edge")
    expect(panel.get_by_text("value: identity, seen in the data").first).to_be_visible()


def test_the_graph_is_one_tab_stop_and_arrows_follow_its_edges(page: Page, site: Site) -> None:
    page.goto(site.page)
    expect(page.locator(".dbtl-card").first).to_be_visible()
    graph = page.locator(".dbtl-graph")
    graph.focus()
    page.keyboard.press("ArrowRight")
    current = page.locator(".dbtl-card.cursor .name")
    expect(current).to_have_text("raw_orders")
    for name in ("stg_orders", "order_totals", "customer_lifetime_value", "Revenue"):
        page.keyboard.press("ArrowRight")
        expect(current).to_have_text(name)
    expect(page.get_by_role("status").filter(has_text="chart Revenue")).to_be_attached()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    expect(page.locator(".dbtl-card.cursor .dbtl-list .row")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="About customer_lifetime_value")).to_be_visible()
    graph.focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Zoom in")).to_be_focused()


def test_escape_puts_a_path_out(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?column=total_revenue&of={REVENUE}")
    expect(page.locator(".dbtl-card.faded")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(page.locator(".dbtl-card.faded")).to_have_count(0)


def test_the_table_has_the_path_as_text(page: Page, site: Site) -> None:
    page.goto(f"{site.page}?column=total_revenue&of={REVENUE}&as=table")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(11)
    expect(rows.first).to_contain_text("upstream")
    texts = [" ".join(row.split()) for row in rows.all_inner_texts()]
    assert "upstream 3 source raw_orders amount value" in texts
    assert "downstream 1 chart Revenue value" in texts
    assert not any("product" in text for text in texts)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert "raw_orders,amount,value" in download.value.path().read_text()


def test_states_follow_a_run_without_a_new_layout(page: Page, site: Site) -> None:
    running = answers.run(3, "running") | {"project": "shop", "dag_id": "shop"}
    node = {"started_at": None, "ended_at": None, "tests": None, "verified_at": None}
    site.given["state"] = {"runs": [running], "now": None, "nodes": {REVENUE: node | {"state": "running"}}}
    page.goto(site.page)
    one = page.locator(".dbtl-card", has_text="customer_lifetime_value")
    expect(one.locator(".dbtl-state.running")).to_be_visible()
    place = page.locator(".react-flow__node", has_text="customer_lifetime_value").get_attribute("style")
    site.given["state"] = {
        "runs": [running | {"state": "failed"}],
        "now": None,
        "nodes": {REVENUE: node | {"state": "failed"}},
    }
    expect(one.locator(".dbtl-state.failed")).to_be_visible()
    expect(page.get_by_text("failed", exact=True).first).to_be_visible()
    assert page.locator(".react-flow__node", has_text="customer_lifetime_value").get_attribute("style") == place


def test_what_is_not_resolved_is_said(page: Page, site: Site) -> None:
    page.goto(site.page)
    gap = page.get_by_text("! gaps")
    expect(gap).to_have_attribute("title", "a function of the warehouse is not known")
    page.goto(f"{site.page}?node=warehouse.shop.product_prices")
    expect(page.get_by_text("a function of the warehouse is not known")).to_be_visible()


@pytest.fixture(scope="module")
def large(browser: Browser) -> object:
    with served(site_of(answers.generated(1_000, 20))) as site:
        yield site


def test_a_thousand_models_are_one_canvas_and_a_column_lights_its_path(page: Page, large: Site) -> None:
    page.goto(large.page)
    expect(page.locator(".dbtl-canvas")).to_be_visible()
    expect(page.locator(".dbtl-card")).to_have_count(0)
    box = page.get_by_role("combobox", name="Search tables and columns")
    box.fill("model_0500.column_07")
    expect(found(page).first).to_contain_text("column_07")
    box.press("Enter")
    expect(page.locator(".row.start")).to_contain_text("column_07")
