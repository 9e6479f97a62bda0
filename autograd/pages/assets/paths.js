// The whole paths by which a gradient came: the partial derivatives along each multiply, and the products add up.

// A path from the root down to a node, as a list that grows at its end: { node, partial, before, size }.
// Its size orders paths by the magnitude of their products, which themselves could overflow or underflow.
const longer = (path, tail, partial) => ({
  node: tail,
  partial,
  before: path,
  size: [
    path.size[0] + (Number.isFinite(partial) ? 0 : 1),
    path.size[1] - (partial === 0 ? 1 : 0),
    path.size[2] + (Number.isFinite(partial) && partial !== 0 ? Math.log2(Math.abs(partial)) : 0),
  ],
});

const larger = (a, b) => b.size[0] - a.size[0] || b.size[1] - a.size[1] || b.size[2] - a.size[2];

// How many paths lead from a node to the root, and the k with the largest products:
// each has its nodes from the root back to the node, their partials, and the product.
export function pathsOf(graph, state, i, k = 5) {
  const paths = new Map([[graph.root, [{ node: graph.root, size: [0, 0, 0] }]]]);
  const counts = new Map([[graph.root, 1]]);
  const ways = leadingTo(graph, i);
  for (const { head, tail, partial, isTaken } of state.flows) {
    if (!isTaken || !ways.has(tail) || !paths.has(head)) continue;
    if (!paths.has(tail)) paths.set(tail, []);
    const before = paths.get(head);
    if (before.length > k) paths.set(head, before.sort(larger).slice(0, k));
    paths.get(tail).push(...paths.get(head).map((path) => longer(path, tail, partial)));
    counts.set(tail, (counts.get(tail) ?? 0) + counts.get(head));
  }
  const best = (paths.get(i) ?? []).sort(larger).slice(0, k);
  return { count: counts.get(i) ?? 0, paths: best.map(unrolled) };
}

// the nodes that were computed from a node, and itself
export function leadingTo({ nodes }, i) {
  const found = new Set([i]);
  for (let j = i + 1; j < nodes.length; j++) if ((nodes[j].inputs ?? []).some((x) => found.has(x))) found.add(j);
  return found;
}

function unrolled(path) {
  const found = { nodes: [], partials: [], product: 1 };
  for (let one = path; one; one = one.before) {
    found.nodes.unshift(one.node);
    if (one.before) found.partials.unshift(one.partial);
  }
  for (const partial of found.partials) found.product *= partial;
  return found;
}
