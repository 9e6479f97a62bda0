// The picture: writes the numbers of a step into the cards, and shows what is reached and what is in use.
import { exact, short, spanned } from "./numbers.js";
import { nameOf } from "./sentences.js";

const LARGE = 300; // cards

export class Stage {
  constructor(graph, frame) {
    this.graph = graph;
    this.frame = frame;
    this.svg = frame.querySelector("svg");
    const { width, height } = this.svg.viewBox.baseVal;
    this.size = { width, height };
    const elements = [...this.svg.querySelectorAll("[data-node]")];
    this.cards = graph.cards.map((card, k) => {
      const element = elements[k];
      const slot = (name) => element.querySelector(`[data-slot="${name}"]`)?.lastElementChild;
      return { element, tip: element.querySelector("title"), value: slot("value"), grad: slot("grad") };
    });
    this.arrows = [...this.svg.querySelectorAll("[data-edge]")];
    this.labels = graph.arrows.map(() => []);
    for (const label of this.svg.querySelectorAll("[data-partial]")) this.labels[label.dataset.partial].push(label);
    this.members = graph.cards.map((card, k) => (card.shows ? membersOf(graph, k) : []));
    this.memory = new Map();
    this.places = this.cards.map(({ element }) => element.getBBox());
    this.labelPlaces = this.labels.map(([label]) => label?.getBBox());
    frame.onscroll = () => this.later(0);
    frame.classList.toggle("is-large", graph.cards.length > LARGE);
    this.movesByPointer();
    this.zoom(Math.min(Math.max((frame.clientWidth - 2) / width, 0.85), 4 / 3));
  }

  zoom(scale) {
    this.scale = Math.min(Math.max(scale, 0.1), 6);
    this.svg.setAttribute("width", this.size.width * this.scale);
    this.svg.setAttribute("height", this.size.height * this.scale);
    this.later(0);
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
      const [x, y] = [event.clientX - left, event.clientY - top];
      const before = this.scale;
      this.zoom(before * 1.0015 ** -event.deltaY);
      const ratio = this.scale / before;
      frame.scrollTo((frame.scrollLeft + x) * ratio - x, (frame.scrollTop + y) * ratio - y);
    };
  }

  fit() {
    this.zoom(Math.min((this.frame.clientWidth - 2) / this.size.width, 4 / 3));
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

  // Shows a view: { state, gradients, reached, active, activeArrows, usedArrows, partials, isEnd, selected }.
  // Browsers take long to write text, so of a large graph only what is in sight is written at once.
  show(view) {
    const isLarge = this.graph.cards.length > LARGE;
    if (view.step !== this.view?.step && view.active.size && view.active.size < 5) this.reveal([...view.active][0]);
    const window = this.window();
    this.view = view;
    this.write(view, (place) => !isLarge || isWithin(place, window));
    if (isLarge) this.later(200);
  }

  // writes also what is out of sight, when there is time
  later(delay) {
    clearTimeout(this.timer);
    if (this.view) this.timer = setTimeout(() => this.write(this.view, () => true), delay);
  }

  write(view, isSeen) {
    this.graph.cards.forEach((card, k) => {
      const parts = this.cards[k];
      const isReached = view.reached.has(k);
      const isFound = view.found.includes(k);
      let look = `vg-${card.kind}${isReached ? "" : " is-faint"}${view.active.has(k) ? " is-active" : ""}`;
      if (isFound) look += " is-found";
      this.set(parts.element, "class", k === view.selected ? `${look} is-selected` : look);
      if (card.shows && isSeen(this.places[k])) this.writeSeveral(card, parts, this.members[k], view, isReached);
      if (card.node === null) return;
      const value = view.state.values[card.node];
      const gradient = view.gradients[card.node];
      const isKnown = view.state.broken === undefined;
      this.set(parts.element, "data-value", isKnown || isReached ? exact(value) : "");
      this.set(parts.element, "data-grad", isKnown ? exact(gradient ?? 0) : "");
      if (isSeen(this.places[k])) this.writeCard(card, parts, isReached ? value : undefined, gradient, view.isEnd);
    });
    this.graph.arrows.forEach((arrow, k) => {
      const isActive = view.activeArrows.has(k);
      const isFaint = !isActive && !view.usedArrows.has(k);
      const flow = arrow.node === undefined ? undefined : view.partials.get(`${arrow.node},${arrow.place}`);
      const isCut = flow !== undefined && (!flow.isTaken || flow.partial === 0);
      const look = `${isFaint ? " is-faint" : ""}${isActive ? " is-active" : ""}`;
      this.set(this.arrows[k], "class", `vg-edge${look}${isCut ? " is-cut" : ""}`);
      for (const label of this.labels[k]) {
        this.set(label, "class", `vg-halo${look}`);
        if (arrow.formula === undefined || !isSeen(this.labelPlaces[k])) continue;
        const partials = flow ? [flow.partial] : this.partialsAlong(arrow, view);
        this.set(label.lastElementChild, "text", isFaint ? "?" : spanned(partials));
      }
    });
  }

  // what is drawn as one shows the least and the largest number
  writeSeveral(card, parts, members, view, isReached) {
    const { words } = this.graph;
    const gradients = members.map((i) => view.gradients[i] ?? (view.isEnd ? 0 : undefined));
    const isKnown = !gradients.includes(undefined);
    const value = isReached ? spanned(members.map((i) => view.state.values[i])) : "?";
    const gradient = isKnown ? spanned(gradients) : "";
    this.set(parts.value, "text", value);
    this.set(parts.grad, "text", gradient);
    const signs = new Set(gradients.map(Math.sign));
    const sign = signs.size > 1 || !isKnown ? "muted" : signs.has(-1) ? "negative" : signs.has(1) ? "positive" : "muted";
    this.set(parts.grad, "class", `vg-${sign}`);
      }

  // the partials of the edges that are drawn as one arrow
  partialsAlong(arrow, view) {
    const { shown } = this.graph;
    const along = ({ head, tail, isTaken }) => isTaken && shown[head] === arrow.head && shown[tail] === arrow.tail;
    const found = view.state.flows.filter(along).map((flow) => flow.partial);
    return found.length ? found : [0];
  }

  // value and gradient are undefined where none is known yet
  writeCard(card, parts, value, gradient, isEnd) {
    const { words } = this.graph;
    const sign = gradient < 0 ? "negative" : gradient > 0 ? "positive" : "muted";
    const number = gradient ?? (isEnd ? 0 : undefined);
    const told = (x, write) => (x === undefined ? "?" : write(x));
    this.set(parts.value, "text", told(value, short));
    this.set(parts.grad, "text", number === undefined ? "" : short(number));
    this.set(parts.grad, "class", `vg-${sign}`);
    const says = (write) => `${words.value} ${told(value, write)}, ${words.gradient} ${told(number, write)}`;
    const name = `${nameOf(this.graph, card.node)}, ${words[`kind${card.kind}`]}`;
    this.set(parts.element, "aria-label", `${name}, ${says(short)}`);
    this.set(parts.tip, "text", `${name}, ${says(exact)}`);
  }

  // moves the frame so that a card is in sight
  reveal(k) {
    const { frame, scale } = this;
    const window = this.window();
    const place = this.places[k];
    if (contains(window, place)) return;
    window.x = Math.max(0, place.x + place.width / 2 - window.width / 2);
    window.y = Math.max(0, place.y + place.height / 2 - window.height / 2);
    frame.scrollTo({ left: window.x * scale, top: window.y * scale, behavior: "instant" });
  }

  // what of the picture is in sight
  window() {
    const { frame, scale } = this;
    return {
      x: frame.scrollLeft / scale, y: frame.scrollTop / scale,
      width: frame.clientWidth / scale, height: frame.clientHeight / scale,
    };
  }
}

// the nodes whose numbers a card shows: all that it stands for, but for the steps of long sums
function membersOf(graph, k) {
  const { shows } = graph.cards[k];
  return shows === "all" ? graph.nodes.flatMap((node, i) => (graph.shown[i] === k ? [i] : [])) : shows;
}

const isWithin = (place, window) =>
  place.x + place.width >= window.x && place.x <= window.x + window.width &&
  place.y + place.height >= window.y && place.y <= window.y + window.height;

const contains = (window, place) =>
  place.x >= window.x && place.x + place.width <= window.x + window.width &&
  place.y >= window.y && place.y + place.height <= window.y + window.height;
