import { Graph, layout } from "@dagrejs/dagre";

export interface Box {
  width: number;
  height: number;
}

/** A little of everything that is drawn on one place of the graph. */
export type Places = Map<number, { x: number; y: number }>;

/**
 * Place boxes from left to right along their edges; the place is a box's upper left corner.
 *
 * @param boxes size of each node
 * @param edges between them
 */
export function placesOf(boxes: Map<number, Box>, edges: [number, number][]): Places {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 64, ranker: "tight-tree" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [node, box] of boxes) graph.setNode(String(node), { ...box });
  for (const [from, to] of edges) graph.setEdge(String(from), String(to));
  layout(graph);
  return new Map(
    [...boxes].map(([node, box]) => {
      const { x, y } = graph.node(String(node)) as { x: number; y: number };
      return [node, { x: Math.round(x - box.width / 2), y: Math.round(y - box.height / 2) }];
    }),
  );
}

/** Move all places so that one node stays where it was. */
export function anchored(places: Places, before: Places | null, anchor: number | null): Places {
  const [was, is] = anchor === null ? [] : [before?.get(anchor), places.get(anchor)];
  if (!was || !is) return places;
  return new Map([...places].map(([node, { x, y }]) => [node, { x: x + was.x - is.x, y: y + was.y - is.y }]));
}

export interface Frame {
  x: number;
  y: number;
  zoom: number;
}

/**
 * The viewport that shows all, or as much as can be read around a middle.
 *
 * @param bounds of all that is drawn
 * @param screen size of the window on it
 * @param middle what to show where not all of it fits
 */
export function frameOf(
  bounds: { left: number; top: number; right: number; bottom: number },
  screen: Box,
  middle: { x: number; y: number } | null,
  zooms: [least: number, most: number],
): Frame {
  const [width, height] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
  const fitting = 0.94 * Math.min(screen.width / Math.max(width, 1), screen.height / Math.max(height, 1));
  const zoom = Math.min(zooms[1], Math.max(zooms[0], fitting));
  const whole = { x: bounds.left + width / 2, y: bounds.top + height / 2 };
  const fits = { x: width * zoom <= screen.width, y: height * zoom <= screen.height };
  const center = { x: fits.x ? whole.x : (middle ?? whole).x, y: fits.y ? whole.y : (middle ?? whole).y };
  return { x: screen.width / 2 - center.x * zoom, y: screen.height / 2 - center.y * zoom, zoom };
}
