import { describe, expect, it } from "vitest";
import { arrow } from "../src/maths/arrows";
import { pathOf } from "../src/maths/columns";
import { csvOf } from "../src/maths/csv";
import { groupsOf, nodesWithin } from "../src/maths/groups";
import { settle, type Item } from "../src/maths/layers";
import { anchored, frameOf, layoutOf } from "../src/maths/layout";
import { BOX, overviewOf, tableAt } from "../src/maths/overview";
import { aroundOf, linesIn, sceneOf, type Line } from "../src/maths/scene";
import { neighbourhood } from "../src/maths/tables";
import { queryOf, START, viewOf, type View } from "../src/maths/url";
import { lineage } from "./fixture";

const chain = lineage({ a: "x", b: "x y", c: "x", d: "x", alone: "x" }, ["a.x > b.x", "b.x > c.x", "c.x > d.x"]);

describe("a link", () => {
  const view: View = {
    tab: "receipts", projects: ["shop", "bank & co"], node: "db.s.orders", column: "amount €", of: "db.s.other", direction: "up",
    depth: 3, within: "tag:a:b", only: true, conditions: false, as: "table", dag: "shop", run: "manual__2026-11-29T10:00:00+00:00", model: "orders",
  };
  it("holds the whole view", () => expect(viewOf(queryOf(view))).toEqual(view));
  it("of the start is empty", () => expect(queryOf(START)).toBe(""));
  it("that is wrong leads to the start", () => {
    expect(viewOf("?tab=nonsense&depth=-4&dir=sideways&as=film&column=lonely")).toEqual(START);
  });
});

describe("a neighbourhood", () => {
  it("is counted on both sides", () => {
    const near = neighbourhood(chain.tables, 1, "both", 1);
    expect(near).toEqual({ nodes: [0, 1, 2], up: { drawn: 1, all: 1 }, down: { drawn: 1, all: 2 } });
  });
  it("has one side when one is wanted", () => {
    expect(neighbourhood(chain.tables, 1, "down", "all").nodes).toEqual([1, 2, 3]);
  });
});

describe("groups", () => {
  const { nodes } = lineage({ a: "", b: "", c: "" }, []).tables;
  nodes[0].tags = ["daily", "pii"];
  nodes[1].tags = ["daily"];
  nodes[2].schema = "other";
  it("are what tells tables apart, with their sizes", () => {
    expect(groupsOf(nodes)).toEqual([
      ["schema", [["other", 1], ["s", 2]]],
      ["tag", [["daily", 2], ["pii", 1]]],
    ]);
  });
  it("are found by their link", () => {
    expect([nodesWithin(nodes, "tag:daily"), nodesWithin(nodes, "schema:other"), nodesWithin(nodes, "moon:full")]).toEqual([[0, 1], [2], []]);
  });
});

describe("the overview", () => {
  const wide = lineage(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`t${at}`, ""])), []);
  for (const node of wide.tables.nodes) node.layer = 0;
  const all = wide.tables.nodes.map((_, node) => node);
  const overview = overviewOf(wide.tables.nodes, all);
  it("gives each table a place of its own", () => {
    expect(new Set(all.map((node) => `${overview.x[node]} ${overview.y[node]}`)).size).toBe(500);
  });
  it("is not one endless column", () => expect(overview.height / overview.width).toBeLessThan(2));
  it("has layers from left to right", () => {
    const { x } = overviewOf(chain.tables.nodes, [0, 1, 2, 3]);
    expect([x[1] > x[0] + BOX.width, x[2] > x[1], x[3] > x[2]]).toEqual([true, true, true]);
  });
  it("knows which table is where", () => {
    expect(tableAt(overview, all, overview.x[77] + 3, overview.y[77] + 3)).toBe(77);
    expect(tableAt(overview, all, -10, -10)).toBe(-1);
  });
});

describe("the focus view", () => {
  const path = pathOf(chain.columns, chain.tables, chain.column("b.x"), true);
  const wanted = { ...chain, path, drawn: [0, 1, 2, 4], open: new Set([1]), anchor: null };
  const scene = sceneOf(wanted, null);
  it("shows the lit column of each table on the path, and fades the others", () => {
    const rows = [...scene.cards.values()].map((card) => [card.rows.map((row) => chain.columns.names[row.column]), card.faded]);
    expect(rows).toEqual([[["x"], false], [["x"], false], [["x"], false], [[], true]]);
  });
  it("lists few of the columns that a condition alone reaches", () => {
    const names = Array.from({ length: 12 }, (_, at) => `c${at}`);
    const wide = lineage({ a: "x", b: names.join(" ") }, ["a.x > b join", "a.x > b.c5"]);
    const from = pathOf(wide.columns, wide.tables, wide.column("a.x"), true);
    const card = sceneOf({ ...wide, path: from, drawn: [0, 1], open: new Set(), anchor: null }, null).cards.get(1)!;
    expect(card.rows.map((row) => wide.columns.names[row.column])).toEqual(["c5", "c0", "c1", "c2"]);
    expect(card.more).toBe(8);
  });
  it("leads lines from column to column", () => {
    const line = scene.lines.find(({ from, to }) => from === 0 && to === 1)!;
    expect(line.y1).toBeGreaterThan(scene.cards.get(0)!.y + 50);
    expect(line.x1).toBe(scene.cards.get(0)!.x + scene.cards.get(0)!.width);
  });
  it("makes room for the columns of an open card", () => {
    expect(scene.cards.get(1)!.height).toBeGreaterThan(scene.cards.get(0)!.height);
  });
  it("keeps a table where it was when more are drawn", () => {
    const after = sceneOf({ ...wanted, drawn: [0, 1, 2, 3, 4], anchor: 1 }, scene.places);
    expect(after.places.get(1)).toEqual(scene.places.get(1));
  });
});

describe("the lines in sight", () => {
  const line = (x: number): Line => ({
    key: String(x), from: 0, to: 1, x1: x, y1: 0, x2: x + 60, y2: 0, way: [], mark: 0, faded: false, proved: false,
  });
  const many = Array.from({ length: 100 }, (_, at) => line(at * 100));
  const screen = { width: 400, height: 400 };
  it("are those near the window", () => {
    const found = linesIn(many, aroundOf({ x: -5000, y: 0, zoom: 1 }, screen)).map(({ x1 }) => x1);
    expect([Math.min(...found), Math.max(...found)]).toEqual([4600, 5600]);
  });
  it("stay the same while the window moves a little", () => {
    expect(aroundOf({ x: -5010, y: -5, zoom: 1 }, screen)).toBe(aroundOf({ x: -5040, y: -9, zoom: 1 }, screen));
  });
  it("are all where there are few", () => expect(linesIn(many.slice(0, 9), "5000 0 6000 10").length).toBe(9));
});

const boxes = (count: number) =>
  new Map(Array.from({ length: count }, (_, node) => [node, { width: 100, height: 40 }] as const));

describe("places", () => {
  it("put a source beside what it feeds, not at the far left", () => {
    const { places } = layoutOf(boxes(4), [[0, 1], [1, 2], [3, 2]]);
    expect(places.get(3)!.x).toBe(places.get(1)!.x);
  });
  it("keep a line that passes a box clear of it", () => {
    const { places, ways } = layoutOf(boxes(3), [[0, 1], [1, 2], [0, 2]]);
    const [passage] = ways[2];
    expect(passage.x).toBe(places.get(1)!.x);
    const { y } = places.get(1)!;
    expect(passage.y < y || passage.y > y + 40).toBe(true);
  });
  it("are found for tables that read each other in a circle", () => {
    expect(layoutOf(boxes(3), [[0, 1], [1, 0], [1, 2]]).places.size).toBe(3);
  });
  it("cross as few lines as they can: what is apart on one side is apart on the other", () => {
    const { places } = layoutOf(boxes(4), [[0, 3], [1, 2]]);
    expect(places.get(0)!.y).toBe(places.get(3)!.y);
    expect(places.get(1)!.y).toBe(places.get(2)!.y);
  });
  it("are as wished where there is room, and else as near as can be", () => {
    const item = (): Item => ({ of: 0, layer: 0, height: 10, y: 0, left: [], right: [] });
    const column = [item(), item(), item()];
    settle(column, [0, 2, 100], 10);
    expect(column.map(({ y }) => y)).toEqual([-9, 11, 100]);
  });
  it("go from left to right without overlap", () => {
    const { places } = layoutOf(boxes(3), [[0, 1], [0, 2]]);
    expect(places.get(1)!.x).toBeGreaterThan(places.get(0)!.x + 100);
    expect(Math.abs(places.get(1)!.y - places.get(2)!.y)).toBeGreaterThanOrEqual(40);
  });
  it("stay as they are without an anchor", () => {
    const layout = layoutOf(boxes(1), []);
    expect(anchored(layout, null, 0)).toBe(layout);
  });
  it("are framed around the middle where they do not fit", () => {
    const frame = frameOf({ left: 0, top: 0, right: 10_000, bottom: 100 }, { width: 400, height: 400 }, { x: 5000, y: 50 }, [0.5, 1]);
    expect(frame).toEqual({ x: 200 - 2500, y: 200 - 25, zoom: 0.5 });
  });
  it("are framed without empty room beside them, and from the left where there is no middle", () => {
    const frame = (middle: { x: number; y: number } | null) =>
      frameOf({ left: 100, top: 0, right: 1100, bottom: 100 }, { width: 400, height: 400 }, middle, [0.5, 1]).x;
    expect([frame(null), frame({ x: 120, y: 0 }), frame({ x: 1090, y: 0 })]).toEqual([-50, -50, -150]);
  });
});

describe("the arrow keys", () => {
  const at = (node: number) => ({ x: node * 100, y: 0 });
  const drawn = [0, 1, 2];
  it("follow the edges", () => {
    expect(arrow("ArrowRight", 0, chain.tables, drawn, at)).toBe(1);
    expect(arrow("ArrowLeft", 1, chain.tables, drawn, at)).toBe(0);
  });
  it("stay where no edge leads to a table that is drawn", () => {
    expect(arrow("ArrowRight", 2, chain.tables, drawn, at)).toBe(2);
  });
  it("go up and down among tables of one column", () => {
    const column = (node: number) => ({ x: 0, y: node * 50 });
    expect(arrow("ArrowDown", 0, chain.tables, drawn, column)).toBe(1);
    expect(arrow("ArrowUp", 2, chain.tables, drawn, column)).toBe(1);
  });
});

it("CSV keeps commas, quotes and lines, and disarms formulas", () => {
  expect(csvOf(["a", "b"], [['say "hi", you', null], ["=1+1", -2]])).toBe('a,b\r\n"say ""hi"", you",\r\n\'=1+1,-2\r\n');
});
