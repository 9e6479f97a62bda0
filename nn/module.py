"""Module: the base class of everything that has parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from autograd import Value, draw
from nn.structure.contents import Holder, attributes, found_holders, found_values
from nn.structure.diagram import Column, Stage, columns
from nn.structure.naming import BUILDING, give_names, in_scope, is_suspendable, named_after, with_remedy
from nn.structure.state import IncompatibleKeys, blocks_of, load, read
from nn.structure.summary import Summary, summary_of

if TYPE_CHECKING:
    from nn.structure.state import Block, State

Self = TypeVar("Self", bound="Module")

ELSEWHERE = {
    "backward": "loss.backward()",
    "children": "model.modules()",
    "compile": "nn.fit(model, x, y, loss=..., optimizer=...)",
    "cpu": "nothing: nn computes on the processor",
    "cuda": "nothing: nn computes on the processor",
    "evaluate": 'nn.evaluate(model, x, y, metrics="accuracy")',
    "fit": 'nn.fit(model, x, y, loss="mse")',
    "forward": "model(x)",
    "load": "nn.load(path)",
    "named_children": "model.named_modules()",
    "predict": "nn.predict(model, x)",
    "predict_proba": "nn.predict(model, x), and a softmax or sigmoid of that",
    "save": "nn.save(model, path)",
    "score": 'nn.evaluate(model, x, y, metrics="accuracy")',
    "step": "optimizer.step()",
    "to": "nothing: nn computes on the processor",
    "weights": "model.parameters()",
}
"""What to write for the methods that networks of other libraries have."""


class Module(Holder):
    """Base class of everything that has parameters.

    Its parameters are the leaf Values among its attributes, and those inside attributes that are Modules, lists,
    tuples, dicts or NumPy arrays. Attributes in `__slots__` come first. A Value that is found twice counts once.

    Attributes:
        training: True at first; train() and eval() set it. Dropout reads it.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Value(2.0)
    ...         self.offset = Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> [name for name, _ in Line().named_parameters()]
    ['slope', 'offset']
    """

    training = True

    def __init_subclass__(cls, *, opens_scope: bool = True, **kwargs: Any) -> None:
        """Let a subclass name its parts after __init__(), and open its scope in __call__()."""
        super().__init_subclass__(**kwargs)
        for method, wrapped in (("__init__", named_after), ("__call__", in_scope if opens_scope else with_remedy)):
            function = vars(cls).get(method)
            if function is not None and not is_suspendable(function):
                setattr(cls, method, wrapped(function))

    if not TYPE_CHECKING:  # a type checker would take every attribute for known

        def __setattr__(self, name, value):
            super().__setattr__(name, value)
            if isinstance(value, Holder) and not BUILDING.depth and self not in value.modules():
                give_names(self)

        def __getattr__(self, name):
            if name in ELSEWHERE:
                raise AttributeError(f"{type(self).__name__} has no {name}(); write {ELSEWHERE[name]}")
            return object.__getattribute__(self, name)  # which raises its own error

    @in_scope
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The output for some inputs: what the method `forward` gives, if the class has that instead of `__call__`."""
        if (forward := getattr(self, "forward", None)) is None:
            kind = type(self).__name__
            raise TypeError(
                f"{kind} has no __call__(), got called; define what it computes: def __call__(self, x): ..."
            )
        return forward(*args, **kwargs)

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Each parameter with its path, such as 'layers.0.neurons.3.w.1', in the order of definition."""
        for path, x in found_values(self):
            if x.op is None:
                yield path, x

    def parameters(self) -> list[Value]:
        """The parameters, in the order of definition."""
        return [x for _, x in found_values(self, with_paths=False) if x.op is None]

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module, whose path is "", and each module in it with its path, such as 'layers.0.neurons.3'."""
        return cast("Iterator[tuple[str, Module]]", found_holders(self))

    def modules(self) -> list[Module]:
        """This module, and each module in it, in the order of definition."""
        return [module for _, module in self.named_modules()]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def train(self: Self, mode: bool = True) -> Self:
        """Set `.training` of this module, and of each in it, to mode; give the module.

        Raises:
            TypeError: mode is not a bool.
        """
        if not isinstance(mode, bool):
            raise TypeError(
                f"train() takes True or False, got {type(mode).__name__}; it sets a mode, and does not train"
            )
        modules = self.modules()
        for module in modules:
            if module.training is not mode:
                module.training = mode
        if not all(module._place for module in modules[1:]):  # some were put into a list or dict
            give_names(self)
        return self

    def eval(self: Self) -> Self:
        """Set `.training` of this module, and of each in it, to False; give the module."""
        return self.train(False)

    def state_dict(self) -> State:
        """The numbers of the parameters, as new NumPy arrays of float64 by name.

        A Value is an array of shape (). Nested lists of Values whose lengths agree are one array, and so is an array
        of Values. The weights and biases of a `Layer` are two: "weight" of shape (n_outputs, n_inputs), "bias" of
        shape (n_outputs,). Parameters that an earlier array has are left out.

        >>> from nn import MLP
        >>> {name: array.shape for name, array in MLP(2, [3, 1]).state_dict().items()}
        {'layers.0.weight': (3, 2), 'layers.0.bias': (3,), 'layers.1.weight': (1, 3), 'layers.1.bias': (1,)}
        """
        return read(self._blocks())

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Set the parameters to the numbers of a state; give the names that did not match, none if strict.

        Args:
            state: arrays, tensors or nested lists of real numbers, by the names and of the shapes of state_dict().
            strict: False to ignore names that are missing or unexpected.

        Raises:
            TypeError: the state is not a mapping, or holds something other than real numbers.
            ValueError: a name is missing or unexpected, a shape is wrong, or two arrays differ in a parameter that
                they share. No parameter has changed.

        >>> from nn import Neuron
        >>> neuron = Neuron(2)
        >>> neuron.load_state_dict({"w": [1.0, 2.0], "b": 3.0})
        IncompatibleKeys(missing_keys=[], unexpected_keys=[])
        >>> [p.data for p in neuron.parameters()]
        [1.0, 2.0, 3.0]
        """
        return load(type(self).__name__, self._blocks(), state, strict)

    def __repr__(self) -> str:
        return described(self)

    def extra_repr(self) -> str:
        """What the repr shows in the brackets of this module, such as its sizes; a subclass may give another text."""
        n = sum(x.op is None for _, x in found_values(self, deep=False))
        return f"{n} parameter{'' if n == 1 else 's'}" if n else ""

    def summary(self, sample: Any = None) -> Summary:
        """A table of the layers, the shapes of their outputs, and how many parameters each has.

        Args:
            sample: what the model is called with to see the shapes. Without it, a model that begins with a layer of nn
                gets zeros, and the shapes of others are shown as "?".

        >>> from nn import MLP
        >>> MLP(64, [32, 10]).summary()
        layer     kind   output shape  parameters
        -----------------------------------------
        layers.0  Layer  (32,)              2,080
        layers.1  Layer  (10,)                330
        -----------------------------------------
        total                               2,410
        """
        with self._in_eval():
            return summary_of(self, sample)

    @contextmanager
    def _in_eval(self) -> Iterator[None]:
        """Within this block `.training` is False everywhere."""
        modes = [(module, module.training) for module in self.modules()]
        self.eval()
        try:
            yield
        finally:
            for module, mode in modes:
                if module.training is not mode:
                    module.training = mode

    def _diagram(self, inputs: Any) -> list[Column] | None:
        """The columns of circles that draw() shows; None if this is no chain of layers."""
        stages = self._stages("")
        if stages is None or inputs is None:
            return None if stages is None else columns(stages, None)
        with self._in_eval():  # this visits every Value
            return columns(stages, inputs)

    def _stages(self, path: str) -> list[Stage] | None:  # noqa: ARG002  # layers need it
        """What it computes, one step after the other; None if it is no chain of layers and functions.

        Args:
            path: of this module within the one that is drawn, "" for that itself.
        """
        return None

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """How Jupyter shows it: as text, and also as a diagram if it is a chain of layers."""
        shown = {"text/plain": repr(self)}
        if self._diagram(None) is not None:
            try:
                shown["image/svg+xml"] = draw(self).pipe(format="svg", encoding="utf-8")
            except ValueError as error:  # more circles than a picture may have
                shown["text/plain"] += f"\ndraw() shows no picture here: {error}"
        return shown

    def _example(self) -> Any:
        """A sample that it can be called with; None if it is unknown."""
        return None

    def _output_shape(self) -> tuple[int, ...] | None:
        """The shape of its output; None if a call has to show it."""
        return None

    def _shown_modules(self) -> Iterable[tuple[str, Module]]:
        """The modules just below this one, with their paths, that the repr lists."""
        return cast("list[tuple[str, Module]]", list(found_holders(self, deep=False))[1:])

    def _blocks(self) -> dict[str, Block]:
        return blocks_of(self, lambda module: cast(Module, module)._state_parts())

    def _state_parts(self) -> Mapping[str, object]:
        """What the arrays of state_dict() are made of, by name."""
        return attributes(self)

    def __getstate__(self) -> dict[str, object]:
        for path, x in found_values(self, "self"):
            if x.op is not None:
                raise TypeError(
                    f"cannot copy or pickle {type(self).__name__}: {path} was made by {x.op}, and its graph would be "
                    f"copied with it; keep {path}.detach(), or None"
                )
        return {**attributes(self), "_place": self._place}

    def __setstate__(self, state: dict[str, Any]) -> None:
        place = state.pop("_place", ())
        for name, attribute in state.items():
            object.__setattr__(self, name, attribute)
        self._take_place(place)


def described(root: Module) -> str:
    """The architecture of a module as nested text, as PyTorch writes it; a module that was shown before is short."""
    lines: list[str] = []
    shown: set[int] = set()
    waiting: list[str | tuple[str, str, Module]] = [("", "", root)]
    while waiting:  # iterative: modules may hold each other
        item = waiting.pop()
        if isinstance(item, str):
            lines.append(item)
            continue
        indent, name, module = item
        head = f"{indent}{name}{type(module).__name__}("
        inner, extra = list(module._shown_modules()), module.extra_repr()
        if not inner:
            lines.append(f"{head}{extra})")
        elif id(module) in shown:
            lines.append(f"{head}...)")
        else:
            shown.add(id(module))
            lines += [head, f"{indent}  {extra}"] if extra else [head]
            waiting.append(f"{indent})")
            waiting += reversed([(f"{indent}  ", f"({path}): ", part) for path, part in inner])
    return "\n".join(lines)
