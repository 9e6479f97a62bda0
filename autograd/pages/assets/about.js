// What the page tells of one node: its formula, its line, its numbers, and the edges and paths by which its gradient came.
import { atDots, exact, filled, short } from "./numbers.js";
import { pathsOf } from "./paths.js";
import { expression, inBrackets, nameOf, operands, partsOf } from "./sentences.js";

const MOST = 5; // paths

// A number is "?" until the steps have computed it.
export function linesAbout({ graph, state, selected, find }, gradients, isReached, isEnd) {
  const { words } = graph;
  const card = graph.cards[selected];
  find("#aboutName").replaceChildren(...atDots(card.node === null ? card.name : nameOf(graph, card.node)));
  const lines = card.node === null ? aboutBox(graph, card) : aboutNode(graph, state, card.node, gradients, isReached, isEnd);
  const made = lines.map(([text, mathematics]) => {
    const line = document.createElement("li");
    const code = document.createElement("code");
    code.append(...atDots(mathematics));
    line.append(text && mathematics ? `${text}: ` : text, ...(mathematics ? [code] : []));
    return line;
  });
  const buttons = document.createElement("li");
  if (card.opens !== undefined) buttons.append(button("open", card.opens, filled(words.openScope, { name: card.name })));
  for (let s = card.scope; s !== null; s = graph.scopes[s].parent) {
    buttons.append(button("close", s, filled(words.closeScope, { name: graph.scopes[s].name })));
  }
  find("#about").replaceChildren(...made, ...(buttons.childElementCount ? [buttons] : []));
}

function button(action, scope, text) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: text });
  Object.assign(made.dataset, { action: `${action}-scope`, scope });
  return made;
}

function aboutBox(graph, card) {
  const { words } = graph;
  const names = (members) => [...members.slice(0, 8).map((i) => nameOf(graph, i)), ...(members.length > 8 ? ["…"] : [])].join(", ");
  const lines = [[filled(words.drawnAsOne, { count: card.members.length }), ""], [words.members, names(card.members)]];
  if (card.results?.length) lines.push([words.results, names(card.results)]);
  return lines;
}

function aboutNode(graph, state, i, gradients, isReached, isEnd) {
  const { words, nodes } = graph;
  const node = nodes[i];
  const lines = [];
  if (node.op === undefined) lines.push([words.isLeaf, ""]);
  else {
    const [names, numbers] = [(k) => nameOf(graph, k), (k) => short(state.values[k])].map((of) => expression(node, operands(graph, node, of)));
    lines.push([words.computedBy, isReached ? `${names} = ${numbers}` : names]);
  }
  if (node.line !== undefined) lines.push([words.line, graph.lines[node.line]]);
  lines.push([words.value, isReached ? exact(state.values[i]) : "?"]);
  lines.push([words.gradient, gradients[i] === undefined && !isEnd ? "?" : exact(gradients[i] ?? 0)]);
  if (state.broken !== undefined) return lines;
  const users = [...new Set(nodes.flatMap((other, k) => ((other.inputs ?? []).includes(i) ? [k] : [])))];
  if (users.length) lines.push([words.usedBy, [...users.slice(0, 6).map((k) => nameOf(graph, k)), ...(users.length > 6 ? ["…"] : [])].join(", ")]);
  if (i === graph.root) return [...lines, [words.isRoot, ""]];
  if (gradients[i] === undefined && !isEnd) return lines;
  const parts = partsOf(graph, i, state);
  lines.push([parts.length === 0 ? words.noParts : parts.length === 1 ? words.oneUse : words.partsOf, ""]);
  lines.push(...parts.slice(0, 8).map((part) => ["", part]), ...(parts.length > 8 ? [["", "…"]] : []));
  return parts.length ? [...lines, ...aboutPaths(graph, state, i)] : lines;
}

// the whole paths, as explain() lists them
function aboutPaths(graph, state, i) {
  const { words } = graph;
  const { count, paths } = pathsOf(graph, state, i, MOST);
  if (count === 0) return [];
  const title = count === 1 ? words.onePath : filled(count > MOST ? words.largestPaths : words.allPaths, { count: short(count), most: MOST });
  const text = ({ nodes, partials, product }) => {
    const names = cut(nodes.map((k) => nameOf(graph, k))).join(" ← ");
    const factors = cut(partials.map((partial, k) => inBrackets(short(partial), k === 0))).join(" · ");
    return `${names}: ${partials.length > 1 ? `${factors} = ` : ""}${short(product)}`;
  };
  return [[title, ""], ...paths.map((path) => ["", text(path)])];
}

const cut = (texts) => (texts.length > 12 ? [...texts.slice(0, 6), "…", ...texts.slice(-5)] : texts);
