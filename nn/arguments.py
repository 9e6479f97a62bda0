"""What modules, losses and others are given: lists, samples, widths. Anything else gets a sentence with its remedy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, TypeVar, Union, cast

from autograd import Value, is_traced

Number = Union[Value, float]
Sample = Union[Number, Iterable[Number]]
Function = TypeVar("Function", bound=Callable[..., Any])


def shown(value: object) -> str:
    """A value as text, or its class if that is long; a class as such."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    text = repr(value)
    return text if len(text) <= (50 if isinstance(value, str) else 20) else type(value).__name__


def with_remedies(remedies: Mapping[str, str]) -> Callable[[Function], Function]:
    """A decorator: a function refuses the names that its arguments have in other libraries, and says what to write.

    Args:
        remedies: what to write instead, by name.
    """

    def decorated(function: Function) -> Function:
        code = function.__code__
        places = code.co_varnames[: code.co_argcount]
        named_alone = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        known = {*places, *named_alone}
        others = ", ".join([f"{name}=" for name in named_alone[:3]])

        @functools.wraps(function)
        def checked(*args: Any, **named: Any) -> Any:
            for name in named.keys() - known:
                remedy = remedies.get(name)
                advice = f"write {remedy}" if remedy else f"help(nn.{function.__name__}) lists what it has"
                raise TypeError(f"{function.__name__}() has no argument {name}; {advice}")
            if len(args) > len(places):
                raise TypeError(
                    f"{function.__name__}() takes {', '.join(places)} by their places, got {len(args)} arguments; "
                    + (f"name the others: {others}" if others else "leave out the others")
                )
            return function(*args, **named)

        return cast("Function", checked)

    return decorated


def check_list(x: object, sentence: str) -> None:
    """Raise TypeError for a container whose items are not its numbers, or have no order.

    Args:
        sentence: how the error begins, such as "mse() takes predictions as a list".
    """
    if type(x) is list or type(x) is tuple:
        return
    remedy = ""
    if isinstance(x, Mapping):
        remedy = "pass list(d.values())"
    elif isinstance(x, (set, frozenset)):
        remedy = "list them in the order that you want: sorted(s)"
    elif isinstance(x, (str, bytes, bytearray)):
        remedy = "convert the text first: [float(x) for x in text.split()]"
    elif hasattr(x, "mask") and hasattr(x, "filled"):
        remedy = "leave out the gaps of the array: x.compressed()"
    elif hasattr(x, "keys") and getattr(x, "ndim", 1) > 1:
        remedy = "a frame gives the names of its columns; pass x.to_numpy()"
    elif isinstance(x, Iterable) and getattr(x, "ndim", 1) == 0:
        remedy = "take the number out of the array: x.item()"
    elif getattr(x, "gi_frame", ()) is None:
        remedy = "the generator is used up; make a list of it, and use that: list(x)"
    if remedy:
        raise TypeError(f"{sentence}, got {type(x).__name__}; {remedy}")


def vector(x: Sample) -> Sequence[Number]:
    """The inputs as a sequence; one number is a tuple of one.

    Raises:
        TypeError: it is no sample: rows of them, a frame, a dict, text.
    """
    if type(x) is list or type(x) is tuple:  # each sample comes here
        return x
    given: Any = x
    shape = getattr(given, "shape", ())
    if len(shape) > 1:
        rows = "x.to_numpy()" if hasattr(given, "columns") else "x"
        raise TypeError(
            f"a network takes one sample, got {type(x).__name__} of shape {tuple(shape)}; "
            f"write nn.predict(model, x), or [model(row) for row in {rows}]"
        )
    check_list(x, "a network takes one sample, a list of numbers")
    if getattr(given, "requires_grad", False):
        raise TypeError(f"no gradient flows from a network into a {type(x).__name__} of torch; pass x.detach()")
    if len(shape) == 1 and hasattr(given, "tolist") and str(getattr(given, "dtype", "object")) != "object":
        numbers: list[Number] = given.tolist()  # Python's floats: an item of a tensor is a tensor again
        return numbers
    return x if isinstance(x, (list, tuple)) else list(x) if isinstance(x, Iterable) else (x,)


def check_items(inputs: Sequence[Number]) -> None:
    """Raise TypeError if the items of a sample are no numbers."""
    for x in inputs:
        if isinstance(x, (Value, Real, Decimal)):
            continue
        kind = type(x).__name__
        if getattr(x, "ndim", None) == 0 and hasattr(x, "item"):
            raise TypeError(f"a sample is a list of numbers, got {kind} in it; write [x.item() for x in xs]") from None
        if isinstance(x, Iterable) and not isinstance(x, str):
            raise TypeError(
                f"a network takes one sample, a row of numbers, got rows: {kind} in it; "
                "write nn.predict(model, xs), or [model(x) for x in xs]"
            ) from None
        raise TypeError(f"a sample is a list of numbers, got {kind} in it; convert it to float") from None


def check_count(name: str, inputs: Sequence[Number], n_inputs: int) -> None:
    """Raise ValueError unless a sample has as many numbers as a module takes."""
    if len(inputs) != n_inputs:
        if type(inputs) is tuple and is_traced():  # one number, which is a row of an array with one axis
            raise ValueError(
                f"{name}({n_inputs}) takes {numbers_of(n_inputs)}, got one; "
                f"pass a row of {n_inputs} for each sample; for one sample write [x] and [y]"
            ) from None
        raise ValueError(
            f"{name}({n_inputs}) takes {numbers_of(n_inputs)}, got {len(inputs)}; "
            f"pass {n_inputs}, or build the network with n_inputs={len(inputs)}"
        ) from None


def numbers_of(n: int) -> str:
    """So many numbers, in words."""
    return "1 number" if n == 1 else f"{n} numbers"


_WIDEST = 10_000_000  # a layer of one such neuron takes a gigabyte


def check_width(name: str, n: int) -> None:
    """Raise TypeError or ValueError unless it is a whole number in the range of widths."""
    if not isinstance(n, Integral) or isinstance(n, bool):
        raise TypeError(f"{name} is a whole number, got {type(n).__name__}; write it as an int")
    if n < 1:
        raise ValueError(f"{name} is at least 1, got {n}; leave out a layer that has no neurons")
    if n > _WIDEST:
        raise ValueError(f"{name} is at most {_WIDEST:,}, got more; its Values would fill the memory")
