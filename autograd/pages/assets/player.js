// The player: steps, time, inputs, keys, and what is said.
import { gradientsAt, propagate, stepsOf, timesOf } from "./chain_rule.js";
import { Inputs } from "./controls.js";
import { exact, filled, short } from "./numbers.js";
import { expression, nameOf, operands, branchSentence, partsOf, sentence } from "./sentences.js";
import { source } from "./source.js";
import { Stage } from "./stage.js";

const graph = JSON.parse(document.getElementById("data").textContent);
const find = (selector) => document.querySelector(selector);
const { nodes, words } = graph;

const given = graph.numbers.map(Number);
let x = [...given];
let state = propagate(graph, compute, x);
let steps, seedAt, times, reachedAt, stage, picture; // of the picture that is shown
let at = 0;
let timer;
let selected;
let found = []; // the cards that the search has found

show(graph.picture);
const inputs = new Inputs(graph, find("#inputs"), x, change, (text) => say("", "", text));

// shows one of the pictures, which differ in the scopes that are open
function show(k) {
  picture = k;
  Object.assign(graph, graph.pictures[k]);
  const progress = steps ? at / (steps.length - 1) : 0;
  steps = stepsOf(graph);
  seedAt = steps.findIndex((step) => step.kind === "seed");
  times = timesOf(graph, steps, state.flows);
  reachedAt = reachedTimes();
  at = Math.round(progress * (steps.length - 1));
  selected = undefined;
  found = [];
  find("#frame").replaceChildren(document.querySelectorAll("template")[k].content.cloneNode(true));
  stage = new Stage(graph, find("#frame"));
  stage.cards.forEach(({ element }, card) => element.addEventListener("click", () => select(card)));
  find("#hidden").textContent = graph.hidden ? filled(words.hidden, { count: graph.hidden }) : "";
  for (const [action, isPossible] of [["collapse", k > 0], ["expand", k < graph.pictures.length - 1]]) {
    const button = find(`[data-action=${action}]`);
    button.hidden = graph.pictures.length === 1;
    button.disabled = !isPossible;
  }
}

// for each card the step that reaches it: leaves are there from the start
function reachedTimes() {
  const found = graph.cards.map(() => 0);
  steps.forEach((step, k) => {
    if (step.kind === "forward") found[step.card] = k;
  });
  graph.cards.forEach((card, k) => {
    if (card.node !== null) found[k] = Math.max(found[k], found[graph.shown[card.node]]);
  });
  return found;
}

function render() {
  const step = steps[at];
  const isBroken = state.broken !== undefined; // then only the inputs have numbers
  const gradients = isBroken ? [] : gradientsAt(at, seedAt, state.flows, times, nodes.length);
  const isEnd = step.kind === "end" && !isBroken;
  const active = new Set(step.card === undefined ? [] : [step.card]);
  const activeArrows = new Set();
  graph.arrows.forEach((arrow, k) => {
    const isOne = step.kind === "backward" ? arrow.node === step.head && arrow.place === step.place : arrow.head === step.card;
    if (isOne && step.kind !== "seed") activeArrows.add(k);
    if (isOne && step.kind === "backward") active.add(arrow.tail);
  });
  const reached = new Set([...graph.cards.keys()].filter((k) => reachedAt[k] <= (isBroken ? 0 : at)));
  const usedArrows = new Set([...graph.arrows.keys()].filter((k) => reachedAt[graph.arrows[k].head] <= (isBroken ? 0 : at)));
  const partials = new Map(state.flows.map((flow) => [`${flow.head},${flow.place}`, flow]));
  stage.show({ state, gradients, reached, active, activeArrows, usedArrows, partials, isEnd, selected, found, step: at });
  inputs.showGradients(graph.leaves.map((i) => gradients[i] ?? (isEnd ? 0 : undefined)));
  say(...(isBroken ? branchSentence(graph, state) : sentence(graph, steps, at, state)));
  const counter = find("[data-step]");
  counter.dataset.step = String(at);
  counter.textContent = `${at} / ${steps.length - 1}`;
  const scrub = find("#scrub");
  scrub.max = String(steps.length - 1);
  scrub.value = String(at);
  find("[data-action=play]").setAttribute("aria-pressed", String(timer !== undefined));
  tell(gradients, isEnd);
  if (find("#table").open) fillTable(gradients, reached);
  if (find("#source").open) find("#code").textContent = source(graph, x);
  remember();
}

function say(phase, mathematics, text) {
  find("#phase").textContent = phase;
  find("#mathematics").textContent = mathematics;
  find("#words").textContent = text;
}

// --------------------------------------------------------------------------- time

function go(step) {
  at = Math.max(0, Math.min(steps.length - 1, step));
  if (at === steps.length - 1) pause();
  render();
}

function play() {
  if (timer !== undefined) return;
  if (at === steps.length - 1) at = 0;
  tick();
}

function tick() {
  timer = setTimeout(() => {
    tick();
    go(at + 1);
  }, 1000 / Number(find("#speed").value));
  render();
}

function pause() {
  clearTimeout(timer);
  timer = undefined;
  find("[data-action=play]").setAttribute("aria-pressed", "false");
}

function reset() {
  pause();
  x = [...given];
  x.forEach((number, k) => inputs.put(k, number));
  state = propagate(graph, compute, x);
  go(0);
}

function change(k, number) {
  x[k] = number;
  state = propagate(graph, compute, x);
  render();
}

// --------------------------------------------------------------------------- one node

function tell(gradients, isEnd) {
  const panel = find("#about");
  if (selected === undefined) return;
  const card = graph.cards[selected];
  const i = card.node;
  find("#aboutName").textContent = i === null ? card.name : nameOf(graph, i);
  const lines = []; // words, and mathematics
  if (i === null) lines.push([stage.cards[selected].tip.textContent, ""]);
  else {
    const node = nodes[i];
    if (node.op === undefined) lines.push([words.isLeaf, ""]);
    else lines.push([words.computedBy, expression(node, operands(graph, node, (k) => nameOf(graph, k)))]);
    const isKnown = state.broken === undefined || node.op === undefined;
    lines.push([words.value, isKnown ? exact(state.values[i]) : "?"]);
    lines.push([words.gradient, gradients[i] === undefined && !isEnd ? "?" : exact(gradients[i] ?? 0)]);
    const parts = state.broken === undefined ? partsOf(graph, i, state) : [];
    if (i === nodes.length - 1) lines.push([words.isRoot, ""]);
    else lines.push([parts.length === 0 ? words.noParts : parts.length === 1 ? words.oneUse : words.partsOf, ""]);
    lines.push(...parts.map((part) => ["", part]));
  }
  panel.replaceChildren(
    ...lines.map(([text, mathematics]) => {
      const line = document.createElement("li");
      const code = Object.assign(document.createElement("code"), { textContent: mathematics });
      line.append(text && mathematics ? `${text}: ` : text, ...(mathematics ? [code] : []));
      return line;
    }),
  );
}

function select(k) {
  selected = k;
  render();
}

// the nodes that an arrow leads from, or to
function neighbours(k, isUp) {
  return graph.arrows.filter((arrow) => (isUp ? arrow.head : arrow.tail) === k).map((arrow) => (isUp ? arrow.tail : arrow.head));
}

let trail = []; // where the last arrow key could have gone

function follow(k, key, isOther) {
  if (isOther && trail.includes(k)) {
    const next = trail[(trail.indexOf(k) + (key === "ArrowUp" ? trail.length - 1 : 1)) % trail.length];
    stage.cards[next].element.focus();
    return;
  }
  const near = [...new Set(neighbours(k, key === "ArrowUp"))];
  if (near.length === 0) return;
  trail = near;
  stage.cards[near[0]].element.focus();
}

// what has the text in its name, its label or its operation; the first is shown, and so are only these inputs
function search(text) {
  const wanted = text.trim().toLowerCase();
  const has = (...texts) => texts.some((one) => one?.toLowerCase().includes(wanted));
  const node = (card) => (card.node === null ? {} : nodes[card.node]);
  const all = [...graph.cards.keys()];
  found = wanted ? all.filter((k) => has(graph.cards[k].name, node(graph.cards[k]).label, node(graph.cards[k]).op)) : [];
  find("#matches").textContent = wanted ? filled(words.matches, { count: found.length }) : "";
  inputs.filter((k) => has(nodes[graph.leaves[k]].label, nameOf(graph, graph.leaves[k])));
  if (found.length) stage.reveal(found[0]);
  render();
}

// goes to the next that was found
function next() {
  if (!found.length) return;
  const k = found[(found.indexOf(selected) + 1) % found.length];
  stage.reveal(k);
  select(k);
}

// --------------------------------------------------------------------------- other views

function fillTable(gradients, reached) {
  const rows = graph.cards.flatMap((card, k) => {
    if (card.node === null) return [];
    const node = nodes[card.node];
    const cells = [
      nameOf(graph, card.node),
      node.op === undefined ? words[`kind${card.kind}`] : expression(node, operands(graph, node, (i) => nameOf(graph, i))),
      reached.has(k) ? short(state.values[card.node]) : "?",
      gradients[card.node] === undefined ? "" : short(gradients[card.node]),
    ];
    const row = document.createElement("tr");
    row.append(...cells.map((text, j) => Object.assign(document.createElement(j ? "td" : "th"), { textContent: text })));
    row.firstChild.scope = "row";
    return [row];
  });
  find("#rows").replaceChildren(...rows);
}

async function copy() {
  const said = find("#copied");
  try {
    await navigator.clipboard.writeText(find("#code").textContent);
    said.textContent = words.copied;
  } catch {
    getSelection().selectAllChildren(find("#code"));
    said.textContent = words.notCopied; // a frame in a notebook may not write to the clipboard
  }
}

// --------------------------------------------------------------------------- the link

let waiting;

function remember() {
  clearTimeout(waiting);
  if (!/^(file|https?):$/.test(location.protocol)) return; // a frame in a notebook has no link of its own
  waiting = setTimeout(() => {
    const link = new URLSearchParams(picture === graph.picture ? {} : { open: String(picture) });
    if (at) link.set("step", String(at));
    x.forEach((number, k) => Object.is(number, given[k]) || link.set(String(k), exact(number)));
    const hash = String(link);
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", `#${hash}`);
  }, 250);
}

function recall() {
  const link = new URLSearchParams(location.hash.slice(1));
  x = given.map((number, k) => (link.has(String(k)) ? Number(link.get(String(k)).replace("inf", "Infinity")) : number));
  x.forEach((number, k) => inputs.put(k, number));
  state = propagate(graph, compute, x);
  const open = Number(link.get("open") ?? graph.picture);
  if (open !== picture && graph.pictures[open]) show(open);
  go(Number(link.get("step")) || 0);
}

// --------------------------------------------------------------------------- events

const actions = {
  "step-forward": () => (pause(), go(at + 1)),
  "step-backward": () => (pause(), go(at - 1)),
  play,
  pause: () => (pause(), render()),
  reset,
  "zoom-in": () => stage.zoom(stage.scale * 1.25),
  "zoom-out": () => stage.zoom(stage.scale / 1.25),
  fit: () => stage.fit(),
  expand: () => (show(Math.min(picture + 1, graph.pictures.length - 1)), search(find("#search").value)),
  collapse: () => (show(Math.max(picture - 1, 0)), search(find("#search").value)),
  copy,
};

for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", () => actions[button.dataset.action]());
}
find("#scrub").addEventListener("input", (event) => (pause(), go(Number(event.target.value))));
for (const id of ["#table", "#source"]) find(id).addEventListener("toggle", render);
find("#search").addEventListener("input", (event) => search(event.target.value));
find("#search").addEventListener("keydown", (event) => event.key === "Enter" && next());
addEventListener("hashchange", recall);

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const { target, key } = event;
  if (target.closest("input, textarea, select")) return;
  const k = graph.cards.findIndex((card, j) => stage.cards[j].element === target);
  if (key === " " && (k >= 0 || !target.closest("button, summary"))) timer === undefined ? play() : actions.pause();
  else if (key === "ArrowRight") actions["step-forward"]();
  else if (key === "ArrowLeft") actions["step-backward"]();
  else if (k >= 0 && (key === "ArrowUp" || key === "ArrowDown")) follow(k, key, event.shiftKey);
  else if (k >= 0 && key === "Enter") select(k);
  else return;
  event.preventDefault();
});

recall();
