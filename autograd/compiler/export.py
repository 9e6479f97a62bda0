"""A program as a Python module or a C99 function that runs without autograd."""

from __future__ import annotations

import inspect
import re
from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from autograd.compiler.codegen import NATIVE, c_lines, c_number, python_lines
from autograd.compiler.codes import ADD
from autograd.compiler.ir import NOT_TRACED
from autograd.compiler.passes import eliminate_dead_code, simplify
from autograd.compiler.reserved import is_reserved_in_c, is_reserved_in_python
from autograd.operations import floats
from autograd.operations.operation import CUSTOM, find

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing
    from autograd.compiler.path import Path
    from autograd.compiler.traces import Traces
    from autograd.engine import Value


def exported(program: Traces, parameters: str) -> tuple[list[Listing], list[str], list[float] | None]:
    """The listing of each path of a program, with all of its parameters; the names of these; their numbers, or None.

    Args:
        parameters: "constants" for the numbers, "arguments" for None.
    """
    if parameters not in ("arguments", "constants"):
        raise ValueError(
            f"the parameters of exported code are 'arguments' or 'constants', got {parameters!r}; name one"
        )
    traced = program._traced()
    if not traced:
        raise RuntimeError(NOT_TRACED)
    if len(traced) > 1:
        raise ValueError(
            f"the program was traced for {len(traced)} structures of arguments (a list is no array), but code has one; "
            "compile again and call it one way"
        )
    values = program.parameters
    listings = [_of_all_parameters(program, path) for path in traced[0].paths]
    labels = [x.label or f"p{i}" for i, x in enumerate(values)]
    return listings, labels, [x.data for x in values] if parameters == "constants" else None


def derivatives(program: Traces) -> list[Listing]:
    """Listings that give the first result and its gradient by all parameters; none if backward() was never called.

    Raises:
        ValueError: backward() was called with arguments of another structure only.
    """
    if not program._reductions:
        return []
    signature = program._traced()[0].signature
    found = [x for x in program._reductions if x.signature == signature]
    if not found:
        raise ValueError(
            "backward() was called with another structure of arguments than the program, but code has one; "
            "compile the function again, and use one"
        )
    return [_with_gradient(program, path) for path in found[0].paths]


def _with_gradient(program: Traces, path: Path) -> Listing:
    """The first result of a path and its gradient by all parameters."""
    listing = _of_all_parameters(program, path)
    listing = listing.with_steps(listing.codes[:], listing.starts[:], listing.operands[:])
    listing.constants = copy(listing.constants)
    loss, *gradient = listing.targets
    zero = listing.operand(0.0)
    sums: dict[Value, int] = {}
    for x, slope in zip(path.parameters, gradient):
        if x in sums:  # it is bound in several places
            listing.append(ADD, (sums[x], slope))
            slope = listing.n_registers - 1
        sums[x] = slope
    listing.targets = array("i", [loss, *(sums.get(x, zero) for x in program.parameters)])
    return listing


def _of_all_parameters(program: Traces, path: Path) -> Listing:
    """What a path computes, with all parameters of its program."""
    positions = {x: i for i, x in enumerate(program.parameters)}
    listing = eliminate_dead_code(simplify(path.traced))
    return listing.with_parameters(len(positions), [positions[x] for x in path.parameters])


def to_python(name: str, listings: Sequence[Listing], labels: Sequence[str], numbers: Sequence[float] | None) -> str:
    """A module with one function of this name: sequences of inputs and of parameters in, a list of results out.

    Args:
        listings: the paths through the function, without steps named "dot".
        labels: the names of the parameters.
        numbers: of the parameters, for a function of the inputs alone; None for a function of both.
    """
    check_name(name)
    used = sorted(_operations_in(listings) - NATIVE)
    functions = {operation: find(operation).function for operation in used if operation not in CUSTOM}
    own = dict(_sources(functions.values()))
    needed = [*own.values(), *(_python_of(operation, own) for operation in sorted(CUSTOM.keys() & used))]
    names = {operation: _name_of(function) for operation, function in functions.items()}
    aliases = [f"{operation} = {function}" for operation, function in names.items() if operation != function]
    body = [line for i, listing in enumerate(listings) for line in python_lines(listing, f"_{name}_{i}")]
    p = "p" if numbers is None else f"_{name}_parameters"
    constants = [] if numbers is None else [f"{p} = [", *_in_lines(map(repr, numbers)), "]", "", ""]
    calls = [
        f"    result = _{name}_{i}(x, {p})\n    if result is not None:\n        return result"
        for i in range(len(listings))
    ]
    final = 'raise ValueError("no traced path fits these inputs; call the program with them, and export it again")'
    comment = comment_of("Python", listings[0], labels, numbers)
    head = [f'"""{comment}"""', "", "import math", "from math import copysign, inf, nan"]
    checks = [_check(name, "x", listings[0].n_inputs, "inputs", f"write {name}([...])")]
    if numbers is None and labels:
        remedy = "pass [v.data for v in program.parameters], or export parameters='constants'"
        checks.append(_check(name, "p", len(labels), "parameters", remedy))
    definition = [f"def {name}(x, p=()):" if numbers is None else f"def {name}(x):", *checks, *calls, f"    {final}"]
    check_free(name, [*head[1:], *needed, *aliases, *body], is_reserved_in_python)
    return "\n".join([*head, "", "", *needed, *aliases, "", *constants, *body, "", *definition, ""])


def _check(name: str, argument: str, n: int, what: str, remedy: str) -> str:
    """Statements that raise a TypeError unless an argument has n numbers."""
    return (
        f'    if not hasattr({argument}, "__len__") or len({argument}) != {n}:\n'
        f'        raise TypeError("{name}() takes the numbers of {n} {what} as {argument}; {remedy}")'
    )


def to_c(name: str, listings: Sequence[Listing], labels: Sequence[str], numbers: Sequence[float] | None) -> str:
    """One C99 function of this name, for the arguments of to_python(). It returns 1 if a guard fails on every path."""
    check_name(name)
    expressions = " ".join(text_of("to_c", operation) for operation in sorted(_operations_in(listings)))
    comment = comment_of("C", listings[0], labels, numbers)
    functions = [text for _, text in c_functions(expressions)]
    headers = ["math.h"] + (["stdio.h", "stdlib.h"] if "snprintf" in "".join(functions) else [])
    lines = [f"/* {comment} */", "", *(f"#include <{header}>" for header in headers), "", *functions]
    check_free(name, [*lines[1:], expressions], is_reserved_in_c)
    if numbers is None:
        lines += [f"int {name}(const double *x, const double *p, double *out) {{", "    (void)x;", "    (void)p;"]
    else:
        lines += [f"int {name}(const double *x, double *out) {{", "    (void)x;"]
    if numbers:
        lines += [f"    static const double p[{len(numbers)}] = {{", *_in_lines(map(c_number, numbers)), "    };"]
        lines.append("    (void)p;")
    for listing in listings:
        statements = [*c_lines(listing), "return 0;"]
        lines += ["    do {", *(f"        {statement}" for statement in statements), "    } while (0);"]
    return "\n".join([*lines, "    return 1;", "}", ""])


def _python_of(operation: str, taken: Container[str]) -> str:
    """The function of a user's operation in Python."""
    facts = CUSTOM[operation]
    if operation in taken:
        raise ValueError(f"to_python() has a function of its own named {operation}; give your operation another name")
    if not facts.python:
        raise ValueError(_TEXT_MISSING.format("to_python", operation, "Python", "python", facts.arguments))
    return f"def {operation}({facts.arguments}):\n    return {facts.python}\n"


def text_of(caller: str, operation: str) -> str:
    """The C of an operation."""
    facts = find(operation)
    if not facts.c:
        raise ValueError(_TEXT_MISSING.format(caller, operation, "C", "c", facts.arguments))
    return facts.c


_TEXT_MISSING = "{}() needs operation {} in {}; define it with {}=, an expression of {}"


def _operations_in(listings: Sequence[Listing]) -> set[str]:
    return {operation for listing in listings for operation, _ in listing.steps}


def comment_of(language: str, listing: Listing, labels: Sequence[str], numbers: Sequence[float] | None) -> str:
    """What the function takes and gives."""
    shown = ", ".join(map(_plain, labels[:8])) + (", ..." if len(labels) > 8 else "")
    parameters = f"{len(labels)} parameters{f' ({shown})' if labels else ''}"
    parameters = f"p {parameters}" if numbers is None else f"{parameters} are constants"
    results = f"{len(listing.outputs)} results"
    return f"{language} of a program: x holds {listing.n_inputs} inputs; {parameters}; {results}."


def _in_lines(numbers: Iterable[str]) -> Iterator[str]:
    """Four numbers in each line, with commas."""
    texts = [f"{number}," for number in numbers]
    for i in range(0, len(texts), 4):
        yield f"        {' '.join(texts[i : i + 4])}"


def _plain(label: str) -> str:
    """A label with "_" for every character that could end a comment or a docstring, or that is not visible.

    Besides quotes, these are the signs of comments, escapes and trigraphs, line ends, and marks that reverse the
    direction of text.
    """
    text = "".join(c if c.isprintable() and c not in '*\\?"' else "_" for c in label)
    return text if len(text) <= 40 else f"{text[:37]}..."


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a function.

    Raises:
        ValueError: it is no identifier.
    """
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise ValueError(f"the name of a function is an identifier, got {name!r}; write 'loss' or 'f_1'")


def check_free(name: str, lines: Iterable[str], is_reserved: Callable[[str], bool]) -> None:
    """Refuse a name that the code or its language uses.

    Raises:
        ValueError: it is used.
    """
    if is_reserved(name) or re.search(rf"\b{name}\b", "\n".join(lines)):
        raise ValueError(f"{name!r} has a meaning of its own in the code; choose another name, such as 'row_{name}'")


# --------------------------------------------------------------------------- the functions that the code needs


def _sources(functions: Iterable[Callable[..., Any]]) -> Iterator[tuple[str, str]]:
    """Name and source of the functions, and of everything in their modules that they use; each before its first use."""
    seen: set[str] = set()

    def visit(name: str, thing: Any) -> Iterator[tuple[str, str]]:
        if name in seen:
            return
        seen.add(name)
        if inspect.isbuiltin(thing):
            yield name, f"{name} = math.{thing.__name__}\n"
            return
        if not inspect.isfunction(thing):
            yield name, f"{name} = {thing!r}\n"
            return
        module = inspect.getmodule(thing)
        for other in sorted(_names_in(thing.__code__)):
            if hasattr(module, other) and other not in ("math", "copysign", "inf", "nan"):
                yield from visit(other, getattr(module, other))
        yield name, inspect.getsource(thing)

    for function in functions:
        yield from visit(_name_of(function), function)


def _name_of(function: Callable[..., Any]) -> str:
    """The name of a function in the generated code; one of `math` differs from the name of its operation."""
    return f"_{function.__name__}" if inspect.isbuiltin(function) else function.__name__


def _names_in(code: Any) -> set[str]:
    inner = [_names_in(constant) for constant in code.co_consts if inspect.iscode(constant)]
    return set(code.co_names).union(*inner)


def c_functions(expressions: str) -> Iterator[tuple[str, str]]:
    """The names and texts of the functions and constants of floats.h that these expressions need, in its order."""
    text = re.sub(
        r"/\*.*?\*/", "", FilePath(floats.__file__).with_name("floats.h").read_text(encoding="utf-8"), flags=re.S
    )
    parts = {m[1]: m[0] for m in re.finditer(r"^static inline [\w ]+?\b(vg_\w+)\(.*?^\}$", text, re.M | re.S)}
    macros = {m[1]: m[0] for m in re.finditer(r"^#define (VG_\w+) .*$", text, re.M)}
    wanted: set[str] = set()
    waiting = [expressions]
    while waiting:
        for word in re.findall(r"\b(?:vg|VG)_\w+", waiting.pop()):
            if word not in wanted:
                wanted.add(word)
                waiting.append(parts.get(word) or macros.get(word, ""))
    yield from ((word, text.rstrip()) for word, text in macros.items() if word in wanted)
    yield from ((word, text + "\n") for word, text in parts.items() if word in wanted)
