"""A Neuron is a dot product and an activation, a Layer is a list of neurons, an MLP is a chain of layers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any, Protocol, Union, final

from autograd import Value, dot, elu, gelu, leaky_relu, relu, scopes, sigmoid, silu, softplus, tanh
from nn.contents import attributes
from nn.lists import check_list
from nn.module import Module
from nn.naming import give_names

Number = Union[Value, float]
Activation = Callable[[Value], Value]


class Random(Protocol):
    """Draws the weights: a random.Random, a numpy.random.Generator, or the module random."""

    def uniform(self, low: float, high: float, /) -> float:
        """A number drawn from [low, high)."""
        ...


def linear(x: Value) -> Value:
    """The number itself: no activation."""
    return x


ACTIVATIONS: dict[str, Activation] = {
    "elu": elu,
    "gelu": gelu,
    "leaky_relu": leaky_relu,
    "linear": linear,
    "relu": relu,
    "sigmoid": sigmoid,
    "silu": silu,
    "softplus": softplus,
    "tanh": tanh,
}
"""The activations that have a name. Any function from a Value to a Value works too."""


@final
class Neuron(Module):
    """A dot product with weights, plus a bias, through an activation: f(w . x + b).

    Args:
        n_inputs: how many numbers it takes, at least 1.
        nonlin: False for no activation, whatever `activation` says.
        activation: a name of `ACTIVATIONS` or a function of a Value that gives a Value.
        rng: draws the weights, uniform in [-1, 1); by default the module `random`. The bias is 0.

    Raises:
        ValueError: n_inputs is less than 1, or the activation is unknown.
        TypeError: n_inputs is not an int, nonlin is not a bool, or rng has no method `uniform`.

    >>> neuron = Neuron(2, rng=random.Random(0))
    >>> len(neuron.parameters())
    3
    >>> neuron([1.0, -2.0]).data
    0.0
    """

    # Slots are faster to read than a dict, and each sample reads those of all neurons. Parameters come in this order.
    __slots__ = ("w", "b", "nonlin", "activation")  # noqa: RUF023

    def __init__(
        self, n_inputs: int, nonlin: bool = True, *, activation: str | Activation = "relu", rng: Random | None = None
    ) -> None:
        _check_width("n_inputs", n_inputs)
        if not isinstance(nonlin, bool):
            raise TypeError(f"nonlin is True or False, got {nonlin!r}; a function goes by name: activation={nonlin!r}")
        draw: Random = random if rng is None else _checked_rng(rng)
        self.w = [Value(draw.uniform(-1, 1)) for _ in range(n_inputs)]
        self.b = Value(0.0)
        self.nonlin = nonlin
        chosen = _activation(activation)
        self.activation = chosen if nonlin else linear

    def __call__(self, x: Number | Iterable[Number]) -> Value:
        """The output for inputs x, one number for each weight; ValueError for another count."""
        return _outputs([self], _vector(x), self)[0]

    def extra_repr(self) -> str:
        """The number of inputs and the activation."""
        return f"{len(self.w)}, activation={_name(self.activation)}"


@final
class Layer(Module, opens_scope=False):
    """Neurons side by side, which all take the same inputs.

    Args:
        n_inputs: how many numbers each neuron takes, at least 1.
        n_outputs: how many neurons, at least 1.
        nonlin, activation, rng: as for Neuron.

    Raises:
        ValueError, TypeError: as Neuron does.

    >>> layer = Layer(2, 3, activation="tanh", rng=random.Random(0))
    >>> len(layer([1.0, -2.0]))
    3
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        nonlin: bool = True,
        *,
        activation: str | Activation = "relu",
        rng: Random | None = None,
    ) -> None:
        _check_width("n_outputs", n_outputs)
        self.neurons = [Neuron(n_inputs, nonlin, activation=activation, rng=rng) for _ in range(n_outputs)]

    # Any: the sizes decide whether it is one Value or a list
    def __call__(self, x: Number | Iterable[Number]) -> Any:
        """A list of each neuron's output, or the output itself if there is one neuron."""
        inputs = _vector(x)
        with self._scope as each:
            outputs = _outputs(each(self.neurons), inputs, self)
        return outputs[0] if len(outputs) == 1 else outputs

    def _take_place(self, place: tuple[str, ...]) -> None:
        self._place = place
        path, own = (f"{place[-1]}.", place[-1:]) if place else ("", ())
        self._scope = scopes([(*own, f"{path}neurons.{i}") for i in range(len(self.neurons))])

    def _state_parts(self) -> dict[str, object]:
        rest = {
            i: {name: x for name, x in attributes(neuron).items() if name not in ("w", "b")}
            for i, neuron in enumerate(self.neurons)
        }
        return {
            "weight": [neuron.w for neuron in self.neurons],
            "bias": [neuron.b for neuron in self.neurons],
            **attributes(self),
            "neurons": rest,
        }

    def extra_repr(self) -> str:
        """The numbers of inputs and outputs and the activation; nothing if the neurons differ."""
        return "" if (like := self._common()) is None else f"{like[0]}, {len(self.neurons)}, activation={like[1]}"

    def _shown_modules(self) -> Iterable[tuple[str, Module]]:
        return super()._shown_modules() if self._common() is None else ()

    def _common(self) -> tuple[int, str] | None:
        """How many inputs the neurons take, and their activation; None if they differ."""
        kinds = {(len(neuron.w), _name(neuron.activation)) for neuron in self.neurons}
        return kinds.pop() if len(kinds) == 1 else None


@final
class MLP(Module, opens_scope=False):
    """A multilayer perceptron: it calls its layers one after the other; the last one is linear.

    A call records each layer in a scope, 'layers.0', 'layers.1', ..., and each neuron in a scope within. So
    `draw(y, depth=0)` shows each layer as a box, and `draw(y, depth=1)` each neuron.

    Args:
        n_inputs: how many numbers it takes, at least 1.
        sizes: how many neurons each layer has, at least one layer.
        activation: for every layer but the last, a name of `ACTIVATIONS` or a function.
        rng: draws the weights, layer by layer; by default the module `random`.

    Raises:
        ValueError: there is no layer, a layer has no neuron, or the activation is unknown.
        TypeError: n_inputs or a size is not an int.

    >>> model = MLP(2, [16, 16, 1], rng=random.Random(0))
    >>> len(model.parameters())
    337
    >>> type(model([1.0, -2.0])).__name__
    'Value'
    """

    def __init__(
        self,
        n_inputs: int,
        sizes: Iterable[int],
        *,
        activation: str | Activation = "relu",
        rng: Random | None = None,
    ) -> None:
        check_list(sizes, "sizes lists the neurons of each layer")
        if not isinstance(sizes, Iterable):
            kind = type(sizes).__name__
            raise TypeError(f"sizes lists the neurons of each layer, got the {kind} {sizes!r}; write [{sizes!r}]")
        sizes = list(sizes)
        if not sizes:
            raise ValueError("an MLP has at least one layer, got no sizes; MLP(2, [16, 1]) has two")
        self.layers: list[Layer] = []
        for i, (width, size) in enumerate(zip([n_inputs, *sizes], sizes)):
            self.layers.append(Layer(width, size, i < len(sizes) - 1, activation=activation, rng=rng))

    def __call__(self, x: Number | Iterable[Number]) -> Any:
        """A list of the last layer's outputs, or the output itself if it has one neuron."""
        if self._scope is not None:
            with self._scope:
                return self._output(x)
        return self._output(x)

    def _output(self, x: Number | Iterable[Number]) -> Any:
        y = _vector(x)
        for layer in self.layers:
            if type(layer) is Layer and (layer._place or self._is_named()):
                with layer._scope as each:
                    y = _outputs(each(layer.neurons), y, layer)
            else:
                y = _vector(layer(y))
        return y[0] if len(y) == 1 else y

    def _is_named(self) -> bool:
        """Name the layers that came later."""
        give_names(self)
        return True


def _outputs(neurons: Iterable[Neuron], inputs: Sequence[Number], layer: Neuron | Layer) -> list[Value]:
    """The output of each neuron for the same inputs. This loop takes half the time of a call for each neuron."""
    outputs = []
    try:
        for neuron in neurons:
            activation = neuron.activation
            y = activation(dot(neuron.w, inputs) + neuron.b)
            if type(y) is not Value:
                raise TypeError(
                    f"the activation of {neuron!r} gave {type(y).__name__}, through which no gradient flows; "
                    "use a function of autograd, such as autograd.tanh, instead of that of math"
                )
            outputs.append(y)
    except (TypeError, ValueError):
        _check_inputs([layer] if isinstance(layer, Neuron) else layer.neurons, inputs)
        raise
    return outputs


def _check_inputs(neurons: list[Neuron], inputs: Sequence[Number]) -> None:
    """Explain common mistakes in the inputs."""
    if any(isinstance(x, Iterable) and not isinstance(x, str) for x in inputs):
        raise TypeError(
            "a network takes one sample, a row of numbers, got rows; call it for each: [model(x) for x in xs]"
        ) from None
    for neuron in neurons:
        if len(inputs) != len(neuron.w):
            raise ValueError(
                f"Neuron({len(neuron.w)}) takes {_numbers(len(neuron.w))}, got {len(inputs)}; "
                f"pass {len(neuron.w)}, or build the network with n_inputs={len(inputs)}"
            ) from None


_WIDEST = 10_000_000  # a layer of one such neuron takes a gigabyte


def _check_width(name: str, n: int) -> None:
    if not isinstance(n, Integral) or isinstance(n, bool):
        raise TypeError(f"{name} is a whole number, got {type(n).__name__}; write it as an int")
    if n < 1:
        raise ValueError(f"{name} is at least 1, got {n}; leave out a layer that has no neurons")
    if n > _WIDEST:
        raise ValueError(f"{name} is at most {_WIDEST:,}, got more; its Values would fill the memory")


def _checked_rng(rng: Random) -> Random:
    if isinstance(rng, type) or not hasattr(rng, "uniform"):
        seed = rng if isinstance(rng, int) else 0
        raise TypeError(f"rng draws numbers, got {type(rng).__name__}; make one of a seed: random.Random({seed})")
    return rng


def _activation(activation: str | Activation) -> Activation:
    if callable(activation):
        return activation
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise ValueError(
            f"unknown activation {activation!r}; use one of {', '.join(ACTIVATIONS)}, or a function of a Value"
        )
    return ACTIVATIONS[activation]


def _name(activation: Activation) -> str:
    """The name of an activation as it is passed: in quotes if it is one of ACTIVATIONS."""
    name: str = getattr(activation, "__name__", type(activation).__name__)
    return repr(name) if ACTIVATIONS.get(name) is activation else name


def _vector(x: Number | Iterable[Number]) -> Sequence[Number]:
    """The inputs as a sequence; one number is a sequence of one."""
    if type(x) is list or type(x) is tuple:  # each layer of each sample comes here
        return x
    check_list(x, "a network takes one sample, a list of numbers")
    return x if isinstance(x, (list, tuple)) else list(x) if isinstance(x, Iterable) else [x]


def _numbers(n: int) -> str:
    return "1 number" if n == 1 else f"{n} numbers"
