/** Adjacency in three flat arrays: what leaves vertex v is at `start[v]` to `start[v + 1]`. */
export interface Csr {
  start: Uint32Array;
  to: Uint32Array;
  edge: Uint32Array;
}

/**
 * Sort edges by the vertex they leave.
 *
 * @param count how many vertices there are
 * @param from the vertex that each edge leaves
 * @param to the vertex that each edge reaches
 */
export function adjacency(count: number, from: Uint32Array, to: Uint32Array): Csr {
  const start = new Uint32Array(count + 1);
  for (const vertex of from) start[vertex + 1]++;
  for (let vertex = 0; vertex < count; vertex++) start[vertex + 1] += start[vertex];
  const next = start.slice();
  const targets = new Uint32Array(from.length);
  const edge = new Uint32Array(from.length);
  for (let index = 0; index < from.length; index++) {
    const place = next[from[index]]++;
    targets[place] = to[index];
    edge[place] = index;
  }
  return { start, to: targets, edge };
}

/**
 * The distance of each vertex from the start, breadth first; -1 where there is no way.
 *
 * @param depth stop after so many steps
 */
export function distances(graph: Csr, from: number, depth = Infinity): Int32Array {
  const found = new Int32Array(graph.start.length - 1).fill(-1);
  found[from] = 0;
  const queue = [from];
  for (let head = 0; head < queue.length; head++) {
    const vertex = queue[head];
    if (found[vertex] >= depth) break;
    for (let at = graph.start[vertex]; at < graph.start[vertex + 1]; at++) {
      const next = graph.to[at];
      if (found[next] < 0) {
        found[next] = found[vertex] + 1;
        queue.push(next);
      }
    }
  }
  return found;
}
