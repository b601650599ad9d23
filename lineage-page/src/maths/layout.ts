import { arrange, itemsOf, type Box } from "./layers";

export type { Box };

const GAP = { rows: 18, columns: 64, lane: 4 };

export interface Place {
  x: number;
  y: number;
}

/** Where each node is. */
export type Places = Map<number, Place>;

export interface Layout {
  places: Places;
  /** For each edge, where it passes the columns between its ends: the left end of each passage. */
  ways: Place[][];
}

/**
 * Place boxes of one width from left to right along their edges; the place is a box's upper left corner.
 *
 * @param boxes size of each node
 * @param edges between them
 */
export function layoutOf(boxes: Map<number, Box>, edges: [number, number][]): Layout {
  const width = Math.max(...[...boxes.values()].map((box) => box.width), 0);
  const [columns, lanes] = itemsOf(boxes, edges, GAP.lane);
  arrange(columns, GAP.rows);
  const x = (layer: number) => layer * (width + GAP.columns);
  const places: Places = new Map();
  for (const item of columns.flat()) {
    if (item.of !== null) places.set(item.of, { x: x(item.layer), y: Math.round(item.y - item.height / 2) });
  }
  return { places, ways: lanes.map((lane) => lane.map((item) => ({ x: x(item.layer), y: Math.round(item.y) }))) };
}

/** Move all so that one node stays where it was. */
export function anchored(layout: Layout, before: Places | null, anchor: number | null): Layout {
  const [was, is] = anchor === null ? [] : [before?.get(anchor), layout.places.get(anchor)];
  if (!was || !is) return layout;
  const moved = ({ x, y }: Place): Place => ({ x: x + was.x - is.x, y: y + was.y - is.y });
  return {
    places: new Map([...layout.places].map(([node, place]) => [node, moved(place)])),
    ways: layout.ways.map((way) => way.map(moved)),
  };
}

export interface Frame {
  x: number;
  y: number;
  zoom: number;
}

/**
 * The viewport that shows all, or as much as can be read around a middle, without a middle from the left.
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
  const side = (least: number, most: number, size: number, centre: number): number => {
    const [start, end] = [-least * zoom, size - most * zoom];
    if (end >= start) return (start + end) / 2;
    return Math.min(start, Math.max(end, size / 2 - centre * zoom));
  };
  const x = side(bounds.left, bounds.right, screen.width, middle ? middle.x : bounds.left);
  return { x, y: side(bounds.top, bounds.bottom, screen.height, (middle ?? { y: bounds.top + height / 2 }).y), zoom };
}
