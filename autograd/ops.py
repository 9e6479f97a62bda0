"""The table of operations, then the functions composed from it.

A row holds every fact about one operation: its name and symbol, the float function and its
spelling in C, one partial derivative per argument, where it is smooth and how exact it is, and
its text for docs and LaTeX. Nothing else in the project knows a derivative.

A partial is a formula in the result `y` and the arguments `a`, `b`, `c`, built from rows: floats
in, float out; Values in, Value out. `None` stands for an argument no gradient flows to, for the
derivative is zero wherever it exists. `/` and `**` in a formula are the rows `divide` and `power`.
"""

from __future__ import annotations

import ast
import math
from abc import ABC
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import reduce
from math import inf, pi
from math import log as _log
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, TypeVar, Union, final, overload

from autograd import floats, gamma

if TYPE_CHECKING:  # the rows never import the engine: a Value records itself
    from autograd.value import Value

Interval = tuple[float, float]
Number = Union["Value", float]
Scalar = TypeVar("Scalar", "Value", float, "Value | float")
Slopes = tuple[Union[float, None], ...]

TABLE: Final[dict[str, Operation]] = {}
"""Every row by name, in the order of this file."""


class Operation(ABC):
    """A row of the table. Called with numbers it gives a float, with a Value among them a Value.

    Attributes:
        name: the public name, also that of the function in this module.
        symbol: what a picture shows inside the operation's node.
        function: floats in, a float out; IEEE-754, never an exception.
        c: the same function as a C expression in a, b and c.
        formulas: one partial derivative per argument as text, None where no gradient flows.
        partials: the formulas as functions of (y, a, ...), of floats or of Values.
        domain: one open interval per argument, inside which the row is smooth
        kinks, kink: ... except where this expression in the arguments is zero; the same as a function.
        ulps: how far a value, a first and a second derivative may be from the exact one.
        crossings: of a second derivative (by the arguments of these two numbers) that crosses zero inside
            the domain, the size of the terms it is the difference of: its ulps are those of the larger.
        text, latex: one sentence for the docs, with the special values; the formula in LaTeX.

    Raises TypeError when called with anything that is neither a real number nor a Value.
    """

    arguments: str
    slopes: Callable[..., Slopes]

    def __init__(
        self,
        name: str,
        symbol: str,
        function: Callable[..., float],
        c: str,
        formulas: tuple[str | None, ...],
        domain: tuple[Interval, ...],
        latex: str,
        text: str,
        kinks: str = "1",
        crossings: dict[tuple[int, int], str] | None = None,
        ulps: tuple[float, float, float] = (4.0, 4.0, 16.0),
    ) -> None:
        self.name = self.__name__ = name
        self.symbol = symbol
        self.function = function
        self.c = c
        self.formulas = formulas
        self.domain = domain
        self.latex = latex
        self.text = self.__doc__ = text
        self.kinks = kinks
        self.ulps = ulps
        self.kink: Callable[..., float] = _compile(self.arguments, kinks, _FLOATS, result="")
        self.crossings = crossings or {}
        self.derive()
        _ROWS[name] = self
        _FLOATS[name] = function
        TABLE[name] = self

    def __repr__(self) -> str:
        return f"<operation {self.name}({self.arguments})>"

    def __reduce__(self) -> str:
        return self.name

    def derive(self) -> None:
        """Compile the formulas: `partials` of floats or Values, `slopes` of floats, all at once."""
        self.partials = tuple(f and _compile(self.arguments, f, _ROWS) for f in self.formulas)
        self.slopes = self._slopes(*range(len(self.formulas)))

    def terms(self, i: int, j: int) -> Callable[..., float]:
        """The size of the terms of the second derivative by arguments i and j; 0 if it does not subtract."""
        formula = self.crossings.get((min(i, j), max(i, j)), "0.0")
        return _compile(self.arguments, formula, _FLOATS, result="")

    def _slopes(self, *positions: int) -> Callable[..., Slopes]:
        """The partials at these positions as one function of floats, None at the others."""
        chosen = [f if i in positions else None for i, f in enumerate(self.formulas)]
        return _compile(self.arguments, f"({', '.join(map(str, chosen))},)", _FLOATS)


@final
class Unary(Operation):
    """A row of one argument."""

    arguments = "a"

    @overload
    def __call__(self, a: Value) -> Value: ...
    @overload
    def __call__(self, a: float) -> float: ...
    def __call__(self, a: Number) -> Number:
        if hasattr(a, "_record"):
            return a._record(self, (a,))
        return self.function(real(a, self.name))


@final
class Binary(Operation):
    """A row of two arguments."""

    arguments = "a, b"

    def derive(self) -> None:
        """Compile the formulas, also for one Value and one constant."""
        super().derive()
        self.left_slope = self._slopes(0)
        self.right_slope = self._slopes(1)

    @overload
    def __call__(self, a: Value, b: Number) -> Value: ...
    @overload
    def __call__(self, a: float, b: Value) -> Value: ...
    @overload
    def __call__(self, a: float, b: float) -> float: ...
    def __call__(self, a: Number, b: Number) -> Number:
        if hasattr(a, "_record"):
            return a._record(self, (a, b))
        if hasattr(b, "_record"):
            return b._record(self, (a, b))
        return self.function(real(a, self.name), real(b, self.name))


@final
class Ternary(Operation):
    """A row of three arguments."""

    arguments = "a, b, c"

    @overload
    def __call__(self, a: Number, b: Value, c: Number) -> Value: ...
    @overload
    def __call__(self, a: Number, b: Number, c: Value) -> Value: ...
    @overload
    def __call__(self, a: Value, b: float, c: float) -> Value: ...
    @overload
    def __call__(self, a: float, b: float, c: float) -> float: ...
    def __call__(self, a: Number, b: Number, c: Number) -> Number:
        for argument in (a, b, c):
            if hasattr(argument, "_record"):
                return argument._record(self, (a, b, c))
        return self.function(*(real(x, self.name) for x in (a, b, c)))


def real(x: object, caller: str) -> float:
    """x as a float, if it is a real number; an int or Fraction beyond the range is an infinity.

    Raises:
        TypeError: x is anything else, with the remedy; caller names the function in the message.
    """
    if type(x) is float:
        return x
    if is_real(x):
        try:
            return float(x)  # type: ignore[arg-type]  # NumPy's bool is a number in all but name
        except OverflowError:
            return inf if x > 0 else -inf  # type: ignore[operator]  # an int or a Fraction
    expected = "a real number or a Value" if caller in TABLE else "a real number"
    raise TypeError(f"{caller}() takes {expected}, got {type(x).__name__}; {_remedy(x, caller)}")


def is_real(x: object) -> bool:
    """Whether x is a real number: int, float, bool, Fraction, Decimal or a NumPy scalar."""
    return isinstance(x, (Real, Decimal)) or (type(x).__module__, type(x).__name__) in _NUMPY_BOOLS


_NUMPY_BOOLS = {("numpy", "bool_"), ("numpy", "bool")}


def _remedy(x: object, caller: str) -> str:
    if isinstance(x, complex):
        return "take the real and the imaginary part as two numbers: z.real, z.imag"
    if isinstance(x, (str, bytes)):
        return "convert the text first: float(text)"
    if x is None:
        return "a function that gives None may lack its return statement"
    if hasattr(x, "item") and getattr(x, "ndim", 1) == 0:
        return "take the number out of it: x.item()"
    if caller == "Value":
        return "build one Value per element: [Value(x) for x in xs]"
    return "take its elements one by one: for x in xs"


def _compile(arguments: str, formula: str, names: dict[str, Any], result: str = "y, ") -> Callable[..., Any]:
    """The formula as a function of the result and the arguments, its names looked up among names."""
    tree = ast.parse(f"lambda {result}{arguments}: {formula}", mode="eval")
    code = compile(ast.fix_missing_locations(_SpellOut().visit(tree)), f"<{formula}>", "eval")
    function: Callable[..., Any] = eval(code, names)
    return function


class _SpellOut(ast.NodeTransformer):
    """x / z becomes divide(x, z), for Python's own quotient of floats raises."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        return ast.Call(ast.Name("divide", ast.Load()), [node.left, node.right], [])


_CONSTANTS = {"pi": pi, "LN2": _log(2.0), "LN10": _log(10.0), "TWO_BY_ROOT_PI": 2.0 / math.sqrt(pi)}
_ROWS: dict[str, Any] = dict(_CONSTANTS)
_FLOATS: dict[str, Any] = dict(_CONSTANTS)

REAL: Interval = (-inf, inf)
POSITIVE: Interval = (0.0, inf)
UNIT: Interval = (-1.0, 1.0)

# fmt: off
# ruff: noqa: E501  # a table: one row, one line per kind of fact

# =========================================================================== arithmetic

add        = Binary("add",      "+",   floats.add,      "a + b",     ("1.0", "1.0"), (REAL, REAL),
    "{a} + {b}", "Sum of two numbers.")
subtract   = Binary("subtract", "-",   floats.subtract, "a - b",     ("1.0", "-1.0"), (REAL, REAL),
    "{a} - {b}", "Difference of two numbers.")
multiply   = Binary("multiply", "*",   floats.multiply, "a * b",     ("b", "a"), (REAL, REAL),
    "{a} \\cdot {b}", "Product of two numbers.")
divide     = Binary("divide",   "/",   floats.divide,   "a / b",     ("1.0/b", "-y/b"), (REAL, REAL),
    "\\frac{{{a}}}{{{b}}}", "Quotient of two numbers; 1/0 is inf, 0/0 is nan.", kinks="b")
power      = Binary("power",    "**",  floats.power,    "pow(a, b)",
    ("times(b, shifted_power(a, b, 1.0))", "where(maximum(absolute(a), -b), y*log(a), 0.0)"), (POSITIVE, REAL),
    "{a}^{{{b}}}", "a to the power b; nan for a negative base and a fractional exponent. "
    "The derivative by a is 0 at b = 0; the derivative by b is 0 at a = 0, b >= 0, and nan for a < 0.",
    crossings={(0, 1): "power(a, b)/a"})
negative   = Unary("negative",  "neg", floats.negative, "-a",        ("-1.0",), (REAL,),
    "-{a}", "The number with the other sign.")
absolute   = Unary("absolute",  "abs", floats.absolute, "fabs(a)",   ("sign(a)",), (REAL,),
    "\\left|{a}\\right|", "Magnitude; the derivative at 0 is 0.", kinks="a")

# =========================================================================== exp, log and roots

exp        = Unary("exp",    "exp",    floats.exp,    "exp(a)",      ("y",), (REAL,),
    "e^{{{a}}}", "Exponential function.")
expm1      = Unary("expm1",  "expm1",  floats.expm1,  "expm1(a)",    ("exp(a)",), (REAL,),
    "e^{{{a}}} - 1", "exp(a) - 1, exact also near 0.")
log        = Unary("log",    "log",    floats.log,    "log(a)",      ("1.0/a",), (POSITIVE,),
    "\\ln {a}", "Natural logarithm; -inf at 0, nan below.")
log1p      = Unary("log1p",  "log1p",  floats.log1p,  "log1p(a)",    ("1.0/(1.0 + a)",), ((-1.0, inf),),
    "\\ln(1 + {a})", "log(1 + a), exact also near 0; -inf at -1, nan below.")
log2       = Unary("log2",   "log2",   floats.log2,   "log2(a)",     ("1.0/(LN2*a)",), (POSITIVE,),
    "\\log_2 {a}", "Logarithm to base 2; -inf at 0, nan below.")
log10      = Unary("log10",  "log10",  floats.log10,  "log10(a)",    ("1.0/(LN10*a)",), (POSITIVE,),
    "\\log_{{10}} {a}", "Logarithm to base 10; -inf at 0, nan below.")
sqrt       = Unary("sqrt",   "sqrt",   floats.sqrt,   "sqrt(a)",     ("0.5/y",), (POSITIVE,),
    "\\sqrt{{{a}}}", "Square root; nan below 0; the derivative at 0 is inf.")
cbrt       = Unary("cbrt",   "cbrt",   floats.cbrt,   "vg_cbrt(a)",  ("1.0/(3.0*y*y)",), (REAL,),
    "\\sqrt[3]{{{a}}}", "Real cube root; the derivative at 0 is inf.", kinks="a")

# =========================================================================== trigonometric

sin        = Unary("sin",    "sin",    floats.sin,    "sin(a)",      ("cos(a)",), (REAL,),
    "\\sin {a}", "Sine of an angle in radians; nan at infinity.")
cos        = Unary("cos",    "cos",    floats.cos,    "cos(a)",      ("-sin(a)",), (REAL,),
    "\\cos {a}", "Cosine of an angle in radians; nan at infinity.")
tan        = Unary("tan",    "tan",    floats.tan,    "tan(a)",      ("1.0 + y*y",), (REAL,),
    "\\tan {a}", "Tangent of an angle in radians; nan at infinity.", kinks="cos(a)")
semicircle = Unary("semicircle", "semicircle", floats.semicircle, "vg_semicircle(a)", ("-a/y",), (UNIT,),
    "\\sqrt{{1 - {a}^2}}", "sqrt(1 - a*a), exact also near -1 and 1.")
arcsin     = Unary("arcsin", "arcsin", floats.arcsin, "asin(a)",     ("1.0/semicircle(a)",), (UNIT,),
    "\\arcsin {a}", "Inverse sine; nan outside [-1, 1]; the derivative at -1 and 1 is inf.")
arccos     = Unary("arccos", "arccos", floats.arccos, "acos(a)",     ("-1.0/semicircle(a)",), (UNIT,),
    "\\arccos {a}", "Inverse cosine; nan outside [-1, 1]; the derivative at -1 and 1 is -inf.")
arctan     = Unary("arctan", "arctan", floats.arctan, "atan(a)",     ("1.0/hypot(1.0, a)/hypot(1.0, a)",), (REAL,),
    "\\arctan {a}", "Inverse tangent, between -pi/2 and pi/2.")

# =========================================================================== hyperbolic

sinh       = Unary("sinh",   "sinh",   floats.sinh,   "sinh(a)",     ("cosh(a)",), (REAL,),
    "\\sinh {a}", "Hyperbolic sine.")
cosh       = Unary("cosh",   "cosh",   floats.cosh,   "cosh(a)",     ("sinh(a)",), (REAL,),
    "\\cosh {a}", "Hyperbolic cosine.")
tanh       = Unary("tanh",   "tanh",   floats.tanh,   "tanh(a)",     ("sech_squared(a)",), (REAL,),
    "\\tanh {a}", "Hyperbolic tangent.")
sech_squared = Unary("sech_squared", "sech_squared", floats.sech_squared, "vg_sech_squared(a)", ("-2.0*tanh(a)*y",), (REAL,),
    "\\operatorname{{sech}}^2 {a}", "1/cosh(a)**2, exact also in the tails.", crossings={(0, 0): "sech_squared(a)"})
arcsinh    = Unary("arcsinh", "arcsinh", floats.arcsinh, "asinh(a)", ("1.0/hypot(1.0, a)",), (REAL,),
    "\\operatorname{{arsinh}} {a}", "Inverse hyperbolic sine.")
arccosh    = Unary("arccosh", "arccosh", floats.arccosh, "acosh(a)", ("1.0/(sqrt(a - 1.0)*sqrt(a + 1.0))",), ((1.0, inf),),
    "\\operatorname{{arcosh}} {a}", "Inverse hyperbolic cosine; nan below 1; the derivative at 1 is inf.")
arctanh    = Unary("arctanh", "arctanh", floats.arctanh, "atanh(a)", ("1.0/(semicircle(a)*semicircle(a))",), (UNIT,),
    "\\operatorname{{artanh}} {a}", "Inverse hyperbolic tangent; infinite at -1 and 1, nan beyond.")

# =========================================================================== error and gamma functions

erf        = Unary("erf",    "erf",    floats.erf,    "erf(a)",      ("TWO_BY_ROOT_PI*gaussian(a)",), (REAL,),
    "\\operatorname{{erf}} {a}", "Error function.")
erfc       = Unary("erfc",   "erfc",   floats.erfc,   "erfc(a)",     ("-TWO_BY_ROOT_PI*gaussian(a)",), (REAL,),
    "\\operatorname{{erfc}} {a}", "1 - erf(a), exact also in the upper tail.")
gaussian   = Unary("gaussian", "gaussian", floats.gaussian, "vg_gaussian(a)", ("-2.0*a*y",), (REAL,),
    "e^{{-{a}^2}}", "exp(-a*a), exact also in the tails.", crossings={(0, 0): "gaussian(a)"})
lgamma     = Unary("lgamma", "lgamma", gamma.lgamma,  "vg_lgamma(a)", ("digamma(a)",), (POSITIVE,),
    "\\ln\\left|\\Gamma({a})\\right|", "Logarithm of |gamma(a)|; inf at 0 and at the negative integers. "
    "For negative a, where the reflection formula subtracts, exact to a few ulp of its larger term.")
digamma    = Unary("digamma", "digamma", gamma.digamma, "vg_digamma(a)", ("polygamma(1.0, a)",), (POSITIVE,),
    "\\psi({a})", "Derivative of lgamma; -inf at 0, inf at -0.0, nan at the negative integers. "
    "For negative a, where the reflection formula subtracts, exact to a few ulp of its larger term.")
polygamma  = Binary("polygamma", "polygamma", gamma.polygamma, "vg_polygamma(a, b)", (None, "polygamma(a + 1.0, b)"),
    ((0.0, 6.0), POSITIVE), "\\psi^{{({a})}}({b})", "a-th derivative of digamma at b, for whole a >= 1; nan for any other a. "
    "At the poles 0, -1, -2, ... it is inf for odd a, and what digamma is there for even a.")

# =========================================================================== learning

sigmoid    = Unary("sigmoid", "sigmoid", floats.sigmoid, "vg_sigmoid(a)", ("0.25*sech_squared(0.5*a)",), (REAL,),
    "\\sigma({a})", "Logistic function, 1/(1 + exp(-a)).")
softplus   = Unary("softplus", "softplus", floats.softplus, "vg_softplus(a)", ("sigmoid(a)",), (REAL,),
    "\\ln(1 + e^{{{a}}})", "log(1 + exp(a)), without overflow.")
relu       = Unary("relu",    "ReLU",    floats.relu,   "vg_relu(a)", ("step(a)",), (REAL,),
    "\\max(0, {a})", "Rectified linear unit; the derivative at 0 is 0.", kinks="a")

# =========================================================================== steps and choices

step       = Unary("step",   "step",   floats.step,   "vg_step(a)",  (None,), (REAL,),
    "[{a} > 0]", "1 for positive numbers, otherwise 0; no gradient flows.", kinks="a")
sign       = Unary("sign",   "sign",   floats.sign,   "vg_sign(a)",  (None,), (REAL,),
    "\\operatorname{{sgn}} {a}", "-1, 0 or 1; no gradient flows.", kinks="a")
floor      = Unary("floor",  "floor",  floats.floor,  "floor(a)",    (None,), (REAL,),
    "\\lfloor {a} \\rfloor", "Largest whole number not above a; no gradient flows.", kinks="a - floor(a)")
ceil       = Unary("ceil",   "ceil",   floats.ceil,   "ceil(a)",     (None,), (REAL,),
    "\\lceil {a} \\rceil", "Smallest whole number not below a; no gradient flows.", kinks="a - floor(a)")
exceeds    = Binary("exceeds", ">",    floats.exceeds, "vg_exceeds(a, b)", (None, None), (REAL, REAL),
    "[{a} > {b}]", "1 where a > b, 0 where a < b, one half on a tie; no gradient flows.", kinks="a - b")
maximum    = Binary("maximum", "max",  floats.maximum, "vg_maximum(a, b)", ("exceeds(a, b)", "exceeds(b, a)"), (REAL, REAL),
    "\\max({a}, {b})", "The larger number; a tie gives each argument half the gradient.", kinks="a - b")
minimum    = Binary("minimum", "min",  floats.minimum, "vg_minimum(a, b)", ("exceeds(b, a)", "exceeds(a, b)"), (REAL, REAL),
    "\\min({a}, {b})", "The smaller number; a tie gives each argument half the gradient.", kinks="a - b")
stop_gradient = Unary("stop_gradient", "stop", floats.identity, "a", (None,), (REAL,),
    "{a}", "The number itself, through which no gradient flows.")
where      = Ternary("where",   "where", floats.where,  "(a ? b : c)", (None, "where(a, 1.0, 0.0)", "where(a, 0.0, 1.0)"), (REAL, REAL, REAL),
    "{a} \\mathbin{{?}} {b} : {c}", "b where a is not 0, otherwise c; the other one gets no gradient at all.", kinks="a")

# =========================================================================== the plane

hypot      = Binary("hypot",   "hypot", floats.hypot,  "vg_hypot(a, b)", ("direction(a, b)", "direction(b, a)"), (REAL, REAL),
    "\\sqrt{{{a}^2 + {b}^2}}", "Length of (a, b); the gradient at the origin is 0.", kinks="hypot(a, b)")
direction  = Binary("direction", "direction", floats.direction, "vg_direction(a, b)",
    ("direction(b, a)*direction(b, a)/hypot(a, b)", "-direction(a, b)*direction(b, a)/hypot(a, b)"), (REAL, REAL),
    "\\frac{{{a}}}{{\\sqrt{{{a}^2 + {b}^2}}}}", "a/hypot(a, b), the cosine of the angle of (a, b); 0 at the origin.", kinks="hypot(a, b)",
    ulps=(4.0, 8.0, 16.0),  # the derivative is that of second order of hypot
    crossings={(0, 1): "1.0/hypot(a, b)/hypot(a, b)", (1, 1): "1.0/hypot(a, b)/hypot(a, b)"})
arctan2    = Binary("arctan2", "arctan2", floats.arctan2, "atan2(a, b)", ("direction(b, a)/hypot(a, b)", "-direction(a, b)/hypot(a, b)"), (REAL, REAL),
    "\\operatorname{{atan2}}({a}, {b})", "Angle of the point (b, a), between -pi and pi; the gradient at the origin is nan.", kinks="hypot(a, b) + b",
    crossings={(0, 1): "1.0/hypot(a, b)/hypot(a, b)"})

# =========================================================================== the derivatives of power

times      = Binary("times",   "*",    floats.times,   "vg_times(a, b)", ("b", "a"), (REAL, REAL),
    "{a} \\cdot {b}", "a * b, but 0 wherever a is 0, even if b is infinite or nan.")
shifted_power = Ternary("shifted_power", "**", floats.shifted_power, "vg_shifted_power(a, b, c)",
    ("times(b - c, shifted_power(a, b, c + 1.0))", "where(maximum(absolute(a), c - b), y*log(a), 0.0)", None), (POSITIVE, REAL, (0.0, 4.0)),
    "{a}^{{{b} - {c}}}", "a to the power b - c, exact also where b - c must be rounded.",
    crossings={(0, 1): "shifted_power(a, b, c)/a"})
# fmt: on


# =========================================================================== composed functions

# sum, dot and mean are left folds: one node for each addition, none for a zero to start from.


def sum(values: Iterable[Scalar]) -> Scalar:
    """Sum of the values, added from left to right; 0.0 of none.

    >>> sum([0.5, 1.0, 2.0])
    3.5
    """
    values = tuple(values)
    return reduce(add, values) if values else 0.0  # type: ignore[return-value]  # of no Values


def mean(values: Iterable[Scalar]) -> Scalar:
    """Arithmetic mean of at least one value; ValueError of none.

    >>> mean([1.0, 2.0])
    1.5
    """
    values = _some(values, "mean")
    return divide(sum(values), float(len(values)))


def dot(xs: Sequence[Scalar], ys: Sequence[Number]) -> Scalar:
    """Sum of the products of two sequences of the same length; 0.0 of empty ones.

    Raises ValueError if the lengths differ.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    if len(xs) != len(ys):
        raise ValueError(f"dot() takes two sequences of the same length, got {len(xs)} and {len(ys)} numbers")
    return sum(multiply(x, y) for x, y in zip(xs, ys))  # type: ignore[return-value]  # ys of Values give a Value too


def norm(values: Iterable[Scalar]) -> Scalar:
    """Euclidean length of a vector, without overflow; its gradient at the origin is 0.

    >>> norm([3.0, 4.0])
    5.0
    """
    return reduce(hypot, values, 0.0)  # type: ignore[arg-type,return-value]  # a fold from a float to Values


def logsumexp(values: Iterable[Scalar]) -> Scalar:
    """log(exp(x) + exp(y) + ...) of at least one value, without overflow; ValueError of none.

    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    """
    values = _some(values, "logsumexp")
    shift = _largest(values)
    return add(shift, log(sum(exp(subtract(x, shift)) for x in values)))


def softmax(values: Iterable[Scalar]) -> list[Scalar]:
    """exp(x) of each of at least one value, divided by their sum, without overflow.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    values = _some(values, "softmax")
    shift = _largest(values)
    powers = [exp(subtract(x, shift)) for x in values]
    total = sum(powers)
    return [divide(p, total) for p in powers]


def silu(x: Scalar) -> Scalar:
    """x * sigmoid(x): the sigmoid linear unit, or swish.

    Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017.

    >>> silu(0.0)
    0.0
    """
    return multiply(x, sigmoid(x))


def gelu(x: Scalar) -> Scalar:
    """x times the normal distribution function at x: the Gaussian error linear unit, exact.

    Hendrycks and Gimpel, "Gaussian error linear units", 2016.

    >>> gelu(0.0)
    0.0
    """
    return multiply(multiply(0.5, x), erfc(multiply(-math.sqrt(0.5), x)))


def leaky_relu(x: Scalar, negative_slope: float = 0.01) -> Scalar:
    """x if it is positive, otherwise negative_slope * x; at 0 the derivative is negative_slope.

    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.

    >>> leaky_relu(-2.0)
    -0.02
    """
    positive = step(x)
    return multiply(x, where(positive, positive, negative_slope))


def elu(x: Scalar, alpha: float = 1.0) -> Scalar:
    """x if it is positive, otherwise alpha * (exp(x) - 1); at 0 the derivative is alpha.

    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential
    linear units", 2015.

    >>> elu(-inf)
    -1.0
    """
    positive = step(x)
    return where(positive, multiply(x, positive), multiply(alpha, expm1(x)))


def clip(x: Scalar, low: float, high: float) -> Scalar:
    """x limited to low <= x <= high; high where low > high, as in NumPy.

    The derivative by x is 1 strictly between the limits, otherwise 0, at the limits too.

    >>> clip(1.5, 0.0, 1.0)
    1.0
    """
    low = minimum(low, high)
    above = floor(exceeds(x, low))
    below = floor(exceeds(high, x))
    return where(below, where(above, multiply(x, multiply(above, below)), low), high)


def _some(values: Iterable[Scalar], name: str) -> tuple[Scalar, ...]:
    values = tuple(values)
    if not values:
        raise ValueError(f"{name}() takes at least one value, got none")
    return values


def _largest(values: tuple[Scalar, ...]) -> Scalar:
    """The largest value as a finite shift of exponents, which no gradient needs to follow."""
    return stop_gradient(minimum(maximum(reduce(maximum, values), -_LARGEST), _LARGEST))


_LARGEST = 1.7976931348623157e308
