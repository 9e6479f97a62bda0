// What each of the four steps says: mathematics, and words.
import { filled, short } from "./numbers.js";

export const several = (numbers) => {
  const texts = [...numbers].slice(0, 6).map(short);
  return `${texts.join(", ")}${numbers.length > 6 ? ", …" : ""}`;
};
const bracketed = (x) => (x < 0 ? `(${short(x)})` : short(x));

// 1: what the network gives for a sample
export function resultOf(words, { k, inputs, outputs, kind, step, epoch, isFunction }) {
  const [x] = outputs;
  const sigmoid = isLogit(outputs, kind) ? `, sigmoid(${short(x)}) = 1 / (1 + e^−${bracketed(x)}) = ${short(logistic(x))}` : "";
  const output = outputText(words, outputs, kind);
  const numbers = isFunction ? words.theParameters : words.weights;
  const text = step > 0 ? words.result : epoch ? words.resultOfEpoch : words.resultFirst;
  return [`f(${several(inputs)}) = ${several(outputs)}${sigmoid}`, filled(text, { sample: k, output, numbers, epoch })];
}

// the outputs; of a logit also the probability that it means, of scores only the class and its probability
export function outputText(words, outputs, kind) {
  if (kind === "classes") {
    const output = outputs.indexOf(Math.max(...outputs));
    return filled(words.ofClass, { output, p: short(Number(probabilityOf(outputs, output).toPrecision(3))) });
  }
  if (!isLogit(outputs, kind)) return several(outputs);
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

const isLogit = (outputs, kind) => kind === "logits" && outputs.length === 1;
const logistic = (x) => 1 / (1 + Math.exp(-x));

// the share of a class, of scores
function probabilityOf(scores, k) {
  const top = Math.max(...scores);
  return Math.exp(scores[k] - top) / scores.reduce((sum, x) => sum + Math.exp(x - top), 0);
}

// 3: how the weight with the largest gradient moves, and whence its gradient; ends: the boxes that it joins
export function moveOf(words, { name, ends, before, after, gradient, rate, decay, isPlain, kind, chain, picked, n, graph }) {
  const [from, to] = [before, after].map((x) => fine(x, after - before));
  const slope = decay ? `(${short(gradient)} + ${short(decay)} · ${bracketed(before)})` : bracketed(gradient);
  const size = fine(Math.abs(after - before), after - before);
  const step = isPlain ? `− ${short(rate)} · ${slope}` : `${after < before ? "−" : "+"} ${size}`;
  const parts = { name, ...ends, gradient: short(gradient), kind };
  parts.which = filled(ends === undefined ? words.theNumber : ends.from ? words.theWeight : words.theBias, parts);
  const says = [filled(gradient > 0 ? words.larger : gradient < 0 ? words.smaller : words.flat, parts)];
  says.push(chainOf(words, chain, parts), meanOf(words, chain, picked, n, gradient));
  if (!isPlain) says.push(filled(words.byRule, parts));
  else if (after !== before) says.push(after < before ? words.down : words.up);
  says.push(words.boxesBefore);
  if (graph) says.push(filled(words.playsChain, { panel: `${words.graph} ${chain.k}` }));
  const rule = isPlain ? (decay ? words.ruleWithDecay : words.rule) : words.ruleOfOthers;
  return [`${rule} = ${from} ${step} = ${to}`, says.join(" ")];
}

// the chain rule for a sample: the gradient at the neuron, the slope of its activation, and what the weight is multiplied by
function chainOf(words, { k, share, atTarget, slope, activation }, { from, to }) {
  const texts = { sample: k, share: short(share) };
  if (atTarget === undefined) return filled(words.share, texts);
  const factors = [filled(words.factorTarget, { x: bracketed(atTarget), to })];
  if (slope) factors.push(filled(words.factorSlope, { x: bracketed(slope.x), name: slope.name }));
  if (from) factors.push(filled(words.factorSource, { x: bracketed(activation), from }));
  return filled(words.chain, { ...texts, factors: factors.join(" × ") });
}

// the mean over the samples of a step, with the share of each if they are few
function meanOf(words, { shares }, picked, n, gradient) {
  const { length } = picked;
  if (length === 1 && n > 1) return filled(words.ofOne, { sample: picked[0] });
  const texts = { count: length, which: several(picked), gradient: short(gradient) };
  const says = filled(length < n ? words.meanOfBatch : words.meanOfAll, texts);
  return shares.length ? `${says}: (${shares.map(bracketed).join(" + ")}) / ${length} = ${short(gradient)}.` : `${says}.`;
}

// a number with as many digits as a change of this size needs
function fine(x, change) {
  const digits = change === 0 || !Number.isFinite(change) ? 3 : Math.ceil(-Math.log10(Math.abs(change))) + 2;
  return String(Number(x.toFixed(Math.min(Math.max(digits, 3), 15)))).replace("-", "\u2212");
}

// 4: whether the mean error fell, and that of the sample; of a batch, whether its own error fell
export function repeatOf(words, { before, after, own, batch, k, n, largest }) {
  const parts = { before: short(before), after: short(after), count: n, gradient: short(largest) };
  const mathematics = `${short(before)} → ${short(after)}`;
  if (!Number.isFinite(after)) return [mathematics, words.notFinite];
  const isStill = Math.abs(before - after) <= 1e-7 * Math.abs(before);
  let text = words.fell;
  if (isStill) text = largest > FLAT ? words.tiny : words.still;
  else if (after > before) text = batch && batch[1] < batch[0] ? words.roseElsewhere : words.rose;
  const says = [filled(text, batch ? { ...parts, size: batch[2], from: short(batch[0]), to: short(batch[1]) } : parts)];
  if (own && n > 1) {
    const how = own[1] > own[0] ? words.ownRose : own[1] < own[0] ? words.ownFell : words.ownStill;
    says.push(filled(how, { sample: k, before: short(own[0]), after: short(own[1]) }));
  }
  return [mathematics, says.join(" ")];
}

// a gradient that is smaller moves no weight much, at a usual learning rate
export const FLAT = 1e-4;
