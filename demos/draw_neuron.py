"""One neuron and its derivatives, drawn: the graph of tanh(dot([w1, w2], [x1, x2]) + bias).

Every box shows a number and the derivative of y by it. Every edge into an operation shows a partial
derivative: as a handbook has it, and its number. Along a path, partial derivatives multiply. Over all
paths, the products add up. That is all of backpropagation.

Run it, after `pip install -e .`:

    python demos/draw_neuron.py
"""

from pathlib import Path
from typing import NamedTuple

from autograd import Value, draw
from nn import Neuron


class Result(NamedTuple):
    """The output of the neuron, its derivative by each labelled number, and the pictures."""

    y: float
    gradients: dict[str, float]
    paths: list[Path]


def main(x1: float = 2.0, x2: float = -1.0, out: str | Path = "out") -> Result:
    """Differentiate the neuron at (x1, x2), and draw it into the folder out."""
    neuron = Neuron(2, activation="tanh")
    inputs = [Value(x1, label="x1"), Value(x2, label="x2")]
    for parameter, number, label in zip(neuron.parameters(), (-0.5, 1.5, 3.0), ("w1", "w2", "bias")):
        parameter.data = number
        parameter.label = label
    y = neuron(inputs)
    y.label = "y"
    y.backward()

    gradients = {leaf.label: leaf.grad for leaf in inputs + neuron.parameters()}
    print(f"The neuron answers y = {y.data:.4f}.")
    for label, gradient in gradients.items():
        print(f"A little more {label:2} changes y by {gradient:+.4f} times as much.")
    Path(out).mkdir(parents=True, exist_ok=True)
    paths = [Path(out, name) for name in ("neuron.svg", "neuron.png")]
    for path in paths:
        draw(y, partials=True, parameters=neuron.parameters(), theme="auto").render(outfile=path)
    print(f"Pictures: {', '.join(map(str, paths))}")
    return Result(y.data, gradients, paths)


if __name__ == "__main__":
    main()
