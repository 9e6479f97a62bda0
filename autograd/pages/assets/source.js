// The graph as a program in Python that makes it again.
import { nameOf } from "./sentences.js";

const OPERATORS = {
  add: "+", subtract: "-", multiply: "*", divide: "/", power: "**", remainder: "%", floor_divide: "//",
};

const RESERVED = new Set(
  `False None True abs ag and as assert async await break class continue def del elif else except finally float for
  from global if import in is lambda nonlocal not or pass raise return try while with yield Value`.split(/\s+/),
);

function number(x) {
  if (!Number.isFinite(x)) return `float("${Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf"}")`;
  if (Object.is(x, -0)) return "-0.0";
  return /^-?\d+$/.test(String(x)) ? `${x}.0` : String(x);
}

// a name in Python for each node: its label if that can be one
function identifiers(graph) {
  const used = new Set(RESERVED);
  const wanted = graph.nodes.map((node, i) => node.label || nameOf(graph, i));
  const plain = wanted.map((name) => name.replace(/[₀-₉]/g, (c) => String(c.charCodeAt(0) - 0x2080)));
  const free = plain.map((name) => {
    if (!/^[A-Za-z_]\w*$/.test(name) || used.has(name)) return undefined;
    used.add(name);
    return name;
  });
  let count = 0;
  return free.map((name) => {
    while (name === undefined) {
      const next = `n${++count}`;
      if (!used.has(next)) name = next;
    }
    return name;
  });
}

function made(node, texts) {
  if (node.op === "dot") {
    const middle = texts.length / 2;
    return `ag.dot([${texts.slice(0, middle).join(", ")}], [${texts.slice(middle).join(", ")}])`;
  }
  const [first, ...others] = texts;
  const base = first[0] === "-" ? `(${first})` : first;
  if (OPERATORS[node.op]) return `${base} ${OPERATORS[node.op]} ${others[0]}`;
  if (node.op === "negative") return `-${base}`;
  if (node.op === "absolute") return `abs(${first})`;
  return `${node.custom ? "" : "ag."}${node.op}(${texts.join(", ")})`;
}

export function source(graph, x) {
  const names = identifiers(graph);
  const place = new Map(graph.leaves.map((i, k) => [i, k]));
  const lines = ["import autograd as ag", "from autograd import Value", ""];
  graph.nodes.forEach((node, i) => {
    const label = JSON.stringify(node.label);
    if (node.op === undefined) {
      lines.push(`${names[i]} = Value(${number(x[place.get(i)])}${node.label ? `, label=${label}` : ""})`);
      return;
    }
    const texts = node.inputs.map((input) => (typeof input === "number" ? names[input] : number(Number(input))));
    lines.push(`${names[i]} = ${made(node, texts)}`);
    if (node.label) lines.push(`${names[i]}.label = ${label}`);
  });
  lines.push("", `${names[graph.root]}.backward()`, "");
  return lines.join("\n");
}
