// Where things are: cards in layers, each behind those that it is computed from, and open scopes as frames around theirs.
// A frame is laid out by itself, and is then one thing in the scope around it. After Sugiyama, Tagawa and Toda, 1981:
// layers, then an order in each with few crossings, then places near those of neighbours.

import { order, rank, verticesOf } from "./layers.js";
import { entry, fanOut, measured, spread } from "./places.js";

const PAD = 10;
const TITLE = 20;

// cards: { w, h, scope }; arrows: { tail, head, label: { w, h } or undefined }; frames: scopes, each after that around it.
// Gives places from the top left: cards and frames as { x, y, w, h }, arrows as { points, label: { x, y } }, and the size.
export function layout(cards, arrows, frames, scopes, titles, direction) {
  const isAcross = direction === "LR" || direction === "RL"; // then layers stand side by side
  const sized = cards.map(({ w, h, scope }, k) => ({ card: k, scope, along: isAcross ? w : h, across: isAcross ? h : w, first: k }));
  const contents = new Map([null, ...frames].map((s) => [s, { things: [], arrows: [] }]));
  for (const thing of sized) contents.get(thing.scope).things.push(thing);
  const chain = (k) => { // the scopes around a card, from the outermost
    const found = [];
    for (let s = cards[k].scope; s !== null; s = scopes[s].parent) found.unshift(s);
    return [null, ...found];
  };
  arrows.forEach(({ tail, head, label }, a) => {
    const [from, to] = [chain(tail), chain(head)];
    let common = 0;
    while (from[common + 1] !== undefined && from[common + 1] === to[common + 1]) common += 1;
    const room = label && (isAcross ? { along: label.w, across: label.h } : { along: label.h, across: label.w });
    from.forEach((s, level) => level > common && contents.get(s).arrows.push({ a, tail, in: from[level + 1] ?? -1, port: "out" }));
    const isDirect = to.length === common + 1;
    const ends = { out: from[common + 1] ?? -1, in: to[common + 1] ?? -1 };
    contents.get(from[common]).arrows.push({ a, tail, head, ...ends, label: isDirect ? room : undefined });
    to.forEach((s, level) => {
      const isLast = level === to.length - 1;
      if (level > common) contents.get(s).arrows.push({ a, tail, head, in: to[level + 1] ?? -1, port: "in", label: isLast ? room : undefined });
    });
  });
  const laid = new Map();
  for (const s of [...frames.slice().reverse(), null]) {
    const { things, arrows: edges } = contents.get(s);
    const made = level(things, edges, laid, isAcross);
    laid.set(s, made);
    if (s === null) continue;
    const pad = padding(direction, isAcross);
    made.offset = [...pad.before];
    made.along += pad.before[0] + pad.after[0];
    made.across += pad.before[1] + pad.after[1];
    const least = titles.get(s) + 2 * PAD;
    if (isAcross) made.along = Math.max(made.along, least);
    else if (made.across < least) {
      made.offset[1] += (least - made.across) / 2;
      made.across = least;
    }
    made.finish();
    const first = things.reduce((least, thing) => Math.min(least, thing.first), Infinity);
    contents.get(scopes[s].parent).things.push({ frame: s, scope: scopes[s].parent, along: made.along, across: made.across, first });
  }
  return placed(cards, arrows, frames, laid, direction, isAcross);
}

// room around the contents of a frame, and above for its name
function padding(direction, isAcross) {
  const after = direction === "BT" ? TITLE : 0;
  return isAcross
    ? { before: [PAD, PAD + TITLE], after: [PAD, PAD] }
    : { before: [PAD + TITLE - after, PAD], after: [PAD + after, PAD] };
}

function level(things, edges, laid, isAcross) {
  const thingOf = new Map(things.map((thing) => [thing.frame === undefined ? `card${thing.card}` : thing.frame, thing]));
  const find = (frame, card) => thingOf.get(frame === -1 ? `card${card}` : frame);
  const links = edges.map((edge) => {
    const tail = edge.port === "in" ? undefined : find(edge.port === "out" ? edge.in : edge.out, edge.tail);
    const head = edge.port === "out" ? undefined : find(edge.in, edge.head);
    return { ...edge, from: tail, to: head };
  });
  rank(things, links);
  const { layers, vertices, routes } = verticesOf(things, links, laid, isAcross);
  order(layers, vertices.length);
  fanOut(things);
  spread(layers);
  return measured(things, links, layers, routes, laid);
}

// --------------------------------------------------------------------------- all scopes

function placed(cards, arrows, frames, laid, direction, isAcross) {
  const found = { cards: [], frames: new Map(), arrows: [] };
  const origins = new Map([[null, [0, 0]]]);
  const rectangles = [];
  for (const s of [null, ...frames]) {
    const made = laid.get(s);
    const origin = origins.get(s);
    const [x, y] = [origin[0] + made.offset[0], origin[1] + made.offset[1]];
    made.origin = [x, y];
    for (const thing of made.things) {
      const corner = [x + thing.vertex.along, y + thing.vertex.place - thing.across / 2];
      const rectangle = { along: corner[0], across: corner[1], length: thing.along, breadth: thing.across };
      if (thing.frame === undefined) rectangles[thing.card] = rectangle;
      else {
        origins.set(thing.frame, corner);
        found.frames.set(thing.frame, rectangle);
      }
    }
  }
  const top = laid.get(null);
  const flips = direction === "RL" || direction === "BT";
  const turned = ({ along, across, length = 0, breadth = 0 }) => {
    const begin = flips ? top.along - along - length : along;
    return isAcross ? { x: begin, y: across, w: length, h: breadth } : { x: across, y: begin, w: breadth, h: length };
  };
  const ways = waysOf(arrows, laid);
  const entries = entriesOf(arrows, rectangles, ways);
  found.arrows = arrows.map(({ tail, head }, a) => {
    const [from, to] = [rectangles[tail], rectangles[head]];
    const points = [{ along: from.along + from.length, across: from.across + from.breadth / 2 }];
    let label;
    for (const { made, way } of ways[a]) {
      const [x, y] = made.origin;
      points.push({ along: x + way.begin, across: y + way.place + way.line });
      if (way.end > way.begin) points.push({ along: x + way.end, across: y + way.place + way.line });
      if (way.label) {
        const begin = { along: x + way.begin, across: y + way.place - way.label.across / 2 };
        label = turned({ ...begin, length: way.end - way.begin, breadth: way.label.across });
      }
    }
    points.push({ along: to.along, across: to.across + to.breadth / 2 + entries[a] });
    return { points: points.map(turned).map(({ x, y }) => [x, y]), label };
  });
  found.cards = rectangles.map(turned);
  found.frames = new Map([...found.frames].map(([s, rectangle]) => [s, turned(rectangle)]));
  return Object.assign(found, isAcross ? { w: top.along, h: top.across } : { w: top.across, h: top.along });
}

// for each arrow its points in the scopes that it leaves, in that where it passes, and in those that it enters
function waysOf(arrows, laid) {
  const found = arrows.map(() => []);
  for (const made of laid.values()) made.ways.forEach((ways, a) => found[a].push(...ways.map((way) => ({ made, way }))));
  const begin = ({ made, way }) => made.origin[0] + way.begin;
  for (const ways of found) ways.sort((p, q) => begin(p) - begin(q));
  return found;
}

// where each arrow enters its card, seen from the middle
function entriesOf(arrows, rectangles, ways) {
  const byHead = new Map();
  arrows.forEach(({ tail, head }, a) => {
    const last = ways[a].at(-1);
    const across = last ? last.made.origin[1] + last.way.place : rectangles[tail].across + rectangles[tail].breadth / 2;
    if (!byHead.has(head)) byHead.set(head, []);
    byHead.get(head).push({ a, across });
  });
  const found = [];
  for (const [head, ends] of byHead) {
    ends.sort((p, q) => p.across - q.across);
    ends.forEach(({ a }, k) => (found[a] = entry(rectangles[head].breadth, k, ends.length)));
  }
  return found;
}
