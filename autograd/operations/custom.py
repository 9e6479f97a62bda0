"""Operations that users define at run time: floats in, a float out, and a partial derivative by each argument."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Callable, Sequence

from autograd._typing import TYPE_CHECKING
from autograd.operations.coercion import is_real, is_value, real
from autograd.operations.formulas import FLOAT_FUNCTIONS, OPERATIONS
from autograd.operations.operation import CUSTOM, RESERVED, TABLE, Binary, Operation, Ternary, Unary

if TYPE_CHECKING:
    from typing import Any, Union, overload

    from autograd.operations.operation import Number

    Partial = Union[str, Callable[..., Number], None]

_CLASSES: tuple[type[Unary] | type[Binary] | type[Ternary], ...] = (Unary, Binary, Ternary)

if TYPE_CHECKING:
    # fmt: off
    @overload
    def operation(name: str, function: Callable[[float], float], partials: Partial | tuple[Partial], *,
                  symbol: str = ..., c: str = ..., python: str = ..., text: str = ...) -> Unary: ...
    @overload
    def operation(name: str, function: Callable[[float, float], float], partials: tuple[Partial, Partial], *,
                  symbol: str = ..., c: str = ..., python: str = ..., text: str = ...) -> Binary: ...
    @overload
    def operation(name: str, function: Callable[[float, float, float], float],
                  partials: tuple[Partial, Partial, Partial], *,
                  symbol: str = ..., c: str = ..., python: str = ..., text: str = ...) -> Ternary: ...
    # fmt: on


def operation(
    name: str,
    function: Callable[..., float],
    partials: Partial | Sequence[Partial],
    *,
    symbol: str = "",
    c: str = "",
    python: str = "",
    text: str = "",
) -> Operation:
    """Define an operation of your own, which works wherever an operation of the table does.

    Args:
        name: its name in `Value.op`, pictures and other formulas; each name can be defined once.
        function: takes one, two or three floats and gives a float. The same floats must always give the same result.
        partials: the partial derivative by each argument, in a tuple if there are several. Each is a formula in the
            result `y` and the arguments `a`, `b`, `c`, such as "y*cos(a)"; or a function of (y, a, ...) made of
            operations; or None where no gradient flows.
        symbol: what a picture shows inside the node; the name if it is left out.
        c: the function as a C expression in a, b and c, which `Program.to_c()` needs.
        python: the function as a Python expression with `math`, which `Program.to_python()` needs.
        text: one sentence of documentation; the first line of the function's docstring if it is left out.

    Compiled programs call the function, so it may run in any thread, also for rows whose result is not used. An equal
    second definition, as when a notebook runs a cell again, returns the first operation.

    Raises:
        TypeError: an argument has the wrong type, or a function takes other arguments.
        ValueError: the name is taken or has another meaning, a formula is wrong, or there are not 1 to 3 partials.

    >>> import math
    >>> from autograd import Value, operation
    >>> sinc = operation("my_sinc", lambda a: math.sin(a) / a, "(cos(a) - y)/a")
    >>> sinc(2.0)
    0.45464871341284085
    >>> x = Value(2.0)
    >>> sinc(x).backward()
    >>> x.grad
    -0.43539777497999166
    """
    given: list[Any] = list(partials) if isinstance(partials, (tuple, list)) else [partials]
    if not 1 <= len(given) <= 3:
        raise ValueError(f"operation() takes one to three partials, got {len(given)}; give one for each argument")
    letters = "abc"[: len(given)]
    _check_name(name)
    _check_callable(function, f"the function of {name}", letters)
    for letter, partial in zip(letters, given):
        _check_partial(partial, name, letter, letters)
    for option, value in (("symbol", symbol), ("c", c), ("python", python), ("text", text)):
        if not isinstance(value, str):
            raise TypeError(f"the {option} of {name} is text, got {type(value).__name__}; leave it out or write a str")
    definition = (function, *given, symbol, c, python, text)
    if name in CUSTOM:
        return _defined_before(name, definition)
    if name in OPERATIONS:
        raise ValueError(f"operation() needs a new name, and {name} is an operation of autograd; choose another name")
    made = _made(name, function, given, symbol, c, text)
    made.python = python
    _DEFINITIONS[name] = definition
    return made


def _made(
    name: str, function: Callable[..., float], given: list[Any], symbol: str, c: str, text: str
) -> Unary | Binary | Ternary:
    """The new operation. A partial that is a function gets a name, so that a formula can call it."""
    letters = "abc"[: len(given)]
    helpers = {f"{name}_by_{x}": partial for x, partial in zip(letters, given) if callable(partial)}
    for helper, partial in helpers.items():
        OPERATIONS[helper] = FLOAT_FUNCTIONS[helper] = _numeric(partial, f"the partial {helper} of {name}", True)
    arguments = ", ".join(letters)
    formulas = tuple(
        f"{name}_by_{x}(y, {arguments})" if callable(partial) else partial for x, partial in zip(letters, given)
    )
    summary = (getattr(function, "__doc__", None) or "").strip().partition("\n")[0]
    return _CLASSES[len(given) - 1](
        name,
        symbol or name,
        _numeric(function, f"the function of {name}", False),
        c,
        formulas,
        ((-math.inf, math.inf),) * len(given),
        rf"\operatorname{{{{{name}}}}}".replace("_", r"\_") + f"({', '.join(f'{{{x}}}' for x in letters)})",
        text or summary or f"{name}({arguments}), defined by the user.",
        registry=CUSTOM,
    )


class UserFunctionError(Exception):
    """The function of a user's operation raised an exception, which is the cause of this one."""


def float_functions() -> dict[str, Callable[..., float]]:
    """The float function of every operation, by name; a user's function raises only `UserFunctionError`."""
    functions = {name: _attempted(item.function) for name, item in CUSTOM.items()}
    return functions | {name: item.function for name, item in TABLE.items()}


def _attempted(function: Callable[..., float]) -> Callable[..., float]:
    def attempted(*numbers: float) -> float:
        try:
            return function(*numbers)
        except Exception as error:  # any exception: the function is the user's
            raise UserFunctionError from error

    return attempted


_DEFINITIONS: dict[str, tuple[Any, ...]] = {}  # by name: the arguments of operation()


def _numeric(function: Callable[..., Any], what: str, takes_values: bool) -> Callable[..., Any]:
    """The function with a check that turns its result into a float; a partial may also give a Value."""

    def checked(*numbers: Any) -> Any:
        result = function(*numbers)
        if type(result) is float:
            return result
        if takes_values and is_value(result):  # of numbers alone it is a Value from elsewhere, such as a parameter
            return result if any(map(is_value, numbers)) else float(result)
        if not is_real(result):
            raise TypeError(f"{what} gave {type(result).__name__}, which is not a number; return a float")
        return real(result, what)

    checked.__name__ = checked.__qualname__ = getattr(function, "__name__", what)
    return checked


def _defined_before(name: str, definition: tuple[Any, ...]) -> Operation:
    """The operation of this name; ValueError if it was defined differently."""
    former = _DEFINITIONS[name]
    if len(former) != len(definition) or not all(map(_is_same, former, definition)):
        raise ValueError(f"operation {name} is already defined differently; choose another name, or restart Python")
    return CUSTOM[name]


def _is_same(a: Any, b: Any) -> bool:
    """Whether two functions have the same code and the same constants, or two other things are equal."""
    if hasattr(a, "__code__") and hasattr(b, "__code__"):
        return _code(a.__code__) == _code(b.__code__) and all(map(_is_equal, _held_by(a), _held_by(b)))
    return _is_equal(a, b)


def _is_equal(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if hasattr(a, "tobytes"):  # an array
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    return repr(a) == repr(b) if isinstance(a, float) else bool(a == b)


def _code(code: Any) -> list[object]:
    """What code does, wherever it stands; repr() tells 1 from True, and 0.0 from -0.0."""
    constants = [_code(x) if hasattr(x, "co_code") else repr(x) for x in code.co_consts]
    return [code.co_code, code.co_names, code.co_freevars, constants]


def _held_by(function: Any) -> list[object]:
    """The values that a function holds: its defaults, and the names of the function around it."""
    by_name = function.__kwdefaults__ or {}
    held = [*(function.__defaults__ or ()), len(by_name), *by_name, *by_name.values()]
    for cell in function.__closure__ or ():
        try:
            held.append(cell.cell_contents)
        except ValueError:  # the name has no value yet
            held.append(None)
    return [len(held), *held]


# --------------------------------------------------------------------------- checks of the arguments


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise ValueError(f"the name of an operation is an identifier, got {name!r}; write 'my_operation'")
    if (
        name in _MEANINGS
        or hasattr(builtins, name)
        or name in RESERVED
        or name.startswith("_")
        or name.endswith(("_by_a", "_by_b", "_by_c"))
        or (name[0].islower() and (name[1:].isdigit() or len(name) == 1))
    ):
        raise ValueError(
            f"the name {name!r} has a meaning in formulas or in code; choose another, such as '{name}_function'"
        )


_MEANINGS = {"compare", "copysign", "inf", "math", "nan", "program"}  # in the code of programs


def _check_callable(function: object, what: str, arguments: str) -> None:
    """Raise TypeError unless this is a function of these arguments."""
    if not callable(function):
        raise TypeError(f"{what} is a function of floats, got {type(function).__name__}; write lambda a: ...")
    import inspect  # lazy: it takes as long to import as all of autograd

    try:
        inspect.signature(function).bind(*arguments)
    except ValueError:  # some functions written in C have no signature
        return
    except TypeError as error:
        names = ", ".join(arguments)
        raise TypeError(
            f"{what} takes ({names}), got a function of other arguments; write lambda {names}: ..."
        ) from error


def _check_partial(partial: Partial, name: str, letter: str, letters: str) -> None:
    what = f"the partial of {name} by {letter}"
    if partial is None:
        return
    if not isinstance(partial, str):
        if not callable(partial):
            raise TypeError(
                f"{what} is a formula or a function, got {type(partial).__name__}; write it as text: '2.0*a'"
            )
        _check_callable(partial, what, "y" + letters)
        return
    _check_formula(partial, what, name, letters)


def _check_formula(formula: str, what: str, name: str, letters: str) -> None:
    """Raise ValueError if this is no expression in the arguments, made of operators, operations and numbers."""
    import ast  # lazy: it takes longer to import than autograd without it

    refused = ValueError(f"{what} is not a formula: {formula!r}; write an expression such as 'y*cos(a)'")
    try:
        tree = ast.parse(formula, mode="eval")
    except SyntaxError as error:
        raise refused from error
    arguments = {x: o.arguments for x, o in OPERATIONS.items() if isinstance(o, Operation)} | {name: ", ".join(letters)}
    functions = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in {*OPERATIONS, *"y", *letters, name}:
            raise ValueError(
                f"{what} uses {node.id}, which is neither an operation nor an argument; use those of autograd.TABLE"
            )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in arguments:
            functions.append(node.func)
            taken = arguments[node.func.id]
            if len(node.args) != len(taken.split(",")):
                raise ValueError(
                    f"{what} calls {node.func.id} with {len(node.args)} arguments; write {node.func.id}({taken})"
                )
    for node in ast.walk(tree):
        is_known = type(node).__name__ in _FORMULA_NODES
        if isinstance(node, ast.Name):
            is_known = node in functions or node.id not in arguments
        elif isinstance(node, ast.Constant):
            is_known = type(node.value) in (int, float)
        elif isinstance(node, ast.Call):
            is_known = node.func in functions and not node.keywords
        if not is_known or "#" in formula:
            raise refused


_FORMULA_NODES = {
    "Expression", "BinOp", "UnaryOp", "IfExp", "Compare", "Load",
    "Add", "Sub", "Mult", "Div", "Pow", "UAdd", "USub", "Lt", "LtE", "Gt", "GtE", "Eq", "NotEq",
}  # fmt: skip
