// The stage: shows the picture, moves and zooms it, and writes the numbers of a step into it.
import { edgeOf } from "./chain_rule.js";
import { draw } from "./drawing.js";
import { exact, short, spanned } from "./numbers.js";

const LARGE = 300; // cards
const FAR = 0.45; // at a smaller scale numbers cannot be read, and are not drawn
const [SMALLEST, LARGEST] = [0.02, 6];

export class Stage {
  constructor(graph, frame) {
    this.graph = graph;
    this.frame = frame;
    Object.assign(this, draw(graph), { memory: new Map() });
    this.members = graph.cards.map((card) => card.results ?? card.shows ?? card.members);
    frame.replaceChildren(this.picture);
    frame.classList.toggle("is-large", graph.cards.length > LARGE);
    frame.onscroll = () => this.later(0);
    this.movesByPointer();
  }

  // another stage takes the frame
  leave() {
    clearTimeout(this.timer);
  }

  zoom(scale) {
    this.scale = Math.min(Math.max(scale, SMALLEST), LARGEST);
    this.picture.setAttribute("width", this.size.width * this.scale);
    this.picture.setAttribute("height", this.size.height * this.scale);
    this.frame.classList.toggle("is-far", this.isFar);
    this.later(0);
  }

  // whether numbers of a large graph are too small to be read
  get isFar() {
    return this.graph.cards.length > LARGE && this.scale < FAR;
  }

  // a scale at which all is in sight
  get whole() {
    const { frame, size } = this;
    const height = parseFloat(getComputedStyle(frame).maxHeight) || frame.clientHeight;
    return Math.min((frame.clientWidth - 2) / size.width, (height - 2) / size.height, 4 / 3);
  }

  fit() {
    this.zoom(this.whole);
  }

  // all of the picture if it can be read; otherwise this card, in a size that can be read
  begin(card) {
    this.zoom(Math.max(this.whole, 0.7));
    if (this.whole < 0.7) this.reveal(card, true);
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

  // zooms so that what is at this place of the frame stays there
  zoomAt(scale, x, y) {
    const { frame, scale: before } = this;
    this.zoom(scale);
    const ratio = this.scale / before;
    frame.scrollTo((frame.scrollLeft + x) * ratio - x, (frame.scrollTop + y) * ratio - y);
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
  // Browsers take long to write text, so of a large graph only what is in sight is written at once.
  show(view) {
    const isLarge = this.graph.cards.length > LARGE;
    if (view.step !== this.view?.step && view.active.size && view.active.size < 5) this.reveal([...view.active][0]);
    const window = this.window();
    this.view = view;
    this.write(view, (place) => !isLarge || (!this.isFar && isWithin(place, window)));
    if (isLarge) this.later(250);
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
      let look = `vg-${card.kind}${isReached ? "" : " is-faint"}${view.active.has(k) ? " is-active" : ""}`;
      if (view.found.includes(k)) look += " is-found";
      this.set(parts.element, "class", k === view.selected ? `${look} is-selected` : look);
      if (card.node === null) {
        if (isSeen(parts.place)) this.writeSeveral(card, parts, this.members[k], view, isReached);
        return;
      }
      const value = view.state.values[card.node];
      const gradient = view.gradients[card.node];
      const isKnown = view.state.broken === undefined;
      this.set(parts.element, "data-value", isKnown || isReached ? exact(value) : "");
      this.set(parts.element, "data-grad", isKnown ? exact(gradient ?? 0) : "");
      if (isSeen(parts.place)) this.writeCard(card, parts, isReached ? value : undefined, gradient, view.isEnd);
    });
    this.graph.arrows.forEach((arrow, k) => this.writeArrow(arrow, k, view, isSeen));
  }

  writeArrow(arrow, k, view, isSeen) {
    const isActive = view.activeArrows.has(k);
    const isFaint = !isActive && !view.usedArrows.has(k);
    const flows = arrow.edges.map(([i, place]) => view.state.flowOf.get(edgeOf(i, place)));
    const known = flows.filter((flow) => flow !== undefined);
    const isCut = known.length > 0 && known.every((flow) => !flow.isTaken || flow.partial === 0);
    const look = `${isFaint ? " is-faint" : ""}${isActive ? " is-active" : ""}`;
    this.set(this.arrows[k], "class", `vg-edge${look}${isCut ? " is-cut" : ""}`);
    const label = this.labels[k];
    if (!label) return;
    this.set(label.element, "class", `vg-label${look}`);
    if (label.span === undefined || !isSeen(label.place)) return;
    const partials = known.filter((flow) => flow.isTaken).map((flow) => flow.partial);
    this.set(label.span, "text", isFaint ? "?" : spanned(partials.length ? partials : [0]));
  }

  // what is drawn as one shows the least and the largest number
  writeSeveral(card, parts, members, view, isReached) {
    if (parts.value === undefined) return;
    const gradients = members.map((i) => view.gradients[i] ?? (view.isEnd ? 0 : undefined));
    const isKnown = !gradients.includes(undefined);
    const value = isReached ? spanned(members.map((i) => view.state.values[i])) : "?";
    const gradient = isKnown ? spanned(gradients) : "";
    const signs = new Set(gradients.map(Math.sign));
    this.writeNumbers(parts, value, gradient, signs.size > 1 || !isKnown ? 0 : [...signs][0]);
    this.tell(card, parts, [value, gradient || "?"]);
  }

  // value and gradient are undefined where none is known yet
  writeCard(card, parts, value, gradient, isEnd) {
    const number = gradient ?? (isEnd ? 0 : undefined);
    const told = (x, write) => (x === undefined ? "?" : write(x));
    this.writeNumbers(parts, told(value, short), number === undefined ? "" : short(number), Math.sign(gradient ?? 0));
    this.tell(card, parts, [told(value, short), told(number, short)], [told(value, exact), told(number, exact)]);
  }

  writeNumbers(parts, value, gradient, sign) {
    this.set(parts.value, "text", value);
    this.set(parts.grad, "text", gradient);
    this.set(parts.grad, "class", `vg-${sign < 0 ? "negative" : sign > 0 ? "positive" : "muted"}`);
  }

  // for screen readers, and for a pointer that rests on a card, with all digits
  tell(card, parts, numbers, whole = numbers) {
    const { words } = this.graph;
    const kind = words[`kind${card.opens === undefined ? card.kind : "box"}`];
    const says = ([value, gradient]) => `${card.name}, ${kind}, ${words.value} ${value}, ${words.gradient} ${gradient}`;
    this.set(parts.element, "aria-label", says(numbers));
    this.set(parts.tip, "text", says(whole));
  }

  // moves the frame so that a card is in sight
  reveal(k, isAlways = false) {
    const { frame, scale } = this;
    const window = this.window();
    const { place } = this.cards[k];
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

  // what of the picture is in sight
  window() {
    const { frame, scale } = this;
    return {
      x: frame.scrollLeft / scale, y: frame.scrollTop / scale,
      width: frame.clientWidth / scale, height: frame.clientHeight / scale,
    };
  }
}

const isWithin = (place, window) =>
  place.x + place.width >= window.x && place.x <= window.x + window.width &&
  place.y + place.height >= window.y && place.y <= window.y + window.height;

const contains = (window, place) =>
  place.x >= window.x && place.x + place.width <= window.x + window.width &&
  place.y >= window.y && place.y + place.height <= window.y + window.height;
