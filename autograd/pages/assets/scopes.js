// What is shown while some scopes are open: cards, the edges between them, and the frames of open scopes.

// The outermost closed scope of each scope, which hides it; -1 if it is shown.
function hidingOf(scopes, isOpen) {
  const found = [];
  scopes.forEach(({ parent }, s) => {
    const above = parent === null ? -1 : found[parent];
    found.push(above >= 0 ? above : isOpen[s] ? -1 : s);
  });
  return found;
}

// isOpen tells it for each scope, and behind them for each group of nodes that are alike.
// Gives the cards, for each node the card that shows it, the arrows, and the open scopes that have something in them.
export function visible(graph, isOpen) {
  const { nodes, scopes, groups, roots } = graph;
  const hiding = hidingOf(scopes, isOpen);
  const groupOf = new Map();
  groups.forEach(({ members }, g) => isOpen[scopes.length + g] || members.forEach((i) => groupOf.set(i, g)));
  const isRoot = new Set(roots);
  const cards = [];
  const known = new Map();
  const shown = [];
  const within = []; // for each node the card that its operands lead to: a result stands beside the box that computes it
  const card = (key, make) => {
    if (!known.has(key)) {
      known.set(key, cards.length);
      cards.push({ key, members: [], ...make() });
    }
    return known.get(key);
  };
  nodes.forEach((node, i) => {
    const box = node.scope === undefined ? -1 : hiding[node.scope];
    const scope = box >= 0 ? scopes[box].parent : (node.scope ?? null);
    const group = groupOf.get(i);
    const own = () => ({ kind: node.kind, name: node.name, node: i, scope });
    let place;
    if (box >= 0) place = card(`box${box}`, () => ({ kind: "box", name: scopes[box].name, node: null, scope, opens: box }));
    else if (group === undefined) place = card(`value${i}`, own);
    else {
      const { title, kind, shows } = groups[group];
      const opens = scopes.length + group;
      place = card(`group${group}`, () => ({ kind, name: title, node: null, scope, opens, shows }));
    }
    cards[place].members.push(i);
    within.push(place);
    shown.push((box >= 0 || group !== undefined) && isRoot.has(i) && node.op !== undefined ? card(`value${i}`, () => ({ ...own(), from: place })) : place);
  });
  cards.forEach((one) => (one.node ??= null));
  return { cards, shown, arrows: arrowsOf(graph, cards, shown, within), frames: framesOf(scopes, cards) };
}

// An arrow into a node is one edge; one into what is drawn as one has all edges from the same card.
function arrowsOf({ nodes }, cards, shown, within) {
  const arrows = [];
  const merged = new Map();
  const together = (tail, head, edge) => {
    const key = tail * cards.length + head;
    if (!merged.has(key)) {
      merged.set(key, { tail, head, edges: [] });
      arrows.push(merged.get(key));
    }
    if (edge) merged.get(key).edges.push(edge);
  };
  nodes.forEach((node, i) => {
    const head = within[i];
    if (shown[i] !== head) together(head, shown[i]);
    (node.inputs ?? []).forEach((x, place) => {
      if (typeof x !== "number" || shown[x] === head) return;
      if (cards[head].node === i) arrows.push({ tail: shown[x], head, node: i, place, edges: [[i, place]] });
      else together(shown[x], head, [i, place]);
    });
  });
  return arrows;
}

// for each addition of a long sum that is drawn as one the last one
export function endsOf({ nodes }, { shows, members }) {
  const ends = new Map();
  const inside = new Set(shows ? members : []);
  for (const i of shows ?? []) inside.delete(i);
  for (const i of inside.size ? [...members].reverse() : []) {
    for (const x of nodes[i].inputs ?? []) if (inside.has(x)) ends.set(x, ends.get(i) ?? i);
  }
  return ends;
}

function framesOf(scopes, cards) {
  const used = new Set();
  for (const { scope } of cards) for (let s = scope; s !== null && !used.has(s); s = scopes[s].parent) used.add(s);
  return [...used].sort((a, b) => a - b);
}

// What a box tells of its nodes: how many, how many numbers go in and come out, and how many parameters it has. If each of
// them is used as often, as for each sample, times is how often.
export function contentsOf(graph, members) {
  const { nodes } = graph;
  const inside = new Set(members);
  const entering = new Set();
  const uses = new Map();
  for (const i of members) {
    if (nodes[i].kind === "parameter") uses.set(i, 0);
    else if (nodes[i].op === undefined) entering.add(i);
  }
  for (const i of members) {
    for (const x of nodes[i].inputs ?? []) {
      if (uses.has(x)) uses.set(x, uses.get(x) + 1);
      else if (typeof x === "number" && !inside.has(x)) entering.add(x);
    }
  }
  const leaving = leavingOf(graph, inside);
  const counts = new Set(uses.values());
  const [all] = counts;
  const isRepeated = counts.size === 1 && all > 1 && entering.size % all === 0 && leaving.length % all === 0;
  return { count: members.length, entering: entering.size, leaving, parameters: uses.size, times: isRepeated ? all : 1 };
}

// the nodes of a box that are used outside, and those that are results
function leavingOf({ nodes, roots }, inside) {
  const found = new Set(roots.filter((i) => inside.has(i)));
  nodes.forEach((node, i) => {
    if (!inside.has(i)) for (const x of node.inputs ?? []) if (inside.has(x)) found.add(x);
  });
  return [...found].sort((a, b) => a - b);
}
