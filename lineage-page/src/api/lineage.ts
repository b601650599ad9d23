import { useMemo } from "react";
import { columnsOf, type Columns } from "../maths/columns";
import { tablesOf, type Tables } from "../maths/tables";
import { useResource, type Refused } from "./client";
import type { ColumnsAnswer, GraphAnswer } from "./types";

export interface Lineage {
  graph: GraphAnswer;
  tables: Tables;
  /** Null until they are loaded: they come after the first view. */
  columns: Columns | null;
  columnsError: Refused | null;
  problem: string | null;
}

export interface LineageResource {
  lineage: Lineage | null;
  error: Refused | null;
  reload: () => void;
}

export const queryOfProjects = (projects: string[]): string =>
  projects.length === 0 ? "" : `?${projects.map((name) => `project=${encodeURIComponent(name)}`).join("&")}`;

/** Columns are read anew when the graph has a new version. */
const withVersion = (where: string, version: string): string =>
  `${where}${where.includes("?") ? "&" : "?"}version=${encodeURIComponent(version)}`;

/** Read the graph of some projects, of all without a name; then its columns. A new version is read each minute. */
export function useLineage(projects: string[] | null): LineageResource {
  const query = projects === null ? null : queryOfProjects(projects);
  const graph = useResource<GraphAnswer>(query === null ? null : `graph${query}`, () => 60_000);
  const version = graph.data?.version;
  const wanted = query === null || version === undefined ? null : withVersion(`columns${query}`, version);
  const columns = useResource<ColumnsAnswer>(wanted);
  const tables = useMemo(() => graph.data && tablesOf(graph.data), [graph.data]);
  const ready = useMemo(
    () => (columns.data && columns.data.version === version && tables ? columnsOf(columns.data, tables.nodes.length) : null),
    [columns.data, version, tables],
  );
  const lineage = useMemo(
    () =>
      graph.data && tables
        ? {
            ...{ graph: graph.data, tables, columns: ready, columnsError: columns.error },
            problem: graph.data.problem ?? columns.data?.problem ?? columns.error?.message ?? null,
          }
        : null,
    [graph.data, tables, ready, columns.error, columns.data],
  );
  return { lineage, error: graph.error, reload: graph.reload };
}
