import { createContext, useContext } from "react";
import type { NodeState } from "../api/types";
import type { Columns, Path } from "../maths/columns";
import type { Tables } from "../maths/tables";

/** What every part of the graph shares. */
export interface Shared {
  tables: Tables;
  columns: Columns | null;
  path: Path | null;
  states: Record<string, NodeState>;
  focus: number | null;
  cursor: number | null;
  /** Bring a table into focus. */
  choose: (node: number) => void;
  /** Light up a column's path; the same column again puts it out. */
  trace: (node: number, column: string) => void;
  toggle: (node: number) => void;
}

const Context = createContext<Shared | null>(null);
export const SharedProvider = Context.Provider;

export function useShared(): Shared {
  const shared = useContext(Context);
  if (shared === null) throw new Error("useShared is called outside of the graph");
  return shared;
}
