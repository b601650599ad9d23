/** The layered layout of the focus view: which column a box is in, its order there, and its height. */

export interface Box {
  width: number;
  height: number;
}

/** A box, or the place where a long line passes a column (`of` is null then). */
export interface Item {
  of: number | null;
  layer: number;
  height: number;
  /** Its middle. */
  y: number;
  left: Item[];
  right: Item[];
}

/** Lines pass between boxes in lanes; beyond so many, they pass below the boxes instead. */
const LANES = 800;
const SWEEPS = 4;

/** Each node's column: as near to what it feeds as its own sources allow. */
export function layersOf(nodes: number[], edges: [number, number][]): Map<number, number> {
  const [before, after] = [new Map<number, number[]>(), new Map<number, number[]>()];
  for (const node of nodes) {
    before.set(node, []);
    after.set(node, []);
  }
  for (const [from, to] of edges) {
    before.get(to)!.push(from);
    after.get(from)!.push(to);
  }
  const layers = new Map<number, number>();
  const waits = new Map(nodes.map((node) => [node, before.get(node)!.length]));
  const queue = nodes.filter((node) => waits.get(node) === 0);
  for (const node of queue) {
    layers.set(node, Math.max(0, ...before.get(node)!.map((one) => layers.get(one)! + 1)));
    for (const next of after.get(node)!) {
      waits.set(next, waits.get(next)! - 1);
      if (waits.get(next) === 0) queue.push(next);
    }
  }
  // What is in a circle has no order of its own: it begins at the left.
  for (const node of nodes) if (!layers.has(node)) layers.set(node, 0);
  for (const node of queue.reverse()) {
    const next = after.get(node)!.map((one) => layers.get(one)!);
    if (next.length > 0) layers.set(node, Math.max(layers.get(node)!, Math.min(...next) - 1));
  }
  return layers;
}

/** The boxes in columns, with lanes for the lines that pass some; lanes are by edge, in the order of the edges. */
export function itemsOf(boxes: Map<number, Box>, edges: [number, number][], lane: number): [Item[][], Item[][]] {
  const layers = layersOf([...boxes.keys()], edges);
  const columns: Item[][] = Array.from({ length: Math.max(...layers.values(), 0) + 1 }, () => []);
  const add = (of: number | null, layer: number, height: number): Item => {
    const item = { of, layer, height, y: 0, left: [], right: [] };
    columns[layer].push(item);
    return item;
  };
  const items = new Map([...boxes].map(([node, { height }]) => [node, add(node, layers.get(node)!, height)]));
  // The lines of one table share their lanes, and part only where they end.
  const shared = new Map<string, Item>();
  const lanes = edges.map(([from, to]) => {
    const passed: Item[] = [];
    let last = items.get(from)!;
    for (let layer = last.layer + 1; layer < layers.get(to)!; layer++) {
      const key = `${from} ${layer}`;
      const known = shared.get(key);
      if (known === undefined && shared.size >= LANES) break;
      const item = known ?? add(null, layer, lane);
      if (known === undefined) join(last, item);
      shared.set(key, item);
      passed.push(item);
      last = item;
    }
    if (layers.get(from)! < layers.get(to)!) join(last, items.get(to)!);
    return passed;
  });
  return [columns, lanes];
}

function join(left: Item, right: Item): void {
  left.right.push(right);
  right.left.push(left);
}

/** Sort the columns for few crossings, then give each item the height of its neighbours, as far as there is room. */
export function arrange(columns: Item[][], gap: number): void {
  const place = new Map<Item, number>();
  const number = (column: Item[]) => column.forEach((item, at) => place.set(item, at / Math.max(1, column.length - 1)));
  const mean = (items: Item[], of: (item: Item) => number) => items.reduce((sum, item) => sum + of(item), 0) / items.length;
  columns.forEach(number);
  for (let sweep = 0; sweep < 2 * SWEEPS; sweep++) {
    const side = sweep % 2 === 0 ? "left" : "right";
    for (const column of side === "left" ? columns : columns.toReversed()) {
      const wish = new Map(
        column.map((item) => [item, item[side].length > 0 ? mean(item[side], (one) => place.get(one)!) : place.get(item)!]),
      );
      column.sort((a, b) => wish.get(a)! - wish.get(b)!);
      number(column);
    }
  }
  for (const column of columns) settle(column, column.map(() => 0), gap);
  for (let sweep = 0; sweep < 2 * SWEEPS; sweep++) {
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wishes = column.map((item) => {
        const beside = [...item.left, ...item.right];
        return beside.length > 0 ? mean(beside, (one) => one.y) : item.y;
      });
      settle(column, wishes, gap);
    }
  }
}

/** Lanes lie closer to each other than boxes. */
const between = (above: Item, below: Item, gap: number): number => (above.of === null || below.of === null ? gap / 3 : gap);

/** Give the items of a column the heights they wish for, or the nearest that keep their order and a gap. */
export function settle(column: Item[], wishes: number[], gap: number): void {
  // Items that touch form a block, which moves as one: its place is the mean of what its items wish for.
  const offsets: number[] = [];
  column.forEach((item, at) => {
    const last = column[at - 1];
    offsets.push(at === 0 ? 0 : offsets[at - 1] + (last.height + item.height) / 2 + between(last, item, gap));
  });
  const blocks: { wish: number; size: number }[] = [];
  column.forEach((_, at) => {
    let block = { wish: wishes[at] - offsets[at], size: 1 };
    while (blocks.length > 0 && blocks.at(-1)!.wish >= block.wish) {
      const { wish, size } = blocks.pop()!;
      block = { wish: (wish * size + block.wish * block.size) / (size + block.size), size: size + block.size };
    }
    blocks.push(block);
  });
  let at = 0;
  for (const { wish, size } of blocks) {
    for (let count = 0; count < size; count++, at++) column[at].y = wish + offsets[at];
  }
}
