import { BY_CONDITION, BY_VALUE, NOT, type Path } from "../maths/columns";
import type { Frame } from "../maths/layout";
import { BOX, type Overview } from "../maths/overview";
import type { Tables } from "../maths/tables";

/** What the canvas shows, beside where. */
export interface Picture {
  tables: Tables;
  drawn: number[];
  overview: Overview;
  edges: Path2D;
  path: Path | null;
  states: Record<string, { state: string }>;
  hover: number;
  cursor: number | null;
  colours: Colours;
}

export type Colours = Record<(typeof NAMES)[number], string>;
const NAMES = [
  ...["surface", "line", "text", "quiet", "edge", "by-value", "by-condition", "accent"],
  ...["source", "seed", "model", "snapshot", "table", "chart", "dashboard", "ok", "failed", "running", "warn", "queued"],
] as const;

/** The colours of the style sheet as they are now, light or dark. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
}

const TONES: Record<string, string> = {
  ...{ success: "ok", failed: "failed", upstream_failed: "failed", running: "running" },
  ...{ retry: "warn", queued: "queued", skipped: "queued" },
};
/** The zoom from which names are written. */
const READABLE = 0.42;
/** With more edges than this, each is paler. */
const MANY = 1500;

function curve(path: Path2D | CanvasRenderingContext2D, { x, y }: Overview, from: number, to: number): void {
  const [x1, y1, x2, y2] = [x[from] + BOX.width, y[from] + BOX.height / 2, x[to], y[to] + BOX.height / 2];
  const bend = Math.max(30, Math.abs(x2 - x1) / 2);
  path.moveTo(x1, y1);
  path.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
}

/** All edges as one shape, made once for a layout. */
export function edgesOf(tables: Tables, drawn: number[], overview: Overview): Path2D {
  const known = new Set(drawn);
  const path = new Path2D();
  for (const [from, to] of tables.edges) if (known.has(from) && known.has(to)) curve(path, overview, from, to);
  return path;
}

/** Draw the overview; names only where they can be read, and only what is in sight. */
export function draw(canvas: HTMLCanvasElement, frame: Frame, picture: Picture, ratio: number): void {
  const context = canvas.getContext("2d")!;
  const { colours, overview, path } = picture;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(ratio * frame.zoom, 0, 0, ratio * frame.zoom, ratio * frame.x, ratio * frame.y);
  context.lineWidth = 1 / Math.max(frame.zoom, 0.3);
  context.strokeStyle = colours.edge;
  context.globalAlpha = path ? 0.2 : picture.tables.edges.length > MANY ? 0.35 : 0.6;
  context.stroke(picture.edges);
  context.globalAlpha = 1;
  if (path) drawPath(context, picture, frame.zoom);
  const [left, top] = [-frame.x / frame.zoom, -frame.y / frame.zoom];
  const [right, bottom] = [left + canvas.width / ratio / frame.zoom, top + canvas.height / ratio / frame.zoom];
  const inSight = picture.drawn.filter((node) => {
    const [x, y] = [overview.x[node], overview.y[node]];
    return x < right && x + BOX.width > left && y < bottom && y + BOX.height > top;
  });
  for (const node of inSight) drawTable(context, picture, node, frame.zoom);
}

function drawPath(context: CanvasRenderingContext2D, { path, tables, overview, colours, drawn }: Picture, zoom: number) {
  const known = new Set(drawn);
  for (const mark of [BY_CONDITION, BY_VALUE]) {
    context.beginPath();
    for (const [pair, found] of path!.pairs) {
      const [from, to] = [Math.floor(pair / tables.nodes.length), pair % tables.nodes.length];
      if (found === mark && known.has(from) && known.has(to)) curve(context, overview, from, to);
    }
    context.strokeStyle = mark === BY_VALUE ? colours["by-value"] : colours["by-condition"];
    context.lineWidth = (mark === BY_VALUE ? 2.2 : 1.6) / Math.max(zoom, 0.2);
    context.setLineDash(mark === BY_VALUE ? [] : [5 / zoom, 4 / zoom]);
    context.stroke();
  }
  context.setLineDash([]);
}

function drawTable(context: CanvasRenderingContext2D, picture: Picture, node: number, zoom: number): void {
  const { tables, overview, path, states, colours, hover, cursor } = picture;
  const [x, y, table] = [overview.x[node], overview.y[node], tables.nodes[node]];
  const mark = path?.nodes.get(node) ?? NOT;
  const chosen = hover === node || cursor === node;
  context.globalAlpha = path && mark === NOT && !chosen ? 0.22 : 1;
  context.fillStyle = zoom < READABLE ? colours[table.kind] : colours.surface;
  context.fillRect(x, y, BOX.width, BOX.height);
  if (zoom >= READABLE) {
    context.fillStyle = colours[table.kind];
    context.fillRect(x, y, 4, BOX.height);
    context.fillStyle = colours.text;
    context.font = "500 12px system-ui, sans-serif";
    context.textBaseline = "middle";
    context.fillText(shortened(table.name), x + 11, y + BOX.height / 2 + 0.5);
  }
  const lit = mark === BY_VALUE ? colours["by-value"] : mark === BY_CONDITION ? colours["by-condition"] : colours.line;
  context.strokeStyle = chosen ? colours.accent : lit;
  context.lineWidth = (chosen || mark !== NOT ? 2 : 1) / Math.max(zoom, 0.3);
  if (zoom >= READABLE || chosen || mark !== NOT) context.strokeRect(x, y, BOX.width, BOX.height);
  const tone = TONES[states[table.id]?.state ?? ""];
  if (tone) {
    const size = 10 / Math.max(zoom, 0.25) ** 0.6;
    context.fillStyle = colours[tone as keyof Colours];
    context.fillRect(x + BOX.width - size, y, size, Math.min(size, BOX.height));
  }
  context.globalAlpha = 1;
}

const shortened = (name: string): string => (name.length > 24 ? `${name.slice(0, 23)}…` : name);
