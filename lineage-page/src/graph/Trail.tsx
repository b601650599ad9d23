import { useState } from "react";
import { WHOLE } from "../maths/columns";
import type { Tables } from "../maths/tables";
import { useView } from "../ui/address";
import { Go } from "../ui/Go";

const LONG = 4;

/** The tables seen so far, after one more: going back to one forgets those after it. */
function after(seen: string[], node: string | null): string[] {
  if (node === null) return [];
  const at = seen.indexOf(node);
  return at >= 0 ? seen.slice(0, at + 1) : [...seen, node].slice(-LONG);
}

/** The way here: all tables, the tables that were in focus before, the table and the column of now. */
export function Trail({ tables }: { tables: Tables }) {
  const { view } = useView();
  const [seen, setSeen] = useState<string[]>([]);
  if ((seen.at(-1) ?? null) !== view.node) setSeen(after(seen, view.node));
  const name = (id: string) => tables.nodes[tables.index.get(id) ?? -1]?.name ?? id;
  const before = seen.filter((id) => id !== view.node);
  const owner = view.of !== null && view.of !== view.node ? `${name(view.of)}.` : "";
  return (
    <nav className="dbtl-trail" aria-label="Way here">
      <ol>
        <li>
          <Go to={{ node: null, column: null, of: null, direction: "both", depth: 1, within: null }} current={view.node === null}>
            All tables
          </Go>
        </li>
        {before.map((id) => (
          <li key={id}>
            <Go to={{ node: id, column: null, of: null }}>{name(id)}</Go>
          </li>
        ))}
        {view.node !== null && (
          <li>
            <Go to={{ column: null, of: null }} current={view.column === null}>
              {name(view.node)}
            </Go>
          </li>
        )}
        {view.column !== null && (
          <li>
            <strong>{view.column === WHOLE ? `all that ${owner}shows` : owner + view.column}</strong>{" "}
            <Go to={{ column: null, of: null }} className="dbtl-clear" title="Put the path out">
              clear
            </Go>
          </li>
        )}
      </ol>
    </nav>
  );
}
