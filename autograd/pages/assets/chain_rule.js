// The chain rule, and the order in which it is played.

// All numbers of a graph for numbers of its leaves: values, partials, and what flows along each edge.
// This is sweep() of autograd: from the last node back, each adds its gradient times its partials to its operands.
export function propagate(graph, compute, x) {
  const out = compute(x);
  const { nodes } = graph;
  const values = nodes.map((node) => out[node.value]);
  const gradients = new Array(nodes.length).fill(undefined);
  const flows = []; // in the order of the sweep
  gradients[nodes.length - 1] = 1;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    for (let k = 0; k < (node.partials ?? []).length; k++) {
      if (node.partials[k] === null) continue;
      const partial = out[node.partials[k]];
      const isTaken = node.op !== "where" || partial !== 0; // no gradient flows to the other branch
      const gradient = gradients[i];
      const part = isTaken && gradient !== undefined ? gradient * partial : undefined;
      const tail = node.inputs[k];
      if (part !== undefined) gradients[tail] = (gradients[tail] ?? -0) + part;
      flows.push({ head: i, place: k, tail, partial, isTaken, part });
    }
  }
  const broken = graph.guards.find((guard) => HOLDS[guard.sign](...guard.numbers.map((k) => out[k])) !== guard.holds);
  return { values, gradients, flows, out, broken };
}

const HOLDS = {
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, "==": (a, b) => a === b,
  "!=": (a, b) => a !== b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
};

// The steps: the cards in the order of the computation, then the edges in the order of the sweep.
export function stepsOf(graph) {
  const { nodes, shown, cards } = graph;
  const last = new Map();
  shown.forEach((card, i) => {
    if (nodes[i].op !== undefined) last.set(card, i);
  });
  const order = [...last].sort((a, b) => a[1] - b[1]).map(([card]) => card);
  const steps = [{ kind: "start" }];
  for (const card of order) steps.push({ kind: "forward", card });
  steps.push({ kind: "seed", card: shown[nodes.length - 1] });
  for (const card of order.reverse()) {
    const i = cards[card].node;
    if (i === null) steps.push({ kind: "box", card });
    else nodes[i].partials.forEach((p, place) => p === null || steps.push({ kind: "backward", card, head: i, place }));
  }
  steps.push({ kind: "end" });
  return steps;
}

// For each edge in the order of the sweep the step in which it is used.
export function timesOf(graph, steps, flows) {
  const times = new Map();
  steps.forEach((step, at) => {
    if (step.kind === "box") times.set(`card${step.card}`, at);
    if (step.kind === "backward") times.set(`${step.head},${step.place}`, at);
  });
  return flows.map(({ head, place }) => times.get(`${head},${place}`) ?? times.get(`card${graph.shown[head]}`));
}

// The gradients that are known after a step: sums of what has flowed so far.
export function gradientsAt(step, seedAt, flows, times, count) {
  const found = new Array(count).fill(undefined);
  if (step >= seedAt) found[count - 1] = 1;
  flows.forEach(({ tail, part }, k) => {
    if (times[k] <= step && part !== undefined) found[tail] = (found[tail] ?? -0) + part;
  });
  return found;
}
