"""A program as an ES module that needs nothing else: values, rows, and gradients by the parameters."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, final

from autograd.compiler.export import c_functions, check_free, check_name, comment_of, text_of
from autograd.compiler.ir import COMPARISONS
from autograd.compiler.javascript.translation import checked, expression, function, special
from autograd.compiler.reserved import is_reserved_in_javascript
from autograd.operations.operation import CUSTOM

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing, Operand

LONGEST = 400
"""How many steps a function has at most. Browsers compile long functions late, or not at all."""


def to_javascript(
    name: str,
    listings: Sequence[Listing],
    derivatives: Sequence[Listing],
    labels: Sequence[str],
    numbers: Sequence[float] | None,
) -> str:
    """The module.

    Args:
        listings: the paths through the function, without steps named "dot".
        derivatives: those that also give the gradient by all parameters; none if there is no such function.
        labels: the names of the parameters.
        numbers: of the parameters, which are the default of `p`; None for no default.
    """
    check_name(name)
    n_inputs, n_results = listings[0].n_inputs, len(listings[0].outputs)
    body = [*_row(f"{name}_row", listings, "call the program with them")]
    body.append(_FUNCTION.format(name=name, inputs=n_inputs, results=n_results, parameters=len(labels)))
    if derivatives:
        body += _row(f"{name}_derivatives", derivatives, "call backward() with them")
        body.append(_GRADIENT.format(name=name, inputs=n_inputs, n=len(labels)))
    used = sorted({operation for listing in (*listings, *derivatives) for operation, _ in listing.steps})
    needed = [*_definitions(" ".join(map(_text, used)))]
    head = f"// {comment_of('JavaScript', listings[0], labels, None)}"
    constants = [f"export const inputs = {n_inputs}, results = {n_results};"]
    if numbers is not None:
        constants.append(f"export const parameters = new Float64Array([{', '.join(map(_number, numbers))}]);")
    check_free(name, [re.sub(r"//.*", "", line) for line in (*needed, *constants)], is_reserved_in_javascript)
    text = "\n".join([head, "", *constants, "", *needed, "", *body, ""])
    default = " = parameters" if numbers is not None else "" if labels else " = []"
    return text.replace("$p", f"p{default}")


def _row(name: str, listings: Sequence[Listing], remedy: str) -> Iterator[str]:
    """A function of this name that computes one row on the path that it takes; if there is none, it says the remedy."""
    paths = [_Path(f"{name}_{i}", listing) for i, listing in enumerate(listings)]
    for path in paths:
        yield from path.lines()
    calls = " || ".join(f"{name}_{i}(x, at, p, {name}_numbers, out, to)" for i in range(len(paths)))
    yield f"const {name}_numbers = new Float64Array({max(path.room for path in paths)});"
    yield f"function {name}(x, at, p, out, to) {{"
    yield f"  if (!({calls})) throw new RangeError('no traced path fits these inputs; {remedy}, and export it again');"
    yield "}"


_FUNCTION = """
// Says what to pass if an array has too few numbers.
function {name}_check(what, array, least) {{
  const count = array?.length ?? 0;
  if (count >= least) return;
  throw new TypeError(`{name}: ${{what}} needs numbers: ${{least}}, got ${{count}}; pass all in one array`);
}}

// The results for the inputs x and the parameters p.
export function {name}(x, $p) {{
  {name}_check('x', x, {inputs});
  {name}_check('p', p, {parameters});
  const out = new Float64Array({results});
  {name}_row(x, 0, p, out, 0);
  return out;
}}

// The results of n rows: x has the inputs of one row after the other, and out gets the results in the same way.
export function {name}_rows(n, x, $p, out = new Float64Array(n * {results})) {{
  {name}_check('x', x, n * {inputs});
  {name}_check('p', p, {parameters});
  {name}_check('out', out, n * {results});
  for (let r = 0; r < n; r++) {name}_row(x, r * {inputs}, p, out, r * {results});
  return out;
}}"""

_GRADIENT = """
// The mean of the first result over n rows; its gradient by the parameters goes into gradient.
const {name}_slopes = new Float64Array({n} + 1);
export function {name}_gradient(n, x, $p, gradient = new Float64Array({n})) {{
  if (!(n >= 1)) throw new TypeError(`{name}_gradient takes the number of rows as n, got ${{n}}; pass 1 or more`);
  {name}_check('x', x, n * {inputs});
  {name}_check('p', p, {n});
  {name}_check('gradient', gradient, {n});
  let total = 0;
  gradient.fill(0);
  for (let r = 0; r < n; r++) {{
    {name}_derivatives(x, r * {inputs}, p, {name}_slopes, 0);
    total += {name}_slopes[0];
    for (let k = 0; k < {n}; k++) gradient[k] += {name}_slopes[k + 1];
  }}
  for (let k = 0; k < {n}; k++) gradient[k] /= n;
  return total / n;
}}"""


@final
class _Path:
    """One path: a function that returns whether its guards hold, in pieces if it is long.

    Args:
        name: of the function.
        listing: the instructions.

    Attributes:
        room: how many numbers pass from piece to piece.
    """

    def __init__(self, name: str, listing: Listing) -> None:
        self._name, self._listing = name, listing
        self._steps = list(listing.steps)
        self._outputs = listing.outputs
        self._slots: dict[int, int] = {}
        first = listing.first
        if len(self._steps) > LONGEST:
            last = [*self._outputs, *(x for _, a, b, _ in listing.guards for x in (a, b))]
            for i, (_, operands) in enumerate(self._steps):
                for x in operands:
                    if isinstance(x, int) and x >= first and (x - first) // LONGEST != i // LONGEST:
                        self._slots.setdefault(x, len(self._slots))
            for x in last:
                if isinstance(x, int) and x >= first:
                    self._slots.setdefault(x, len(self._slots))
        self.room = len(self._slots)

    def lines(self) -> Iterator[str]:
        """The functions."""
        name, count = self._name, len(self._steps)
        if count <= LONGEST:
            yield f"function {name}(x, at, p, v, out, to) {{"
            yield from self._statements(0, count)
        else:
            for begin in range(0, count, LONGEST):
                yield f"function {name}_{begin // LONGEST}(x, at, p, v) {{"
                yield from self._statements(begin, min(begin + LONGEST, count))
                yield "}"
            yield from self._stores()
            yield f"function {name}(x, at, p, v, out, to) {{"
            yield from (f"  {name}_{begin // LONGEST}(x, at, p, v);" for begin in range(0, count, LONGEST))
        operand = partial(self._operand, -1)
        for operator, a, b, holds in self._listing.guards:
            condition = f"{operand(a)} {COMPARISONS[COMPARISONS.index(operator)]} {operand(b)}"
            yield f"  if ({f'!({condition})' if holds else condition}) return false;"
        if count <= LONGEST:
            yield from self._results(0, len(self._outputs))
        else:
            yield from (f"  {name}_to_{k}(x, at, p, v, out, to);" for k in range(0, len(self._outputs), LONGEST))
        yield "  return true;"
        yield "}"

    def _stores(self) -> Iterator[str]:
        """Functions that store the results, in pieces."""
        n = len(self._outputs)
        for begin in range(0, n, LONGEST):
            yield f"function {self._name}_to_{begin}(x, at, p, v, out, to) {{"
            yield from self._results(begin, min(begin + LONGEST, n))
            yield "}"

    def _results(self, begin: int, end: int) -> Iterator[str]:
        for k in range(begin, end):
            yield f"  out[to + {k}] = {self._operand(-1, self._outputs[k])};"

    def _statements(self, begin: int, end: int) -> Iterator[str]:
        first = self._listing.first
        for i in range(begin, end):
            operation, operands = self._steps[i]
            text = _call(operation, [self._operand(begin // LONGEST, x) for x in operands])
            kept = self._slots.get(first + i)
            yield f"  const v{first + i} = {f'v[{kept}] = ' if kept is not None else ''}{text};"

    def _operand(self, piece: int, x: Operand) -> str:
        """An operand in a piece; -1 for the function that calls the pieces."""
        slot = self._slots.get(x) if isinstance(x, int) else None
        if slot is not None and (x - self._listing.first) // LONGEST != piece:
            return f"v[{slot}]"
        return self._listing.name(x, inputs="x[at + {}]", parameters="p[{}]", constant=_number)


def _call(operation: str, operands: list[str]) -> str:
    """The operation with these operands; a negative constant has parentheses."""
    names = [f"({x})" if x[0] == "-" else x for x in operands]
    text = expression(_text(operation))
    return re.sub(r"(?<![\w.])[abc]\b", lambda match: names["abc".index(match[0])], text)


def _text(operation: str) -> str:
    """The C of an operation, which can be translated."""
    text = text_of("to_javascript", operation)
    return checked(operation, text) if operation in CUSTOM else text


def _number(x: float) -> str:
    return repr(x) if math.isfinite(x) else "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"


def _definitions(c: str) -> Iterator[str]:
    """The functions that expressions in C need, in JavaScript; each before its first use."""
    known = special()
    translated = {name: known.get(name) or function(text) for name, text in c_functions(c)}
    wanted: dict[str, str] = {}

    def visit(text: str) -> None:
        for word in re.findall(r"\b[A-Za-z_]\w*\b", text):
            definition = translated.get(word) or known.get(word)
            if definition and word not in wanted:
                wanted[word] = ""  # it may call itself
                visit(definition)
                wanted.pop(word)
                wanted[word] = definition

    visit(expression(c))
    yield from wanted.values()
