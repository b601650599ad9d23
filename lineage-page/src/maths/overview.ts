import type { GraphNode } from "../api/types";

export const BOX = { width: 176, height: 26 };
const GAP = { row: 10, column: 28, layer: 110 };
const WIDE = 1.7;

export interface Overview {
  x: Float32Array;
  y: Float32Array;
  width: number;
  height: number;
}

/**
 * Place tables by the layer and order that the server has given, without a layout engine. A layer with many tables has
 * several columns, so that the whole is about as wide as a screen.
 *
 * @param drawn indices of the tables to place
 */
export function overviewOf(nodes: GraphNode[], drawn: number[]): Overview {
  const layers = new Map<number, number[]>();
  for (const node of drawn) {
    const layer = nodes[node].layer;
    if (!layers.has(layer)) layers.set(layer, []);
    layers.get(layer)!.push(node);
  }
  const sorted = [...layers.keys()].sort((a, b) => a - b).map((layer) => layers.get(layer)!);
  for (const layer of sorted) layer.sort((a, b) => nodes[a].order - nodes[b].order || a - b);
  const rows = rowsOf(sorted.map((layer) => layer.length));
  const x = new Float32Array(nodes.length);
  const y = new Float32Array(nodes.length);
  const height = rows * (BOX.height + GAP.row) - GAP.row;
  let left = 0;
  for (const layer of sorted) {
    const columns = Math.ceil(layer.length / rows);
    const tall = Math.ceil(layer.length / columns);
    const top = (height - tall * (BOX.height + GAP.row) + GAP.row) / 2;
    layer.forEach((node, place) => {
      x[node] = left + Math.floor(place / tall) * (BOX.width + GAP.column);
      y[node] = top + (place % tall) * (BOX.height + GAP.row);
    });
    left += columns * (BOX.width + GAP.column) - GAP.column + GAP.layer;
  }
  return { x, y, width: Math.max(left - GAP.layer, BOX.width), height: Math.max(height, BOX.height) };
}

function rowsOf(sizes: number[]): number {
  const largest = Math.max(...sizes, 1);
  for (let rows = 8; rows < largest; rows += 2) {
    const columns = sizes.reduce((sum, size) => sum + Math.ceil(size / rows), 0);
    const width = columns * (BOX.width + GAP.column) + sizes.length * GAP.layer;
    if (width <= WIDE * rows * (BOX.height + GAP.row)) return rows;
  }
  return largest;
}

/** The table at a place, or -1. */
export function tableAt(overview: Overview, drawn: number[], x: number, y: number): number {
  return (
    drawn.find(
      (node) =>
        x >= overview.x[node] &&
        x <= overview.x[node] + BOX.width &&
        y >= overview.y[node] &&
        y <= overview.y[node] + BOX.height,
    ) ?? -1
  );
}
