import type { Columns } from "./columns";
import type { Direction, Depth, Tables } from "./tables";

export interface Hit {
  node: number;
  /** Index of the column; null for a table. */
  column: number | null;
  score: number;
}

/** What is searched in, in lower case, made once for each version of the graph. */
export interface SearchIndex {
  tables: string[];
  columns: string[];
  nodeOf: Uint32Array | null;
}

export function searchIndex(tables: Tables, columns: Columns | null): SearchIndex {
  return {
    tables: tables.nodes.map((node) => node.name.toLowerCase()),
    columns: columns ? columns.names.map((name) => name.toLowerCase()) : [],
    nodeOf: columns?.nodeOf ?? null,
  };
}

/** How well a name answers: the whole name, its beginning, the beginning of a word, or anywhere; 0 where it does not. */
export function score(name: string, wanted: string): number {
  const at = name.indexOf(wanted);
  if (at < 0) return 0;
  const shortness = 1 / (1 + name.length);
  if (at === 0) return (name.length === wanted.length ? 4 : 3) + shortness;
  return (name[at - 1] === "_" || name.includes(`_${wanted}`) ? 2 : 1) + shortness;
}

/**
 * Find tables and columns in one list, the best first. `table.column` narrows to the columns of a table.
 *
 * @param text what was typed; blanks around it and case do not matter
 * @param columnsOnly find no tables
 */
export function search(index: SearchIndex, text: string, columnsOnly = false, limit = 40): Hit[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const hits: Hit[] = [];
  const dot = wanted.lastIndexOf(".");
  const [table, column] = dot < 0 ? [wanted, wanted] : [wanted.slice(0, dot), wanted.slice(dot + 1)];
  const ofTable = index.tables.map((name) => score(name, table));
  if (!columnsOnly && (dot < 0 || column === "")) {
    ofTable.forEach((points, node) => points > 0 && hits.push({ node, column: null, score: points + 0.5 }));
  }
  index.columns.forEach((name, at) => {
    const node = index.nodeOf![at];
    if (dot >= 0 && ofTable[node] === 0) return;
    const points = column === "" ? 0.1 : score(name, column);
    if (points > 0) hits.push({ node, column: at, score: points + (dot < 0 ? 0 : ofTable[node]) });
  });
  return hits.sort((a, b) => b.score - a.score || a.node - b.node || (a.column ?? -1) - (b.column ?? -1)).slice(0, limit);
}

export interface Selector {
  name: string;
  direction: Direction | null;
  depth: Depth;
}

/** Read dbt's graph selectors: `+orders` all upstream, `orders+2` two steps down, `+orders+` both. */
export function selector(text: string): Selector {
  const found = /^(?:(\d*)(\+))?(.*?)(?:(\+)(\d*))?$/.exec(text.trim())!;
  const [up, down] = [found[2] !== undefined, found[4] !== undefined];
  const steps = [up ? found[1] : null, down ? found[5] : null].filter((one) => one !== null);
  const depth = steps.length === 0 || steps.includes("") ? "all" : Math.max(...steps.map(Number));
  return { name: found[3], direction: up && down ? "both" : up ? "up" : down ? "down" : null, depth };
}
