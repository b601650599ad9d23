import { useMemo } from "react";
import type { Path } from "../maths/columns";
import { groupsOf } from "../maths/groups";
import type { Neighbourhood, Tables } from "../maths/tables";
import type { View } from "../maths/url";
import { useView } from "../ui/address";

interface Props {
  tables: Tables;
  near: Neighbourhood | null;
  path: Path | null;
  cards: boolean;
}

/** How far the graph reaches around the focus, and how it is shown. */
export function Toolbar({ tables, near, path, cards }: Props) {
  const { view, show } = useView();
  const whole = near && near.up.drawn === near.up.all && near.down.drawn === near.down.all;
  return (
    <div className="dbtl-row">
      {view.node === null && <GroupChoice tables={tables} />}
      {near && (
        <>
          <div className="dbtl-group" role="group" aria-label="Reach">
            <Choice on={false} to={{ depth: Math.max(1, (view.depth === "all" ? 2 : view.depth) - 1) }}>
              −1 hop
            </Choice>
            <button type="button" className="dbtl-button" disabled={Boolean(whole) || view.depth === "all"}
              onClick={() => show({ depth: view.depth === "all" ? "all" : view.depth + 1 })}>
              +1 hop
            </button>
            <Choice on={view.direction === "up" && view.depth === "all"} to={{ direction: "up", depth: "all" }}>
              All up
            </Choice>
            <Choice on={view.direction === "down" && view.depth === "all"} to={{ direction: "down", depth: "all" }}>
              All down
            </Choice>
            <Choice on={view.direction === "both" && view.depth === "all"} to={{ direction: "both", depth: "all" }}>
              All
            </Choice>
            <Choice on={view.direction === "both" && view.depth === 1} to={{ direction: "both", depth: 1 }}>
              Near
            </Choice>
          </div>
          <span className="dbtl-quiet counts">
            {near.up.drawn} of {near.up.all} upstream, {near.down.drawn} of {near.down.all} downstream
          </span>
        </>
      )}
      {view.column !== null && path && (
        <div className="dbtl-group" role="group" aria-label="Path">
          <Choice on={view.conditions} to={{ conditions: !view.conditions }}>
            Conditions
          </Choice>
          <Choice on={view.only} to={{ only: !view.only }}>
            Only the path
          </Choice>
        </div>
      )}
      <div className="dbtl-group" role="group" aria-label="Show as">
        <Choice on={view.as === "graph"} to={{ as: "graph" }}>
          {cards ? "Graph" : "Overview"}
        </Choice>
        <Choice on={view.as === "table"} to={{ as: "table" }}>
          Table
        </Choice>
      </div>
    </div>
  );
}

/** All tables, or those of one schema, folder, tag … */
function GroupChoice({ tables }: { tables: Tables }) {
  const { view, show } = useView();
  const groups = useMemo(() => groupsOf(tables.nodes), [tables]);
  return (
    <select
      aria-label="Show tables of"
      value={view.within ?? ""}
      onChange={({ target }) => show({ within: target.value === "" ? null : target.value })}
    >
      <option value="">All {tables.nodes.length.toLocaleString()} tables</option>
      {groups.map(([word, names]) => (
        <optgroup key={word} label={`By ${word}`}>
          {names.map(([name, size]) => (
            <option key={name} value={`${word}:${name}`}>
              {name} ({size.toLocaleString()})
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

/** A button that is one of several ways to see the graph. */
function Choice({ on, to, children }: { on: boolean; to: Partial<View>; children: string }) {
  const { show } = useView();
  return (
    <button type="button" className="dbtl-button" aria-pressed={on} onClick={() => show(to)}>
      {children}
    </button>
  );
}
