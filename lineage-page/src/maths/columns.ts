import type { ColumnsAnswer } from "../api/types";
import { adjacency, type Csr } from "./csr";
import { neighbours, type Tables } from "./tables";

/**
 * The graph of columns. A vertex below `count` is a column; vertex `count + n` is the whole table n, for columns that
 * decide its rows, or that a chart shows.
 */
export interface Columns {
  count: number;
  names: string[];
  nodeOf: Uint32Array;
  ofNode: Csr;
  from: Uint32Array;
  to: Uint32Array;
  kind: Uint8Array;
  proof: Uint8Array;
  kinds: string[];
  proofs: string[];
  /** 1 for each edge by which a value flows. */
  direct: Uint8Array;
  down: Csr;
  up: Csr;
  unresolved: Map<number, { column: number | null; reason: string }[]>;
  /** Of each two tables with a column edge: is one of these proved? The key is `from * tables + to`. */
  pairs: Map<number, boolean>;
}

/** What the server calls an edge that was seen in the data. */
export const PROVED = "proved";

export function columnsOf(answer: ColumnsAnswer, nodes: number): Columns {
  const count = answer.columns.length;
  const rows = answer.node_edges ?? [];
  const all = [...answer.edges, ...rows.map(([from, to, kind, proof]) => [from, count + to, kind, proof])];
  const part = (place: number) => Uint32Array.from(all, (edge) => edge[place]);
  const [from, to] = [part(0), part(1)];
  const kind = Uint8Array.from(all, (edge) => edge[2]);
  const isDirect = answer.kinds.map((name) => (name.startsWith("DIRECT") ? 1 : 0));
  const nodeOf = Uint32Array.from(answer.columns, (column) => column[0]);
  const unresolved: Columns["unresolved"] = new Map();
  for (const [node, column, reason] of answer.unresolved) {
    unresolved.set(node, [...(unresolved.get(node) ?? []), { column, reason }]);
  }
  const pairs: Columns["pairs"] = new Map();
  const nodeAt = (vertex: number) => (vertex < count ? nodeOf[vertex] : vertex - count);
  for (const edge of all) {
    const pair = nodeAt(edge[0]) * nodes + nodeAt(edge[1]);
    pairs.set(pair, pairs.get(pair) === true || answer.proofs[edge[3]] === PROVED);
  }
  return {
    count,
    names: answer.columns.map((column) => column[1]),
    nodeOf,
    ofNode: adjacency(nodes, nodeOf, Uint32Array.from(answer.columns.keys())),
    from,
    to,
    kind,
    proof: Uint8Array.from(all, (edge) => edge[3]),
    kinds: answer.kinds,
    proofs: answer.proofs,
    direct: kind.map((one) => isDirect[one]),
    down: adjacency(count + nodes, from, to),
    up: adjacency(count + nodes, to, from),
    unresolved,
    pairs,
  };
}

export const columnsOfNode = (columns: Columns, node: number): number[] => neighbours(columns.ofNode, node);

export const tableOf = (columns: Columns, vertex: number): number =>
  vertex < columns.count ? columns.nodeOf[vertex] : vertex - columns.count;

/** Stands for all of a chart, which has no columns. */
export const WHOLE = "*";

/** The vertex of a column by name. Undefined where there is none. */
export function vertexOf(columns: Columns, node: number, name: string): number | undefined {
  if (name === WHOLE) return columns.count + node;
  return columnsOfNode(columns, node).find((column) => columns.names[column] === name);
}

/** How a vertex is reached: not at all, only by a condition such as a filter, or by its value. */
export const [NOT, BY_CONDITION, BY_VALUE] = [0, 1, 2];

/** What lies on the way of one column. */
export interface Path {
  start: number;
  up: Uint8Array;
  down: Uint8Array;
  /** Steps from the start, for each vertex that is reached. */
  steps: Map<number, number>;
  edges: { edge: number; mark: number }[];
  /** How each table is reached, the strongest of its columns. */
  nodes: Map<number, number>;
  /** The same between two tables; the key is `from * tables + to`. */
  pairs: Map<number, number>;
}

/**
 * Find all that a column comes from, and all that it reaches.
 *
 * @param conditions follow filters, joins and the like too
 */
export function pathOf(columns: Columns, tables: Tables, start: number, conditions: boolean): Path {
  const steps = new Map<number, number>([[start, 0]]);
  const up = reach(columns, start, "up", conditions, steps);
  const down = reach(columns, start, "down", conditions, steps);
  const path: Path = { start, up, down, steps, edges: [], nodes: new Map(), pairs: new Map() };
  const better = (map: Map<number, number>, key: number, mark: number) =>
    map.set(key, Math.max(map.get(key) ?? NOT, mark));
  for (const vertex of steps.keys()) {
    better(path.nodes, tableOf(columns, vertex), Math.max(up[vertex], down[vertex]));
  }
  const width = tables.nodes.length;
  for (let edge = 0; edge < columns.from.length; edge++) {
    if (!conditions && columns.direct[edge] === 0) continue;
    const [from, to] = [columns.from[edge], columns.to[edge]];
    const weakest = Math.max(Math.min(up[from], up[to]), Math.min(down[from], down[to]));
    if (weakest === NOT) continue;
    const mark = columns.direct[edge] === 1 ? weakest : BY_CONDITION;
    path.edges.push({ edge, mark });
    better(path.pairs, tableOf(columns, from) * width + tableOf(columns, to), mark);
  }
  addDashboards(path, tables);
  return path;
}

function reach(
  columns: Columns,
  start: number,
  way: "up" | "down",
  conditions: boolean,
  steps: Map<number, number>,
): Uint8Array {
  const graph = columns[way];
  const marks = new Uint8Array(graph.start.length - 1);
  const queue = [start];
  marks[start] = BY_VALUE;
  const visit = (vertex: number, from: number, mark: number) => {
    if (marks[vertex] !== NOT) return;
    marks[vertex] = mark;
    const far = (steps.get(from) ?? 0) + 1;
    steps.set(vertex, Math.min(steps.get(vertex) ?? far, far));
    queue.push(vertex);
  };
  const walk = (mark: number) => {
    for (let head = 0; head < queue.length; head++) {
      const vertex = queue[head];
      for (let at = graph.start[vertex]; at < graph.start[vertex + 1]; at++) {
        if (mark === BY_CONDITION || columns.direct[graph.edge[at]] === 1) visit(graph.to[at], vertex, mark);
      }
      if (mark === BY_CONDITION) rowsOf(vertex);
    }
  };
  // Whoever decides a table's rows decides every column of it.
  const rowsOf = (vertex: number) => {
    if (way === "down" && vertex >= columns.count && vertex !== start) {
      for (const column of columnsOfNode(columns, vertex - columns.count)) visit(column, vertex, BY_CONDITION);
    } else if (way === "up" && vertex < columns.count) {
      const table = columns.count + columns.nodeOf[vertex];
      if (graph.start[table] < graph.start[table + 1] && marks[table] === NOT) {
        marks[table] = BY_CONDITION;
        steps.set(table, steps.get(vertex) ?? 0);
        queue.push(table);
      }
    }
  };
  walk(BY_VALUE);
  if (conditions) walk(BY_CONDITION);
  return marks;
}

/** A dashboard has no columns: it is reached when one of its charts is. */
function addDashboards(path: Path, tables: Tables): void {
  for (const [node, mark] of [...path.nodes]) {
    if (tables.nodes[node].kind !== "chart") continue;
    for (const dashboard of neighbours(tables.down, node)) {
      path.nodes.set(dashboard, Math.max(path.nodes.get(dashboard) ?? NOT, mark));
      path.pairs.set(node * tables.nodes.length + dashboard, mark);
    }
  }
}
