import type { GraphNode } from "../api/types";

/** What tables can have in common, and the word for it in a link. */
const SHARED: [word: string, of: (node: GraphNode) => (string | null)[]][] = [
  ["kind", (node) => [node.kind]],
  ["schema", (node) => [node.schema]],
  ["folder", (node) => [node.folder]],
  ["tag", (node) => node.tags],
  ["package", (node) => [node.package]],
  ["owner", (node) => [node.owner]],
];

/** Groups of tables by what they share, each with its size; a word by which all are alike is left out. */
export function groupsOf(nodes: GraphNode[]): [word: string, groups: [name: string, size: number][]][] {
  return SHARED.flatMap(([word, of]): [string, [string, number][]][] => {
    const sizes = new Map<string, number>();
    for (const node of nodes) for (const name of of(node)) if (name) sizes.set(name, (sizes.get(name) ?? 0) + 1);
    const telling = sizes.size > 1 || [...sizes.values()].some((size) => size < nodes.length);
    const byName = [...sizes].sort(([a], [b]) => a.localeCompare(b));
    return telling && sizes.size > 0 ? [[word, byName]] : [];
  });
}

/** The tables of a group such as `tag:daily`; none where the word is unknown. */
export function nodesWithin(nodes: GraphNode[], within: string): number[] {
  const at = within.indexOf(":");
  const [word, name] = [within.slice(0, at), within.slice(at + 1)];
  const of = SHARED.find(([one]) => one === word)?.[1];
  return of ? [...nodes.keys()].filter((node) => of(nodes[node]).includes(name)) : [];
}
