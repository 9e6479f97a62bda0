// The picture as SVG: cards, arrows and frames, in the look of draw(). Numbers are written later, by the stage.
import { contentsOf } from "./scopes.js";
import { layout } from "./layout.js";
import { filled } from "./numbers.js";
import { formulaOf } from "./sentences.js";

const FONTS = "Helvetica, Arial, 'Liberation Sans', 'Noto Sans', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', sans-serif";
const SIZES = { title: 12, number: 12, gradient: 11, note: 11, word: 10, label: 10.5, frame: 11 };
const ROOM = "\u22120.00000"; // cards are as wide as if they had the widest of most numbers
const SPAN = `${ROOM} … ${ROOM}`;
const ROUND = { input: 7, parameter: 0, operation: 11, result: 7, box: 4 };
const LINE = 19;
const SMALL = 17;
const PADDING = 8;
const MARGIN = 12;
const PLACES = ["1st", "2nd", "3rd"];

const widths = new Map();
let canvas;

// how wide a text is
function widthOf(text, size, isBold = false) {
  const key = `${isBold ? "bold " : ""}${size}px ${text}`;
  if (!widths.has(key)) {
    canvas ??= document.createElement("canvas").getContext("2d");
    canvas.font = `${isBold ? "bold " : ""}${size}px ${FONTS}`;
    widths.set(key, canvas.measureText(text).width);
  }
  return widths.get(key);
}

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Draws what is shown. Gives the SVG and its size; and for each card, arrow and label its place and fill(detail), which makes
// its elements: "near" or "far", or none for undefined. What is out of sight has none, because browsers draw them slowly.
// From far, one path shows all arrows, and another one those in use.
export function draw(graph) {
  const { cards, arrows, frames, scopes, words } = graph;
  const texts = cards.map((card) => textsOf(graph, card));
  const sized = cards.map((card, k) => ({ scope: card.scope, ...sizeOf(texts[k]) }));
  const labels = arrows.map((arrow) => labelOf(graph, arrow));
  const titles = new Map(frames.map((s) => [s, widthOf(scopes[s].name, SIZES.frame) + 24]));
  const edges = arrows.map(({ tail, head }, a) => ({ tail, head, label: labels[a] && { w: labels[a].width + 6, h: 18 } }));
  const made = layout(sized, edges, frames, scopes, titles, graph.direction);
  const frameElements = frames.map((s) => frameOf(made.frames.get(s), scopes[s].name, s, words));
  const shown = cards.map((card, k) => cardOf(card, texts[k], made.cards[k], words));
  const lines = arrows.map((arrow, a) => arrowOf(made.arrows[a].points, graph.direction, a, hasPartial(graph, arrow)));
  const written = labels.map((label, a) => label && labelOn(label, made.arrows[a].label, a));
  const far = Object.fromEntries(["all", "active"].map((name) => [name, svg("path", { class: `vg-far is-${name}` })]));
  const layers = { frames: svg("g", {}, ...frameElements), far: svg("g", {}, ...Object.values(far)), arrows: svg("g"), cards: svg("g"), labels: svg("g") };
  layers.cards.append(...shown.map(({ element }) => element));
  const size = { width: Math.ceil(made.w + 2 * MARGIN), height: Math.ceil(made.h + 2 * MARGIN) };
  const look = { viewBox: `${-MARGIN} ${-MARGIN} ${size.width} ${size.height}`, role: "group", "aria-label": words.graph };
  const picture = svg("svg", { ...look, "font-family": FONTS }, ...Object.values(layers));
  const moved = ({ x, y, w, h }) => ({ x: x + MARGIN, y: y + MARGIN, width: w, height: h });
  shown.forEach((card, k) => (card.place = moved(made.cards[k])));
  lines.forEach((line, a) => (line.place = moved(around(made.arrows[a].points))));
  written.forEach((label, a) => label && (label.place = moved(made.arrows[a].label)));
  const scopePlaces = new Map([...made.frames].map(([scope, place]) => [scope, moved(place)]));
  return { picture, size, layers, far, cards: shown, arrows: lines, labels: written, frames: scopePlaces };
}

// the rectangle around points
function around(points) {
  const [x, y] = [0, 1].map((k) => points.reduce((least, point) => Math.min(least, point[k]), Infinity));
  const [right, bottom] = [0, 1].map((k) => points.reduce((most, point) => Math.max(most, point[k]), -Infinity));
  return { x, y, w: right - x, h: bottom - y };
}

// --------------------------------------------------------------------------- cards

// the lines of a card: texts at the left and the right, or one in the middle; slots are for numbers
function textsOf(graph, card) {
  const { words, nodes } = graph;
  const title = (text, place) => ({ place, text, size: SIZES.title, isBold: true });
  const value = (room, place) => ({ place, room, slot: "value", size: SIZES.number });
  const gradient = (room, word) => ({ place: "right", room, slot: "grad", word, size: SIZES.gradient });
  const word = { place: "left", text: words.grad, size: SIZES.word, isMuted: true };
  const both = (room) => [value(room, "left"), gradient(room, `${words.grad} `)];
  if (card.node !== null) {
    const node = nodes[card.node];
    if (node.op !== undefined && card.from === undefined) return [[title(node.title, "middle")], both(ROOM)];
    return [[title(node.op === undefined ? node.title : node.name, "left"), value(ROOM, "right")], [word, gradient(ROOM)]];
  }
  const many = card.shows?.length > 1;
  const times = many ? [{ place: "left", text: `${card.shows.length} ×`, size: SIZES.title, isMuted: true }] : [];
  if (card.shows) return [[...times, title(card.name, many ? "right" : "middle")], both(many ? SPAN : ROOM)];
  const { count, entering, leaving, parameters, times: repeats } = contentsOf(graph, card.members);
  card.results = leaving;
  const note = (text) => ({ place: "middle", text, size: SIZES.note, isMuted: true });
  const what = repeats > 1 ? filled(words.times, { count: repeats }) : filled(words.nodes, { count });
  const flow = `${entering / repeats} → ${leaving.length / repeats} · ${what}`;
  const found = [[title(card.name, "middle")], [note(flow)]];
  if (parameters) found.push([note(filled(words.parameters, { count: parameters }))]);
  return leaving.length ? [...found, both(leaving.length > 1 ? SPAN : ROOM)] : found;
}

const runWidth = ({ text, room, word, size, isBold }) => widthOf(text ?? room, size, isBold) + (word ? widthOf(word, SIZES.word) : 0);

function sizeOf(lines) {
  const width = Math.max(...lines.map((runs) => runs.reduce((sum, run) => sum + runWidth(run) + 14, -14)));
  return { w: Math.max(30, Math.ceil(width) + 2 * PADDING), h: 8 + LINE * (lines.length - 1) + (lines.length > 1 ? SMALL : LINE) };
}

function cardOf(card, lines, { x, y, w, h }, words) {
  const look = { x, y, width: w, height: h, rx: ROUND[card.kind] };
  const element = svg("g", { "data-node": card.key, "data-value": "", "data-grad": "", tabindex: "0", role: "img" });
  const found = { element };
  found.fill = (detail) => {
    element.replaceChildren();
    Object.assign(found, { detail, tip: undefined, value: undefined, grad: undefined });
    if (detail === undefined) return;
    const rectangle = svg("rect", look);
    if (detail === "far") {
      element.append(rectangle);
      return;
    }
    found.tip = svg("title");
    const pile = card.opens === undefined ? [] : [svg("rect", { ...look, x: x + 3, y: y + 3 })];
    element.append(found.tip, ...pile, rectangle);
    write(element, found, lines, { x, y, w });
    if (pile.length) element.append(signOf("open", card.opens, "+", x + w - 2, y + 2, filled(words.openScope, { name: card.name })));
  };
  return found;
}

// writes the lines of a card, and remembers where its numbers stand
function write(element, found, lines, { x, y, w }) {
  let base = y + 4;
  lines.forEach((runs, k) => {
    const height = k && k === lines.length - 1 ? SMALL : LINE;
    for (const run of runs) {
      const left = run.place === "left" ? x + PADDING : run.place === "right" ? x + w - PADDING : x + w / 2;
      const text = textOf(run, left, base + height / 2 + 4.2);
      element.append(text.element);
      if (run.slot) found[run.slot] = text.span;
    }
    base += height;
  });
}

function textOf({ place, text, slot, word, size, isBold, isMuted }, x, y) {
  const anchor = { left: "start", middle: "middle", right: "end" }[place];
  const look = { class: isMuted ? "vg-muted" : "vg-ink", "font-size": size, ...(isBold ? { "font-weight": "bold" } : {}) };
  const span = svg("tspan", look, text ?? "");
  const before = word ? [svg("tspan", { class: "vg-muted", "font-size": SIZES.word, "xml:space": "preserve" }, word)] : [];
  const element = svg("text", { x, y, "text-anchor": anchor, ...(slot ? { "data-slot": slot } : {}) }, ...before, span);
  return { element, span };
}

// a small button on the corner of a card or a frame
function signOf(action, scope, sign, x, y, says) {
  // who does not see it has the keys and the panel of the node
  const look = { class: "sign", "data-action": `${action}-scope`, "data-scope": scope, "aria-hidden": "true" };
  return svg("g", look, svg("title", {}, says), svg("circle", { cx: x, cy: y, r: 8 }), svg("text", { x, y: y + 4, "text-anchor": "middle", "font-size": 13 }, sign));
}

function frameOf({ x, y, w, h }, name, scope, words) {
  const title = svg("text", { x: x + 10, y: y + 15, class: "vg-muted", "font-size": SIZES.frame }, name);
  const sign = signOf("close", scope, "−", x + w - 2, y + 2, filled(words.closeScope, { name }));
  return svg("g", { class: "vg-scope" }, svg("rect", { class: "vg-frame", x, y, width: w, height: h, rx: 8 }), title, sign);
}

// --------------------------------------------------------------------------- arrows

function arrowOf(points, direction, number, isSolid) {
  const isAcross = direction === "LR" || direction === "RL";
  const line = points.map(([x, y]) => `${Math.round(x)},${Math.round(y)}`).join("L");
  const found = { element: svg("g", { "data-edge": number }), line: `M${line}` };
  found.fill = (detail) => {
    found.detail = detail;
    found.element.replaceChildren();
    if (detail === undefined) return;
    const [first, ...others] = points;
    let [x, y] = first;
    let path = `M${at(x, y)}`;
    others.forEach(([p, q]) => {
      if (isAcross ? y === q : x === p) path += `L${at(p, q)}`;
      else if (isAcross) path += `C${at((x + p) / 2, y)} ${at((x + p) / 2, q)} ${at(p, q)}`;
      else path += `C${at(x, (y + q) / 2)} ${at(p, (y + q) / 2)} ${at(p, q)}`;
      [x, y] = [p, q];
    });
    found.element.append(svg("path", { d: path, fill: "none", ...(isSolid ? {} : { "stroke-dasharray": "4 3" }) }));
    found.element.append(svg("path", { class: "vg-head", d: tipAt(x, y, direction) }));
  };
  return found;
}

function tipAt(x, y, direction) {
  const [back, side] = { LR: [[-7, 0], [0, 3]], RL: [[7, 0], [0, 3]], TB: [[0, -7], [3, 0]], BT: [[0, 7], [3, 0]] }[direction];
  const corner = (sign) => at(x + back[0] + sign * side[0], y + back[1] + sign * side[1]);
  return `M${at(x, y)}L${corner(1)}L${corner(-1)}Z`;
}

// whether a gradient can flow along an arrow
const hasPartial = ({ nodes }, { edges }) => !edges.length || edges.some(([i, place]) => nodes[i].partials[place] !== null);

const at = (x, y) => `${x.toFixed(1)},${y.toFixed(1)}`;

// what is written at an arrow: the formula of its partial and room for the number, or which operand it is
function labelOf(graph, arrow) {
  const { nodes, cards } = graph;
  const isOne = arrow.node !== undefined;
  const node = isOne ? nodes[arrow.node] : undefined;
  const hasPartials = graph.hasPartials && (isOne ? node.partials[arrow.place] !== null : cards[arrow.head].shows !== undefined);
  if (hasPartials) {
    const formula = isOne ? formulaOf(graph, arrow.node, arrow.place) : "";
    const before = formula ? `${formula} = ` : "";
    const width = widthOf(before, SIZES.label) + widthOf(isOne ? ROOM : SPAN, SIZES.label, true);
    return { before, width, slot: true };
  }
  const isOrdered = isOne && node.isOrdered && node.inputs.filter((x) => typeof x === "number").length > 1;
  if (!isOrdered || !PLACES[arrow.place]) return undefined;
  return { before: PLACES[arrow.place], width: widthOf(PLACES[arrow.place], SIZES.label), slot: false };
}

function labelOn({ before, width, slot }, { x, y, w }, number) {
  const left = x + (w - width) / 2;
  const found = { element: svg("text", { x: left, y: y + 11, "font-size": SIZES.label, "data-partial": number }) };
  found.fill = (detail) => {
    found.detail = detail;
    found.span = detail === "near" && slot ? svg("tspan", { class: "vg-ink", "font-weight": "bold" }) : undefined;
    const spans = before ? [svg("tspan", { class: slot ? "vg-ink" : "vg-muted", "xml:space": "preserve" }, before)] : [];
    found.element.replaceChildren(...(detail === "near" ? spans : []), ...(found.span ? [found.span] : []));
  };
  return found;
}
