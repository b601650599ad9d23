import { useMemo } from "react";
import { PROVED, tableOf } from "../maths/columns";
import type { Shared } from "./context";

interface Props {
  shared: Shared;
  from: number;
  to: number;
  close: () => void;
}

/** What an edge between two tables stands for: its column edges, each with its kind and proof. */
export function EdgePanel({ shared: { tables, columns, trace }, from, to, close }: Props) {
  const edges = useMemo(() => {
    if (!columns) return [];
    const { from: sources, to: targets } = columns;
    return Array.from(sources.keys()).filter(
      (edge) => tableOf(columns, sources[edge]) === from && tableOf(columns, targets[edge]) === to,
    );
  }, [columns, from, to]);
  const name = (vertex: number) => (vertex < columns!.count ? columns!.names[vertex] : "its rows");
  return (
    <aside className="dbtl-panel" aria-label="Edge">
      <header>
        <h2>
          {tables.nodes[from].name} → {tables.nodes[to].name}
        </h2>
        <button type="button" className="dbtl-button" onClick={close}>
          Close
        </button>
      </header>
      <h3>Columns</h3>
      {edges.length === 0 && <p className="dbtl-quiet">No column edge is known between these tables.</p>}
      <ul className="dbtl-plainlist">
        {edges.map((edge) => (
          <li key={edge}>
            <button type="button" className="dbtl-link" onClick={() => trace(from, name(columns!.from[edge]))}>
              {name(columns!.from[edge])}
            </button>{" "}
            → {name(columns!.to[edge])}
            <div className="dbtl-quiet">
              {kindText(columns!.kinds[columns!.kind[edge]])}, {proofText(columns!.proofs[columns!.proof[edge]])}
            </div>
          </li>
        ))}
      </ul>
    </aside>
  );
}

const kindText = (kind: string): string => {
  const [group, detail] = kind.split("/");
  const text = (detail ?? "").toLowerCase().replaceAll("_", " ");
  return `${group === "DIRECT" ? "value" : "condition"}${text ? `: ${text}` : ""}`;
};

const PROOFS: Record<string, string> = {
  [PROVED]: "seen in the data",
  sql: "from the SQL, not tried on the data",
  code: "from the dashboard's code",
};
const proofText = (proof: string): string => PROOFS[proof] ?? proof;
