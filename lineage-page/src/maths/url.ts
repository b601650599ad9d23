import type { Depth, Direction } from "./tables";

export const TABS = ["graph", "health", "receipts", "dead-letters", "events", "what-if"] as const;
export type Tab = (typeof TABS)[number];

/** All that a link to a view holds. */
export interface View {
  tab: Tab;
  projects: string[];
  /** Id of the table in focus; null for all tables. */
  node: string | null;
  column: string | null;
  /** Id of the table that the column is of, where it is not the one in focus. */
  of: string | null;
  direction: Direction;
  depth: Depth;
  /** Of all tables, those alone that share something, such as `tag:daily`. */
  within: string | null;
  /** Draw a column's path alone. */
  only: boolean;
  /** Follow filters, joins and the like too. */
  conditions: boolean;
  as: "graph" | "table";
  dag: string | null;
  run: string | null;
  model: string | null;
}

export const START: View = {
  tab: "graph",
  projects: [],
  node: null,
  column: null,
  of: null,
  direction: "both",
  depth: 1,
  within: null,
  only: false,
  conditions: true,
  as: "graph",
  dag: null,
  run: null,
  model: null,
};

/** Read a view from the address; what is missing or wrong is as at the start. */
export function viewOf(query: string): View {
  const params = new URLSearchParams(query);
  const depth = params.get("depth");
  const steps = Number(depth);
  return {
    tab: oneOf(TABS, params.get("tab"), START.tab),
    projects: params.getAll("project"),
    node: params.get("node"),
    column: params.has("node") || params.has("of") ? params.get("column") : null,
    of: params.get("of"),
    direction: oneOf(["both", "up", "down"], params.get("dir"), START.direction),
    depth: depth === "all" ? "all" : Number.isInteger(steps) && steps > 0 ? steps : START.depth,
    within: params.get("within"),
    only: params.get("only") === "1",
    conditions: params.get("conditions") !== "0",
    as: oneOf(["graph", "table"], params.get("as"), START.as),
    dag: params.get("dag"),
    run: params.get("run"),
    model: params.get("model"),
  };
}

/** Write a view into an address; what is as at the start is left out. */
export function queryOf(view: View): string {
  const params = new URLSearchParams();
  const put = (name: string, value: string | null, start: string | null) => {
    if (value !== null && value !== start) params.set(name, value);
  };
  put("tab", view.tab, START.tab);
  for (const project of view.projects) params.append("project", project);
  put("node", view.node, null);
  put("column", view.column, null);
  put("of", view.column === null ? null : view.of, view.node);
  put("dir", view.direction, START.direction);
  put("depth", String(view.depth), String(START.depth));
  put("within", view.within, null);
  put("only", view.only ? "1" : "0", "0");
  put("conditions", view.conditions ? "1" : "0", "1");
  put("as", view.as, START.as);
  put("dag", view.dag, null);
  put("run", view.run, null);
  put("model", view.model, null);
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

function oneOf<T extends string>(allowed: readonly T[], value: string | null, otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}
