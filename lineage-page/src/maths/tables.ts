import type { GraphAnswer, GraphNode } from "../api/types";
import { adjacency, distances, type Csr } from "./csr";

/** The graph of tables, charts and dashboards, ready to be walked. */
export interface Tables {
  nodes: GraphNode[];
  edges: [number, number][];
  index: Map<string, number>;
  down: Csr;
  up: Csr;
}

export type Direction = "both" | "up" | "down";
export type Depth = number | "all";

export function tablesOf(answer: GraphAnswer): Tables {
  const from = Uint32Array.from(answer.edges, (edge) => edge[0]);
  const to = Uint32Array.from(answer.edges, (edge) => edge[1]);
  return {
    nodes: answer.nodes,
    edges: answer.edges,
    index: new Map(answer.nodes.map((node, index) => [node.id, index])),
    down: adjacency(answer.nodes.length, from, to),
    up: adjacency(answer.nodes.length, to, from),
  };
}

export interface Neighbourhood {
  nodes: number[];
  /** How many lie on each side, and how many of them the depth allows. */
  up: { drawn: number; all: number };
  down: { drawn: number; all: number };
}

/** The tables around one, as far as direction and depth reach. */
export function neighbourhood(tables: Tables, focus: number, direction: Direction, depth: Depth): Neighbourhood {
  const limit = depth === "all" ? Infinity : depth;
  const side = (graph: Csr, wanted: boolean) => {
    const distance = distances(graph, focus);
    const all: number[] = [];
    distance.forEach((steps, node) => steps > 0 && all.push(node));
    const drawn = wanted ? all.filter((node) => distance[node] <= limit) : [];
    return { all, drawn };
  };
  const up = side(tables.up, direction !== "down");
  const down = side(tables.down, direction !== "up");
  return {
    nodes: [...new Set([focus, ...up.drawn, ...down.drawn])].sort((a, b) => a - b),
    up: { drawn: up.drawn.length, all: up.all.length },
    down: { drawn: down.drawn.length, all: down.all.length },
  };
}

/** The neighbours of a table on one side. */
export function neighbours(graph: Csr, node: number): number[] {
  return Array.from(graph.to.subarray(graph.start[node], graph.start[node + 1]));
}
