/** Paths and strongly connected components of small directed graphs whose nodes are numbers. */

type Edges = (from: number) => readonly number[];

/** The strongly connected components that can be reached from `starts` (default: all of `0` to `size - 1`), sinks first (Tarjan, without recursion). */
export function components(size: number, edges: Edges, starts?: readonly number[]): readonly (readonly number[])[] {
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();
  const found: number[][] = [];
  const visit = (root: number) => {
    const work = [{ node: root, next: edges(root), at: 0 }];
    enter(root);
    for (let frame = work.at(-1); frame; frame = work.at(-1)) {
      const to = frame.next[frame.at++];
      if (to === undefined) {
        work.pop();
        leave(frame.node, work.at(-1)?.node);
      } else if (!order.has(to)) {
        enter(to);
        work.push({ node: to, next: edges(to), at: 0 });
      } else if (onStack.has(to)) lower(frame.node, order.get(to) ?? 0);
    }
  };
  const enter = (node: number) => {
    order.set(node, order.size);
    low.set(node, order.get(node) ?? 0);
    stack.push(node);
    onStack.add(node);
  };
  const lower = (node: number, to: number) => low.set(node, Math.min(low.get(node) ?? to, to));
  const leave = (node: number, parent: number | undefined) => {
    if (low.get(node) === order.get(node)) {
      const component = stack.splice(stack.lastIndexOf(node));
      for (const member of component) onStack.delete(member);
      found.push(component);
    }
    if (parent !== undefined) lower(parent, low.get(node) ?? 0);
  };
  for (const start of starts ?? Array.from({ length: size }, (_, node) => node)) if (!order.has(start)) visit(start);
  return found;
}

/** The nodes on a shortest way, without the first; of at least one step, also from a node to itself. undefined: there is none. */
export function shortestPath(from: number, to: number, edges: Edges): readonly number[] | undefined {
  const before = new Map<number, number>();
  let front = [from];
  while (front.length > 0) {
    const reached: number[] = [];
    for (const node of front) {
      for (const next of edges(node)) {
        if (before.has(next)) continue;
        before.set(next, node);
        if (next === to) return trace(before, from, to);
        reached.push(next);
      }
    }
    front = reached;
  }
  return undefined;
}

function trace(before: ReadonlyMap<number, number>, from: number, to: number): readonly number[] {
  const path = [to];
  for (let node = before.get(to); node !== undefined && node !== from; node = before.get(node)) path.unshift(node);
  return path;
}
