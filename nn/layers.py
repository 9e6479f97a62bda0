"""A Neuron is a dot product and an activation, a Layer is a list of neurons, an MLP is a chain of layers."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any, final

from autograd import Value, dot, scopes
from nn.activations import ACTIVATIONS as ACTIVATIONS
from nn.activations import Activation, linear, name_of, named, text_of
from nn.arguments import Number, Sample, check_count, check_items, check_list, check_width, vector
from nn.init import Init, start, xavier_uniform
from nn.module import Module
from nn.rng import Seed, source
from nn.structure.contents import attributes
from nn.structure.diagram import Stage, chained
from nn.structure.naming import give_names


@final
class Neuron(Module):
    """A dot product with weights, plus a bias, through an activation: f(w . x + b).

    Args:
        n_inputs: how many numbers it takes, at least 1.
        nonlin: False for no activation, whatever `activation` says.
        activation: a name of `ACTIVATIONS` or a function of a Value that gives a Value.
        init: how it begins: a name or a function of `nn.init` for the weights, with a bias of 0. None for what fits
            the activation: he_pairs for relu and its relatives with a bias of 0.2, xavier_uniform for others with a
            bias from [-a, a), a = 1 / sqrt(n_inputs), or 0 for `linear`.
        rng: draws the weights: a random.Random, a NumPy Generator, or a seed; by default the module `random`.

    Raises:
        ValueError: n_inputs is less than 1, or the activation or init is unknown.
        TypeError: n_inputs is not an int, nonlin is not a bool, or rng draws no numbers.

    >>> neuron = Neuron(2, activation="tanh", rng=0)
    >>> len(neuron.parameters())
    3
    >>> -1 < neuron([1.0, -2.0]).data < 1
    True
    """

    # Slots are faster to read than a dict, and each sample reads those of all neurons. Parameters come in this order.
    __slots__ = ("w", "b", "nonlin", "activation")  # noqa: RUF023

    def __init__(
        self,
        n_inputs: int,
        nonlin: bool = True,
        *,
        activation: str | Activation = "relu",
        init: Init = None,
        rng: Seed = None,
    ) -> None:
        self.w, self.b, self.nonlin, self.activation = _neurons(n_inputs, 1, nonlin, activation, init, rng)[0]

    def __call__(self, x: Sample) -> Value:
        """The output for inputs x, one number for each weight; ValueError for another count."""
        return _outputs([self], vector(x), self)[0]

    def _example(self) -> list[float]:
        return [0.0] * len(self.w)

    def _stages(self, path: str) -> list[Stage]:
        return [_stage(path, self, [self])]

    def extra_repr(self) -> str:
        """The number of inputs and the activation."""
        return f"{len(self.w)}, activation={text_of(self.activation)}"


@final
class Layer(Module, opens_scope=False):
    """Neurons side by side, which all take the same inputs.

    Args:
        n_inputs: how many numbers each neuron takes, at least 1.
        n_outputs: how many neurons, at least 1.
        nonlin, activation, init, rng: as for Neuron.

    Raises:
        ValueError, TypeError: as Neuron does.

    >>> layer = Layer(2, 3, activation="tanh", rng=0)
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
        init: Init = None,
        rng: Seed = None,
    ) -> None:
        self.neurons = []
        for parts in _neurons(n_inputs, n_outputs, nonlin, activation, init, rng):
            neuron = Neuron.__new__(Neuron)
            neuron.w, neuron.b, neuron.nonlin, neuron.activation = parts
            self.neurons.append(neuron)

    # Any: the sizes decide whether it is one Value or a list
    def __call__(self, x: Sample) -> Any:
        """A list of each neuron's output, or the output itself if there is one neuron."""
        inputs = vector(x)
        with self._scope as each:
            outputs = _outputs(each(self.neurons), inputs, self)
        return outputs[0] if len(outputs) == 1 else outputs

    def _take_place(self, place: tuple[str, ...]) -> None:
        self._place = place
        path, own = (f"{place[-1]}.", place[-1:]) if place else ("", ())
        self._scope = scopes([(*own, f"{path}neurons.{i}") for i in range(len(self.neurons))])

    def _example(self) -> list[float]:
        return self.neurons[0]._example()

    def _stages(self, path: str) -> list[Stage]:
        return [_stage(path, self, self.neurons)]

    def _output_shape(self) -> tuple[int, ...]:
        return () if len(self.neurons) == 1 else (len(self.neurons),)

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
        kinds = {(len(neuron.w), text_of(neuron.activation)) for neuron in self.neurons}
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
        init: how the weights begin, see Neuron. By default the last layer has xavier_uniform with a gain of 1/2, so
            that the first outputs are near 0. "micrograd" draws what micrograd does.
        rng: draws the weights, layer by layer: a random.Random, a NumPy Generator, or a seed; by default the module
            `random`.

    Raises:
        ValueError: there is no layer, a layer has no neuron, or the activation or init is unknown.
        TypeError: n_inputs or a size is not an int.

    >>> model = MLP(2, [16, 16, 1], rng=0)
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
        init: Init = None,
        rng: Seed = None,
    ) -> None:
        check_list(sizes, "sizes lists the neurons of each layer")
        if not isinstance(sizes, Iterable):
            kind = type(sizes).__name__
            raise TypeError(f"sizes lists the neurons of each layer, got the {kind} {sizes!r}; write [{sizes!r}]")
        sizes = list(sizes)
        if not sizes:
            raise ValueError("an MLP has at least one layer, got no sizes; MLP(2, [16, 1]) has two")
        self.layers: list[Layer] = []
        draws = source(rng)
        for i, (width, size) in enumerate(zip([n_inputs, *sizes], sizes)):
            is_last = i == len(sizes) - 1
            weights = functools.partial(xavier_uniform, gain=0.5) if is_last and init is None else init
            self.layers.append(Layer(width, size, not is_last, activation=activation, init=weights, rng=draws))

    def __call__(self, x: Sample) -> Any:
        """A list of the last layer's outputs, or the output itself if it has one neuron."""
        if self._scope is not None:
            with self._scope:
                return self._output(x)
        return self._output(x)

    def _output(self, x: Sample) -> Any:
        y = vector(x)
        for layer in self.layers:
            if type(layer) is Layer and (layer._place or self._is_named()):
                with layer._scope as each:
                    y = _outputs(each(layer.neurons), y, layer)
            else:
                y = vector(layer(y))
        return y[0] if len(y) == 1 else y

    def _example(self) -> Any:
        return self.layers[0]._example()

    def _stages(self, path: str) -> list[Stage] | None:
        return chained(path, [(f"layers.{i}", layer) for i, layer in enumerate(self.layers)])

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
        check_items(inputs)
        for neuron in [layer] if isinstance(layer, Neuron) else layer.neurons:
            check_count("Neuron", inputs, len(neuron.w))
        raise
    return outputs


def _stage(path: str, module: Module, neurons: Iterable[Neuron]) -> Stage:
    """What a layer of neurons computes."""
    neurons = list(neurons)
    activations = [neuron.activation for neuron in neurons]
    functions = {name_of(f) or text_of(f): f if name_of(f) else None for f in activations}
    return Stage(path, module, functions, [neuron.w for neuron in neurons], [neuron.b for neuron in neurons])


def _neurons(
    n_inputs: int, n_outputs: int, nonlin: bool, activation: str | Activation, init: Init, rng: Seed
) -> list[tuple[list[Value], Value, bool, Activation]]:
    """The attributes of so many neurons."""
    check_width("n_inputs", n_inputs)
    check_width("n_outputs", n_outputs)
    if not isinstance(nonlin, bool):
        raise TypeError(f"nonlin is True or False, got {nonlin!r}; a function goes by name: activation={nonlin!r}")
    function = named(activation)
    function = function if nonlin else linear
    rows, biases = start(n_inputs, n_outputs, init, name_of(function), source(rng))
    return [([Value(weight) for weight in row], Value(bias), nonlin, function) for row, bias in zip(rows, biases)]
