import type { ColumnsAnswer, GraphAnswer, GraphNode, Kind } from "../src/api/types";
import { columnsOf } from "../src/maths/columns";
import { tablesOf } from "../src/maths/tables";

export const KINDS = ["DIRECT/IDENTITY", "DIRECT/CHART", "INDIRECT/JOIN"];
const PROOFS = ["proved", "sql"];

/** Tables as `name: columns`, edges as `table.column > table.column` or `> table`; `join` and `proved` may follow. */
export function lineage(tables: Record<string, string>, edges: string[]) {
  const names = Object.keys(tables);
  const columns: [number, string][] = names.flatMap((name, node) =>
    tables[name].split(" ").filter(Boolean).map((column): [number, string] => [node, column]),
  );
  const column = (text: string) => {
    const [table, name] = text.split(".");
    return columns.findIndex(([node, one]) => node === names.indexOf(table) && one === name);
  };
  const answer: ColumnsAnswer = {
    version: "1", columns, edges: [], node_edges: [], kinds: KINDS, proofs: PROOFS, unresolved: [],
  };
  const pairs = new Set<string>();
  for (const text of edges) {
    const [from, , to, ...rest] = text.split(" ");
    pairs.add(`${names.indexOf(from.split(".")[0])} ${names.indexOf(to.split(".")[0])}`);
    if (!from.includes(".")) continue;
    const proof = rest.includes("proved") ? 0 : 1;
    const kind = rest.includes("join") ? 2 : 0;
    if (to.includes(".")) answer.edges.push([column(from), column(to), kind, proof]);
    else answer.node_edges!.push([column(from), names.indexOf(to), rest.includes("join") ? 2 : 1, proof]);
  }
  const graph: GraphAnswer = {
    version: "1", made_at: null, projects: ["p"], source: "ledger",
    nodes: names.map((name, at) => node(name, at, tables[name].split(" ").filter(Boolean).length)),
    edges: [...pairs].map((pair) => pair.split(" ").map(Number) as [number, number]),
  };
  const made = { tables: tablesOf(graph), columns: columnsOf(answer, names.length) };
  return { ...made, column, table: (name: string) => names.indexOf(name) };
}

function node(name: string, at: number, columns: number): GraphNode {
  const kind: Kind = name.startsWith("chart") ? "chart" : name.startsWith("dashboard") ? "dashboard" : "model";
  return {
    id: `db.s.${name}`, kind, name, schema: "s", database: "db", project: "p", package: null, folder: null, tags: [],
    materialized: null, layer: at, order: 0, columns, owner: null, dag_id: null, task_id: null, verified_at: null, links: {},
  };
}
