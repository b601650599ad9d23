import type { Viewport } from "@xyflow/react";
import { useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { arrow } from "../maths/arrows";
import { frameOf, type Box } from "../maths/layout";
import { BOX, overviewOf } from "../maths/overview";
import { CARD, sceneOf, type Scene, type Wanted } from "../maths/scene";
import { stateText } from "../ui/marks";
import { CanvasView } from "./CanvasView";
import { SharedProvider, type Shared } from "./context";
import { FlowView } from "./FlowView";
import { Legend } from "./Legend";
import { cardId } from "./TableCard";

/** More tables than this are drawn on the canvas. */
export const CARDS = 250;

/** Zooms: so little shows all of any project. */
const ALL = 0.02;

interface Props {
  shared: Shared;
  drawn: number[];
  /** Draw cards, not the overview. */
  cards: boolean;
  open: ReadonlySet<number>;
  /** When this changes, the view is fitted anew. */
  subject: string;
  anchor: number | null;
  moveCursor: (node: number | null) => void;
  chooseLine: (from: number, to: number) => void;
}

/** The drawn graph, its keys, and its buttons. */
export function GraphArea({ shared, drawn, cards, open, subject, anchor, moveCursor, chooseLine }: Props) {
  const { tables, columns, path, focus, cursor, states, choose, toggle } = shared;
  const area = useRef<HTMLDivElement>(null);
  const screen = useSize(area);
  const [viewport, setViewport] = useState<Viewport>({ x: 0, y: 0, zoom: 1 });
  const inScene = useMemo(
    () => (cards ? { tables, columns, path, drawn, open, anchor } : null),
    [cards, tables, columns, path, drawn, open, anchor],
  );
  const scene = useScene(inScene, subject);
  const overview = useMemo(() => (cards ? null : overviewOf(tables.nodes, drawn)), [cards, tables, drawn]);

  const boxOf = (node: number) => {
    const card = scene?.cards.get(node);
    if (card) return card;
    return overview && { x: overview.x[node], y: overview.y[node], width: BOX.width, height: BOX.height };
  };
  const fit = (least: number) => {
    const shown = drawn.map((node) => boxOf(node)!);
    if (shown.length === 0) return;
    const bounds = {
      left: Math.min(...shown.map((box) => box.x)) - 12,
      top: Math.min(...shown.map((box) => box.y)) - 12,
      right: Math.max(...shown.map((box) => box.x + box.width)) + 12,
      bottom: Math.max(...shown.map((box) => box.y + box.height)) + 12,
    };
    const middle = anchor === null ? null : boxOf(anchor);
    const around = middle && { x: middle.x + middle.width / 2, y: middle.y + CARD.head / 2 };
    setViewport(frameOf(bounds, screen, around ?? null, [cards ? least : ALL, cards ? 1.1 : 1]));
  };
  const ready = screen.width > 0;
  // Fitted for each subject; and again when a panel takes room, unless the reader has moved the view meanwhile.
  const fitted = useRef({ wanted: "", width: 0, moved: false });
  const wanted = `${subject} ${cards}`;
  useLayoutEffect(() => {
    const { wanted: last, width, moved } = fitted.current;
    if (!ready || drawn.length === 0 || (last === wanted && (moved || width === screen.width))) return;
    fitted.current = { wanted, width: screen.width, moved: false };
    fit(screen.width < 600 ? 0.8 : 0.6);
  });

  const move: typeof setViewport = (next) => {
    fitted.current.moved = true;
    setViewport(next);
  };
  const zoom = (factor: number) =>
    move(({ x, y, zoom: now }) => {
      const next = Math.min(2, Math.max(0.02, now * factor));
      const [middle, centre] = [screen.width / 2, screen.height / 2];
      return { x: middle - ((middle - x) * next) / now, y: centre - ((centre - y) * next) / now, zoom: next };
    });
  const reveal = (node: number) => {
    const box = boxOf(node);
    if (!box) return;
    move((now) => {
      const [left, top] = [box.x * now.zoom + now.x, box.y * now.zoom + now.y];
      const right = left + box.width * now.zoom - screen.width;
      const bottom = top + CARD.head * now.zoom - screen.height;
      const x = now.x - Math.min(0, left - 16) - Math.max(0, right + 16);
      return { ...now, x, y: now.y - Math.min(0, top - 16) - Math.max(0, bottom + 16) };
    });
  };
  const press = (event: KeyboardEvent) => {
    if (event.target !== area.current || event.metaKey || event.ctrlKey || event.altKey) return;
    const at = cursor ?? focus ?? drawn[0];
    if (at === undefined) return;
    const keys: Record<string, () => void> = {
      "Enter": () => choose(at),
      " ": () => toggle(at),
      "+": () => zoom(1.25),
      "-": () => zoom(0.8),
      "0": () => fit(ALL),
    };
    if (event.key.startsWith("Arrow")) {
      const next = cursor === null ? at : arrow(event.key, at, tables, drawn, (node) => boxOf(node) ?? { x: 0, y: 0 });
      moveCursor(next);
      reveal(next);
    } else if (event.key in keys) keys[event.key]();
    else return;
    event.preventDefault();
  };
  const current = cursor === null ? null : tables.nodes[cursor];
  return (
    <SharedProvider value={shared}>
      <div className={`dbtl-area ${path ? "traced" : ""}`}>
        {/* One tab stop for the whole graph: arrows move along its edges. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <div
          ref={area}
          className="dbtl-graph"
          role="group"
          aria-roledescription="lineage graph"
          aria-label={`Lineage of ${drawn.length} tables. Arrow keys follow the edges, Enter brings a table into focus, Space opens its columns. The table view has the same as text.`}
          aria-activedescendant={current && scene?.cards.has(cursor!) ? cardId(cursor!) : undefined}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          onKeyDown={press}
          onBlur={() => moveCursor(null)}
        >
          {ready && scene && (
            <FlowView scene={scene} viewport={viewport} onViewport={move} screen={screen} chooseLine={chooseLine} />
          )}
          {ready && overview && (
            <CanvasView drawn={drawn} overview={overview} viewport={viewport} onViewport={move} screen={screen} />
          )}
        </div>
        <div className="dbtl-zoom">
          <button type="button" aria-label="Zoom in" onClick={() => zoom(1.25)}>
            +
          </button>
          <button type="button" aria-label="Zoom out" onClick={() => zoom(0.8)}>
            −
          </button>
          <button type="button" aria-label="Fit to the window" onClick={() => fit(ALL)}>
            ⤢
          </button>
        </div>
        <Legend kinds={new Set(drawn.map((node) => tables.nodes[node].kind))} traced={path !== null} proved={columns !== null} />
        <div className="dbtl-hidden" role="status">
          {current &&
            `${current.kind} ${current.name}, ${stateText(states[current.id]?.state ?? "none")}, ` +
              `${tables.up.start[cursor! + 1] - tables.up.start[cursor!]} upstream, ` +
              `${tables.down.start[cursor! + 1] - tables.down.start[cursor!]} downstream`}
        </div>
      </div>
    </SharedProvider>
  );
}

/** The scene; of the same subject, it begins where the one before was. */
function useScene(wanted: Wanted | null, subject: string): Scene | null {
  const [kept, setKept] = useState({ wanted: null as Wanted | null, subject, scene: null as Scene | null });
  if (kept.wanted === wanted) return kept.scene;
  const before = kept.subject === subject ? (kept.scene?.places ?? null) : null;
  const scene = wanted && sceneOf(wanted, before);
  setKept({ wanted, subject, scene });
  return scene;
}

function useSize(element: React.RefObject<HTMLElement | null>): Box {
  const [size, setSize] = useState<Box>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element.current!;
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element.current!);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return size;
}
