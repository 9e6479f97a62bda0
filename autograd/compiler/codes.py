"""A number for each name of a step, because numbers are compared and stored faster than names."""

from __future__ import annotations

import threading

NAMES = [
    "dot", "relu_dot", "gate_dot", "add_dot", "gate", "add", "subtract", "multiply", "negative", "relu", "step", "tanh",
    "sech_squared", "divide", "power", "where", "maximum", "stop_gradient", "divide_by_exp", "log_magnitude",
]  # fmt: skip
"""The name for each number. Those of other operations come behind, in the order in which they are met."""

(
    DOT, RELU_DOT, GATE_DOT, ADD_DOT, GATE, ADD, SUBTRACT, MULTIPLY, NEGATIVE, RELU, STEP, TANH, SECH_SQUARED, DIVIDE,
    POWER, WHERE, MAXIMUM, STOP_GRADIENT, DIVIDE_BY_EXP, LOG_MAGNITUDE,
) = range(len(NAMES))  # fmt: skip

_CODES = {name: code for code, name in enumerate(NAMES)}


_new = threading.Lock()


def code_of(name: str) -> int:
    """The number of a name."""
    code = _CODES.get(name)
    if code is None:
        with _new:
            if name not in _CODES:
                NAMES.append(name)
                _CODES[name] = len(NAMES) - 1
            code = _CODES[name]
    return code


def marked(names: set[str], mark: int = 1, marks: bytearray | None = None) -> bytearray:
    """A table by numbers of names, with a mark for each of these names; or more marks in such a table."""
    codes = [code_of(name) for name in names]
    marks = bytearray() if marks is None else marks
    marks.extend(bytes(len(NAMES) - len(marks)))
    for code in codes:
        marks[code] = mark
    return marks
