import { useMemo } from "react";
import { BY_VALUE, tableOf } from "../maths/columns";
import { useView } from "../ui/address";
import { DataTable, type Field } from "../ui/DataTable";
import { Go } from "../ui/Go";
import { StateMark, stateText, When } from "../ui/marks";
import type { Shared } from "./context";

interface OnPath {
  vertex: number;
  node: number;
  column: string | null;
  side: string;
  how: string;
  steps: number;
}

/** The graph as text: the tables that are drawn, or the columns on a path. */
export function GraphTable({ shared, drawn }: { shared: Shared; drawn: number[] }) {
  return shared.path ? <PathTable shared={shared} /> : <TablesTable shared={shared} drawn={drawn} />;
}

function PathTable({ shared: { tables, columns, path } }: { shared: Shared }) {
  const { view } = useView();
  const rows = useMemo(() => {
    const found: OnPath[] = [];
    for (const [vertex, steps] of path!.steps) {
      const node = tableOf(columns!, vertex);
      if (vertex >= columns!.count && tables.nodes[node].columns > 0) continue;
      const strongest = Math.max(path!.up[vertex], path!.down[vertex]);
      const side = vertex === path!.start ? "start" : path!.up[vertex] ? "upstream" : "downstream";
      const column = vertex < columns!.count ? columns!.names[vertex] : null;
      found.push({ vertex, node, column, side, steps, how: strongest === BY_VALUE ? "value" : "condition" });
    }
    const known = new Set(found.map((row) => row.node));
    for (const node of path!.nodes.keys()) {
      if (!known.has(node)) found.push({ vertex: -1 - node, node, column: null, side: "downstream", steps: 99, how: "value" });
    }
    const rank = { upstream: 0, start: 1, downstream: 2 } as Record<string, number>;
    const far = (row: OnPath) => (row.side === "upstream" ? -row.steps : row.steps);
    return found.sort((a, b) => rank[a.side] - rank[b.side] || far(a) - far(b));
  }, [tables, columns, path]);
  const fields = useMemo<Field<OnPath>[]>(
    () => [
      { title: "Side", value: (row) => row.side },
      { title: "Steps", value: (row) => (row.vertex < 0 ? null : row.steps), number: true },
      { title: "Kind", value: (row) => tables.nodes[row.node].kind },
      {
        title: "Table",
        value: (row) => tables.nodes[row.node].id,
        show: (row) => <Go to={{ node: tables.nodes[row.node].id, as: "graph" }}>{tables.nodes[row.node].name}</Go>,
      },
      { title: "Column", value: (row) => row.column },
      { title: "By", value: (row) => row.how },
      { title: "Owner", value: (row) => tables.nodes[row.node].owner },
    ],
    [tables],
  );
  const caption = `Path of ${view.of ?? view.node ?? ""}.${view.column ?? ""}`;
  return <DataTable caption={caption} fields={fields} rows={rows} id={(row) => String(row.vertex)} file="path.csv" />;
}

function TablesTable({ shared: { tables, states }, drawn }: { shared: Shared; drawn: number[] }) {
  const fields = useMemo<Field<number>[]>(() => {
    const of = (node: number) => tables.nodes[node];
    const state = (node: number) => states[of(node).id]?.state ?? "none";
    return [
      {
        title: "Table",
        value: (node) => of(node).id,
        show: (node) => (
          <Go to={{ node: of(node).id }} title={of(node).id}>
            {of(node).name}
          </Go>
        ),
      },
      { title: "Kind", value: (node) => of(node).kind },
      { title: "Project", value: (node) => of(node).project },
      { title: "Schema", value: (node) => of(node).schema },
      { title: "Columns", value: (node) => of(node).columns, number: true },
      { title: "Upstream", value: (node) => tables.up.start[node + 1] - tables.up.start[node], number: true },
      { title: "Downstream", value: (node) => tables.down.start[node + 1] - tables.down.start[node], number: true },
      { title: "Last run", value: (node) => stateText(state(node)), show: (node) => <StateMark state={state(node)} /> },
      {
        title: "Read back",
        value: (node) => states[of(node).id]?.verified_at ?? of(node).verified_at,
        show: (node) => <When time={states[of(node).id]?.verified_at ?? of(node).verified_at} />,
      },
      { title: "Owner", value: (node) => of(node).owner },
    ];
  }, [tables, states]);
  return <DataTable caption="Tables" fields={fields} rows={drawn} id={String} file="tables.csv" />;
}
