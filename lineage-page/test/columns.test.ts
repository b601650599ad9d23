import { describe, expect, it } from "vitest";
import { BY_CONDITION, BY_VALUE, pathOf, tableOf, vertexOf, WHOLE, type Path } from "../src/maths/columns";
import { lineage } from "./fixture";

const shop = lineage(
  { raw: "id amount other", staged: "id amount", totals: "id revenue", side: "id", "chart": "", "dashboard": "" },
  [
    "raw.id > staged.id",
    "raw.amount > staged.amount proved",
    "staged.id > totals.id",
    "staged.amount > totals.revenue",
    "raw.other > totals join",
    "staged.id > side.id",
    "totals.revenue > chart",
    "chart > dashboard",
  ],
);

const names = (path: Path, way: "up" | "down") =>
  shop.columns.names.flatMap((name, column) =>
    path[way][column] === 0 || column === path.start ? [] : [`${shop.tables.nodes[tableOf(shop.columns, column)].name}.${name}`],
  );
const trace = (column: string, conditions = true) =>
  pathOf(shop.columns, shop.tables, shop.column(column), conditions);

describe("the path of a column", () => {
  it("goes up to its sources by value, and by conditions to what decides the rows", () => {
    const path = trace("totals.revenue");
    expect(names(path, "up")).toEqual(["raw.amount", "raw.other", "staged.amount"]);
    expect(path.up[shop.column("raw.amount")]).toBe(BY_VALUE);
    expect(path.up[shop.column("raw.other")]).toBe(BY_CONDITION);
  });

  it("leaves conditions out when asked", () => {
    expect(names(trace("totals.revenue", false), "up")).toEqual(["raw.amount", "staged.amount"]);
  });

  it("reaches the chart that shows it, and its dashboard", () => {
    const path = trace("raw.amount");
    expect(path.nodes.get(shop.table("chart"))).toBe(BY_VALUE);
    expect(path.nodes.get(shop.table("dashboard"))).toBe(BY_VALUE);
    expect(path.nodes.has(shop.table("side"))).toBe(false);
  });

  it("reaches every column of a table whose rows it decides, and what follows, by condition alone", () => {
    const path = trace("raw.other");
    expect(names(path, "down")).toEqual(["totals.id", "totals.revenue"]);
    expect(path.nodes.get(shop.table("totals"))).toBe(BY_CONDITION);
    expect(path.nodes.get(shop.table("chart"))).toBe(BY_CONDITION);
  });

  it("lights the edges on the way and no other", () => {
    const lit = trace("raw.id").edges.map(({ edge, mark }) => [shop.columns.from[edge], shop.columns.to[edge], mark]);
    expect(lit).toEqual([
      [shop.column("raw.id"), shop.column("staged.id"), BY_VALUE],
      [shop.column("staged.id"), shop.column("totals.id"), BY_VALUE],
      [shop.column("staged.id"), shop.column("side.id"), BY_VALUE],
    ]);
  });

  it("of a chart is all that it shows", () => {
    const path = pathOf(shop.columns, shop.tables, vertexOf(shop.columns, shop.table("chart"), WHOLE)!, true);
    expect(names(path, "up")).toEqual(["raw.amount", "raw.other", "staged.amount", "totals.revenue"]);
  });

  it("ends where columns read each other in a circle", () => {
    const circle = lineage({ a: "x", b: "x" }, ["a.x > b.x", "b.x > a.x"]);
    const path = pathOf(circle.columns, circle.tables, circle.column("a.x"), true);
    expect([...path.nodes.keys()].sort()).toEqual([0, 1]);
  });

  it("is a value's path where it is both that and a condition's", () => {
    const both = lineage({ a: "x y", b: "x" }, ["a.x > b.x join", "a.x > b.x"]);
    const path = pathOf(both.columns, both.tables, both.column("a.x"), true);
    expect(path.down[both.column("b.x")]).toBe(BY_VALUE);
    expect(path.pairs.get(0 * 2 + 1)).toBe(BY_VALUE);
  });
});

describe("a column by name", () => {
  it("is found in its own table", () => expect(vertexOf(shop.columns, shop.table("totals"), "id")).toBe(shop.column("totals.id")));
  it("is undefined where there is none", () => expect(vertexOf(shop.columns, shop.table("side"), "amount")).toBeUndefined());
});

it("two tables are proved together when one of their column edges is", () => {
  expect(shop.columns.pairs.get(shop.table("raw") * 6 + shop.table("staged"))).toBe(true);
  expect(shop.columns.pairs.get(shop.table("staged") * 6 + shop.table("totals"))).toBe(false);
});
