// The link to a state: the step, the inputs that were moved, the scopes that were opened or closed, and the result.
import { exact, parsed } from "./numbers.js";

export function linkOf({ graph, at, x, given, isOpen, first, begun }) {
  const link = new URLSearchParams();
  if (graph.root !== graph.roots[0]) link.set("of", String(graph.root));
  const toggled = [...isOpen.keys()].filter((s) => isOpen[s] !== first[s]);
  const depends = at && graph.isFree && graph.scopes.length; // what a step is depends on the scopes that another window opens
  if (depends || isOpen.some((open, s) => open !== begun[s])) link.set("scopes", toggled.join("."));
  if (at) link.set("step", String(at));
  x.forEach((number, k) => Object.is(number, given[k]) || link.set(String(k), exact(number)));
  return String(link);
}

// what is wrong in a link is left out
export function numbersOf(link, { graph, given, first, begun }) {
  const toggled = new Set(link.get("scopes")?.match(/\d+/g)?.map(Number));
  const of = Number(link.get("of"));
  return {
    x: given.map((number, k) => parsed(link.get(String(k)) ?? "") ?? number),
    isOpen: link.has("scopes") ? first.map((open, s) => open !== toggled.has(s)) : [...begun],
    root: link.has("of") && graph.roots.includes(of) ? of : graph.roots[0],
    step: /^\d+$/.test(link.get("step")) ? Number(link.get("step")) : 0,
  };
}
