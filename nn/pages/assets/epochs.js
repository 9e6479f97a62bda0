// The epochs of a training that has ended: to play, and to scrub through.
import { filled, short } from "./numbers.js";
import { data, find, isTraining, keys, light, render, run, say, stop, training, words } from "./playground.js";

const WHOLE = 9000; // milliseconds for all epochs
let turning; // the timer that plays

function openEpoch(at) {
  stop();
  run.at = Math.max(0, Math.min(run.epochs.length - 1, at));
  if (run.isLast) training.begin(run.weights(), data.state, data.steps);
  else training.begin(run.weights());
  light(undefined);
  tellEpoch();
  render();
}

function tellEpoch() {
  const { epoch } = run;
  const last = run.epochs[run.epochs.length - 1];
  const texts = { epoch, last, loss: short(training.loss), validation: short(training.validation ?? NaN) };
  const says = [filled(epoch === 0 ? words.epochZero : words.epochSays, texts)];
  if (data.heldOut.length) says.push(filled(words.epochValidation, texts));
  for (const [name, numbers] of Object.entries(run.metrics)) {
    if (numbers[run.at] !== null) says.push(filled(words.epochMetric, { name, number: short(numbers[run.at]) }));
  }
  if (epoch === run.best && epoch > 0) says.push(words.epochBest);
  say("", says.join(" "), filled(words.epochOf, texts));
  find("#scrub").value = String(run.at);
  find("#scrub").setAttribute("aria-valuetext", filled(words.epochOf, texts));
  find("[data-epoch]").dataset.epoch = String(epoch);
}

function turn() {
  openEpoch(run.at + 1);
  if (run.isLast) halt();
}

function play() {
  if (turning) {
    halt();
    return;
  }
  if (run.isLast) openEpoch(0);
  turning = setInterval(turn, Math.max(50, Math.min(600, WHOLE / run.epochs.length)));
  find("[data-action=play]").setAttribute("aria-pressed", "true");
}

function halt() {
  clearInterval(turning);
  turning = undefined;
  find("[data-action=play]").setAttribute("aria-pressed", "false");
}

function goTo(at) {
  halt();
  openEpoch(at);
}

function beginRun() {
  for (const selector of ["#run", "#scrub"]) find(selector).hidden = false;
  find("#scrub").max = String(run.epochs.length - 1);
  find("#scrub").addEventListener("input", (event) => goTo(Number(event.target.value)));
  find("#losses").addEventListener("pointerdown", (event) => {
    const last = run.curve.length ? run.curve[run.curve.length - 1][0] : 1;
    if (training.steps === 0) goTo(run.nearest((event.offsetX / event.target.clientWidth) * last));
  });
  const moves = { play, "step-backward": () => goTo(run.at - 1), "step-forward": () => goTo(run.at + 1) };
  for (const [name, move] of Object.entries(moves)) find(`[data-action=${name}]`).addEventListener("click", move);
  for (const button of document.querySelectorAll("[data-action]")) {
    if (!(button.dataset.action in moves)) button.addEventListener("click", halt, { capture: true });
  }
  const { " ": train } = keys;
  keys[" "] = () => (isTraining() ? train() : play());
  keys.ArrowRight = () => goTo(run.at + 1);
  keys.ArrowLeft = () => goTo(run.at - 1);
  find("[data-action=play]").after(find("[data-action=pause]"));
  find("[data-action=train]").classList.remove("main");
  find("[data-action=train]").textContent = words.goOn;
  const parts = ["#phases", "#training", ".settings"].map(find);
  const more = Object.assign(document.createElement("details"), { id: "goOn", className: "card", hidden: parts[0].hidden });
  const hint = Object.assign(document.createElement("p"), { className: "soft", textContent: words.goOnHint });
  more.append(Object.assign(document.createElement("summary"), { textContent: words.goOnSays }), ...parts, hint);
  find(".say").after(more);
  find("#keys").textContent = words.keysOfRun;
  find("[data-action=reset]").addEventListener("click", tellEpoch);
  openEpoch(run.at);
}

if (run) beginRun();
