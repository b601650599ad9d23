import { ReactFlow, type Viewport } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState, type MouseEvent } from "react";
import type { Box } from "../maths/layout";
import { tableAt, type Overview } from "../maths/overview";
import { useDarkness } from "../ui/useDarkness";
import { useShared } from "./context";
import { coloursOf, draw, edgesOf } from "./draw";
import { NAMELESS } from "./FlowView";

interface Props {
  drawn: number[];
  overview: Overview;
  viewport: Viewport;
  onViewport: (viewport: Viewport) => void;
  screen: Box;
}

/** The overview: thousands of tables on one canvas. React Flow moves and zooms it, without a node of its own. */
export function CanvasView({ drawn, overview, viewport, onViewport, screen }: Props) {
  const { tables, path, states, cursor, choose } = useShared();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState(-1);
  const dark = useDarkness();
  const edges = useMemo(() => edgesOf(tables, drawn, overview), [tables, drawn, overview]);
  const ratio = window.devicePixelRatio || 1;
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const colours = coloursOf(canvas.current!);
      draw(canvas.current!, viewport, { tables, drawn, overview, edges, path, states, hover, cursor, colours }, ratio);
    });
    return () => cancelAnimationFrame(frame);
  }, [tables, drawn, overview, edges, path, states, hover, cursor, viewport, screen, ratio, dark]);
  const under = (event: MouseEvent) => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    const x = (event.clientX - left - viewport.x) / viewport.zoom;
    return tableAt(overview, drawn, x, (event.clientY - top - viewport.y) / viewport.zoom);
  };
  const click = (event: MouseEvent) => {
    const node = under(event);
    if (node >= 0) choose(node);
  };
  const place = hover < 0 ? null : { x: overview.x[hover], y: overview.y[hover] };
  return (
    <>
      <canvas
        ref={canvas}
        className="dbtl-canvas"
        aria-hidden="true"
        width={Math.round(screen.width * ratio)}
        height={Math.round(screen.height * ratio)}
      />
      <ReactFlow
        nodes={NONE}
        edges={NONE}
        viewport={viewport}
        onViewportChange={onViewport}
        minZoom={0.02}
        maxZoom={2}
        disableKeyboardA11y
        zoomOnDoubleClick={false}
        proOptions={NAMELESS}
        deleteKeyCode={null}
        onPaneClick={click}
        onPaneMouseMove={(event) => setHover(under(event))}
        onPaneMouseLeave={() => setHover(-1)}
        className={hover < 0 ? undefined : "over-table"}
      />
      {place && viewport.zoom < 0.9 && (
        <div
          className="dbtl-tip"
          style={{ left: place.x * viewport.zoom + viewport.x, top: place.y * viewport.zoom + viewport.y }}
        >
          {tables.nodes[hover].name}
        </div>
      )}
    </>
  );
}

const NONE: never[] = [];
