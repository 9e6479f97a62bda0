// The player: steps, time, inputs, scopes, keys, and what is said.
import { gradientsAt, needed, placeOf, propagate, stepsOf, timesOf } from "./chain_rule.js";
import { Inputs } from "./controls.js";
import { exact, filled, short } from "./numbers.js";
import { linkOf, numbersOf } from "./link.js";
import { leadingTo } from "./paths.js";
import { visible } from "./scopes.js";
import { branchSentence, expression, nameOf, operands, sentence } from "./sentences.js";
import { source } from "./source.js";
import { Stage } from "./stage.js";
import { linesAbout } from "./about.js";

export class Player {
  // host: the document, or a shadow root, that has the markup of the player. compute(x): the module of the graph.
  // hasLink: whether the address in the browser keeps the step and the inputs.
  constructor(host, graph, compute, { hasLink = false } = {}) {
    this.graph = graph;
    this.compute = compute;
    this.find = (selector) => host.querySelector(selector);
    this.hasLink = hasLink && /^(file|https?):$/.test(location.protocol); // a frame in a notebook has no link of its own
    this.given = graph.numbers.map(Number);
    this.x = [...this.given];
    this.first = [...graph.scopes, ...graph.groups].map(({ isOpen }) => Boolean(isOpen)); // what links refer to
    this.isOpen = [...this.first];
    this.at = 0;
    this.found = []; // the cards that the search has found
    [graph.root] = graph.roots;
    this.state = propagate(graph, compute, this.x);
    this.arrange();
    while (graph.isFree && graph.frames.length && !this.stage.isReadable) this.level(false);
    this.begun = [...this.isOpen];
    const say = (text) => this.say("", "", text);
    this.inputs = new Inputs(graph, this.find("#inputs"), this.x, (k, number) => this.change(k, number), say);
    this.chooseRoot();
    this.listen(host);
    if (this.hasLink) {
      addEventListener("hashchange", () => this.recall());
      this.recall();
    } else {
      this.stage.begin();
      this.go(0);
    }
  }

  // a player within a page of another kind, in a shadow root, so that its names and its style are its own
  static within(element, { markup, style, graph }, compute) {
    const host = element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${document.querySelector("style").textContent}\n${style}`);
    host.adoptedStyleSheets = [sheet];
    const template = document.createElement("template");
    template.innerHTML = markup;
    host.append(template.content);
    return new Player(host, graph, compute);
  }

  // the numbers of all leaves, in their order: all follows
  set(x) {
    this.x = Array.from(x);
    this.x.forEach((number, k) => this.inputs.put(k, number));
    this.state = propagate(this.graph, this.compute, this.x);
    this.render();
  }

  // --------------------------------------------------------------------------- what is shown

  // lays out what is shown while these scopes are open; the step stays, or is the nearest earlier one
  arrange() {
    const { graph } = this;
    const selected = this.selected === undefined ? undefined : graph.cards[this.selected];
    const step = this.steps?.[this.at];
    Object.assign(graph, visible(graph, this.isOpen));
    this.count();
    this.at = step ? placeOf(step, this.steps) : 0;
    this.stage?.leave();
    this.stage = new Stage(graph, this.find("#frame"));
    this.stage.cards.forEach(({ element }, card) => {
      element.addEventListener("click", () => this.select(card));
      element.addEventListener("focus", () => this.isToggling || this.stage.reveal([card]));
    });
    const place = selected ? graph.shown[selected.node ?? selected.members[0]] : -1;
    this.selected = place >= 0 ? place : undefined;
    const hidden = graph.cards.reduce((sum, card) => sum + (card.node === null ? card.members.length : 0), 0);
    this.find("#hidden").textContent = hidden ? filled(graph.words.hidden, { count: hidden }) : "";
    this.find("[data-action=expand]").hidden = this.find("[data-action=collapse]").hidden = !this.isOpen.length;
    this.find("[data-action=expand]").disabled = !graph.cards.some((card) => card.opens !== undefined);
    this.find("[data-action=collapse]").disabled = !graph.frames.length;
  }

  // the steps of what is shown
  count() {
    this.steps = stepsOf(this.graph);
    this.seedAt = this.steps.findIndex((step) => step.kind === "seed");
    this.times = timesOf(this.graph, this.steps, this.state.flows);
    this.reachedAt = this.graph.cards.map(() => 0); // leaves are there from the start
    this.steps.forEach((step, k) => {
      if (step.kind === "forward") this.reachedAt[step.card] = k;
    });
  }

  // opens or closes a scope, which stays where it is in sight
  toggle(scope, isOpen) {
    const { graph } = this;
    const before = this.stage.placeOf(scope);
    const { seesActive } = this.stage;
    this.isOpen[scope] = isOpen;
    const { scale } = this.stage;
    this.arrange();
    this.stage.zoom(scale);
    this.stage.measure();
    this.search(this.find("#search").value, false);
    this.stage.keep(scope, before);
    if (seesActive && this.stage.active.length) this.stage.reveal(this.stage.active);
    const members = graph.cards.findIndex((card) => card.opens === scope);
    const card = members >= 0 ? members : graph.cards.findIndex((one) => one.scope === scope);
    this.isToggling = true;
    (this.stage.cards[card] ?? this.stage.cards[0]).element.focus({ preventScroll: true });
    this.isToggling = false;
  }

  // opens the outermost closed scopes, or closes the innermost open ones
  toggleAll(isOpen) {
    this.level(isOpen);
    this.stage.begin();
    this.search(this.find("#search").value);
  }

  level(isOpen) {
    const { graph } = this;
    const depth = (s) => (graph.scopes[s] === undefined || graph.scopes[s].parent === null ? 0 : 1 + depth(graph.scopes[s].parent));
    const all = isOpen ? graph.cards.filter((card) => card.opens !== undefined).map((card) => card.opens) : graph.frames;
    const level = isOpen ? Math.min(...all.map(depth)) : Math.max(...all.map(depth));
    for (const s of all) if (depth(s) === level) this.isOpen[s] = isOpen;
    this.arrange();
  }

  // of several results, the one whose gradients are shown
  chooseRoot() {
    const { graph } = this;
    const choice = this.find("#root");
    choice.parentElement.hidden = graph.roots.length < 2;
    choice.replaceChildren(
      ...graph.roots.map((i) => Object.assign(document.createElement("option"), { value: String(i), textContent: nameOf(graph, i) })),
    );
    choice.addEventListener("change", () => this.differentiate(Number(choice.value)));
  }

  differentiate(root) {
    this.graph.root = root;
    this.find("#root").value = String(root);
    this.state = propagate(this.graph, this.compute, this.x);
    this.count();
    this.at = Math.min(this.at, this.steps.length - 1);
    this.render();
  }

  render() {
    const { graph, state, steps, at, stage } = this;
    const step = steps[at];
    const isBroken = state.broken !== undefined; // then only the inputs have numbers
    const gradients = isBroken ? [] : gradientsAt(at, this.seedAt, state.flows, this.times, graph);
    const isEnd = step.kind === "end" && !isBroken;
    const active = new Set(step.card === undefined ? [] : [step.card]);
    const activeArrows = new Set();
    graph.arrows.forEach((arrow, k) => {
      const isOne = step.kind === "backward" ? arrow.node === step.head && arrow.place === step.place : arrow.head === step.card;
      if (isOne && step.kind !== "seed") activeArrows.add(k);
      if (isOne && step.kind === "backward") active.add(arrow.tail);
    });
    const onPaths = this.arrowsOfPaths();
    const isReached = (k) => this.reachedAt[k] <= (isBroken ? 0 : at);
    const reached = new Set([...graph.cards.keys()].filter(isReached));
    const usedArrows = new Set([...graph.arrows.keys()].filter((k) => isReached(graph.arrows[k].head)));
    stage.show({
      state, gradients, reached, active, activeArrows, usedArrows, onPaths, isEnd,
      selected: this.selected, found: this.found, step: at,
    });
    this.inputs.showGradients(graph.leaves.map((i) => gradients[i] ?? (isEnd ? 0 : undefined)));
    this.say(...(isBroken ? branchSentence(graph, state) : sentence(graph, steps, at, state)));
    const counter = this.find("[data-step]");
    counter.dataset.step = String(at);
    counter.textContent = `${at} / ${steps.length - 1}`;
    const scrub = this.find("#scrub");
    scrub.max = String(steps.length - 1);
    scrub.value = String(at);
    this.find("[data-action=play]").setAttribute("aria-pressed", String(this.timer !== undefined));
    if (this.selected !== undefined) linesAbout(this, gradients, isReached(this.selected), isEnd);
    if (this.find("#table").open) this.fillTable(gradients, reached, isEnd);
    if (this.find("#source").open) this.find("#code").textContent = source(graph, this.x);
    this.remember();
  }

  // the arrows by which the gradient of the selected node comes
  arrowsOfPaths() {
    const { graph } = this;
    const node = graph.cards[this.selected]?.node ?? null;
    if (node === null) return new Set();
    const isNeeded = needed(graph);
    const above = leadingTo(graph, node);
    const isOn = ([head, place]) => isNeeded[head] && above.has(graph.nodes[head].inputs[place]);
    return new Set([...graph.arrows.keys()].filter((k) => graph.arrows[k].edges.some(isOn)));
  }

  say(phase, mathematics, text) {
    this.find("#phase").textContent = phase;
    this.find("#mathematics").textContent = mathematics;
    this.find("#words").textContent = text;
  }

  // --------------------------------------------------------------------------- time

  go(step) {
    this.at = Math.max(0, Math.min(this.steps.length - 1, step));
    if (this.at === this.steps.length - 1) this.pause();
    this.render();
  }

  move(by) {
    this.pause();
    this.go(this.at + by);
  }

  play() {
    if (this.timer !== undefined) {
      this.pause();
      this.render();
      return;
    }
    if (this.at === this.steps.length - 1) this.at = 0;
    this.tick();
  }

  tick() {
    this.timer = setTimeout(() => {
      this.tick();
      this.go(this.at + 1);
    }, 1000 / Number(this.find("#speed").value));
    this.render();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.find("[data-action=play]").setAttribute("aria-pressed", "false");
  }

  reset() {
    this.pause();
    this.at = 0;
    this.set(this.given);
  }

  change(k, number) {
    this.x[k] = number;
    this.state = propagate(this.graph, this.compute, this.x);
    this.render();
  }

  // --------------------------------------------------------------------------- nodes

  select(k) {
    this.selected = k;
    this.render();
  }

  // the arrow keys go along edges, and with Shift to the next node on the same side
  follow(k, key, isOther) {
    const { arrows } = this.graph;
    const isUp = key === "ArrowUp";
    if (isOther && this.trail?.includes(k)) {
      const next = this.trail[(this.trail.indexOf(k) + (isUp ? this.trail.length - 1 : 1)) % this.trail.length];
      this.stage.cards[next].element.focus();
      return;
    }
    const near = arrows.filter((arrow) => (isUp ? arrow.head : arrow.tail) === k).map((arrow) => (isUp ? arrow.tail : arrow.head));
    if (near.length === 0) return;
    this.trail = [...new Set(near)];
    this.stage.cards[near[0]].element.focus();
  }

  // what has the text in its name, its label or its operation; the first is shown, and so are only these inputs
  search(text, reveals = true) {
    const { cards, nodes, leaves, words } = this.graph;
    const wanted = text.trim().toLowerCase();
    const has = (...texts) => texts.some((one) => one?.toLowerCase().includes(wanted));
    const isFound = (card) => has(card.name) || card.members.some((i) => has(nodes[i].name, nodes[i].label, nodes[i].op));
    this.found = wanted ? [...cards.keys()].filter((k) => isFound(cards[k])) : [];
    this.find("#matches").textContent = wanted ? filled(words.matches, { count: this.found.length }) : "";
    this.inputs.filter((k) => has(nodes[leaves[k]].label, nodes[leaves[k]].name));
    if (this.found.length && reveals) this.stage.reveal([this.found[0]]);
    this.render();
  }

  // goes to the next that was found
  next() {
    if (!this.found.length) return;
    const k = this.found[(this.found.indexOf(this.selected) + 1) % this.found.length];
    this.stage.reveal([k]);
    this.select(k);
  }

  // --------------------------------------------------------------------------- other views

  fillTable(gradients, reached, isEnd) {
    const { graph, state } = this;
    const rows = graph.cards.flatMap((card, k) => {
      if (card.node === null) return [];
      const node = graph.nodes[card.node];
      const gradient = gradients[card.node] ?? (isEnd ? 0 : undefined);
      const cells = [
        nameOf(graph, card.node),
        node.op === undefined ? graph.words[`kind${card.kind}`] : expression(node, operands(graph, node, (i) => nameOf(graph, i))),
        reached.has(k) ? short(state.values[card.node]) : "?",
        gradient === undefined ? "" : short(gradient),
      ];
      const row = document.createElement("tr");
      row.append(...cells.map((text, j) => Object.assign(document.createElement(j ? "td" : "th"), { textContent: text })));
      row.firstChild.scope = "row";
      return [row];
    });
    this.find("#rows").replaceChildren(...rows);
  }

  async copy() {
    const said = this.find("#copied");
    try {
      await navigator.clipboard.writeText(this.find("#code").textContent);
      said.textContent = this.graph.words.copied;
    } catch {
      getSelection().selectAllChildren(this.find("#code"));
      said.textContent = this.graph.words.notCopied; // a frame in a notebook may not write to the clipboard
    }
  }

  // --------------------------------------------------------------------------- the link

  remember() {
    clearTimeout(this.waiting);
    if (!this.hasLink) return;
    this.waiting = setTimeout(() => {
      const hash = linkOf(this);
      if (hash !== location.hash.slice(1)) history.replaceState(null, "", `#${hash}`);
    }, 250);
  }

  recall() {
    const link = new URLSearchParams(location.hash.slice(1));
    const { x, isOpen, root, step } = numbersOf(link, this);
    this.graph.root = root;
    this.find("#root").value = String(root);
    this.isOpen = isOpen;
    this.set(x);
    this.arrange();
    this.stage.begin();
    this.go(step);
  }

  // --------------------------------------------------------------------------- events

  listen(host) {
    const { find } = this;
    const actions = {
      "step-forward": () => this.move(1),
      "step-backward": () => this.move(-1),
      play: () => this.play(),
      pause: () => (this.pause(), this.render()),
      reset: () => this.reset(),
      "zoom-in": () => this.stage.zoomBy(1.25),
      "zoom-out": () => this.stage.zoomBy(0.8),
      fit: () => this.stage.fit(),
      expand: () => this.toggleAll(true),
      collapse: () => this.toggleAll(false),
      "open-scope": (button) => this.toggle(Number(button.dataset.scope), true),
      "close-scope": (button) => this.toggle(Number(button.dataset.scope), false),
      copy: () => this.copy(),
    };
    host.addEventListener("click", (event) => {
      const button = event.target.closest("[data-action]");
      if (button) actions[button.dataset.action]?.(button);
    });
    find("#scrub").addEventListener("input", (event) => (this.pause(), this.go(Number(event.target.value))));
    for (const id of ["#table", "#source"]) find(id).addEventListener("toggle", () => this.render());
    find("#search").addEventListener("input", (event) => this.search(event.target.value));
    find("#search").addEventListener("keydown", (event) => event.key === "Enter" && this.next());
    host.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { target, key } = event;
    if (target.closest("input, textarea, select")) return;
    const k = this.stage.cards.findIndex(({ element }) => element === target);
    const card = this.graph.cards[k];
    if (key === " " && (card || !target.closest("button, summary"))) this.play();
    else if (key === "ArrowRight") this.move(1);
    else if (key === "ArrowLeft") this.move(-1);
    else if (card && (key === "ArrowUp" || key === "ArrowDown")) this.follow(k, key, event.shiftKey);
    else if (card && key === "Enter") this.select(k);
    else if (card?.opens !== undefined && key === "+") this.toggle(card.opens, true);
    else if (card && card.scope !== null && key === "-") this.toggle(card.scope, false);
    else return;
    event.preventDefault();
  }
}
