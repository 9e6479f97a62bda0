// What happens in a step, in words and numbers.
import { filled, short } from "./numbers.js";

const INFIX = { add: "+", subtract: "−", multiply: "×", divide: "÷", power: "^", remainder: "%", floor_divide: "//" };

export const inBrackets = (text, isFirst) => (text[0] === "−" && !isFirst ? `(${text})` : text);

// an operation with these texts in place of its arguments
export function expression(node, texts) {
  if (node.op === "dot") {
    const middle = texts.length / 2;
    const pairs = texts.slice(0, middle).map((a, i) => `${inBrackets(a, i === 0)} · ${inBrackets(texts[middle + i])}`);
    return pairs.length > 6 ? [...pairs.slice(0, 3), "…", ...pairs.slice(-2)].join(" + ") : pairs.join(" + ");
  }
  if (INFIX[node.op]) return texts.map((text, i) => inBrackets(text, i === 0)).join(` ${INFIX[node.op]} `);
  if (node.op === "negative") return `−${inBrackets(texts[0])}`;
  return `${node.sign}(${texts.join(", ")})`;
}

// the names or the numbers of the operands
export function operands(graph, node, of) {
  return node.inputs.map((x) => (typeof x === "number" ? of(x) : short(Number(x))));
}

// the formula of a partial derivative in the names that stand in cards, or in whole names; "" if the number says it all
export function formulaOf(graph, i, place, of = briefOf) {
  const { formulas, inputs } = graph.nodes[i];
  const number = formulas?.[place] ?? null;
  if (number === null) return "";
  const nameAt = (k) => of(graph, k === 0x18ff ? i : inputs[k]);
  return graph.templates[number].replace(/([\uE000-\uF8FF\u{20000}-\u{218FF}])\1*/gu, (marks) => {
    const code = marks.codePointAt(0);
    return nameAt(code - (code < 0x20000 ? 0xe000 : 0x20000));
  });
}

export const nameOf = (graph, i) => graph.nodes[i].name;

// within a frame, the name without that of the scope
export const briefOf = (graph, i) => graph.nodes[i].brief ?? graph.nodes[i].name;

// [the phase, the mathematics, the words] of a step
export function sentence(graph, steps, at, state) {
  const { nodes, words } = graph;
  const step = steps[at];
  const name = (i) => nameOf(graph, i);
  const root = name(graph.root);
  const number = (i) => short(state.values[i]);
  const leaves = graph.listed.slice(0, 6).map((k) => graph.leaves[k]); // inputs, then parameters
  if (step.kind === "start") {
    const known = leaves.map((i) => `${name(i)} = ${number(i)}`);
    if (graph.leaves.length > 6) known.push(filled(words.more, { count: graph.leaves.length - 6 }));
    return [words.phaseStart, known.join(", "), words.startSays];
  }
  if (step.kind === "end") {
    const known = leaves.map((i) => `∂${root}/∂${name(i)} = ${short(state.gradients[i] ?? 0)}`);
    return [words.phaseEnd, known.join(", "), filled(words.endSays, { name: root })];
  }
  if (step.kind === "seed") return [words.phaseBackward, `∂${root}/∂${root} = 1`, words.seedSays];
  const card = graph.cards[step.card];
  if (card.node === null) {
    const count = card.members.length;
    const isForward = step.kind === "forward";
    const text = filled(isForward ? words.boxForward : words.boxBackward, { name: card.name, count });
    return [isForward ? words.phaseForward : words.phaseBackward, card.name, text];
  }
  if (step.kind === "forward") return forward(graph, card.node, name, number);
  return backward(graph, step, name, root, state);
}

// what is said where Python would take another branch
export function branchSentence(graph, { broken, out }) {
  const { words } = graph;
  const names = broken.nodes.map((i, k) => (i === null ? "" : `${nameOf(graph, i)} = `) + short(out[broken.numbers[k]]));
  const condition = broken.nodes.map((i, k) => (i === null ? short(out[broken.numbers[k]]) : nameOf(graph, i)));
  const mathematics = `${names.filter((text) => text.includes("=")).join(", ") || names.join(", ")}`;
  const text = filled(broken.holds ? words.branchLost : words.branchNew, { condition: condition.join(` ${broken.sign} `) });
  return [words.phaseStopped, mathematics, text];
}

function forward(graph, i, name, number) {
  const { nodes, words } = graph;
  const node = nodes[i];
  const numbers = expression(node, operands(graph, node, number));
  const names = [...new Set(node.inputs.filter((x) => typeof x === "number").map(name))];
  const text = names.length ? words.forwardSays : words.forwardSaysNothing;
  const inputs = names.length > 6 ? [...names.slice(0, 5), "…"].join(", ") : names.join(", ");
  return [words.phaseForward, `${name(i)} = ${numbers} = ${number(i)}`, filled(text, { name: name(i), inputs })];
}

function backward(graph, step, name, root, state) {
  const { words } = graph;
  const k = state.flows.findIndex(({ head, place }) => head === step.head && place === step.place);
  const flow = state.flows[k];
  const [head, tail] = [name(flow.head), name(flow.tail)];
  const names = `∂${root}/∂${tail} += ∂${root}/∂${head} · ∂${head}/∂${tail}`;
  if (flow.part === undefined) {
    const text = filled(flow.isTaken ? words.noGradient : words.blocked, { head, tail });
    return [words.phaseBackward, `${names} = 0`, text];
  }
  const gradient = short(state.gradients[flow.head]);
  const part = short(flow.part);
  const math = `${names} = ${gradient} · ${inBrackets(short(flow.partial))} = ${part}`;
  const formula = formulaOf(graph, flow.head, flow.place, nameOf);
  const partial = `${formula ? `${formula} = ` : ""}${short(flow.partial)}`;
  let before;
  for (let j = 0; j < k; j++) {
    const other = state.flows[j];
    if (other.tail === flow.tail && other.part !== undefined) before = (before ?? -0) + other.part;
  }
  const adds = { tail, before: short(before ?? 0), part: inBrackets(part), total: short((before ?? -0) + flow.part) };
  const isOnly = state.flows.every((other, j) => j === k || other.tail !== flow.tail || other.part === undefined);
  const last = filled(isOnly ? words.backwardOnly : before === undefined ? words.backwardFirst : words.backwardAdds, adds);
  return [words.phaseBackward, math, `${filled(words.backwardSays, { head, tail, partial })} ${last}`];
}

// the edges by which the gradient of a node came, each as mathematics
export function partsOf(graph, i, state) {
  const root = nameOf(graph, graph.root);
  return state.flows
    .filter((flow) => flow.tail === i && flow.part !== undefined)
    .map((flow) => {
      const [head, tail] = [nameOf(graph, flow.head), nameOf(graph, i)];
      const numbers = `${short(state.gradients[flow.head])} · ${inBrackets(short(flow.partial))} = ${short(flow.part)}`;
      return `∂${root}/∂${head} · ∂${head}/∂${tail} = ${numbers}`;
    });
}
