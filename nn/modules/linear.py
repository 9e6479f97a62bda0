"""Linear, Sequential, Embedding: the parts of networks that are not made of neurons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, final

from autograd import Value, dot, take
from nn.arguments import Sample, check_count, check_items, check_width, vector
from nn.init import Init, normal, start
from nn.module import Module
from nn.rng import Seed, source
from nn.structure.diagram import Stage, chained


@final
class Linear(Module):
    """A linear map, W x + b: a list of n_outputs numbers for a sample of n_inputs.

    Args:
        n_inputs, n_outputs: at least 1.
        bias: False to leave b out.
        init: how W begins, see `Layer`; None for xavier_uniform. b begins at 0.
        rng: draws the weights: a random.Random, a NumPy Generator, or a seed; by default the module `random`.

    Attributes:
        weight: n_outputs lists of n_inputs Values.
        bias: a list of n_outputs Values, or None.

    Raises:
        ValueError, TypeError: as Layer does.

    >>> from autograd import Value
    >>> linear = Linear(2, 3, rng=0)
    >>> len(linear([1.0, -2.0])), len(linear.parameters())
    (3, 9)
    """

    def __init__(
        self, n_inputs: int, n_outputs: int, bias: bool = True, *, init: Init = None, rng: Seed = None
    ) -> None:
        check_width("n_inputs", n_inputs)
        check_width("n_outputs", n_outputs)
        if not isinstance(bias, bool):
            raise TypeError(f"bias of Linear is True or False, got {type(bias).__name__}; set the Values afterwards")
        rows, biases = start(n_inputs, n_outputs, init, "linear", source(rng))
        self.weight = [[Value(number) for number in row] for row in rows]
        self.bias = [Value(number) for number in biases] if bias else None

    def __call__(self, x: Sample) -> list[Value]:
        """W x + b."""
        inputs = vector(x)
        try:
            products = [dot(row, inputs) for row in self.weight]
        except (TypeError, ValueError):
            check_items(inputs)
            check_count("Linear", inputs, len(self.weight[0]))
            raise
        return products if self.bias is None else [y + b for y, b in zip(products, self.bias)]

    def _example(self) -> list[float]:
        return [0.0] * len(self.weight[0])

    def _stages(self, path: str) -> list[Stage]:
        return [Stage(path, self, {}, self.weight, self.bias or ())]

    def extra_repr(self) -> str:
        """The numbers of inputs and outputs, and whether there is no bias."""
        return f"{len(self.weight[0])}, {len(self.weight)}" + (", bias=False" if self.bias is None else "")


@final
class Sequential(Module):
    """Modules one after the other: each gets the output of the one before. Their names are '0', '1', ....

    Args:
        modules: at least one Module.

    Raises:
        TypeError: one of them is no Module.
        ValueError: there is none.

    >>> from nn import Linear, Tanh
    >>> model = Sequential(Linear(2, 4, rng=0), Tanh(), Linear(4, 1, rng=1))
    >>> [name for name in model.state_dict()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    >>> len(model([1.0, -2.0]))
    1
    """

    def __init__(self, *modules: Module) -> None:
        if not modules:
            raise ValueError("Sequential() takes at least one module, got none; write Sequential(Linear(2, 1))")
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> None:
        """Add a module at the end."""
        if not isinstance(module, Module):
            kind = module.__name__ if callable(module) and hasattr(module, "__name__") else type(module).__name__
            is_class = isinstance(module, type) and issubclass(module, Module)
            remedy = f"write {kind}()" if is_class else "write nn.Tanh() for tanh"
            remedy = "write *modules" if isinstance(module, Iterable) else remedy
            raise TypeError(f"Sequential takes Modules one by one, got {kind}; {remedy}")
        setattr(self, str(len(self)), module)

    def __call__(self, x: Any) -> Any:
        """The output of the last module."""
        for module in self:
            x = module(x)
        return x

    def _example(self) -> Any:
        return next((x for module in self if (x := module._example()) is not None), None)

    def _stages(self, path: str) -> list[Stage] | None:
        return chained(path, [(str(i), module) for i, module in enumerate(self)])

    def __iter__(self) -> Iterator[Module]:
        return iter([module for name, module in vars(self).items() if name.isdigit()])

    def __len__(self) -> int:
        return sum(map(str.isdigit, vars(self)))

    def __getitem__(self, i: int) -> Module:
        return list(self)[i]


@final
class Embedding(Module):
    """A table: for each index, a list of n_outputs parameters that stand for it.

    Args:
        n_indices: how many indices there are, from 0 to n_indices - 1.
        n_outputs: how many numbers stand for one.
        init: how they begin: a name or a function of `nn.init`; None for a standard normal distribution.
        rng: draws them: a random.Random, a NumPy Generator, or a seed; by default the module `random`.

    Attributes:
        weight: n_indices lists of n_outputs Values.

    Raises:
        ValueError, TypeError: as Layer does.

    >>> embedding = Embedding(10, 3, rng=0)
    >>> len(embedding(7))
    3
    """

    def __init__(self, n_indices: int, n_outputs: int, *, init: Init = None, rng: Seed = None) -> None:
        check_width("n_indices", n_indices)
        check_width("n_outputs", n_outputs)
        rows, _ = start(n_outputs, n_indices, normal if init is None else init, None, source(rng))
        self.weight = [[Value(number) for number in row] for row in rows]

    def __call__(self, index: Any) -> list[Value]:
        """The row of an index: a whole number, which may be an argument of a compiled function. -1 is the last one."""
        n = len(self.weight)
        if type(index) is int and -n <= index < n:  # take() looks at all values of each column
            return list(self.weight[index])
        return [take(column, index) for column in zip(*self.weight)]

    def _example(self) -> int:
        return 0

    def extra_repr(self) -> str:
        """The numbers of indices and outputs."""
        return f"{len(self.weight)}, {len(self.weight[0])}"
