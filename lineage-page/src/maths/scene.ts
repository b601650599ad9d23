import { BY_VALUE, columnsOfNode, NOT, PROVED, tableOf, type Columns, type Path } from "./columns";
import { anchored, layoutOf, type Box, type Frame, type Place, type Places } from "./layout";
import type { Tables } from "./tables";

/** Sizes of a card; the style sheet has the same. */
export const CARD = { width: 232, head: 50, row: 24, rows: 8, lit: 8, byCondition: 3, foot: 6 };

export interface LitRow {
  column: number;
  mark: number;
}

/** One table as it is drawn in the focus view. */
export interface Card extends Box {
  node: number;
  x: number;
  y: number;
  rows: LitRow[];
  /** Lit columns beyond those that are shown. */
  more: number;
  open: boolean;
  /** How the path reaches it; NOT when it does not, or there is no path. */
  mark: number;
  faded: boolean;
}

/** One line between two cards, of one column edge or of all between the tables. */
export interface Line {
  key: string;
  from: number;
  to: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Where it passes columns of cards between its ends. */
  way: Place[];
  mark: number;
  faded: boolean;
  proved: boolean;
}

export interface Scene {
  cards: Map<number, Card>;
  lines: Line[];
  places: Places;
}

/** What a scene is made of. */
export interface Wanted {
  tables: Tables;
  columns: Columns | null;
  path: Path | null;
  drawn: number[];
  open: ReadonlySet<number>;
  /** The table that stays where it was. */
  anchor: number | null;
}

/**
 * Decide what the focus view draws, and where.
 *
 * @param before where all was until now
 */
export function sceneOf({ tables, columns, path, drawn, open, anchor }: Wanted, before: Places | null): Scene {
  const cards = new Map<number, Card>();
  const lit = path && columns ? litColumns(columns, path) : new Map<number, LitRow[]>();
  for (const node of drawn) {
    const rows = lit.get(node) ?? [];
    const isOpen = open.has(node) && tables.nodes[node].columns > 0;
    const shown = shownOf(rows);
    const lines = shown.length + (rows.length > shown.length ? 1 : 0);
    const list = isOpen ? Math.max(0, Math.min(CARD.rows, tables.nodes[node].columns - shown.length)) : 0;
    const body = lines + list > 0 ? (lines + list) * CARD.row + CARD.foot : 0;
    const mark = path?.nodes.get(node) ?? NOT;
    cards.set(node, {
      ...{ node, x: 0, y: 0, width: CARD.width, height: CARD.head + body },
      ...{ rows: shown, more: rows.length - shown.length, open: isOpen, mark, faded: path !== null && mark === NOT },
    });
  }
  const edges = tables.edges.filter(([from, to]) => cards.has(from) && cards.has(to));
  const { places, ways } = anchored(layoutOf(cards, edges), before, anchor);
  for (const [node, card] of cards) Object.assign(card, places.get(node));
  const width = tables.nodes.length;
  const passages = new Map(edges.map(([from, to], at) => [from * width + to, ways[at]]));
  return { cards, places, lines: linesOf(tables, columns, path, cards, edges, passages) };
}

/** Most of what a condition reaches is a whole table: a few of its columns stand for all. */
function shownOf(rows: LitRow[]): LitRow[] {
  const byValue = rows.filter((row) => row.mark === BY_VALUE).slice(0, CARD.lit);
  const others = rows.filter((row) => row.mark !== BY_VALUE);
  return [...byValue, ...others.slice(0, CARD.byCondition)];
}

/** The columns of each table that are on the path, those reached by value first. */
function litColumns(columns: Columns, path: Path): Map<number, LitRow[]> {
  const found = new Map<number, LitRow[]>();
  for (const column of path.steps.keys()) {
    if (column >= columns.count) continue;
    const node = columns.nodeOf[column];
    if (!found.has(node)) found.set(node, []);
    found.get(node)!.push({ column, mark: Math.max(path.up[column], path.down[column]) });
  }
  const rank = (row: LitRow) => (row.column === path.start ? -1 : BY_VALUE - row.mark);
  for (const rows of found.values()) rows.sort((a, b) => rank(a) - rank(b) || a.column - b.column);
  return found;
}

function linesOf(
  tables: Tables,
  columns: Columns | null,
  path: Path | null,
  cards: Map<number, Card>,
  edges: [number, number][],
  ways: Map<number, Place[]>,
): Line[] {
  const width = tables.nodes.length;
  const lines = new Map<string, Line>();
  const add = (from: number, to: number, out: number, into: number, mark: number, proved: boolean) => {
    const [left, right] = [cards.get(from)!, cards.get(to)!];
    const key = `${from}-${to}-${out}-${into}-${mark}`;
    const known = lines.get(key);
    lines.set(key, {
      ...{ key, from, to, mark, faded: path !== null && mark === NOT, proved: proved || (known?.proved ?? false) },
      way: ways.get(from * width + to) ?? [],
      ...{ x1: left.x + left.width, y1: left.y + out, x2: right.x, y2: right.y + into },
    });
  };
  for (const { edge, mark } of path && columns ? path.edges : []) {
    const [source, target] = [columns!.from[edge], columns!.to[edge]];
    const [from, to] = [tableOf(columns!, source), tableOf(columns!, target)];
    if (!cards.has(from) || !cards.has(to)) continue;
    const proved = columns!.proofs[columns!.proof[edge]] === PROVED;
    add(from, to, heightOf(cards.get(from)!, source), heightOf(cards.get(to)!, target), mark, proved);
  }
  const middle = CARD.head / 2;
  for (const [from, to] of edges) {
    const mark = path?.pairs.get(from * width + to) ?? NOT;
    const ofColumns = mark !== NOT && columns!.pairs.has(from * width + to);
    if (!ofColumns) add(from, to, middle, middle, mark, columns?.pairs.get(from * width + to) ?? false);
  }
  return [...lines.values()].sort((a, b) => a.mark - b.mark);
}

/** How much more than the window is kept drawn, so that a small move draws nothing anew. */
const STEP = 400;

/** The part of the scene around a window, in steps: the same while the window moves within one. */
export function aroundOf(frame: Frame, screen: Box): string {
  const edges = [-frame.x, -frame.y, screen.width - frame.x, screen.height - frame.y].map((edge) => edge / frame.zoom / STEP);
  return edges.map((edge, at) => STEP * (at < 2 ? Math.floor(edge) : Math.ceil(edge))).join(" ");
}

/** The lines that touch a part of the scene; all where there are few. */
export function linesIn(lines: Line[], around: string): Line[] {
  if (lines.length <= 60) return lines;
  const [left, top, right, bottom] = around.split(" ").map(Number);
  return lines.filter(({ x1, y1, x2, y2, way }) => {
    let [x, y] = [x1, y1];
    for (const next of [...way, { x: x2, y: y2 }]) {
      const across = next.x + CARD.width >= left && x <= right;
      if (across && Math.max(y, next.y) >= top && Math.min(y, next.y) <= bottom) return true;
      [x, y] = [next.x, next.y];
    }
    return false;
  });
}

/** Where on a card the line of a column ends. */
function heightOf(card: Card, vertex: number): number {
  const at = card.rows.findIndex((row) => row.column === vertex);
  if (at >= 0) return CARD.head + (at + 0.5) * CARD.row;
  return card.more > 0 ? CARD.head + (card.rows.length + 0.5) * CARD.row : CARD.head / 2;
}

/** What a card lists when it is open: its columns that are not lit above already. */
export function listed(columns: Columns, card: Card): number[] {
  const above = new Set(card.rows.map((row) => row.column));
  return columnsOfNode(columns, card.node).filter((column) => !above.has(column));
}
