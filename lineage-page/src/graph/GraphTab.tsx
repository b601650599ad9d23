import { useEffect, useMemo, useState } from "react";
import type { Lineage } from "../api/lineage";
import type { StateAnswer } from "../api/types";
import { pathOf, vertexOf, WHOLE } from "../maths/columns";
import type { Hit, Selector } from "../maths/search";
import { nodesWithin } from "../maths/groups";
import { neighbourhood } from "../maths/tables";
import { useView } from "../ui/address";
import { Loading, Notice } from "../ui/Notice";
import type { Shared } from "./context";
import { CARDS, GraphArea } from "./GraphArea";
import { GraphTable } from "./GraphTable";
import { EdgePanel } from "./EdgePanel";
import { NodePanel } from "./NodePanel";
import { SearchBox } from "./SearchBox";
import { Toolbar } from "./Toolbar";
import { Trail } from "./Trail";

/** Up to so many tables, the whole project is drawn as cards. */
const SMALL = 120;
const NO_STATES = {};

/** The graph of tables and columns: overview, focus, path of a column, and the same as a table. */
export function GraphTab({ lineage, states: answer }: { lineage: Lineage; states: StateAnswer | null }) {
  const { view, show } = useView();
  const { tables, columns } = lineage;
  const [cursor, setCursor] = useState<number | null>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [edge, setEdge] = useState<[number, number] | null>(null);
  const states = answer?.nodes ?? NO_STATES;

  const focus = view.node === null ? null : (tables.index.get(view.node) ?? null);
  const owner = view.of ?? view.node;
  const traced = view.column === null || owner === null ? null : (tables.index.get(owner) ?? null);
  const start = columns && traced !== null ? vertexOf(columns, traced, view.column!) : undefined;
  const path = useMemo(
    () => (columns && start !== undefined ? pathOf(columns, tables, start, view.conditions) : null),
    [columns, tables, start, view.conditions],
  );
  const near = useMemo(
    () => (focus === null ? null : neighbourhood(tables, focus, view.direction, view.depth)),
    [tables, focus, view.direction, view.depth],
  );
  const drawn = useMemo(() => {
    const onPath = path ? [...path.nodes.keys()] : [];
    if (path && view.only) return onPath.sort((a, b) => a - b);
    if (near === null) {
      const within = view.within === null ? [...tables.nodes.keys()] : nodesWithin(tables.nodes, view.within);
      return [...new Set([...within, ...onPath])].sort((a, b) => a - b);
    }
    return [...new Set([...near.nodes, ...onPath])].sort((a, b) => a - b);
  }, [tables, near, path, view.only, view.within]);
  const cards = drawn.length <= (near || (path && view.only) ? CARDS : SMALL);

  const shared: Shared = useMemo(
    () => ({
      ...{ tables, columns, path, states, focus, cursor },
      choose: (node) => {
        setEdge(null);
        show({ node: tables.nodes[node].id });
      },
      trace: (node, column) => {
        const { id } = tables.nodes[node];
        const same = view.column === column && owner === id;
        setEdge(null);
        show(same ? { column: null, of: null } : { column, of: id });
      },
      toggle: (node) =>
        setOpen((before) => {
          const after = new Set(before);
          if (!after.delete(node)) after.add(node);
          return after;
        }),
    }),
    [tables, columns, path, states, focus, cursor, show, view.column, owner],
  );
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (edge) setEdge(null);
      else if (view.column !== null) show({ column: null, of: null });
    };
    window.addEventListener("keydown", escape);
    return () => window.removeEventListener("keydown", escape);
  }, [edge, view.column, show]);

  const jump = (hit: Hit, { direction, depth }: Selector) => {
    const column = hit.column === null ? null : columns!.names[hit.column];
    const way = direction === null ? {} : { direction, depth };
    setEdge(null);
    show({ node: tables.nodes[hit.node].id, column, of: null, ...way });
  };
  if (tables.nodes.length === 0) {
    return (
      <Notice title="No lineage yet">
        Nothing has been run, and no manifest was read. Run the project&apos;s DAG once: its tables appear here.
      </Notice>
    );
  }
  const lost = view.node !== null && focus === null ? view.node : null;
  const lostColumn = columns && view.column !== null && start === undefined ? view.column : null;
  const subject = [view.projects.join(), view.node, view.direction, view.depth, view.within, path && view.only].join(" ");
  return (
    <div className="dbtl-graphtab">
      <div className="dbtl-bar">
        <SearchBox tables={tables} columns={columns} jump={jump} />
        <Toolbar tables={tables} near={near} path={path} cards={cards} />
      </div>
      <Trail tables={tables} />
      {focus === null && drawn.length === 0 && (
        <Notice title="No table is in this group" tone="warn">{view.within}</Notice>
      )}
      {lost && (
        <Notice title="This link leads to no table" tone="warn">
          {`There is no ${lost} in what is shown: it was renamed, removed, or belongs to another project.`}
        </Notice>
      )}
      {lostColumn !== null && (
        <Notice title="This link leads to no column" tone="warn">
          {`${owner ?? "No table"} has no column ${lostColumn === WHOLE ? "at all" : lostColumn} in the lineage that is known.`}
        </Notice>
      )}
      {view.column !== null && !columns && !lineage.columnsError && <Loading what="columns" />}
      <div className={`dbtl-split ${focus !== null || edge ? "with-panel" : ""}`}>
        {view.as === "table" ? (
          <GraphTable shared={shared} drawn={drawn} />
        ) : (
          <GraphArea shared={shared} drawn={drawn} cards={cards} open={open} subject={subject}
            anchor={traced ?? focus} moveCursor={setCursor} chooseLine={(from, to) => setEdge([from, to])} />
        )}
        {edge ? (
          <EdgePanel shared={shared} from={edge[0]} to={edge[1]} close={() => setEdge(null)} />
        ) : (
          focus !== null && <NodePanel key={view.node} shared={shared} id={view.node!} />
        )}
      </div>
    </div>
  );
}
