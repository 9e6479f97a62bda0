"""A listing printed as Python or as C, on its own: nothing of autograd is needed to run it."""

from __future__ import annotations

import inspect
import keyword
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.compiler.ir import Listing
from autograd.operations import floats
from autograd.operations.operation import TABLE

if TYPE_CHECKING:
    from autograd.compiler.ir import Operand

PLAIN = {"add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "negative": "-{}"}
"""The rows that Python has itself, with the same results."""

_LONGEST = 201
"""How many operands a sum of products may have in one line: odd, a number and pairs."""


def function_of(
    listing: Listing, names: dict[str, Any], compare: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """The listing as a Python function of the inputs and the parameters, two sequences.

    It gives the list of results, or None where a guard fails; with compare, a pair of the list and of a list of what
    compare(operator, a, b) gives for each guard, which it does not look at.

    Args:
        names: what the names of the rows stand for: functions of floats, or of arrays.
    """
    lines = _python_lines(listing, "program", compare is not None)
    namespace = dict(names) | {"compare": compare, "inf": math.inf, "nan": math.nan}
    exec("\n".join(lines), namespace)
    program: Callable[..., Any] = namespace["program"]
    return program


def to_python(listings: Sequence[Listing], name: str, comment: str) -> str:
    """A module with one function of this name: sequences of inputs and of parameters in, a list of results out."""
    used = {step for listing in listings for step, _ in listing.steps} - PLAIN.keys() - {"dot"}
    sources = list(_sources([TABLE[step].function for step in sorted(used)]))
    aliases = [f"{step} = {_name_of(TABLE[step].function)}" for step in sorted(used)]
    aliases = [line for line in aliases if line.split(" = ")[0] != line.split(" = ")[1]]
    body = [line for i, listing in enumerate(listings) for line in _python_lines(listing, f"_{name}_{i}", False)]
    calls = [
        f"    result = _{name}_{i}(x, p)\n    if result is not None:\n        return result"
        for i in range(len(listings))
    ]
    final = 'raise ValueError("a comparison gave something else than when the function was traced")'
    head = [f'"""{comment}"""', "", "import math", "from math import copysign, inf, nan"]
    definition = [f"def {name}(x, p=()):", *calls, f"    {final}"]
    _check_free(name, [*head[1:], *sources, *aliases, *body], keyword.kwlist)
    return "\n".join([*head, "", "", *sources, *aliases, "", *body, "", *definition, ""])


def to_c(listings: Sequence[Listing], name: str, comment: str) -> str:
    """One C99 function: 0, or 1 if a comparison gave something else than when the function was traced."""
    used = {step for listing in listings for step, _ in listing.steps}
    expressions = " ".join(TABLE[step].c for step in used if step != "dot")
    lines = [f"/* {comment} */", "", "#include <math.h>", "", *_c_functions(expressions)]
    _check_free(name, [*lines[1:], expressions], _C_KEYWORDS)
    lines += [f"int {name}(const double *x, const double *p, double *out) {{", "    (void)x;", "    (void)p;"]
    for listing in listings:
        lines += [
            "    do {",
            *(f"        {line}" for line in _c_lines(listing)),
            "        return 0;",
            "    } while (0);",
        ]
    return "\n".join([*lines, "    return 1;", "}", ""])


def _check_free(name: str, lines: Iterable[str], keywords: Iterable[str]) -> None:
    if name in keywords or re.search(rf"\b{name}\b", "\n".join(lines)):
        raise ValueError(f"{name!r} has a meaning of its own in the code; choose another name, such as '{name}_of_row'")


_C_KEYWORDS = {
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
    "float", "for", "goto", "if", "inline", "int", "long", "main", "out", "p", "register", "restrict", "return",
    "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile",
    "while", "x", "INFINITY", "NAN",
}  # fmt: skip

# --------------------------------------------------------------------------- Python


def _python_lines(listing: Listing, name: str, all_guards: bool) -> list[str]:
    operand = _namer(listing, lambda x: repr(x))
    lines = [f"def {name}(x, p):"]
    for i, (step, operands) in enumerate(listing.steps, listing.first):
        names = [operand(x) for x in operands]
        while len(names) > _LONGEST:  # the compiler of Python nests as deep as a sum is long
            lines.append(f"    v{i} = {_python_call(step, names[:_LONGEST])}")
            names[:_LONGEST] = [f"v{i}"]
        lines.append(f"    v{i} = {_python_call(step, names)}")
    guards = []
    for operator, a, b, holds in listing.guards:
        if all_guards:
            guards.append(f"(compare({operator!r}, {operand(a)}, {operand(b)}), {holds})")
        else:
            condition = f"{operand(a)} {operator} {operand(b)}"
            lines.append(f"    if not ({condition}):" if holds else f"    if {condition}:")
            lines.append("        return None")
    results = f"[{', '.join(map(operand, listing.outputs))}]"
    lines.append(f"    return {results}, [{', '.join(guards)}]" if all_guards else f"    return {results}")
    return lines


def _python_call(step: str, operands: list[str]) -> str:
    if step in PLAIN:
        return PLAIN[step].format(*(f"({x})" if x.startswith("-") else x for x in operands))
    if step == "dot":
        products = [f"{b} * {c}" for b, c in zip(operands[1::2], operands[2::2])]
        return " + ".join([operands[0], *products])
    return f"{step}({', '.join(operands)})"


def _sources(functions: Iterable[Callable[..., Any]]) -> Iterator[str]:
    """The functions and all that they use of their modules, each before those that use it."""
    seen: set[str] = set()

    def visit(name: str, thing: Any) -> Iterator[str]:
        if name in seen:
            return
        seen.add(name)
        if inspect.isbuiltin(thing):
            yield f"{name} = math.{thing.__name__}\n"
            return
        if not inspect.isfunction(thing):
            yield f"{name} = {thing!r}\n"
            return
        module = inspect.getmodule(thing)
        for other in sorted(_names_in(thing.__code__)):
            if hasattr(module, other) and other not in ("math", "copysign", "inf", "nan"):
                yield from visit(other, getattr(module, other))
        yield inspect.getsource(thing)

    for function in functions:
        yield from visit(_name_of(function), function)


def _name_of(function: Callable[..., Any]) -> str:
    """Its name in the generated code; Python's own functions get one that is not that of a row."""
    return f"_{function.__name__}" if inspect.isbuiltin(function) else function.__name__


def _names_in(code: Any) -> set[str]:
    inner = [_names_in(constant) for constant in code.co_consts if inspect.iscode(constant)]
    return set(code.co_names).union(*inner)


# --------------------------------------------------------------------------- C


def _c_lines(listing: Listing) -> Iterator[str]:
    operand = _namer(listing, _c_number)
    for i, (step, operands) in enumerate(listing.steps, listing.first):
        names = [operand(x) for x in operands]
        if step == "dot":
            products = [f"{b} * {c}" for b, c in zip(names[1::2], names[2::2])]
            expression = " + ".join([names[0], *products])
        else:
            expression = re.sub(r"\b[abc]\b", lambda m: names["abc".index(m[0])], TABLE[step].c)  # noqa: B023
        yield f"const double v{i} = {expression};"
    for operator, a, b, holds in listing.guards:
        condition = f"{operand(a)} {operator} {operand(b)}"
        yield f"if (!({condition})) break;" if holds else f"if ({condition}) break;"
    for k, x in enumerate(listing.outputs):
        yield f"out[{k}] = {operand(x)};"


def _c_number(x: float) -> str:
    if math.isfinite(x):
        return f"({x.hex()})" if math.copysign(1.0, x) < 0 else x.hex()
    return "NAN" if math.isnan(x) else "INFINITY" if x > 0 else "(-INFINITY)"


def _c_functions(expressions: str) -> Iterator[str]:
    """The functions and constants of floats.h that these expressions need, in the order of that file."""
    text = re.sub(r"/\*.*?\*/", "", Path(floats.__file__).with_name("floats.h").read_text(encoding="utf-8"), flags=re.S)
    parts = {m[1]: m[0] for m in re.finditer(r"^static inline [\w ]+?\b(vg_\w+)\(.*?^\}$", text, re.M | re.S)}
    macros = {m[1]: m[0] for m in re.finditer(r"^#define (VG_\w+) .*$", text, re.M)}
    wanted: set[str] = set()
    waiting = [expressions]
    while waiting:
        for word in re.findall(r"\b(?:vg|VG)_\w+", waiting.pop()):
            if word not in wanted:
                wanted.add(word)
                waiting.append(parts.get(word) or macros.get(word, ""))
    yield from (text.rstrip() for word, text in macros.items() if word in wanted)
    yield from (text + "\n" for word, text in parts.items() if word in wanted)


def _namer(listing: Listing, number: Callable[[float], str]) -> Callable[[Operand], str]:
    """What operands are called in code: x[0] an input, p[0] a parameter, v9 the result of a step."""

    def name(operand: Operand) -> str:
        if isinstance(operand, float):
            return number(operand)
        if operand < listing.n_inputs:
            return f"x[{operand}]"
        return f"p[{operand - listing.n_inputs}]" if operand < listing.first else f"v{operand}"

    return name
