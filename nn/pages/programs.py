"""What a playground computes, as JavaScript: the loss and its gradient, the layers, and the steps of the optimizer."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import Value, compile, gradients
from nn.arguments import vector
from nn.optim.compiled import Move
from nn.optim.optimizer import Optimizer, Rule
from nn.predict import Loss, Model, loss_of_sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nn.structure.diagram import Stage

    Array = NDArray[np.float64]
    Samples = tuple[Array, Array]  # inputs and targets


class Task(NamedTuple):
    """What is trained.

    Attributes:
        parameters: those that the optimizer moves, then the others of the model.
        samples: those to train on.
        stages: of the diagram; none if the model has no diagram.
    """

    model: Model
    loss: Loss
    optimizer: Optimizer
    parameters: list[Value]
    samples: Samples
    stages: list[Stage]


def rows_of(samples: Samples) -> Array:
    """The inputs and the targets of each sample in a row."""
    import numpy as np  # lazy: importing nn stays fast

    return np.column_stack(samples)


def error_module(task: Task, others: Sequence[Samples], *, may_be_infinite: bool) -> str:
    """The loss of a sample, and its gradient by the parameters.

    Args:
        others: more samples, whose paths through the model are traced too.
        may_be_infinite: False to raise ValueError if the mean loss of some samples is nan or infinite.
    """
    numbers = [p.data for p in task.parameters]

    def error(*row: Value) -> Any:
        x, y = _parts(task.samples, row)
        return loss_of_sample(task.loss, task.model(x), y)

    program = compile(error, parameters=task.parameters)
    for samples in (task.samples, *others):
        columns = rows_of(samples).T
        program.map(*columns)
        if unknown := program.parameters[len(numbers) :]:
            names = ", ".join(p.label or "one without a label" for p in unknown[:3])
            raise ValueError(f"the model has parameters that the optimizer lacks: {names}; give it all of them")
        mean, _ = program.loss_and_grad(numbers, *columns)
        if not (may_be_infinite or math.isfinite(mean)):
            raise ValueError(
                f"the loss of these weights is {mean}; give targets that the loss takes, and finite weights"
            )
    return _scope("loss", program.to_javascript("loss"), ("rows", "gradient"))


def layers_module(task: Task, inputs: Array) -> str:
    """What each layer gives for inputs.

    Args:
        inputs: rows, whose paths through the model are traced.
    """

    def layers(*row: Value) -> list[Any]:
        x, _ = _parts(task.samples, row)
        return [x for layer in outputs_of(task, x) for x in layer]

    program = compile(layers, parameters=task.parameters)
    program.map(*inputs.T)
    return _scope("layers", program.to_javascript("layers"), ("rows",))


def sample_module(task: Task) -> str:
    """The loss of a sample, what each layer gives, and the gradient of the loss by the inputs and by all of that."""

    def sample(*row: Value) -> list[Any]:
        x, y = _parts(task.samples, row)
        layers = outputs_of(task, x)
        output = layers[-1]
        error = loss_of_sample(task.loss, output[0] if len(output) == 1 else output, y)
        numbers = [number for layer in layers for number in layer]
        nodes = [*vector(x), *numbers]
        slopes = iter(gradients(error, [node for node in nodes if isinstance(node, Value)]))
        return [error, *numbers, *[next(slopes) if isinstance(node, Value) else 0.0 for node in nodes]]

    program = compile(sample, parameters=task.parameters)
    program.map(*rows_of(task.samples).T)
    return _scope("sample", program.to_javascript("sample"), ("rows",))


def outputs_of(task: Task, x: Any) -> list[list[Any]]:
    """What each column of the diagram gives, or the model alone if it has no diagram."""
    if not task.stages:
        return [[*vector(task.model(x))]]
    layers: list[list[Any]] = []
    output: Any = [*vector(x)]
    for stage in task.stages:
        output = [*vector(stage.module(output))]
        if stage.weights or not layers:
            layers.append(output)
        else:
            layers[-1] = output
    return layers


class Steps(NamedTuple):
    """The steps of an optimizer.

    Attributes:
        module: the rule of each group, as a module of JavaScript.
        groups: for each group how many parameters it has, its settings as numbers, and where the rule reads them.
    """

    module: str
    groups: list[dict[str, Any]]


def steps_of(optimizer: Rule) -> Steps:
    """The rule of each group, with its settings as parameters, so that a page can change them."""
    modules, groups = [], []
    for k, group in enumerate(optimizer.groups):
        # a Move reads the settings that are not 0; the page may change any of them
        move = Move(optimizer.move, _without_zeros(group.settings), 2 + len(optimizer.STATE))
        move.set(group.settings)
        program = compile(move.rule, exact=True, parameters=[move.step, *move.values])
        numbers = [1.0] * (2 + len(optimizer.STATE))
        names = [name for name, setting in group.settings.items() for _ in _items(setting)]
        decay = names.index("weight_decay") if "weight_decay" in names else None
        moved = program(*numbers)
        if decay is not None:
            for number in (0.0, 0.5):  # both paths: with a decay, and without one
                move.values[decay].data = number
                program(*numbers)
        module = program.to_javascript("move")
        modules.append(_scope(f"move{k}", module, ("rows",)))
        groups.append(
            {
                "size": len(group.parameters),
                "settings": [float(x) for setting in group.settings.values() for x in _items(setting)],
                "rate": names.index("learning_rate"),
                "decay": decay,
                "results": len(moved),
            }
        )
    return Steps("\n".join(modules), groups)


def _without_zeros(settings: Any) -> dict[str, Any]:
    def nonzero(x: Any) -> Any:
        return x if isinstance(x, bool) else x or 0.5

    return {name: tuple(map(nonzero, x)) if isinstance(x, tuple) else nonzero(x) for name, x in settings.items()}


def _items(setting: Any) -> tuple[Any, ...]:
    return setting if isinstance(setting, tuple) else (setting,)


def compute_module(
    task: Task, others: Sequence[Samples], inputs: Array, steps: Steps, player: str, *, may_be_infinite: bool
) -> str:
    """All that a page computes, as one module with an object named compute.

    Args:
        player: the module of the graph of a sample; "" if there is none.
    """
    error = error_module(task, others, may_be_infinite=may_be_infinite)
    modules = [layers_module(task, inputs), error, sample_module(task), steps.module]
    moves = ", ".join(f"move{k}" for k in range(len(steps.groups)))
    body = re.sub(r"(?m)^export ", "", player)
    modules.append(
        f"const player = (() => {{\n{body}\nreturn compute;\n}})();" if player else "const player = undefined;"
    )
    return "\n".join([*modules, f"const compute = {{ loss, layers, sample, player, moves: [{moves}] }};"])


def _parts(samples: Samples, row: Sequence[Value]) -> tuple[Any, Any]:
    """The input and the target in a row, in the form that the model and the loss take."""
    x, y = samples
    n = 1 if x.ndim == 1 else x.shape[1]
    rest = row[n:]
    return (row[0] if x.ndim == 1 else list(row[:n])), (rest[0] if rest and y.ndim == 1 else list(rest))


def _scope(name: str, module: str, functions: Sequence[str]) -> str:
    """A module as a constant that has these functions; its other names are its own."""
    body = re.sub(r"(?m)^export ", "", module)
    members = ", ".join(f"{function}: {_inner(name)}_{function}" for function in functions)
    return f"const {name} = (() => {{\n{body}\nreturn {{ {members} }};\n}})();"


def _inner(name: str) -> str:
    return name.rstrip("0123456789")
