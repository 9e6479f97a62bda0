// The chain rule, and the order in which it is played.

// All numbers of a graph for numbers of its leaves: values, partials, and what flows along each edge.
// This is sweep() of autograd: from the root back, each adds its gradient times its partials to its operands.
export function propagate(graph, compute, x) {
  const out = compute(x);
  const { nodes, root } = graph;
  const values = nodes.map((node) => out[node.value]);
  const gradients = new Array(nodes.length).fill(undefined);
  const flows = []; // in the order of the sweep
  const flowOf = new Map(); // by edge
  const isNeeded = needed(graph);
  gradients[root] = 1;
  for (let i = root; i >= 0; i--) {
    const node = nodes[i];
    for (let k = 0; isNeeded[i] && k < (node.partials ?? []).length; k++) {
      if (node.partials[k] === null) continue;
      const partial = out[node.partials[k]];
      const isTaken = node.op !== "where" || partial !== 0; // no gradient flows to the other branch
      const gradient = gradients[i];
      const part = isTaken && gradient !== undefined ? gradient * partial : undefined;
      const tail = node.inputs[k];
      if (part !== undefined) gradients[tail] = (gradients[tail] ?? -0) + part;
      const flow = { head: i, place: k, tail, partial, isTaken, part };
      flowOf.set(edgeOf(i, k), flow);
      flows.push(flow);
    }
  }
  const broken = graph.guards.find((guard) => HOLDS[guard.sign](...guard.numbers.map((k) => out[k])) !== guard.holds);
  return { values, gradients, flows, flowOf, out, broken };
}

// one number for the edge of an operand
export const edgeOf = (head, place) => head * 65536 + place;

const HOLDS = {
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, "==": (a, b) => a === b,
  "!=": (a, b) => a !== b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
};

// for each node whether the root was computed from it
export function needed({ nodes, root }) {
  const found = new Uint8Array(nodes.length);
  found[root] = 1;
  for (let i = root; i >= 0; i--) {
    if (found[i]) for (const x of nodes[i].inputs ?? []) if (typeof x === "number") found[x] = 1;
  }
  return found;
}

// The steps: the cards in the order of the computation, then the edges in the order of the sweep. The rank of a step says
// where it is among those of all nodes, whatever scopes are open.
export function stepsOf(graph) {
  const { nodes, shown, cards, root } = graph;
  const isNeeded = needed(graph);
  const last = new Map();
  const isPassed = new Set(); // cards that the sweep goes through
  shown.forEach((card, i) => {
    if (nodes[i].op === undefined) return;
    last.set(card, i);
    if (isNeeded[i]) isPassed.add(card);
  });
  const order = [...last].sort((a, b) => a[1] - b[1]).map(([card]) => card);
  const steps = [{ kind: "start", rank: [0] }];
  for (const card of order) steps.push({ kind: "forward", card, rank: [1, last.get(card)] });
  steps.push({ kind: "seed", card: shown[root], rank: [2] });
  for (const card of order.reverse().filter((one) => isPassed.has(one))) {
    const i = cards[card].node;
    if (i === null) steps.push({ kind: "box", card, rank: [3, -last.get(card), Infinity] });
    else nodes[i].partials.forEach((p, place) => p === null || steps.push({ kind: "backward", card, head: i, place, rank: [3, -i, place] }));
  }
  steps.push({ kind: "end", rank: [4] });
  return steps;
}

// the place of the same step among others, or of the nearest earlier one
export function placeOf({ rank }, steps) {
  const isLater = (other) => {
    const k = other.findIndex((x, j) => x !== rank[j]);
    return k >= 0 && other[k] > rank[k];
  };
  return steps.findLastIndex((step) => !isLater(step.rank));
}

// For each edge in the order of the sweep the step in which it is used.
export function timesOf(graph, steps, flows) {
  const times = new Map();
  steps.forEach((step, at) => {
    if (step.kind === "box") times.set(-1 - step.card, at);
    if (step.kind === "backward") times.set(edgeOf(step.head, step.place), at);
  });
  return flows.map(({ head, place }) => times.get(edgeOf(head, place)) ?? times.get(-1 - graph.shown[head]));
}

// The gradients that are known after a step: sums of what has flowed so far.
export function gradientsAt(step, seedAt, flows, times, graph) {
  const found = new Array(graph.nodes.length).fill(undefined);
  if (step >= seedAt) found[graph.root] = 1;
  flows.forEach(({ tail, part }, k) => {
    if (times[k] <= step && part !== undefined) found[tail] = (found[tail] ?? -0) + part;
  });
  return found;
}
