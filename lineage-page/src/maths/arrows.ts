import type { Tables } from "./tables";
import { neighbours } from "./tables";

export interface Placed {
  x: number;
  y: number;
}

/**
 * The table that an arrow key leads to: left and right along edges, up and down within a column of tables.
 *
 * @param drawn the tables that are drawn
 * @param at where each of them is
 * @returns the table, or the one it was where the key leads nowhere
 */
export function arrow(key: string, from: number, tables: Tables, drawn: number[], at: (node: number) => Placed): number {
  const here = at(from);
  const known = new Set(drawn);
  const nearest = (nodes: number[], far: (place: Placed) => number) =>
    nodes.reduce((best, node) => (best < 0 || far(at(node)) < far(at(best)) ? node : best), -1);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const side = key === "ArrowLeft" ? tables.up : tables.down;
    const next = neighbours(side, from).filter((node) => known.has(node));
    const found = nearest(next, (place) => Math.abs(place.y - here.y) + Math.abs(place.x - here.x) / 1000);
    return found < 0 ? from : found;
  }
  const sign = key === "ArrowUp" ? -1 : 1;
  const same = drawn.filter((node) => Math.abs(at(node).x - here.x) < 40 && sign * (at(node).y - here.y) > 0);
  const found = nearest(same, (place) => Math.abs(place.y - here.y));
  return found < 0 ? from : found;
}
