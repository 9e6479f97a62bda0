// The stage: shows the picture, moves and zooms it, and writes the numbers of a step into it.
import { edgeOf } from "./chain_rule.js";
import { draw } from "./drawing.js";
import { exact, short, spanned } from "./numbers.js";
import { endsOf } from "./scopes.js";

const LARGE = 300; // cards
const FAR = 0.4; // at a smaller scale the numbers of a large graph cannot be read, and are not drawn
const READABLE = 0.9; // a scale at which text of 11 px has about 10
const LEAST = 0.7; // the smallest scale at first
const [SMALLEST, LARGEST] = [0.002, 6];

export class Stage {
  constructor(graph, frame) {
    this.graph = graph;
    this.frame = frame;
    Object.assign(this, draw(graph), { memory: new WeakMap(), isLarge: graph.cards.length > LARGE });
    this.members = graph.cards.map((card) => card.results ?? card.shows ?? card.members);
    this.ends = graph.cards.map((card) => endsOf(graph, card));
    frame.replaceChildren(this.picture);
    frame.classList.toggle("is-large", this.isLarge);
    frame.onscroll = () => this.lookSoon();
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(frame);
    this.measure();
    this.movesByPointer();
  }

  // another stage takes the frame
  leave() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.looking);
    this.observer.disconnect();
  }

  // the size of the frame, which takes a layout to find out
  measure() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    this.room = { width, height, most: parseFloat(getComputedStyle(this.frame).maxHeight) || height };
  }

  zoom(scale) {
    this.scale = Math.min(Math.max(scale, SMALLEST), LARGEST);
    this.picture.setAttribute("width", this.size.width * this.scale);
    this.picture.setAttribute("height", this.size.height * this.scale);
    this.lookSoon();
  }

  // whether the text of a large graph is too small to be read
  get isFar() {
    return this.isLarge && this.scale < FAR;
  }

  // draws what has come into sight, before the next frame
  lookSoon() {
    this.looking ??= requestAnimationFrame(() => {
      this.looking = undefined;
      this.look();
    });
  }

  // draws what is in sight of a large graph, and a bit around it; of others all
  look() {
    const window = this.window(0.2);
    const near = this.isFar ? "far" : "near";
    const detailOf = (place) => (!this.isLarge || isWithin(place, window) ? near : undefined);
    this.frame.classList.toggle("is-far", this.isFar);
    let isNew = false;
    const fill = (part, detail, layer) => {
      if (part.detail === detail) return;
      part.fill(detail);
      if (layer && detail === undefined) part.element.remove();
      else if (layer && !part.element.isConnected) layer.append(part.element);
      isNew = true;
    };
    for (const card of this.cards) fill(card, detailOf(card.place));
    const detailNear = (place) => (this.isFar ? undefined : detailOf(place));
    for (const arrow of this.arrows) fill(arrow, detailNear(arrow.place), this.layers.arrows);
    for (const label of this.labels) if (label) fill(label, detailNear(label.place), this.layers.labels);
    if (isNew && this.view) this.write(this.view);
  }

  // a scale at which all is in sight
  get whole() {
    const { room, size } = this;
    return Math.min((room.width - 2) / size.width, (room.most - 2) / size.height, 4 / 3);
  }

  fit() {
    this.zoom(this.whole);
  }

  // all of the picture if it can be read; otherwise where the computation begins, in a size that can be read
  begin() {
    const { whole, room, size } = this;
    this.zoom(whole >= LEAST ? whole : Math.max(READABLE, Math.min(1, (room.most - 2) / size.height)));
    this.measure();
    if (whole < LEAST) this.reveal([this.first], true);
  }

  // whether all is in sight in a size that can be read; so it is in a frame that is not laid out
  get isReadable() {
    return this.room.width < 2 || this.whole >= READABLE;
  }

  // the cards in use
  get active() {
    return [...(this.view?.active ?? [])];
  }

  // whether a card in use is in sight
  get seesActive() {
    const window = this.window();
    return this.active.some((k) => isWithin(this.cards[k].place, window));
  }

  // the card in the middle of the first layer
  get first() {
    const along = { LR: (p) => p.x, RL: (p) => -p.x - p.width, TB: (p) => p.y, BT: (p) => -p.y - p.height }[this.graph.direction];
    const places = this.cards.map(({ place }) => along(place));
    const least = places.reduce((a, b) => Math.min(a, b), Infinity);
    const found = [...places.keys()].filter((k) => places[k] < least + 1);
    return found[Math.floor(found.length / 2)];
  }

  // a mouse drags the picture, and its wheel with Ctrl zooms at the pointer; fingers scroll as everywhere
  movesByPointer() {
    const { frame } = this;
    frame.onpointerdown = (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      const from = [event.clientX + frame.scrollLeft, event.clientY + frame.scrollTop];
      const move = (now) => frame.scrollTo({ left: from[0] - now.clientX, top: from[1] - now.clientY, behavior: "instant" });
      addEventListener("pointermove", move);
      addEventListener("pointerup", () => removeEventListener("pointermove", move), { once: true });
    };
    frame.onwheel = (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const { left, top } = frame.getBoundingClientRect();
      this.zoomAt(this.scale * 1.0015 ** -event.deltaY, event.clientX - left, event.clientY - top);
    };
  }

  zoomBy(factor) {
    this.zoomAt(this.scale * factor, this.room.width / 2, this.room.height / 2);
  }

  // zooms so that what is at this place of the frame stays there
  zoomAt(scale, x, y) {
    const { frame, scale: before } = this;
    const [left, top] = [frame.scrollLeft + x, frame.scrollTop + y];
    this.zoom(scale);
    const ratio = this.scale / before;
    frame.scrollTo({ left: left * ratio - x, top: top * ratio - y, behavior: "instant" });
  }

  // changes a part of the page if it is not so already
  set(element, name, text) {
    let known = this.memory.get(element);
    if (known === undefined) this.memory.set(element, (known = {}));
    if (known[name] === text) return;
    known[name] = text;
    if (name === "text") element.textContent = text;
    else element.setAttribute(name, text);
  }

  // Shows a view: { state, gradients, reached, active, activeArrows, usedArrows, isEnd, selected, found, step }.
  show(view) {
    const isMoved = view.step !== this.view?.step && view.active.size > 0 && view.active.size < 5;
    this.view = view;
    if (isMoved) this.reveal([...view.active]);
    this.look();
    this.write(view);
    clearTimeout(this.timer);
    if (this.isLarge) this.timer = setTimeout(() => this.tellAll(), 300);
  }

  write(view) {
    const found = new Set(view.found);
    this.graph.cards.forEach((card, k) => {
      const parts = this.cards[k];
      const isReached = view.reached.has(k);
      let look = `vg-${card.kind}${isReached ? "" : " is-faint"}${view.active.has(k) ? " is-active" : ""}`;
      if (found.has(k)) look += " is-found";
      this.set(parts.element, "class", k === view.selected ? `${look} is-selected` : look);
      if (card.node !== null) this.mark(card, parts, view, isReached);
      if (parts.tip !== undefined) this.writeCard(card, parts, this.numbersOf(k));
    });
    this.graph.arrows.forEach((arrow, k) => this.arrows[k].detail && this.writeArrow(arrow, k, view));
    this.writeFar(view);
  }

  // all arrows in one path, and those in use in another one
  writeFar(view) {
    const all = this.isFar ? [...this.arrows.keys()] : [];
    const active = all.filter((k) => view.activeArrows.has(k) || view.onPaths.has(k));
    this.set(this.far.all, "d", all.map((k) => this.arrows[k].line).join(""));
    this.set(this.far.active, "d", active.map((k) => this.arrows[k].line).join(""));
  }

  // the numbers that other programs read, with all digits
  mark({ node }, { element }, { state, gradients }, isReached) {
    const isKnown = state.broken === undefined;
    this.set(element, "data-value", isKnown || isReached ? exact(state.values[node]) : "");
    this.set(element, "data-grad", isKnown ? exact(gradients[node] ?? 0) : "");
  }

  writeArrow(arrow, k, view) {
    const isActive = view.activeArrows.has(k);
    const isFaint = !isActive && !view.usedArrows.has(k);
    const known = arrow.edges.map(([i, place]) => view.state.flowOf.get(edgeOf(i, place))).filter((flow) => flow !== undefined);
    const isCut = known.length > 0 && known.every((flow) => !flow.isTaken || flow.partial === 0);
    const look = `${isFaint ? " is-faint" : ""}${isActive ? " is-active" : ""}`;
    this.set(this.arrows[k].element, "class", `vg-edge${look}${isCut ? " is-cut" : ""}${view.onPaths.has(k) ? " is-path" : ""}`);
    if (isActive) this.layers.arrows.append(this.arrows[k].element); // above the others
    const label = this.labels[k];
    if (!label?.detail) return;
    this.set(label.element, "class", `vg-label${look}`);
    if (label.span === undefined) return;
    const partials = this.partialsOf(arrow, view.state.flowOf);
    this.set(label.span, "text", isFaint ? "?" : spanned(partials.length ? partials : [0]));
  }

  // the partial derivative of each pair of nodes that an arrow connects: the sum of those of its edges, as x * x has two
  partialsOf({ head, edges }, flowOf) {
    const ends = this.ends[head];
    const pairs = new Map();
    for (const [i, place] of edges) {
      const flow = flowOf.get(edgeOf(i, place));
      if (!flow?.isTaken) continue;
      const pair = `${ends.get(i) ?? i} ${this.graph.nodes[i].inputs[place]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + flow.partial);
    }
    return [...pairs.values()];
  }

  // The values and the gradients that a card shows, undefined where one is not known yet: of what is drawn as one several.
  numbersOf(k) {
    const { view } = this;
    const members = this.graph.cards[k].node === null ? this.members[k] : [this.graph.cards[k].node];
    const gradients = members.map((i) => view.gradients[i] ?? (view.isEnd ? 0 : undefined));
    return {
      values: view.reached.has(k) && members.length ? members.map((i) => view.state.values[i]) : undefined,
      gradients: gradients.includes(undefined) || !members.length ? undefined : gradients,
    };
  }

  writeCard(card, parts, { values, gradients }) {
    const signs = new Set((gradients ?? []).map(Math.sign));
    const sign = signs.size === 1 ? [...signs][0] : 0;
    if (parts.value !== undefined) {
      this.set(parts.value, "text", values ? spanned(values) : "?");
      this.set(parts.grad, "text", gradients ? spanned(gradients) : "");
      this.set(parts.grad, "class", `vg-${sign < 0 ? "negative" : sign > 0 ? "positive" : "muted"}`);
    }
    this.tell(card, parts, { values, gradients });
  }

  // for screen readers, and for a pointer that rests on a card, with all digits
  tell(card, parts, { values, gradients }) {
    const { words } = this.graph;
    const kind = words[`kind${card.opens === undefined ? card.kind : "box"}`];
    const told = (numbers, write) => (numbers ? (numbers.length > 1 ? spanned(numbers) : write(numbers[0])) : "?");
    const says = (write) => `${card.name}, ${kind}, ${words.value} ${told(values, write)}, ${words.gradient} ${told(gradients, write)}`;
    this.set(parts.element, "aria-label", says(short));
    if (parts.tip !== undefined) this.set(parts.tip, "text", says(exact));
  }

  // tells screen readers of what is out of sight, when there is time
  tellAll() {
    this.graph.cards.forEach((card, k) => this.tell(card, this.cards[k], this.numbersOf(k)));
  }

  // moves the frame so that these cards are in sight; if not all can be, the last of them
  reveal(cards, isAlways = false) {
    const { frame, scale } = this;
    const window = this.window();
    const all = cards.map((k) => this.cards[k].place).reduce(union);
    const place = all.width <= window.width && all.height <= window.height ? all : this.cards[cards.at(-1)].place;
    if (!isAlways && contains(window, place)) return;
    const left = Math.max(0, place.x + place.width / 2 - window.width / 2);
    const top = Math.max(0, place.y + place.height / 2 - window.height / 2);
    frame.scrollTo({ left: left * scale, top: top * scale, behavior: "instant" });
  }

  // where a scope is in the frame, as a box or as a frame
  placeOf(scope) {
    const { frame, scale, graph } = this;
    const card = graph.cards.findIndex(({ opens }) => opens === scope);
    const place = card >= 0 ? this.cards[card].place : this.frames.get(scope);
    return place && [place.x * scale - frame.scrollLeft, place.y * scale - frame.scrollTop];
  }

  // moves the frame so that a scope is where it was
  keep(scope, before) {
    const now = this.placeOf(scope);
    if (!now || !before) return;
    const { frame } = this;
    frame.scrollTo({ left: frame.scrollLeft + now[0] - before[0], top: frame.scrollTop + now[1] - before[1], behavior: "instant" });
  }

  // what of the picture is in sight, and as much more around it as this part of it
  window(more = 0) {
    const { frame, scale, room } = this;
    const [width, height] = [room.width / scale, room.height / scale];
    return {
      x: frame.scrollLeft / scale - more * width, y: frame.scrollTop / scale - more * height,
      width: (1 + 2 * more) * width, height: (1 + 2 * more) * height,
    };
  }
}

const isWithin = (place, window) =>
  place.x + place.width >= window.x && place.x <= window.x + window.width &&
  place.y + place.height >= window.y && place.y <= window.y + window.height;

function union(a, b) {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

const contains = (window, place) =>
  place.x >= window.x && place.x + place.width <= window.x + window.width &&
  place.y >= window.y && place.y + place.height <= window.y + window.height;
