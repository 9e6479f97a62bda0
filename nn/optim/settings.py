"""Settings of optimizers: attributes that each group of parameters has, and what they may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final, overload

from autograd import Value
from nn.arguments import shown

if TYPE_CHECKING:
    from nn.optim.optimizer import Optimizer

T = TypeVar("T")


@final
class Setting(Generic[T]):
    """An attribute of an optimizer that each group of parameters has.

    Reading gives what all groups share; writing sets it for all of them.

    Args:
        check: takes its name and a new value; gives the value as it is stored, or raises an exception.
    """

    def __init__(self, check: Callable[[str, object], T]) -> None:
        self.check = check

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, optimizer: None, owner: type) -> Setting[T]: ...
    @overload
    def __get__(self, optimizer: Optimizer, owner: type) -> T: ...
    def __get__(self, optimizer: Optimizer | None, owner: type) -> Setting[T] | T:
        if optimizer is None:
            return self
        first, *others = [group[self.name] for group in optimizer.groups]
        if any(other != first for other in others):
            raise AttributeError(
                f"the groups have different values of {self.name}; read that of one: optimizer.groups[0][{self.name!r}]"
            )
        return first  # type: ignore[no-any-return]  # a group holds what check() gave

    def __set__(self, optimizer: Optimizer, value: object) -> None:
        for group in optimizer.groups:
            group[self.name] = value


@final
class Group(Mapping[str, Any]):
    """Parameters with settings of their own: `optimizer.groups[0]["learning_rate"] = 0.1`.

    Attributes:
        parameters: the Values.
        settings: the settings by name. The dict never changes: a new setting makes a new one, which is seen at once.
    """

    __slots__ = ("_kind", "parameters", "settings")

    def __init__(self, kind: type[Optimizer], parameters: list[Value], settings: Mapping[str, object]) -> None:
        self._kind = kind
        self.parameters = parameters
        self.settings: dict[str, Any] = {}
        for name, value in settings.items():
            self[name] = value

    def __getitem__(self, name: str) -> Any:
        return self.parameters if name == "parameters" else self.settings[name]

    def __setitem__(self, name: str, value: object) -> None:
        setting = getattr(self._kind, str(name), None)
        if not isinstance(setting, Setting):
            raise TypeError(unknown(self._kind, name))
        self.settings = {**self.settings, str(name): setting.check(name, value)}

    def __iter__(self) -> Iterator[str]:
        return iter(["parameters", *self.settings])

    def __len__(self) -> int:
        return 1 + len(self.settings)

    def __repr__(self) -> str:
        settings = "".join(f", {name}={value!r}" for name, value in self.settings.items())
        return f"<{len(self.parameters)} parameters{settings}>"

    def follow(self, rate: float) -> None:
        """Set the learning rate that a schedule gives, which may be 0."""
        self.settings = {**self.settings, "learning_rate": not_negative("learning_rate", rate)}

    def checked(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The settings in the state of a group."""
        known = settings_of(self._kind)
        if state.keys() != {"size", *known}:
            raise ValueError(
                f"{self._kind.__name__} has settings {', '.join(known)}, got {', '.join(state.keys() - {'size'})}; "
                "load it into an optimizer of its kind"
            )
        follower = Group(self._kind, [], {name: state[name] for name in known if name != "learning_rate"})
        follower.follow(state["learning_rate"])
        return {name: follower[name] for name in known}


def settings_of(kind: type[Optimizer]) -> dict[str, Setting[Any]]:
    """The settings of a class of optimizers, by name."""
    kinds = reversed(kind.__mro__)
    return {name: x for base in kinds for name, x in vars(base).items() if isinstance(x, Setting)}


OTHER_NAMES = {
    "lr": "learning_rate",
    "params": "parameters",
    "param_groups": "groups",
    "eps": "epsilon",
    "alpha": "decay",
}


def unknown(kind: type[Optimizer], name: object) -> str:
    known = OTHER_NAMES.get(str(name), "")
    if known in ("parameters", "groups", *settings_of(kind)):
        return f"{kind.__name__} calls {name} {known}; write {known}"
    return f"{kind.__name__} has no setting {name}; it has {', '.join(settings_of(kind))}"


# --------------------------------------------------------------------------- checks of settings


def number(value: object) -> float:
    """The float of any real number; nan for everything else."""
    if isinstance(value, float):  # no Value can be read while a function is traced
        return float(value)
    try:
        return Value(value).data  # type: ignore[arg-type]  # it raises an error if that is no number
    except (TypeError, ValueError):
        return math.nan


def rate(name: str, value: object) -> float:
    """A positive and finite number."""
    x = number(value)
    if not 0.0 < x < math.inf:
        raise ValueError(f"{name} is positive and finite, got {shown(value)}; 0.01 is a common first try")
    return x


def not_negative(name: str, value: object) -> float:
    """A finite number that is not below 0."""
    x = number(value)
    if not 0.0 <= x < math.inf:
        raise ValueError(f"{name} is finite and not negative, got {shown(value)}; 0.0 is the least")
    return x


def fraction(name: str, value: object) -> float:
    """A number from 0 to below 1."""
    x = number(value)
    if not 0.0 <= x < 1.0:
        raise ValueError(f"{name} is from 0 to below 1, got {shown(value)}; 0.9 is a common choice")
    return x


def fractions(name: str, value: object) -> tuple[float, float]:
    """Two numbers from 0 to below 1."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"{name} are two numbers from 0 to below 1, got {shown(value)}; write (0.9, 0.999)")
    return fraction(name, value[0]), fraction(name, value[1])


def flag(name: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, got {shown(value)}; write {name}=True")
    return value
