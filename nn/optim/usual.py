"""The rules as people use them, which become machine code when the package is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from autograd import Value
from nn.optim.compiled import Move
from nn.optim.optimizer import Rule
from nn.optim.rules import SGD, Adagrad, Adam, AdamW, RMSProp

USUAL: dict[Callable[..., Rule], tuple[dict[str, Any], ...]] = {
    SGD: ({}, {"momentum": 0.5}, {"momentum": 0.5, "nesterov": True}),
    Adagrad: ({},),
    RMSProp: ({},),
    Adam: ({},),
    AdamW: ({},),
}
"""The settings beside the defaults. Each of them is used with a weight decay and without one."""


def usual_rules() -> Iterator[tuple[Callable[..., tuple[Value, ...]], int]]:
    """The rules, and how many arrays each takes. Which numbers the settings have does not matter, but for 0."""
    for kind, choices in USUAL.items():
        for settings in choices:
            for weight_decay in (0.0, 0.5):
                optimizer = kind([Value(0.0)], learning_rate=0.5, weight_decay=weight_decay, **settings)
                n_arrays = 2 + len(optimizer.STATE)
                yield Move(optimizer.move, optimizer.groups[0].settings, n_arrays).rule, n_arrays
