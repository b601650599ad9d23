import { ReactFlow, ViewportPortal, type Node, type NodeTypes, type Viewport } from "@xyflow/react";
import { useMemo } from "react";
import type { Box } from "../maths/layout";
import { aroundOf, linesIn, type Card, type Scene } from "../maths/scene";
import { Lines } from "./Lines";
import { TableCard } from "./TableCard";

const TYPES: NodeTypes = { table: TableCard };
/** Above so many cards, only those in sight are in the document. */
const FEW = 60;

interface Props {
  scene: Scene;
  viewport: Viewport;
  screen: Box;
  onViewport: (viewport: Viewport) => void;
  chooseLine: (from: number, to: number) => void;
}

/** The focus view: a card for each table, with its columns. */
export function FlowView({ scene, viewport, screen, onViewport, chooseLine }: Props) {
  const nodes = useMemo(
    () =>
      [...scene.cards.values()].map((card): Node<Card & Record<string, unknown>> => {
        const { x, y, width, height } = card;
        const id = String(card.node);
        return { id, type: "table", position: { x, y }, width, height, style: CLICKABLE, data: { ...card } };
      }),
    [scene],
  );
  const around = aroundOf(viewport, screen);
  const lines = useMemo(() => linesIn(scene.lines, around), [scene, around]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={NONE}
      nodeTypes={TYPES}
      viewport={viewport}
      onViewportChange={onViewport}
      minZoom={0.02}
      maxZoom={2}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      elementsSelectable={false}
      disableKeyboardA11y
      onlyRenderVisibleElements={nodes.length > FEW}
      zoomOnDoubleClick={false}
      proOptions={NAMELESS}
      deleteKeyCode={null}
    >
      <ViewportPortal>
        <Lines lines={lines} choose={chooseLine} />
      </ViewportPortal>
    </ReactFlow>
  );
}

/** Its name would be a tab stop within the graph; the file of licences names it. */
export const NAMELESS = { hideAttribution: true };
const NONE: never[] = [];
/** React Flow keeps the pointer from nodes that can be neither moved nor selected; ours have buttons. */
const CLICKABLE = { pointerEvents: "all" } as const;
