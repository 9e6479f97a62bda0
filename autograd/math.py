"""Python's `math` for floats and Values alike: every name of it. Change one import line, and a formula differentiates.

    from autograd import math      # instead of: import math

Plain numbers give what Python's own function gives: the same bits, the same types, the same exceptions. With a Value
among the arguments the result is a Value, IEEE-754 rules, and no exception is raised: `math.sqrt(Value(-1.0))` is nan.
With an array, the function is applied to each element. Derivatives are those of the operations in `docs/operations.md`;
the docstring of each function names its operation, or says what it is composed of.

>>> from autograd import Value, math
>>> x = Value(0.5)
>>> y = math.asin(x) + math.log(x, 2)
>>> y.backward()
>>> f"{y.data:.4f} {x.grad:.4f}"
'-0.4764 4.0401'
>>> math.asin(0.5), math.floor(2.5)
(0.5235987755982989, 2)
"""

from __future__ import annotations

import functools
import math as _math
from collections.abc import Callable, Iterable, Sequence

from autograd._typing import TYPE_CHECKING
from autograd.operations import functions, table
from autograd.operations.coercion import is_arraylike, is_value

if TYPE_CHECKING:
    from typing import Any

    from autograd.engine.value import Value

    Function = Callable[..., Any]

pi, e, tau, inf, nan = _math.pi, _math.e, _math.tau, _math.inf, _math.nan


def _is_recorded(x: object) -> bool:
    """Whether x is a Value, or an array, or a list that holds a Value."""
    if isinstance(x, (list, tuple)):
        return any(map(_is_recorded, x))
    return is_value(x) or is_arraylike(x)


def _of(name: str, values: Function, text: str = "") -> Function:
    """Python's function of this name for plain numbers, and another one where a Value is among the arguments."""
    plain: Function | None = getattr(_math, name, None)  # None in a Python that is too old for it

    def function(*args: Any, **options: Any) -> Any:
        if plain is None or any(map(_is_recorded, args)):
            return values(*args, **options)
        return plain(*args, **options)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{plain and plain.__doc__}\n\nOf Values: {text or _text(values)}"
    return function


def _of_many(name: str, values: Function, text: str) -> Function:
    """The same for a function of iterables, which may be generators."""
    listed = _of(name, values, text)

    def function(*iterables: Any, **options: Any) -> Any:
        return listed(*map(list, iterables), **options)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = listed.__doc__
    return function


def _text(operation: Any) -> str:
    return f"autograd.{operation.name}(). {operation.text}"


# --------------------------------------------------------------------------- operations of the table

# fmt: off
acos      = _of("acos",      table.arccos)
acosh     = _of("acosh",     table.arccosh)
asin      = _of("asin",      table.arcsin)
asinh     = _of("asinh",     table.arcsinh)
atan      = _of("atan",      table.arctan)
atan2     = _of("atan2",     table.arctan2)
atanh     = _of("atanh",     table.arctanh)
cbrt      = _of("cbrt",      table.cbrt)
ceil      = _of("ceil",      table.ceil)
copysign  = _of("copysign",  table.copysign)
cos       = _of("cos",       table.cos)
cosh      = _of("cosh",      table.cosh)
degrees   = _of("degrees",   table.degrees)
erf       = _of("erf",       table.erf)
erfc      = _of("erfc",      table.erfc)
exp       = _of("exp",       table.exp)
exp2      = _of("exp2",      table.exp2)
expm1     = _of("expm1",     table.expm1)
fabs      = _of("fabs",      table.absolute)
floor     = _of("floor",     table.floor)
fmod      = _of("fmod",      table.fmod)
gamma     = _of("gamma",     table.gamma)
lgamma    = _of("lgamma",    table.lgamma)
log10     = _of("log10",     table.log10)
log1p     = _of("log1p",     table.log1p)
log2      = _of("log2",      table.log2)
pow       = _of("pow",       table.power)
radians   = _of("radians",   table.radians)
remainder = _of("remainder", table.ieee_remainder)
sin       = _of("sin",       table.sin)
sinh      = _of("sinh",      table.sinh)
sqrt      = _of("sqrt",      table.sqrt)
tan       = _of("tan",       table.tan)
tanh      = _of("tanh",      table.tanh)
trunc     = _of("trunc",     table.trunc)
# fmt: on

# --------------------------------------------------------------------------- composed


def _log(x: Any, base: Any = None) -> Any:
    return table.log(x) if base is None else table.divide(table.log(x), table.log(base))


def _hypot(*coordinates: Any) -> Any:
    return table.hypot(*coordinates) if len(coordinates) == 2 else functions.norm(coordinates)


def _dist(p: Sequence[Any], q: Sequence[Any]) -> Any:
    if len(p) != len(q):
        raise ValueError(f"math.dist() takes points of one dimension, got {len(p)} and {len(q)}; pass equal lengths")
    return functions.norm([table.subtract(a, b) for a, b in zip(p, q)])


def _prod(values: Iterable[Any], *, start: Any = 1) -> Any:
    return functools.reduce(table.multiply, values, start) if start != 1 else table.multiply.reduce(values)


def _ldexp(x: Any, i: int) -> Any:
    i = max(-3000, min(i, 3000))
    step = 1021 if i > 0 else -1021
    steps = (abs(i) - 1) // 1021 if i else 0
    x = table.multiply(x, 2.0 ** (i - steps * step))  # the smallest first, so that only the last product rounds
    for _ in range(steps):
        x = table.multiply(x, 2.0**step)
    return x


def _frexp(x: Value) -> tuple[Value, int]:
    exponent = _math.frexp(_number(x))[1]
    return _ldexp(x, -exponent), exponent


def _modf(x: Any) -> tuple[Any, Any]:
    return table.where(isinf(x), table.copysign(0.0, x), table.fmod(x, 1.0)), table.trunc(x)


def _nextafter(x: Any, y: Any, *, steps: int | None = None) -> Any:
    options = {} if steps is None else {"steps": steps}
    start = _number(x)
    following = _math.nextafter(start, _number(y), **options)
    return following if _math.isinf(start) else table.add(x, following - start)


def _ulp(x: Value) -> float:
    return _math.ulp(_number(x))


def _number(x: Any) -> float:
    """The number, where no gradient is wanted."""
    return float(x.detach()) if is_value(x) else x


def _isclose(a: Any, b: Any, *, rel_tol: float = 1e-09, abs_tol: float = 0.0) -> bool:
    if rel_tol < 0.0 or abs_tol < 0.0:
        raise ValueError("math.isclose() takes tolerances that are not negative; write rel_tol=1e-9, abs_tol=0.0")
    if a == b:
        return True
    if isinf(a) or isinf(b):
        return False
    difference = abs(b - a)
    return bool(difference <= abs(rel_tol * b) or difference <= abs(rel_tol * a) or difference <= abs_tol)


# fmt: off
log       = _of("log",       _log,      "log(x), or log(x) / log(base).")
hypot     = _of("hypot",     _hypot,    "norm() of the arguments.")
dist      = _of_many("dist", _dist,     "norm() of the differences.")
fsum      = _of_many("fsum", functions.sum, "sum(), which rounds each addition; the derivative by each is 1.")
prod      = _of_many("prod", _prod,     "the product, from left to right.")
sumprod   = _of_many("sumprod", table.dot, "dot(), which rounds each product and each addition.")
fma       = _of("fma",       lambda x, y, z: table.add(table.multiply(x, y), z), "x * y + z, rounded twice.")
ldexp     = _of("ldexp",     _ldexp,    "x * 2**i for an int i; the derivative by x is 2**i.")
frexp     = _of("frexp",     _frexp,    "(x / 2**i, i); the derivative is 2**-i. It reads the number of x.")
modf      = _of("modf",      _modf,     "(fmod(x, 1.0), trunc(x)), with derivatives 1 and 0.")
nextafter = _of("nextafter", _nextafter, "the next float; the derivative by x is 1, by y 0. It reads the number of x.")
ulp       = _of("ulp",       _ulp,      "a float, whose derivative is 0. It reads the number of x.")
isclose   = _of("isclose",   _isclose,  "a bool, by comparisons.")
isfinite  = _of("isfinite",  lambda x: abs(x) < inf,  "a bool, by a comparison.")
isinf     = _of("isinf",     lambda x: abs(x) == inf, "a bool, by a comparison.")
isnan     = _of("isnan",     lambda x: x != x,        "a bool, by a comparison.")
# fmt: on

# --------------------------------------------------------------------------- whole numbers


def _whole(name: str, remedy: str) -> Function:
    def refuse(*_: Any) -> Any:
        raise TypeError(f"math.{name}() takes whole numbers, which have no derivative, got a Value; {remedy}")

    return _of(name, refuse, "a TypeError, because it takes whole numbers.")


comb = _whole("comb", "write int(x), or use math.gamma()")
factorial = _whole("factorial", "write int(x), or math.gamma(x + 1)")
gcd = _whole("gcd", "write int(x)")
isqrt = _whole("isqrt", "write int(x), or math.sqrt(x)")
lcm = _whole("lcm", "write int(x)")
perm = _whole("perm", "write int(x), or use math.gamma()")


def __getattr__(name: str) -> Any:
    """A name that a later Python adds: its function of plain numbers."""
    return getattr(_math, name)


__all__ = sorted(name for name in {*dir(_math), *globals()} if name in vars(_math) and name[0] != "_")
