// The things of one scope in layers: each behind those that it is computed from, in an order with few edges that cross.

const SWEEPS = 8;
const FEW = 250; // vertices whose order is improved pair by pair
const MOST = 40_000; // vertices: with more of them, long edges go straight

// the layer of each thing: behind all that it is computed from; what is given stands before its first use
export function rank(things, links) {
  for (const thing of things) Object.assign(thing, { rank: 0, waits: 0, users: [], isFed: false });
  for (const { from, to } of links) {
    if (to && !from) to.isFed = true;
    if (!from || !to) continue;
    from.users.push(to);
    to.waits += 1;
  }
  const ready = things.filter((thing) => thing.waits === 0);
  const left = new Set(things);
  const byFirst = [...things].sort((a, b) => a.first - b.first);
  const hasOperands = new Set(things.filter((thing) => thing.waits > 0));
  let next = 0;
  while (left.size) {
    let thing = ready.pop();
    if (!thing) { // scopes that use each other: the first of them begins
      while (!left.has(byFirst[next])) next += 1;
      thing = byFirst[next];
    }
    if (!left.delete(thing)) continue;
    for (const user of thing.users) {
      if (!left.has(user)) continue;
      user.rank = Math.max(user.rank, thing.rank + 1);
      if (--user.waits === 0) ready.push(user);
    }
  }
  for (const thing of things) {
    if (hasOperands.has(thing) || thing.isFed || !thing.users.length) continue;
    thing.rank = Math.max(0, thing.users.reduce((least, user) => Math.min(least, user.rank), Infinity) - 1);
  }
}

// Vertices: the things, and where an edge passes a layer. Layers with even numbers have things, the others have labels.
export function verticesOf(things, links, laid, isAcross) {
  const deepest = things.reduce((most, thing) => Math.max(most, thing.rank), 0);
  const layers = Array.from({ length: 2 * deepest + 5 }, () => []);
  const vertices = [];
  const vertex = (layer, first, across, more) => {
    const made = { layer, first, across, above: [], below: [], at: 0, ...more };
    layers[layer].push(made);
    vertices.push(made);
    return made;
  };
  for (const thing of things) thing.vertex = vertex(2 * thing.rank + 2, thing.first, thing.across, { thing, weight: 1 });
  const trunks = new Map(); // edges from one card share their way until they part
  const passing = (tail, layer, first) => {
    const key = tail * layers.length + layer;
    if (!trunks.has(key)) trunks.set(key, vertex(layer, first, 4, { weight: 4 }));
    return trunks.get(key);
  };
  const join = (a, b, outOf = a.line ?? 0, into = b.line ?? 0) => {
    if (a.below.some((one) => one.to === b && one.into === into)) return;
    a.below.push({ to: b, outOf, into });
    b.above.push({ to: a, outOf: into, into: outOf });
  };
  const portOf = (thing, side, card) => (thing.frame === undefined ? 0 : (laid.get(thing.frame)[side].get(card) ?? 0));
  const length = ({ from, to }) => (to ? 2 * to.rank + 2 : layers.length - 1) - (from ? 2 * from.rank + 2 : 0);
  const isDense = links.reduce((sum, link) => sum + Math.max(0, length(link)), 0) > MOST;
  const routes = links.map((link) => {
    const { from, to, tail, label } = link;
    const start = from ? from.vertex : passing(tail, 0, to.first);
    const outOf = from ? portOf(from, "out", tail) : 0;
    const end = to ? to.vertex : passing(tail, layers.length - 1, from.first);
    const into = to ? portOf(to, "in", tail) : 0;
    if (end.layer <= start.layer) return { ways: [], outOf, into };
    const ways = [];
    let before = start;
    for (let layer = start.layer + 1; layer < end.layer; layer++) {
      const isLabel = label && layer === end.layer - 1;
      if (isDense && !isLabel && end.layer - start.layer > 6) continue;
      const first = to ? to.first : from.first;
      const next = isLabel ? vertex(layer, first, label.across, { label, line: isAcross ? label.across / 2 - 2 : -label.across / 2, weight: 1 }) : passing(tail, layer, first);
      join(before, next, before === start ? outOf : undefined);
      ways.push(next);
      before = next;
    }
    join(before, end, before === start ? outOf : undefined, into);
    if (!from) ways.unshift(start);
    if (!to) ways.push(end);
    return { ways, outOf, into };
  });
  return { layers, vertices, routes };
}

// --------------------------------------------------------------------------- the order in each layer

export function order(layers, count) {
  for (const layer of layers) {
    layer.sort((a, b) => a.first - b.first);
    number(layer);
  }
  let best = crossings(layers);
  let kept = layers.map((layer) => [...layer]);
  for (let sweep = 0; sweep < SWEEPS && best > 0; sweep++) {
    const side = sweep % 2 ? "below" : "above";
    for (const layer of sweep % 2 ? [...layers].reverse() : layers) sortBy(layer, side);
    if (count <= FEW) for (const layer of layers) exchange(layer);
    const now = crossings(layers);
    if (now >= best) continue;
    best = now;
    kept = layers.map((layer) => [...layer]);
  }
  layers.forEach((layer, k) => {
    layer.splice(0, layer.length, ...kept[k]);
    number(layer);
  });
}

function number(layer) {
  layer.forEach((vertex, i) => {
    vertex.order = i;
    vertex.at = (i + 0.5) / layer.length;
  });
}

function sortBy(layer, side) {
  const wanted = new Map(
    layer.map((vertex) => {
      const near = vertex[side];
      const mean = near.reduce((sum, { to, into }) => sum + to.at + into * 1e-5, 0) / near.length;
      return [vertex, near.length ? mean : vertex.at];
    }),
  );
  layer.sort((a, b) => wanted.get(a) - wanted.get(b) || a.order - b.order);
  number(layer);
}

const where = ({ to, into }) => to.order + into * 1e-6;

// how many edges cross if a stands before b
function crossingsOf(a, b, side) {
  let found = 0;
  for (const p of a[side]) for (const q of b[side]) if (where(p) > where(q)) found += 1;
  return found;
}

// neighbours change places where that makes fewer crossings
function exchange(layer) {
  for (let isBetter = true, turns = 0; isBetter && turns < 10; turns++) {
    isBetter = false;
    for (let i = 0; i + 1 < layer.length; i++) {
      const [a, b] = [layer[i], layer[i + 1]];
      const now = crossingsOf(a, b, "above") + crossingsOf(a, b, "below");
      if (now === 0 || now <= crossingsOf(b, a, "above") + crossingsOf(b, a, "below")) continue;
      [layer[i], layer[i + 1]] = [b, a];
      isBetter = true;
      number(layer);
    }
  }
}

// the edges that cross between layers, counted in a tree of sums
function crossings(layers) {
  let found = 0;
  for (const layer of layers) {
    const ends = layer.flatMap((vertex) => vertex.below.map(({ to }) => to.order).sort((a, b) => a - b));
    const size = 1 + ends.reduce((most, end) => Math.max(most, end), 0);
    const sums = new Int32Array(size + 1);
    ends.forEach((end, k) => {
      found += k;
      for (let i = end + 1; i > 0; i -= i & -i) found -= sums[i];
      for (let i = end + 1; i <= size; i += i & -i) sums[i] += 1;
    });
  }
  return found;
}
