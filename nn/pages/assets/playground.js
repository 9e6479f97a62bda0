// The playground: training, time, controls, and what is shown.
import { exact, filled, parsed, short } from "./numbers.js";
import { colours, drawHistogram, drawImage, drawLosses, Learned, meanings } from "./charts.js";
import { Network } from "./network.js";
import { errorOf, FLAT, moveOf, outputText, repeatOf, resultOf, several } from "./phases.js";
import { Player } from "./player.js";
import { Run } from "./run.js";
import { Training } from "./training.js";

export const data = JSON.parse(document.getElementById("data").textContent);
export const find = (selector) => document.querySelector(selector);
export const { words } = data;
const { columns } = data;

const BUDGET = 10; // milliseconds of training in a frame, at least
const FASTEST = 0.6; // steps in a millisecond: more would be too fast to see
const FEW = 8; // samples that are listed one by one
const PACE = [2500, 60]; // milliseconds for each of the four steps, slowly; and for each sign that it says

export const training = new Training(data, compute);
export const run = data.run && new Run(data);
if (run) training.begin(run.weights());
const nInputs = columns[0].size;
const nOutputs = columns[columns.length - 1].size;
const width = columns.slice(1).reduce((sum, column) => sum + column.size, 0);
const network = new Network(data, find("#network"));
const learned = data.ranges.length ? new Learned(data, find("#learned")) : undefined;
const layerValues = learned && new Float64Array((learned.inputs.length / nInputs) * width);
const layersOfParameters = columns.slice(1).map(({ weights, biases }) => [...weights.flat(), ...biases].filter((k) => k !== null));

let sample = 0; // the one whose numbers the network shows
let mode = "paused"; // or "running", or "slow"
let phase; // of the four, while they are told
let marked; // the weight that is told of
let pointed; // the box whose activation the map shows, instead of the output
let frame;
let timer;
let paint = colours();

// --------------------------------------------------------------------------- what is shown

export function render() {
  const row = Float64Array.from(data.rows[sample]);
  const numbers = compute.sample.rows(1, row, told());
  const values = [...row.subarray(0, nInputs), ...numbers.subarray(1, 1 + width)];
  const isTold = (k) => mode === "slow" && phase === k;
  network.show(training.p, values, numbers.subarray(1 + width), marked, isTold(0) || isTold(1) ? columns.length - 1 : undefined);
  find(".say").classList.toggle("is-told", mode === "slow");
  find("#networkCard").classList.toggle("is-told", isTold(0) || isTold(2));
  find("#learnedCard").classList.toggle("is-told", isTold(1));
  find("#lossCard").classList.toggle("is-told", isTold(3));
  training.measure();
  show("data-step", String(training.steps), String(training.steps));
  find("#steps").hidden = run !== null && training.steps === 0;
  show("data-loss", exact(training.loss), short(training.loss));
  const { validation } = training;
  if (validation !== undefined) show("data-validation-loss", exact(validation), short(validation));
  if (run?.curve.length && training.steps === 0) drawLosses(find("#losses"), paint, run.curve, run.epoch);
  else drawLosses(find("#losses"), paint, training.losses);
  if (learned) {
    const n = learned.inputs.length / nInputs;
    isTraced(() => compute.layers.rows(n, learned.inputs, training.p, layerValues)); // else what could be computed
    const neuron = pointed && { offset: pointed.place - nInputs, width };
    learned.draw(paint, layerValues, width, nOutputs, sample, neuron);
    for (const box of network.boxes) {
      if (box.map) learned.drawSmall(box.map, paint, layerValues, { offset: box.place - nInputs, width });
    }
    find("#learnedName").textContent = pointed ? filled(words.neuron, { name: pointed.name }) : words.learned;
  }
  if (data.image) drawImages(row.subarray(0, nInputs), numbers.subarray(1 + width, 1 + width + nInputs));
  if (areClasses) countRight();
  if (run) showEpoch();
  showSamples();
  showParameters();
  if (data.player) showGraph();
  drawHistograms();
  find("[data-action=train]").setAttribute("aria-pressed", String(mode === "running"));
  find("[data-action=slow]").setAttribute("aria-pressed", String(mode === "slow"));
  find("[data-action=slow]").textContent = mode === "slow" ? words.next : words.slow;
  const target = several(row.subarray(nInputs));
  const texts = { sample, target, output: outputText(words, values.slice(-nOutputs), data.scale.kind), error: short(numbers[0]) };
  find("#about").textContent = filled(words.about, texts);
  find("#sample").setAttribute("aria-valuetext", find("#about").textContent);
}

// the weights whose numbers are shown: while step 3 is told, those before it
const told = () => (phase === 2 ? move.p : training.p);

// the graph of the sample, in the player; while the network trains, it stays
let player;

function showGraph() {
  find("#graphOf").textContent = String(sample);
  if (!find("#graph").open || mode === "running") return;
  player ??= Player.within(find("#player"), data.player, compute.player);
  const numbers = [...data.rows[sample], ...told()];
  player.set(data.player.places.map((place, k) => (place === null ? data.player.graph.numbers[k] : numbers[place])));
}

find("#graph").hidden = data.player === null;
find("#graph").addEventListener("toggle", showGraph);

function show(name, number, text) {
  const element = find(`[${name}]`);
  element.setAttribute(name, number);
  element.textContent = text;
}

// the sample, the gradient of its error by each pixel, and the weights of the first layer
function drawImages(pixels, slopes) {
  drawImage(network.pictures[0], paint, pixels, data.image, false);
  drawImage(network.pictures[1], paint, slopes, data.image, true);
  for (const box of network.boxes) {
    if (!box.map) continue;
    const weights = Float64Array.from(columns[1].weights[box.row], (place) => training.p[place]);
    drawImage(box.map, paint, weights, data.image, true);
  }
}

const areClasses = data.scale.kind === "classes";
const inputsOfAll = areClasses && Float64Array.from(data.rows.flatMap((row) => row.slice(0, nInputs)));
find("#right").hidden = !areClasses;

function countRight() {
  const n = data.rows.length;
  let layers;
  if (!isTraced(() => (layers = compute.layers.rows(n, inputsOfAll, training.p)))) return;
  let right = 0;
  for (let k = 0; k < n; k++) {
    const outputs = layers.subarray((k + 1) * width - nOutputs, (k + 1) * width);
    right += outputs.indexOf(Math.max(...outputs)) === data.rows[k][nInputs];
  }
  show("data-accuracy", exact(right / n), `${Number(((100 * right) / n).toPrecision(3))} %`);
}

// of a function, which has no diagram, the parameters are listed
const listed = layersOfParameters.every((places) => places.length === 0) && data.names.length <= 30 ? data.names : [];
find("#numbers").hidden = listed.length === 0;
const cells = listed.map((name) => {
  const row = find("#numbers tbody").insertRow();
  const head = Object.assign(document.createElement("th"), { scope: "row", textContent: name });
  row.append(head);
  row.dataset.parameter = name;
  return [row, row.insertCell(), row.insertCell()];
});

function showParameters() {
  cells.forEach(([row, value, gradient], k) => {
    row.dataset.value = exact(training.p[k]);
    row.dataset.grad = exact(training.gradient[k]);
    value.textContent = short(training.p[k]);
    gradient.textContent = short(training.gradient[k]);
    row.classList.toggle("is-told", k === marked);
  });
}

const histograms = layersOfParameters.map((places, k) => {
  if (places.length === 0) return undefined;
  const layer = k === layersOfParameters.length - 1 ? words.outputs : columns[k + 1].name;
  const name = document.createElement("span");
  name.textContent = layer;
  const canvases = [words.weightsOf, words.gradientsOf].map((text) => {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.dataset.says = filled(text, { layer });
    return canvas;
  });
  find("#bins").append(name, ...canvases);
  return canvases;
});
find("#histograms").hidden = histograms.every((pair) => pair === undefined);

function drawHistograms() {
  histograms.forEach((pair, k) => {
    pair?.forEach((canvas, which) => {
      const numbers = layersOfParameters[k].map((place) => (which ? training.gradient : training.p)[place]);
      const reach = drawHistogram(canvas, paint, numbers);
      canvas.setAttribute("aria-label", filled(words.histogramSays, { what: canvas.dataset.says, reach: short(reach) }));
    });
  });
}

// of a few samples, all numbers in a table
const samples = data.rows.length <= FEW ? data.rows.map((_, k) => find("#samples tbody").insertRow(k)) : [];
find("#samples").hidden = samples.length === 0;
for (const row of samples) for (let k = 0; k < 5; k++) row.insertCell();

function showSamples() {
  samples.forEach((element, k) => {
    const row = data.rows[k];
    const numbers = compute.sample.rows(1, Float64Array.from(row), told());
    const outputs = numbers.subarray(1 + width - nOutputs, 1 + width);
    const texts = [String(k), several(row.slice(0, nInputs)), several(row.slice(nInputs)), several(outputs), short(numbers[0])];
    texts.forEach((text, i) => (element.cells[i].textContent = text));
    element.classList.toggle("is-chosen", k === sample);
  });
}

function showEpoch() {
  const last = run.epochs[run.epochs.length - 1];
  const more = training.steps ? ` · ${words.stepCount} ${training.steps}` : "";
  find("[data-epoch]").textContent = `${run.epoch} / ${last}${more}`;
  find("#lossHint").textContent = training.steps ? words.lossHint : words.lossHintOfRun;
}

export function say(mathematics, text, title = "") {
  find("#phase").textContent = title;
  find("#mathematics").textContent = mathematics;
  find("#words").textContent = text;
}

export function light(k) {
  phase = k;
  for (const card of document.querySelectorAll("[data-phase]")) {
    if (Number(card.dataset.phase) === k) card.setAttribute("aria-current", "step");
    else card.removeAttribute("aria-current");
  }
}

// --------------------------------------------------------------------------- training

// whether it ran, on branches that were traced
function isTraced(run) {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

// mayGoOn: whether there is time for another step before the loss is measured
function stepOnce(mayGoOn) {
  if (!isTraced(() => training.advance(mayGoOn))) {
    stop();
    say("", words.branch);
    return false;
  }
  if (Number.isFinite(training.loss)) return true;
  stop();
  say("", words.notFinite);
  return false;
}

// trains for as long as the page was drawn, or longer
function trainOn() {
  const begin = performance.now();
  const most = training.steps + Math.ceil(FASTEST * Math.min(begin - drawnAt, 100));
  const end = begin + Math.max(BUDGET, drawingTook);
  const mayGoOn = () => training.steps < most && performance.now() < end;
  const isBatch = training.size < training.n; // then the loss of all samples takes longer than a step
  do if (!stepOnce(isBatch ? mayGoOn : undefined)) break;
  while (mayGoOn());
  const trainedAt = performance.now();
  watch();
  render();
  drawnAt = begin;
  drawingTook = performance.now() - trainedAt;
  if (mode === "running") frame = requestAnimationFrame(trainOn);
}

// says while it trains whether it can end, or goes wrong
let watched;

function watch() {
  if (mode !== "running") return;
  const [, first] = training.losses[0];
  const isWorse = first > 0 && training.loss > 10 * first;
  const text = isWorse ? words.explodes : largest(training.gradient) < FLAT ? words.ended : words.running;
  const said = filled(text, { before: short(first) });
  if (watched !== said) say("", said);
  watched = said;
}

const largest = (numbers) => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

let drawnAt = 0;
let drawingTook = 0;

export function stop() {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  mode = "paused";
  marked = undefined;
}

function train() {
  if (mode === "running") {
    pause();
    return;
  }
  stop();
  light(undefined);
  mode = "running";
  watched = words.running;
  say("", watched);
  drawnAt = performance.now();
  frame = requestAnimationFrame(trainOn);
}

function pause() {
  const wasRunning = mode === "running";
  stop();
  if (wasRunning) say("", filled(words.paused, { step: training.steps, loss: short(training.loss) }));
  render();
}

function trainStep() {
  stop();
  light(undefined);
  if (update()) tell(3);
  render();
}

function reset() {
  stop();
  training.reset();
  light(undefined);
  say("", words.start);
  render();
}

// --------------------------------------------------------------------------- slowly

let move; // what the last update did

function slow() {
  if (mode !== "slow") stop();
  mode = "slow";
  next();
}

// the next of the four steps; the third is the update
function next() {
  clearTimeout(timer);
  const k = phase === undefined ? 0 : (phase + 1) % 4;
  if (k === 0 && !training.next().includes(sample)) pick(training.next()[0]); // one that will move the weights
  if (k === 2 && !update()) {
    render();
    return;
  }
  marked = k === 2 ? move.place : undefined;
  tell(k);
  render();
  bringIntoSight();
}

// goes on until the step whose card was pressed
function goToPhase(card) {
  const wanted = Number(card.parentElement.dataset.phase);
  if (mode === "slow" && phase === wanted) return;
  do slow();
  while (mode === "slow" && phase !== wanted);
}

// scrolls to the card that is lit, unless most of it can be seen below what is said
function bringIntoSight() {
  const card = find(".card.is-told");
  if (!card || card.hidden) return;
  const above = find(".say").offsetHeight + 8;
  const { top, bottom, height } = card.getBoundingClientRect();
  if (Math.min(bottom, innerHeight) - Math.max(top, above) >= 0.6 * Math.min(height, innerHeight - above)) return;
  card.style.scrollMarginTop = `${above}px`;
  card.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

// one update, and what it did to the weight with the largest gradient
function update() {
  training.measure();
  const before = training.p.slice();
  const lossBefore = training.loss;
  if (!stepOnce()) return false;
  const slopes = training.used;
  const moved = data.groups.reduce((sum, group) => sum + group.size, 0);
  let place = 0;
  for (let k = 1; k < moved; k++) if (Math.abs(slopes[k]) > Math.abs(slopes[place])) place = k;
  const picked = training.size < training.n ? training.picked : Array.from(data.rows.keys());
  const [ends, name] = [network.ends(place), data.names[place]];
  move = { place, lossBefore, p: before, picked, before: before[place], after: training.p[place], gradient: slopes[place], name, ends };
  return true;
}

// the share of the sample in the gradient of a weight, with its factors by the chain rule; and the shares of all
function chainOf({ p, place, ends, picked }) {
  const slopes = new Float64Array(p.length);
  const shareOf = (k) => (compute.loss.gradient(1, Float64Array.from(data.rows[k]), p, slopes), slopes[place]);
  const shares = picked.length <= FEW ? picked.map(shareOf) : [];
  const chain = { k: sample, share: shareOf(sample), shares };
  if (ends === undefined) return chain;
  const { source, target } = ends;
  const numbers = compute.sample.rows(1, Float64Array.from(data.rows[sample]), p);
  const valueOf = (at) => (at < nInputs ? data.rows[sample][at] : numbers[1 + at - nInputs]);
  const atTarget = numbers[1 + width + target.place];
  const activation = source ? valueOf(source.place) : 1;
  const { functions, biases } = columns[target.column];
  const bias = biases[target.row] ?? null;
  const atSum = bias === null ? chain.share / activation : slopes[bias];
  const slope = functions.some((name) => name !== "linear") ? { x: atSum / atTarget, name: functions.join(" · ") } : undefined;
  const product = atTarget * (slope?.x ?? 1) * activation;
  const holds = !/softmax/i.test(slope?.name) && Math.abs(product - chain.share) <= 1e-9 * Math.abs(chain.share) + 1e-15;
  return holds ? { ...chain, atTarget, slope, activation } : chain;
}

// the mean error of these samples, before the last step and after it
function errorsOf(picked) {
  const rows = Float64Array.from(picked.flatMap((k) => data.rows[k]));
  return [move.p, training.p].map((p) => compute.loss.rows(picked.length, rows, p).reduce((sum, x) => sum + x, 0) / picked.length);
}

function tell(k) {
  light(k);
  const row = Float64Array.from(data.rows[sample]);
  const numbers = compute.sample.rows(1, row, training.p);
  const outputs = [...numbers.subarray(1 + width - nOutputs, 1 + width)];
  const [inputs, targets] = [[...row.subarray(0, nInputs)], [...row.subarray(nInputs)]];
  const { loss, rate, decay, n } = training;
  const batch = () => (move.picked.length < n ? [...errorsOf(move.picked), move.picked.length] : undefined);
  const texts = [
    () => resultOf(words, { k: sample, inputs, outputs, kind: data.scale.kind, step: training.steps, epoch: run?.epoch, isFunction: network.lines.length === 0 }),
    () => errorOf(words, { k: sample, outputs, targets, lossName: data.loss, sampleLoss: numbers[0], loss, n }),
    () => moveOf(words, { ...move, rate, decay, isPlain: isPlain(), kind: data.kind, chain: chainOf(move), n, graph: data.player !== null }),
    () => repeatOf(words, { before: move.lossBefore, after: loss, own: errorsOf([sample]), batch: batch(), k: sample, n, largest: largest(training.used) }),
  ];
  say(...texts[k](), `${k + 1} · ${words[`phase${k + 1}`]}`);
  clearTimeout(timer);
  if (mode === "slow") timer = setTimeout(next, PACE[0] + PACE[1] * find("#words").textContent.length);
}

// whether a step is minus the rate times the gradient, and no more than a decay
function isPlain() {
  return data.kind === "SGD" && data.groups[0].results === 1 && data.groups.length === 1;
}

// --------------------------------------------------------------------------- settings

// a slider of powers of ten, and a field; none is for the end that means 0
function setting(name, low, high, isZeroAllowed) {
  const slider = find(`input[type=range][data-input=${name}]`);
  const field = find(`[data-field=${name}]`);
  const property = name === "learning_rate" ? "rate" : "decay";
  const put = () => {
    field.value = exact(training[property]);
    const x = training[property];
    slider.value = String(x > 0 ? Math.log10(x) : low);
    slider.setAttribute("aria-valuetext", short(x));
  };
  const first = training[property] > 0 ? Math.log10(training[property]) : low;
  slider.min = String(Math.min(low, Math.floor(first)));
  slider.max = String(Math.max(high, Math.ceil(first)));
  slider.addEventListener("input", () => {
    const power = Number(slider.value);
    training[property] = isZeroAllowed && power <= Number(slider.min) ? 0 : Number((10 ** power).toPrecision(2));
    field.value = exact(training[property]);
    slider.setAttribute("aria-valuetext", short(training[property]));
  });
  field.addEventListener("change", () => {
    const x = parsed(field.value);
    if ((x > 0 || (isZeroAllowed && x === 0)) && x !== Infinity) training[property] = x;
    else say("", filled(isZeroAllowed ? words.badDecay : words.badRate, { text: field.value, old: exact(training[property]) }));
    put();
  });
  put();
}

if (data.groups.length) setting("learning_rate", -4, 1, false);
for (const selector of ["#phases", "#training", ".settings"]) find(selector).hidden = data.groups.length === 0;
find("#decaySetting").hidden = training.decay === undefined;
if (training.decay !== undefined) setting("weight_decay", -6, 0, true);

// how many samples there are for each step: powers of two, those of the call, or all
const sizes = new Set([1, training.size, training.n]);
for (let size = 2; size < training.n; size *= 2) sizes.add(size);
for (const size of [...sizes].sort((a, b) => a - b)) {
  const option = new Option(size === training.n ? filled(words.all, { count: size }) : String(size), String(size));
  find("#size").add(option);
}
find("#size").value = String(training.size);
find("#size").addEventListener("change", (event) => {
  training.size = Number(event.target.value);
});

// --------------------------------------------------------------------------- the file

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([training.file()], { type: "application/octet-stream" }));
  link.download = "model.safetensors";
  link.click();
  URL.revokeObjectURL(link.href);
  say("", words.exported);
}

// --------------------------------------------------------------------------- events

const actions = { train, pause, "train-step": trainStep, slow, reset, export: save, phase: goToPhase };
for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", () => actions[button.dataset.action]?.(button));
}
find("[data-action=export]").hidden = data.file === null;
find("#validation").hidden = data.heldOut.length === 0;
find("#learnedCard").hidden = learned === undefined;

if (data.image) find("#legend").textContent = words.legendOfImages;
else if (network.lines.length === 0) find("#legend").textContent = words.legendOfFunction;
find("#point").textContent = nInputs === 1 ? words.pointLine : words.point;
if (nInputs === 2) {
  find("#scale").append(words.targets);
  for (const [hue, text] of meanings(data.scale, nOutputs)) {
    const chip = document.createElement("span");
    chip.append(Object.assign(document.createElement("i"), { className: `hue${hue}` }), text);
    find("#scale").append(chip);
  }
}

find("#sample").max = String(data.rows.length - 1);
find("#sample").addEventListener("input", (event) => choose(Number(event.target.value)));
find("#learned").addEventListener("pointermove", (event) => choose(learned.nearest(event.offsetX, event.offsetY)));
find("#learned").addEventListener("pointerdown", (event) => choose(learned.nearest(event.offsetX, event.offsetY)));

// the map of one neuron, while somebody points at its box
for (const box of network.boxes) {
  if (learned === undefined || nInputs !== 2 || box.column === 0) continue;
  box.group.setAttribute("tabindex", "0");
  for (const name of ["pointerenter", "focus"]) box.group.addEventListener(name, () => point(box));
  for (const name of ["pointerleave", "blur"]) box.group.addEventListener(name, () => point(undefined));
}

function point(box) {
  pointed = box;
  if (mode !== "running") render();
}

function choose(k) {
  if (k === sample) return;
  pick(k);
  if (mode === "running") return;
  if (phase !== undefined) tell(phase); // for this sample
  render();
}

function pick(k) {
  sample = k;
  find("#sample").value = String(k);
}

export const isTraining = () => mode === "running";
export const keys = { " ": train, ArrowRight: trainStep };

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, #network:focus, #player")) return;
  if (event.key === " " && event.target.closest("button")) return;
  const act = event.key === "ArrowRight" && mode === "slow" ? next : keys[event.key];
  if (act === undefined) return;
  act();
  event.preventDefault();
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  paint = colours();
  render();
});
addEventListener("resize", render);

say("", words.start);
render();
