import { describe, expect, it } from "vitest";
import { search, searchIndex, selector } from "../src/maths/search";
import { lineage } from "./fixture";

const made = lineage({ orders: "order_id amount", stg_orders: "order_id", reorders: "amount", payments: "Amount_EUR" }, []);
const index = searchIndex(made.tables, made.columns);
const found = (text: string) =>
  search(index, text).map(({ node, column }) =>
    [made.tables.nodes[node].name, column === null ? [] : made.columns.names[column]].flat().join("."),
  );

describe("the search", () => {
  it("puts the whole name first, then beginnings, words, and the rest", () => {
    expect(found("orders")).toEqual(["orders", "stg_orders", "reorders"]);
  });
  it("finds columns, whatever their case", () => {
    expect(found("AMOUNT")).toEqual(["orders.amount", "reorders.amount", "payments.Amount_EUR"]);
  });
  it("takes table.column", () => expect(found("pay.am")).toEqual(["payments.Amount_EUR"]));
  it("lists a table's columns after its dot", () => {
    expect(found("stg_orders.")).toEqual(["stg_orders", "stg_orders.order_id"]);
  });
  it("leaves tables out when asked", () => {
    expect(search(index, "order", true).map(({ column }) => column)).toEqual([0, 2]);
  });
  it("finds nothing for nothing", () => expect(found("  ")).toEqual([]));
  it("works before the columns are there", () => {
    expect(search(searchIndex(made.tables, null), "orders").length).toBe(3);
  });
  it("gives no more than it is asked for", () => expect(search(index, "o", false, 2).length).toBe(2));
});

describe("dbt's selectors", () => {
  it.each([
    ["orders", null, "all"],
    ["+orders", "up", "all"],
    ["orders+", "down", "all"],
    ["+orders+", "both", "all"],
    ["2+orders", "up", 2],
    ["orders+3", "down", 3],
    ["1+orders+3", "both", 3],
  ])("%s", (text, direction, depth) => expect(selector(text)).toEqual({ name: "orders", direction, depth }));
});
