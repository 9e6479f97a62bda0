"""Optimizer: the base class of rules that move parameters, over Values and over flat arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from operator import is_
from typing import TYPE_CHECKING, Any, Union

from autograd import (
    Value,
    gradients_to_vector,
    parameters_to_vector,
    vector_to_gradients,
    vector_to_parameters,
)
from nn.arguments import shown
from nn.optim.compiled import Compiled, Part
from nn.optim.settings import OTHER_NAMES, Group, Setting, rate, settings_of, unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

Parameters = Union[Iterable[Value], Iterable[Mapping[str, Any]]]


class Optimizer(ABC):
    """Base class of optimizers: it holds the parameters to move, and the learning rate.

    A subclass defines `step()`. The optimizers of this package are rules for one number at a time, see Rule.

    Args:
        parameters: leaf Values, at least one, such as `model.parameters()`; or groups of them, which are dicts such as
            `{"parameters": model.layers[0].parameters(), "learning_rate": 0.01}`. What a group leaves out is that of
            the other arguments.
        learning_rate: multiplies the gradient in a step; positive, and may change between steps.
        settings: the other settings, by name.

    Attributes:
        parameters: those of all groups, one after the other. Flat arrays have this order.
        groups: the groups, each with its settings: `optimizer.groups[0]["learning_rate"] = 0.1`.
        steps: how many steps were made.
        state: arrays of shape (n,), by name, which a subclass keeps from step to step.

    Raises:
        TypeError: a parameter is not a Value, or a group has an unknown setting.
        ValueError: there is no parameter, one is not a leaf or comes twice, or a setting is out of its range.
    """

    __slots__ = ("groups", "parameters", "state", "steps")  # so that a misspelled attribute is noticed

    STATE: tuple[str, ...] = ()  # the names of what it keeps for each parameter: 0 at first, then in `state`

    learning_rate = Setting(rate)

    def __new__(cls, *_: object, **settings: object) -> Any:
        """Refuse the names that other libraries use."""
        for name in settings.keys() & OTHER_NAMES.keys():
            raise TypeError(f"{unknown(cls, name)}={shown(settings[name])}")
        return super().__new__(cls)

    def __init__(self, parameters: Parameters, learning_rate: float, **settings: object) -> None:
        defaults = {"learning_rate": learning_rate, **settings}
        self.groups: list[Group] = []
        for given in _groups(parameters):
            for name in given:
                if name != "parameters" and name not in defaults:
                    raise TypeError(unknown(type(self), name))
            own = {name: value for name, value in given.items() if name != "parameters"}
            self.groups.append(Group(type(self), _leaves(given["parameters"]), {**defaults, **own}))
        self.parameters = [parameter for group in self.groups for parameter in group.parameters]
        if len({id(parameter) for parameter in self.parameters}) < len(self.parameters):
            raise ValueError("an optimizer moves each parameter once, got one twice; pass model.parameters()")
        self.steps = 0
        self.state: dict[str, Vector] = {}

    def __setattr__(self, name: str, value: object) -> None:
        is_unknown = not hasattr(self, "__dict__") and not hasattr(type(self), name)
        if name == "lr" or is_unknown:
            settings = ", ".join(f"optimizer.{known}" for known in settings_of(type(self)))
            raise AttributeError(f"{type(self).__name__} has no {name}; a step uses {settings}")
        super().__setattr__(name, value)

    if not TYPE_CHECKING:  # so that a type checker refuses unknown names

        def __getattr__(self, name: str) -> object:
            if name in OTHER_NAMES:
                raise AttributeError(unknown(type(self), name))
            return object.__getattribute__(self, name)  # which raises its own error

    def __repr__(self) -> str:
        kind, groups = type(self).__name__, [repr(group) for group in self.groups]
        return f"{kind}({groups[0][1:-1]})" if len(groups) == 1 else "\n  ".join([f"{kind}(", *groups]) + "\n)"

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        import numpy as np  # lazy: it takes longer to import than this package

        vector_to_gradients(np.zeros(len(self.parameters)), self.parameters)

    @abstractmethod
    def step(self) -> None:
        """Move every parameter once, by its gradient."""

    def state_dict(self) -> dict[str, Any]:
        """A copy of what the next steps depend on, beside the parameters and gradients.

        Its keys are "steps"; "groups", with the "size" and the settings of each; "state", with arrays of shape (n,).
        """
        groups = [{"size": len(group.parameters), **group.settings} for group in self.groups]
        return {"steps": self.steps, "groups": groups, "state": {name: x.copy() for name, x in self.state.items()}}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where an optimizer was that gave this `state_dict()`: the next steps have the same bits.

        Raises:
            ValueError: it is that of another kind of optimizer, or of other groups. Then nothing changes.
        """
        import numpy as np  # lazy: it takes longer to import than this package

        if not isinstance(state_dict, Mapping) or state_dict.keys() != {"steps", "groups", "state"}:
            of_model = isinstance(state_dict, Mapping) and "state" not in state_dict
            remedy = (
                "give arrays by name to the model" if of_model else "for a file write nn.load(path, into=optimizer)"
            )
            raise ValueError(
                f"load_state_dict() takes what state_dict() of an optimizer gave, got {shown(state_dict)}; {remedy}"
            )
        steps, groups, state = state_dict["steps"], state_dict["groups"], state_dict["state"]
        sizes = [len(group.parameters) for group in self.groups]
        if [group.get("size") for group in groups] != sizes:
            raise ValueError(
                f"the groups have {sizes} parameters, got a state of {[group.get('size') for group in groups]}; "
                "load it into an optimizer of the same model"
            )
        arrays = {name: np.array(x, dtype=np.float64) for name, x in state.items()}
        if arrays.keys() != set(self.STATE) and (steps or arrays):
            raise ValueError(
                f"{type(self).__name__} keeps {' and '.join(self.STATE) or 'nothing'}, "
                f"got {' and '.join(arrays) or 'nothing'}; load it into an optimizer of its kind"
            )
        if any(x.shape != (sum(sizes),) for x in arrays.values()):
            raise ValueError(f"the state has an array for {sum(sizes)} parameters, got another shape; load all of it")
        checked = [own.checked(group) for own, group in zip(self.groups, groups)]
        for own, settings in zip(self.groups, checked):
            own.settings = settings
        self.steps = int(steps)
        if self.state:  # in place: a rule has prepared its steps of these arrays
            for name, x in self.state.items():
                x[...] = arrays.get(name, 0.0)
        else:
            self.state = {name: arrays[name] for name in self.STATE if name in arrays}

    def update(self, vector: Vector, gradients: Vector) -> None:
        """Do what step() does for parameters and gradients in flat arrays: move the vector in place.

        Args:
            vector: the number of each parameter, in the order of `parameters`: an array of float64 of shape (n,).
            gradients: the gradient by each parameter, of shape (n,).

        For a subclass that defines only step(), the numbers pass through the Values.
        """
        vector_to_parameters(vector, self.parameters)
        vector_to_gradients(gradients, self.parameters)
        self.step()
        parameters_to_vector(self.parameters, out=vector)


class Rule(Optimizer):
    """Base class of optimizers that treat all parameters alike: a rule for one number, run over arrays.

    A subclass defines `move()`, the rule. It is compiled, with the bits of floats; so step() and update() have the same
    bits on both engines.
    """

    __slots__ = ("_compiled",)

    def __init__(self, parameters: Parameters, learning_rate: float, **settings: object) -> None:
        super().__init__(parameters, learning_rate, **settings)
        self._compiled = Compiled()

    @staticmethod
    @abstractmethod
    def move(p: Value, gradient: Value, *others: Any) -> tuple[Value, ...]:
        """A parameter after a step, and its state; from the parameter, its gradient, its state, and the settings.

        State that it leaves out at the end stays as it is. The settings are attributes of the last argument, which also
        has `step`, the number of the step, from 1 on. A setting that is 0 is the float 0.0, and the others are Values:
        so Python may leave out what a 0 leaves out.
        """

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        import numpy as np  # lazy: it takes longer to import than this package

        own = self._compiled.own
        if own is None:
            n = len(self.parameters)
            own = self._compiled.own = np.empty(n), np.empty(n)
        vector, gradients = own
        parameters_to_vector(self.parameters, out=vector)
        gradients_to_vector(self.parameters, out=gradients)
        self.update(vector, gradients)
        vector_to_parameters(vector, self.parameters)

    def update(self, vector: Vector, gradients: Vector) -> None:
        """Do what step() does for parameters and gradients in flat arrays: move the vector in place.

        The state is that of step(), so a training may change between the two.

        Args:
            vector: the number of each parameter, in the order of `parameters`: an array of float64 of shape (n,).
            gradients: the gradient by each parameter, of shape (n,).

        Raises:
            TypeError: the vector is not an array of float64.
            ValueError: there are not as many numbers as parameters.
        """
        compiled = self._compiled
        state = self.state.values()
        if (
            vector is not compiled.vector
            or gradients is not compiled.gradients
            or len(state) != len(compiled.state)
            or not all(map(is_, state, compiled.state))
        ):
            self._bind(vector, gradients)
        step = self.steps + 1
        for part in compiled.parts:
            part.move(step)
        _set_steps(self, step)

    def _bind(self, vector: Vector, gradients: Vector) -> None:
        """Prepare steps of these arrays: check them, and cut them into the parts of the groups."""
        import numpy as np  # lazy: it takes longer to import than this package

        n = len(self.parameters)
        for x in (vector, gradients):
            if type(x) is not np.ndarray or x.dtype != np.float64:
                raise TypeError(
                    f"update() takes arrays of float64, got {getattr(x, 'dtype', type(x).__name__)}; "
                    "start with parameters_to_vector(optimizer.parameters)"
                )
            if x.shape != (n,):
                raise ValueError(
                    f"update() takes the numbers of {n} parameters, got shape {x.shape}; "
                    "start with parameters_to_vector(optimizer.parameters)"
                )
        if not self.state:
            self.state = {name: np.zeros(n) for name in self.STATE}
        parts, begin = [], 0
        for group in self.groups:
            end = begin + len(group.parameters)
            state = [self.state[name] for name in self.STATE]
            arrays = tuple([x[begin:end] for x in (vector, gradients, *state)])
            parts.append(Part(group, self.move, self._compiled.moves, arrays))
            begin = end
        compiled = self._compiled
        compiled.vector, compiled.gradients, compiled.state = vector, gradients, [*self.state.values()]
        compiled.parts = parts


_set_steps = vars(Optimizer)["steps"].__set__  # without __setattr__(), which takes as long as 200 parameters


def _groups(parameters: Parameters) -> list[Mapping[str, Any]]:
    """The groups that were passed; one if they are plain parameters."""
    if not isinstance(parameters, Iterable) or getattr(parameters, "ndim", 1) == 0:
        kind = type(parameters).__name__
        raise TypeError(f"an optimizer moves a list of Values, got {kind}; pass model.parameters()")
    if isinstance(parameters, Mapping):
        raise TypeError("an optimizer takes a list of groups, got one dict; write [group]")
    items = list(parameters)
    if not any(isinstance(item, Mapping) for item in items):
        return [{"parameters": items}]
    for item in items:
        if isinstance(item, Mapping) and "params" in item:
            raise TypeError("a group calls params parameters; write {'parameters': layer.parameters()}")
        if not isinstance(item, Mapping) or "parameters" not in item:
            raise TypeError(
                f"a group is a dict with 'parameters', got {shown(item)}; write {{'parameters': layer.parameters()}}"
            )
    return items  # type: ignore[return-value]  # all of them are mappings


def _leaves(parameters: object) -> list[Value]:
    """The parameters of a group, if they can be moved."""
    if not isinstance(parameters, Iterable) or getattr(parameters, "ndim", 1) == 0:
        kind = type(parameters).__name__
        raise TypeError(f"an optimizer moves a list of Values, got {kind}; pass model.parameters()")
    leaves = list(parameters)
    if not leaves:
        raise ValueError("an optimizer moves at least one parameter, got none; pass model.parameters()")
    for parameter in leaves:
        if not isinstance(parameter, Value):
            kind = type(parameter).__name__
            raise TypeError(f"an optimizer moves Values, got {kind} among the parameters; pass model.parameters()")
        if parameter.op is not None:
            raise ValueError(
                f"an optimizer moves leaves, got the result of {parameter.op}; "
                "pass the Values it was made of, or x.detach()"
            )
    return leaves
