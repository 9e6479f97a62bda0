// What each of the four steps says: mathematics, and words.
import { filled, short } from "./numbers.js";

export const several = (numbers) => {
  const texts = [...numbers].slice(0, 6).map(short);
  return `${texts.join(", ")}${numbers.length > 6 ? ", …" : ""}`;
};
const bracketed = (x) => (x < 0 ? `(${short(x)})` : short(x));

// 1: what the network gives for a sample
export function resultOf(words, { k, inputs, outputs, kind, step }) {
  const mathematics = `f(${several(inputs)}) = ${several(outputs)}`;
  const output = outputText(words, outputs, kind);
  return [mathematics, filled(step === 0 ? words.resultFirst : words.result, { sample: k, output })];
}

// the outputs; of a logit also the probability that it means, of scores only the class and its probability
export function outputText(words, outputs, kind) {
  if (kind === "classes") {
    const output = outputs.indexOf(Math.max(...outputs));
    return filled(words.ofClass, { output, p: short(Number(probabilityOf(outputs, output).toPrecision(3))) });
  }
  if (kind !== "logits" || outputs.length > 1) return several(outputs);
  return filled(words.probability, { output: short(outputs[0]), p: short(logistic(outputs[0])) });
}

// 2: how far that is from the target, and the mean over all samples
export function errorOf(words, { k, outputs, targets, lossName, sampleLoss, loss, n }) {
  const texts = { sample: k, target: several(targets), error: short(sampleLoss), count: n, loss: short(loss) };
  const formula = formulaOf(lossName, outputs, targets);
  if (formula) texts.error = `${formula} = ${texts.error}`;
  const mathematics = filled(words.errorMathematics, texts);
  return [mathematics, filled(words.error, { ...texts, error: short(sampleLoss) })];
}

// the error of a sample with its numbers; undefined if that would be long
function formulaOf(lossName, outputs, targets) {
  const [x] = outputs;
  const [target] = targets;
  if (lossName === "cross_entropy" && targets.length === 1) return `−log(${short(probabilityOf(outputs, target))})`;
  if (outputs.length > 1) return undefined;
  if (lossName === "mse") return `(${short(x)} − ${bracketed(target)})²`;
  if (lossName === "mae") return `|${short(x)} − ${bracketed(target)}|`;
  if (lossName !== "binary_cross_entropy" || (target !== 0 && target !== 1)) return undefined;
  return target ? `−log(${short(logistic(x))})` : `−log(1 − ${short(logistic(x))})`;
}

const logistic = (x) => 1 / (1 + Math.exp(-x));

// the share of a class, of scores
function probabilityOf(scores, k) {
  const top = Math.max(...scores);
  return Math.exp(scores[k] - top) / scores.reduce((sum, x) => sum + Math.exp(x - top), 0);
}

// 3: how the weight with the largest gradient moves; ends: the boxes that it joins
export function moveOf(words, { name, ends, before, after, gradient, rate, decay, isPlain, kind, batch, k }) {
  const [from, to] = [before, after].map((x) => fine(x, after - before));
  const slope = decay ? `(${short(gradient)} + ${short(decay)} · ${bracketed(before)})` : bracketed(gradient);
  const size = fine(Math.abs(after - before), after - before);
  const step = isPlain ? `− ${short(rate)} · ${slope}` : `${after < before ? "−" : "+"} ${size}`;
  const parts = { name, ...ends, gradient: short(gradient), kind, size: batch, sample: k };
  parts.which = filled(ends === undefined ? words.theNumber : ends.from ? words.theWeight : words.theBias, parts);
  const says = [filled(gradient > 0 ? words.larger : gradient < 0 ? words.smaller : words.flat, parts)];
  if (batch) says.push(filled(batch === 1 ? words.ofOne : words.ofBatch, parts));
  if (!isPlain) says.push(filled(words.byRule, parts));
  else if (after !== before) says.push(after < before ? words.down : words.up);
  const rule = isPlain ? (decay ? words.ruleWithDecay : words.rule) : words.ruleOfOthers;
  return [`${rule} = ${from} ${step} = ${to}`, says.join(" ")];
}

// a number with as many digits as a change of this size needs
function fine(x, change) {
  const digits = change === 0 || !Number.isFinite(change) ? 3 : Math.ceil(-Math.log10(Math.abs(change))) + 2;
  return String(Number(x.toFixed(Math.min(Math.max(digits, 3), 15)))).replace("-", "\u2212");
}

// 4: whether the error fell
export function repeatOf(words, { before, after }) {
  const parts = { before: short(before), after: short(after) };
  const mathematics = `${short(before)} → ${short(after)}`;
  if (!Number.isFinite(after)) return [mathematics, words.notFinite];
  if (after > before) return [mathematics, filled(words.rose, parts)];
  if (before - after <= 1e-7 * Math.abs(before)) return [mathematics, filled(words.still, parts)];
  return [mathematics, filled(words.fell, parts)];
}
