// The places of vertices in their layers, and the lengths of the layers.

const GAP = 16; // between things side by side
const BETWEEN = 24; // between layers
const MANY = 3000; // vertices, which come near to their places more quickly

// arrows into a card end side by side, in the order in which they come
export function fanOut(things) {
  for (const { vertex, frame, across } of things) {
    if (frame !== undefined || vertex.above.length < 2) continue;
    const ends = [...vertex.above].sort((a, b) => a.to.order - b.to.order);
    ends.forEach((end, k) => {
      end.outOf = entry(across, k, ends.length);
      for (const back of end.to.below) if (back.to === vertex) back.into = end.outOf;
    });
  }
}

// how far from the middle of a card an arrow ends that is one of several
export const entry = (breadth, k, count) => (count > 1 ? Math.min(breadth - 14, 10 * (count - 1)) * (k / (count - 1) - 0.5) : 0);

// Each vertex comes as near to the mean of its neighbours as the others in its layer allow.
export function spread(layers) {
  for (const layer of layers) {
    let end = 0;
    for (const vertex of layer) {
      vertex.place = end + vertex.across / 2;
      end += vertex.across + GAP;
    }
    for (const vertex of layer) vertex.place -= end / 2;
  }
  const sweeps = layers.reduce((sum, layer) => sum + layer.length, 0) > MANY ? 9 : 17;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const sides = sweep === sweeps - 1 ? ["above", "below"] : [sweep % 2 ? "below" : "above"];
    for (const layer of sweep % 2 ? [...layers].reverse() : layers) settle(layer, sides);
  }
}

function settle(layer, sides) {
  // a run of vertices that touch stands at the mean of what they want: the regression of Ayer et al., 1955
  const runs = [];
  let before = 0;
  layer.forEach((vertex, i) => {
    if (i) before += (layer[i - 1].across + vertex.across) / 2 + gapOf(layer[i - 1], vertex);
    vertex.before = before;
    const near = sides.length === 1 ? vertex[sides[0]] : [...vertex.above, ...vertex.below];
    const wanted = near.length ? meanOf(near) : vertex.place;
    const weight = near.length ? vertex.weight * (near.length > 1 ? 1.5 : 1) : 0.2;
    let run = { sum: (wanted - before) * weight, weight, end: i };
    while (runs.length && runs.at(-1).sum / runs.at(-1).weight > run.sum / run.weight) {
      const other = runs.pop();
      run = { sum: run.sum + other.sum, weight: run.weight + other.weight, end: i };
    }
    runs.push(run);
  });
  let i = 0;
  for (const { sum, weight, end } of runs) for (; i <= end; i++) layer[i].place = layer[i].before + sum / weight;
}

const gapOf = (a, b) => (a.thing && b.thing ? GAP : a.thing || b.thing ? 10 : 7);

function meanOf(near) {
  let [sum, weight] = [0, 0];
  for (const { to, outOf, into } of near) {
    const own = to.thing ? 1 : to.label ? 2 : 4;
    sum += own * (to.place + into - outOf);
    weight += own;
  }
  return sum / weight;
}

// room behind a layer: the more, the steeper the edges are
function gapBehind(layer) {
  const steepness = ({ place, below }) => below.reduce((most, { to, outOf, into }) => Math.max(most, Math.abs(to.place + into - place - outOf)), 0);
  return Math.min(100, Math.max(BETWEEN, layer.reduce((most, vertex) => Math.max(most, steepness(vertex)), 0) / 8));
}

// lengths along the layers, and places from the top left of the contents
export function measured(things, links, layers, routes, laid) {
  const all = layers.flat();
  const lowest = all.reduce((least, { place, across }) => Math.min(least, place - across / 2), Infinity);
  const highest = all.reduce((most, { place, across }) => Math.max(most, place + across / 2), -Infinity);
  let end = 0;
  const last = layers.length - 1;
  const spans = layers.map((layer, k) => {
    const isPort = k <= 1 || k >= last - 1;
    const room = layer.reduce((most, { thing, label }) => Math.max(most, thing ? thing.along : label ? label.along : 0), 0);
    const begin = end;
    if (isPort && !layer.some((vertex) => vertex.label)) {
      if (k === 1 && layer.length) end += gapBehind(layer);
      return [begin, begin];
    }
    end += room;
    if (k < last - 2 || layers[last].length) end += gapBehind(layer);
    return [begin, begin + room];
  });
  for (const { vertex, along } of things) {
    const [begin, stop] = spans[vertex.layer];
    vertex.along = begin + (stop - begin - along) / 2;
    vertex.place -= lowest;
  }
  for (const layer of layers) for (const vertex of layer) if (!vertex.thing) vertex.place -= lowest;
  const made = { things, along: end, across: highest - lowest, ways: new Map(), out: new Map(), in: new Map(), offset: [0, 0] };
  links.forEach(({ a, tail, port }, k) => {
    const { ways } = routes[k];
    const points = ways.map((vertex) => ({ begin: spans[vertex.layer][0], end: spans[vertex.layer][1], place: vertex.place, label: vertex.label, line: vertex.line ?? 0 }));
    made.ways.set(a, points);
    if (port) made[port].set(tail, port === "in" ? ways[0].place : ways.at(-1).place);
  });
  // a port is where an edge enters or leaves, seen from the middle of the frame
  made.finish = () => {
    for (const side of [made.in, made.out]) for (const [card, place] of side) side.set(card, place + made.offset[1] - made.across / 2);
  };
  return made;
}
