"""The table of operations: everything that the project knows about each of them.

An entry holds every fact about one operation: its name and symbol, the float function and its
spelling in C, one partial derivative per argument, where it is smooth and how exact it is, and
its text for docs and LaTeX. Nothing else in the project knows a derivative.

A partial is a formula in the result `y` and the arguments `a`, `b`, `c`, built from operations: floats
in, float out; Values in, Value out. `None` means that no gradient flows to the argument, because the
derivative is zero wherever it exists. `**` in a formula is the operation `power`; `/` is `divide`, but its
own derivative goes by way of a logarithm: see `divide_by_exp`.
"""

from __future__ import annotations

from math import inf

from autograd._typing import TYPE_CHECKING
from autograd.operations import floats, normal, powers, quotients, tails
from autograd.operations import gamma as gammas
from autograd.operations.operation import POSITIVE, REAL, TABLE, UNIT, Binary, Ternary, Unary, VectorBinary

# fmt: off
# ruff: noqa: E501  # a table: one line per kind of fact

# =========================================================================== arithmetic

add        = Binary("add",      "+",   floats.add,      "a + b",     ("1.0", "1.0"), (REAL, REAL),
    "{a} + {b}", "Sum of two numbers.", symmetric=True, method=False)
subtract   = Binary("subtract", "-",   floats.subtract, "a - b",     ("1.0", "-1.0"), (REAL, REAL),
    "{a} - {b}", "Difference of two numbers.", method=False)
multiply   = Binary("multiply", "*",   floats.multiply, "a * b",     ("b", "a"), (REAL, REAL),
    r"{a} \cdot {b}", "Product of two numbers.", symmetric=True, method=False)
divide     = Binary("divide",   "/",   floats.divide,   "a / b",     ("1.0/b", "-y/b"), (REAL, REAL),
    r"\frac{{{a}}}{{{b}}}", "Quotient of two numbers; 1/0 is inf, 0/0 is nan.", kinks="b", method=False,
    handbook=("1/b", "-a/b**2"))
power      = Binary("power",    "**",  floats.power,    "vg_power(a, b)",
    ("power_slope(a, b)", "where(maximum(absolute(a), -b), y*log(a), 0.0)"), (POSITIVE, REAL),
    "{a}^{{{b}}}", "a to the power b; nan for a negative base and a fractional exponent. "
    "The derivative by a is 0 at b = 0; the derivative by b is 0 at a = 0, b >= 0, and nan for a < 0.",
    crossings={(0, 1): "power(a, b)/a"}, method=False, handbook=("b*a**(b - 1)", "y*log(a)"))
negative   = Unary("negative",  "neg", floats.negative, "-a",        ("-1.0",), (REAL,),
    "-{a}", "The number with the other sign.", method=False)
absolute   = Unary("absolute",  "abs", floats.absolute, "fabs(a)",   ("sign(a)",), (REAL,),
    r"\left|{a}\right|", "Magnitude; the derivative at 0 is 0.", kinks="a", method=False)

# =========================================================================== exp, log and roots

exp        = Unary("exp",    "exp",    floats.exp,    "exp(a)",      ("y",), (REAL,),
    "e^{{{a}}}", "Exponential function.")
expm1      = Unary("expm1",  "expm1",  floats.expm1,  "expm1(a)",    ("exp(a)",), (REAL,),
    "e^{{{a}}} - 1", "exp(a) - 1, exact also near 0.")
log        = Unary("log",    "log",    floats.log,    "log(a)",      ("1.0/a",), (POSITIVE,),
    r"\ln {a}", "Natural logarithm; -inf at 0, nan below.")
log1p      = Unary("log1p",  "log1p",  floats.log1p,  "log1p(a)",    ("1.0/(1.0 + a)",), ((-1.0, inf),),
    r"\ln(1 + {a})", "log(1 + a), exact also near 0; -inf at -1, nan below.")
log2       = Unary("log2",   "log2",   floats.log2,   "log2(a)",     ("1.0/LN2/a",), (POSITIVE,),
    r"\log_2 {a}", "Logarithm to base 2; -inf at 0, nan below.", handbook=("1/(a*log(2))",))
log10      = Unary("log10",  "log10",  floats.log10,  "log10(a)",    ("1.0/LN10/a",), (POSITIVE,),
    r"\log_{{10}} {a}", "Logarithm to base 10; -inf at 0, nan below.", handbook=("1/(a*log(10))",))
sqrt       = Unary("sqrt",   "sqrt",   floats.sqrt,   "sqrt(a)",     ("0.5/y",), (POSITIVE,),
    r"\sqrt{{{a}}}", "Square root; nan below 0; the derivative at 0 is inf.", handbook=("1/(2*y)",))
cbrt       = Unary("cbrt",   "cbrt",   floats.cbrt,   "vg_cbrt(a)",  ("1.0/(3.0*y*y)",), (REAL,),
    r"\sqrt[3]{{{a}}}", "Real cube root; the derivative at 0 is inf.", kinks="a", handbook=("1/(3*y**2)",))

# =========================================================================== trigonometric

sin        = Unary("sin",    "sin",    floats.sin,    "sin(a)",      ("cos(a)",), (REAL,),
    r"\sin {a}", "Sine of an angle in radians; nan at infinity.")
cos        = Unary("cos",    "cos",    floats.cos,    "cos(a)",      ("-sin(a)",), (REAL,),
    r"\cos {a}", "Cosine of an angle in radians; nan at infinity.")
tan        = Unary("tan",    "tan",    floats.tan,    "tan(a)",      ("1.0 + y*y",), (REAL,),
    r"\tan {a}", "Tangent of an angle in radians; nan at infinity.", kinks="cos(a)", handbook=("1 + y**2",))
semicircle = Unary("semicircle", "semicircle", floats.semicircle, "vg_semicircle(a)", ("-a/y",), (UNIT,),
    r"\sqrt{{1 - {a}^2}}", "sqrt(1 - a*a), exact also near -1 and 1.", method=False)
arcsin     = Unary("arcsin", "arcsin", floats.arcsin, "asin(a)",     ("1.0/semicircle(a)",), (UNIT,),
    r"\arcsin {a}", "Inverse sine; nan outside [-1, 1]; the derivative at -1 and 1 is inf.",
    handbook=("1/sqrt(1 - a**2)",))
arccos     = Unary("arccos", "arccos", floats.arccos, "acos(a)",     ("-1.0/semicircle(a)",), (UNIT,),
    r"\arccos {a}", "Inverse cosine; nan outside [-1, 1]; the derivative at -1 and 1 is -inf.",
    handbook=("-1/sqrt(1 - a**2)",))
arctan     = Unary("arctan", "arctan", floats.arctan, "atan(a)",     ("1.0/hypot(1.0, a)/hypot(1.0, a)",), (REAL,),
    r"\arctan {a}", "Inverse tangent, between -pi/2 and pi/2.", handbook=("1/(1 + a**2)",))

# =========================================================================== hyperbolic

sinh       = Unary("sinh",   "sinh",   floats.sinh,   "sinh(a)",     ("cosh(a)",), (REAL,),
    r"\sinh {a}", "Hyperbolic sine.")
cosh       = Unary("cosh",   "cosh",   floats.cosh,   "cosh(a)",     ("sinh(a)",), (REAL,),
    r"\cosh {a}", "Hyperbolic cosine.")
tanh       = Unary("tanh",   "tanh",   floats.tanh,   "tanh(a)",     ("sech_squared(a)",), (REAL,),
    r"\tanh {a}", "Hyperbolic tangent.", handbook=("1 - y**2",))
sech_squared = Unary("sech_squared", "sech_squared", floats.sech_squared, "vg_sech_squared(a)", ("-2.0*tanh(a)*y",), (REAL,),
    r"\operatorname{{sech}}^2 {a}", "1/cosh(a)**2, exact also in the tails.", crossings={(0, 0): "sech_squared(a)"}, method=False,
    handbook=("-2*y*tanh(a)",))
arcsinh    = Unary("arcsinh", "arcsinh", floats.arcsinh, "asinh(a)", ("1.0/hypot(1.0, a)",), (REAL,),
    r"\operatorname{{arsinh}} {a}", "Inverse hyperbolic sine.", handbook=("1/sqrt(1 + a**2)",))
arccosh    = Unary("arccosh", "arccosh", floats.arccosh, "acosh(a)", ("1.0/sqrt(a - 1.0)/sqrt(a + 1.0)",), ((1.0, inf),),
    r"\operatorname{{arcosh}} {a}", "Inverse hyperbolic cosine; nan below 1; the derivative at 1 is inf.",
    handbook=("1/sqrt(a**2 - 1)",))
arctanh    = Unary("arctanh", "arctanh", floats.arctanh, "atanh(a)", ("1.0/(semicircle(a)*semicircle(a))",), (UNIT,),
    r"\operatorname{{artanh}} {a}", "Inverse hyperbolic tangent; infinite at -1 and 1, nan beyond.",
    handbook=("1/(1 - a**2)",))

# =========================================================================== error and gamma functions

erf        = Unary("erf",    "erf",    floats.erf,    "erf(a)",      ("TWO_BY_ROOT_PI*gaussian(a)",), (REAL,),
    r"\operatorname{{erf}} {a}", "Error function.", handbook=("2*exp(-a**2)/sqrt(pi)",))
erfc       = Unary("erfc",   "erfc",   floats.erfc,   "erfc(a)",     ("-TWO_BY_ROOT_PI*gaussian(a)",), (REAL,),
    r"\operatorname{{erfc}} {a}", "1 - erf(a), exact also in the upper tail.",
    handbook=("-2*exp(-a**2)/sqrt(pi)",))
gaussian   = Unary("gaussian", "gaussian", floats.gaussian, "vg_gaussian(a)", ("where(y, -2.0*a*y, 0.0)",), (REAL,),
    "e^{{-{a}^2}}", "exp(-a*a), exact also in the tails.", crossings={(0, 0): "gaussian(a)"}, method=False,
    handbook=("-2*a*y",))
gamma      = Unary("gamma",  "gamma",  gammas.gamma,  "vg_gamma(a)", ("y*digamma(a)",), (POSITIVE,),
    r"\Gamma({a})", "Gamma function, (a - 1)! for whole a; infinite at 0, nan at the negative integers.",
    ulps=(4.0, 8.0, 16.0))  # its derivative is a product with digamma
lgamma     = Unary("lgamma", "lgamma", gammas.lgamma,  "vg_lgamma(a)", ("digamma(a)",), (POSITIVE,),
    r"\ln\left|\Gamma({a})\right|", "Logarithm of |gamma(a)|; inf at 0 and at the negative integers. "
    "For negative a, exact to a few ulp of the larger term of the reflection formula.")
digamma    = Unary("digamma", "digamma", gammas.digamma, "vg_digamma(a)", ("polygamma(1.0, a)",), (POSITIVE,),
    r"\psi({a})", "Derivative of lgamma; -inf at 0, inf at -0.0, nan at the negative integers. "
    "For negative a, exact to a few ulp of the larger term of the reflection formula.")
polygamma  = Binary("polygamma", "polygamma", gammas.polygamma, "vg_polygamma(a, b)", (None, "polygamma(a + 1.0, b)"),
    ((0.0, 6.0), POSITIVE), r"\psi^{{({a})}}({b})", "a-th derivative of digamma at b, for whole a from 1 to 100; nan for any other a. "
    "At the poles 0, -1, -2, ... it is inf for odd a, and equal to digamma for even a.",
    ulps=(8.0, 8.0, 16.0), method=False)  # a sum of powers, each right to 1 ulp

# =========================================================================== learning

sigmoid    = Unary("sigmoid", "sigmoid", floats.sigmoid, "vg_sigmoid(a)", ("0.25*sech_squared(0.5*a)",), (REAL,),
    r"\sigma({a})", "Logistic function, 1/(1 + exp(-a)).", handbook=("y*(1 - y)",))
softplus   = Unary("softplus", "softplus", floats.softplus, "vg_softplus(a)", ("sigmoid(a)",), (REAL,),
    r"\ln(1 + e^{{{a}}})", "log(1 + exp(a)), without overflow.")
relu       = Unary("relu",    "ReLU",    floats.relu,   "vg_relu(a)", ("step(y)",), (REAL,),
    r"\max(0, {a})", "Rectified linear unit; the derivative at 0 is 0.", kinks="a", handbook=("a > 0",))

# =========================================================================== steps and choices

step       = Unary("step",   "step",   floats.step,   "vg_step(a)",  (None,), (REAL,),
    "[{a} > 0]", "1 for positive numbers, otherwise 0; no gradient flows.", kinks="a")
sign       = Unary("sign",   "sign",   floats.sign,   "vg_sign(a)",  (None,), (REAL,),
    r"\operatorname{{sgn}} {a}", "-1, 0 or 1; no gradient flows.", kinks="a")
floor      = Unary("floor",  "floor",  floats.floor,  "floor(a)",    (None,), (REAL,),
    r"\lfloor {a} \rfloor", "Largest whole number not above a; no gradient flows.", kinks="a - floor(a)")
ceil       = Unary("ceil",   "ceil",   floats.ceil,   "ceil(a)",     (None,), (REAL,),
    r"\lceil {a} \rceil", "Smallest whole number not below a; no gradient flows.", kinks="a - floor(a)")
trunc      = Unary("trunc",  "trunc",  floats.trunc,  "trunc(a)",    (None,), (REAL,),
    r"\operatorname{{trunc}} {a}", "The whole number next to a on the side of 0; no gradient flows.", kinks="a - trunc(a)")
rint       = Unary("rint",   "rint",   floats.rint,   "rint(a)",     (None,), (REAL,),
    r"\lfloor {a} \rceil", "The nearest whole number, the even one of two; no gradient flows.", kinks="absolute(a - rint(a)) - 0.5")
round_digits = Binary("round_digits", "round", floats.round_digits, "vg_round_digits(a, b)", (None, None), (REAL, (0.0, 16.0)),
    r"\lfloor {a} \rceil_{{{b}}}", "Python's round(a, b): a rounded to b digits after the point; no gradient flows.", method=False)
remainder  = Binary("remainder", "%",  floats.remainder, "vg_remainder(a, b)", ("1.0", "-floor_divide(a, b)"), (REAL, REAL),
    r"{a} \;\mathrm{{mod}}\; {b}", "Python's a % b, with the sign of b; nan for b = 0. The derivative by b is -(a // b).",
    kinks="ieee_remainder(a, b)/(1.0 + absolute(a/b))", method=False, handbook=("1", "-floor(a/b)"))
floor_divide = Binary("floor_divide", "//", floats.floor_divide, "vg_floor_divide(a, b)", (None, None), (REAL, REAL),
    r"\left\lfloor\frac{{{a}}}{{{b}}}\right\rfloor", "Python's a // b; for b = 0 it is a / b. No gradient flows.",
    kinks="ieee_remainder(a, b)/(1.0 + absolute(a/b))", method=False)
fmod       = Binary("fmod",  "fmod",   floats.fmod,   "fmod(a, b)",  ("1.0", "rint((y - a)/b)"), (REAL, REAL),
    r"\operatorname{{fmod}}({a}, {b})", "Remainder of a/b with the sign of a; nan for b = 0. The derivative by b is -trunc(a/b).",
    kinks="ieee_remainder(a, b)/(1.0 + absolute(a/b))", handbook=("1", "-trunc(a/b)"))
ieee_remainder = Binary("ieee_remainder", "remainder", floats.ieee_remainder, "remainder(a, b)", ("1.0", "rint((y - a)/b)"), (REAL, REAL),
    r"\operatorname{{remainder}}({a}, {b})", "a minus the nearest multiple of b; nan for b = 0. The derivative by b is -rint(a/b).",
    kinks="(0.5*absolute(b) - absolute(ieee_remainder(a, b)))/(1.0 + absolute(a/b))", method=False,
    handbook=("1", "-rint(a/b)"))
copysign   = Binary("copysign", "copysign", floats.with_sign, "vg_with_sign(a, b)", ("sign(a)*copysign(1.0, b)", None), (REAL, REAL),
    r"\left|{a}\right| \operatorname{{sgn}} {b}", "Magnitude of a with the sign of b, also of -0.0; nan if b is nan. The derivative at a = 0 is 0.", kinks="a*b",
    handbook=("sign(a)*sign(b)", None))
exceeds    = Binary("exceeds", ">",    floats.exceeds, "vg_exceeds(a, b)", (None, None), (REAL, REAL),
    "[{a} > {b}]", "1 where a > b, 0 where a < b, one half on a tie; no gradient flows.", kinks="a - b", method=False)
maximum    = Binary("maximum", "max",  floats.maximum, "vg_maximum(a, b)", ("exceeds(a, b)", "exceeds(b, a)"), (REAL, REAL),
    r"\max({a}, {b})", "The larger number; a tie gives each argument half the gradient.", kinks="a - b", symmetric=True,
    handbook=("a > b", "b > a"))
minimum    = Binary("minimum", "min",  floats.minimum, "vg_minimum(a, b)", ("exceeds(b, a)", "exceeds(a, b)"), (REAL, REAL),
    r"\min({a}, {b})", "The smaller number; a tie gives each argument half the gradient.", kinks="a - b", symmetric=True,
    handbook=("a < b", "b < a"))
stop_gradient = Unary("stop_gradient", "stop", floats.identity, "a", (None,), (REAL,),
    "{a}", "The number itself; no gradient flows through it.", method=False)
where      = Ternary("where",   "where", floats.where,  "(a ? b : c)", (None, "where(a, 1.0, 0.0)", "where(a, 0.0, 1.0)"), (REAL, REAL, REAL),
    r"{b} \;\mathrm{{if}}\; {a} \neq 0 \;\mathrm{{else}}\; {c}", "b where a is not 0, otherwise c; only the chosen one gets a gradient.", kinks="a", method=False,
    handbook=(None, "a != 0", "a == 0"))

# =========================================================================== the plane

hypot      = Binary("hypot",   "hypot", floats.hypot,  "vg_hypot(a, b)", ("direction(a, b)", "direction(b, a)"), (REAL, REAL),
    r"\sqrt{{{a}^2 + {b}^2}}", "Length of (a, b); the gradient at the origin is 0.", kinks="hypot(a, b)", symmetric=True,
    handbook=("a/y", "b/y"))
direction  = Binary("direction", "direction", floats.direction, "vg_direction(a, b)",
    ("direction(b, a)*(direction(b, a)/hypot(a, b))", "-direction(a, b)*(direction(b, a)/hypot(a, b))"), (REAL, REAL),
    r"\frac{{{a}}}{{\sqrt{{{a}^2 + {b}^2}}}}", "a/hypot(a, b), the cosine of the angle of (a, b); 0 at the origin.", kinks="hypot(a, b)",
    ulps=(4.0, 8.0, 16.0),  # its derivative is the second derivative of hypot
    crossings={(0, 1): "1.0/hypot(a, b)/hypot(a, b)", (1, 1): "1.0/hypot(a, b)/hypot(a, b)"}, method=False,
    handbook=("b**2/hypot(a, b)**3", "-a*b/hypot(a, b)**3"))
arctan2    = Binary("arctan2", "arctan2", floats.arctan2, "atan2(a, b)", ("direction(b, a)/hypot(a, b)", "-direction(a, b)/hypot(a, b)"), (REAL, REAL),
    r"\operatorname{{atan2}}({a}, {b})", "Angle of the point (b, a), between -pi and pi; the gradient at the origin is nan.", kinks="hypot(a, b) + b",
    crossings={(0, 1): "1.0/hypot(a, b)/hypot(a, b)"}, handbook=("b/(a**2 + b**2)", "-a/(a**2 + b**2)"))

maximum_magnitude = Binary("maximum_magnitude", "max||", floats.maximum_magnitude, "vg_maximum_magnitude(a, b)",
    ("1.0 - step(absolute(b) - absolute(a))", "step(absolute(b) - absolute(a))"), (REAL, REAL),
    r"\operatorname{{maxmag}}({a}, {b})", "The number of larger magnitude; a tie gives a, and all of the gradient to a.",
    kinks="absolute(a) - absolute(b)", symmetric=True, method=False,
    handbook=("absolute(a) >= absolute(b)", "absolute(b) > absolute(a)"))
minimum_magnitude = Binary("minimum_magnitude", "min||", floats.minimum_magnitude, "vg_minimum_magnitude(a, b)",
    ("step(absolute(b) - absolute(a))", "1.0 - step(absolute(b) - absolute(a))"), (REAL, REAL),
    r"\operatorname{{minmag}}({a}, {b})", "The number of smaller magnitude; a tie gives b, and all of the gradient to b.",
    kinks="absolute(a) - absolute(b)", symmetric=True, method=False,
    handbook=("absolute(a) < absolute(b)", "absolute(a) >= absolute(b)"))

# =========================================================================== the derivatives of power

power_slope = Binary("power_slope", "power_slope", powers.power_slope, "vg_power_slope(a, b)",
    ("power_derivative(a, b, 2.0)", "shifted_power(a, b, 1.0) + where(maximum(absolute(a), 1.0 - b), y*log(a), 0.0)"),
    (POSITIVE, REAL), r"{b} {a}^{{{b} - 1}}", "b * a**(b - 1), without overflow or underflow on the way; 0 at b = 0.",
    ulps=(4.0, 8.0, 16.0),  # its derivative is the second derivative of power
    crossings={(1,): "shifted_power(a, b, 1.0)", (0, 1): "(absolute(b) + 1.0)*shifted_power(a, b, 2.0)",
               (1, 1): "shifted_power(a, b, 1.0)*log(a)"}, method=False,
    handbook=("b*(b - 1)*a**(b - 2)", "a**(b - 1)*(1 + b*log(a))"))
power_derivative = Ternary("power_derivative", "power_derivative", powers.power_derivative, "vg_power_derivative(a, b, c)",
    ("power_derivative(a, b, c + 1.0)", "falling_factorial(b, c, 1.0)*shifted_power(a, b, c) + where(maximum(absolute(a), c - b), y*log(a), 0.0)", None),
    (POSITIVE, REAL, (0.0, 4.0)), r"\frac{{d^{{{c}}}}}{{d {a}^{{{c}}}}} {a}^{{{b}}}",
    "Derivative of order c of a**b by a, for whole c from 0 to 100; 0 beyond the degree, where b is whole and less than c.",
    ulps=(8.0, 8.0, 16.0),  # c factors, each rounded
    crossings={(1,): "power(absolute(b) + c + 1.0, c)*shifted_power(a, b, c)",
               (0, 1): "power(absolute(b) + c + 2.0, c + 1.0)*shifted_power(a, b, c + 1.0)",
               (1, 1): "power(absolute(b) + c + 1.0, c)*shifted_power(a, b, c)*(1.0 + absolute(log(a)))"}, method=False)
times      = Binary("times",   "*",    floats.times,   "vg_times(a, b)", ("b", "a"), (REAL, REAL),
    r"{a} \cdot {b}", "a * b, but 0 wherever a is 0, even if b is infinite or nan.", method=False)
shifted_power = Ternary("shifted_power", "**", powers.shifted_power, "vg_shifted_power(a, b, c)",
    ("times(b - c, shifted_power(a, b, c + 1.0))", "where(maximum(absolute(a), c - b), y*log(a), 0.0)", None), (POSITIVE, REAL, (0.0, 4.0)),
    "{a}^{{{b} - {c}}}", "a to the power b - c, exact even where b - c is rounded.",
    crossings={(0, 1): "shifted_power(a, b, c)/a"}, method=False,
    handbook=("(b - c)*a**(b - c - 1)", "y*log(a)", None))
falling_factorial = Ternary("falling_factorial", "falling_factorial", powers.falling_factorial, "vg_falling_factorial(a, b, c)",
    ("falling_factorial(a, b, c + 1.0)", None, None), (REAL, (0.0, 4.0), (-1.0, 4.0)), r"\frac{{d^{{{c}}}}}{{d {a}^{{{c}}}}} {a}^{{\underline{{{b}}}}}",
    "Derivative of order c of a * (a - 1) * ... * (a - b + 1), for whole b and c from 0 to 100.",
    crossings={(0,): "power(b, c + 1.0)*power(absolute(a) + b + 1.0, b - c - 1.0)",
               (0, 0): "power(b, c + 2.0)*power(absolute(a) + b + 1.0, b - c - 2.0)"}, method=False)

# =========================================================================== by way of logarithms

# d(1/b) = -1/b * 1/b * db: the product may be 0 or infinite where the result is not. With a = log|b| it is
# d(1/b) = -1/b * da, da = 1/b * db: each factor is the partial of an operation, and the chain rule multiplies from one end.

log_magnitude = Unary("log_magnitude", "log||", floats.log_magnitude, "log(fabs(a))", ("divide_by_exp(y, 1.0, a)",), (REAL,),
    r"\ln \left|{a}\right|", "Logarithm of the magnitude; -inf at 0.", kinks="a", method=False,
    handbook=("1/a",))
divide_by_exp = Ternary("divide_by_exp", "/", floats.divide_by_exp, "vg_divide_by_exp(a, b, c)",
    ("-y", "divide_by_exp(a, 1.0, c)", None), (REAL, REAL, REAL), r"\operatorname{{sgn}}({c}) {b} e^{{-{a}}}",
    "b*exp(-a) with the sign of c too; exactly b/c where a is log_magnitude(c).", kinks="c", method=False,
    handbook=("-y", "y/b", None))

# =========================================================================== units

exp2       = Unary("exp2",   "exp2",   floats.exp2,   "vg_power(2.0, a)", ("LN2*y",), (REAL,),
    "2^{{{a}}}", "2 to the power a.", handbook=("y*log(2)",))
radians    = Unary("radians", "radians", floats.radians, "a * (VG_PI / 180.0)", ("DEGREE",), (REAL,),
    r"\frac{{\pi}}{{180}} {a}", "An angle in degrees, converted to radians.", handbook=("pi/180",))
degrees    = Unary("degrees", "degrees", floats.degrees, "a * (180.0 / VG_PI)", ("1.0/DEGREE",), (REAL,),
    r"\frac{{180}}{{\pi}} {a}", "An angle in radians, converted to degrees.", handbook=("180/pi",))

# =========================================================================== tails

logaddexp  = Binary("logaddexp", "logaddexp", tails.logaddexp, "vg_logaddexp(a, b)", ("share(a, b)", "share(b, a)"), (REAL, REAL),
    r"\ln(e^{{{a}}} + e^{{{b}}})", "log(exp(a) + exp(b)), without overflow.", symmetric=True,
    crossings={(): "maximum(absolute(a), absolute(b))"}, handbook=("exp(a - y)", "exp(b - y)"))
share      = Binary("share", "share", tails.share, "vg_share(a, b)", ("y*share(b, a)", "-y*share(b, a)"), (REAL, REAL),
    r"\frac{{e^{{{a}}}}}{{e^{{{a}}} + e^{{{b}}}}}", "exp(a)/(exp(a) + exp(b)), exact also in the tails.",
    crossings=dict.fromkeys([(0, 0), (0, 1), (1, 1)], "share(a, b)*share(b, a)"), method=False,
    handbook=("y*(1 - y)", "-y*(1 - y)"))
exp_difference = Binary("exp_difference", "exp", tails.exp_difference, "vg_exp_difference(a, b)", ("y", "-y"), (REAL, REAL),
    "e^{{{a} - {b}}}", "exp(a - b), exact even where a - b is rounded.", method=False)
fraction   = Binary("fraction", "fraction", tails.fraction, "a / (a + b)", ("fraction(b, a)/(a + b)", "-y/(a + b)"), (POSITIVE, POSITIVE),
    r"\frac{{{a}}}{{{a} + {b}}}", "a/(a + b), whose derivatives keep their digits where b is small.",
    crossings={(0, 1): "1.0/(a + b)/(a + b)"}, method=False, handbook=("b/(a + b)**2", "-a/(a + b)**2"))
log_fraction = Ternary("log_fraction", "log_fraction", tails.log_fraction, "vg_log_fraction(a, b, c)",
    ("fraction(c, exp_difference(a, b))", "-fraction(c, exp_difference(a, b))", "-1.0/(exp_difference(a, b) + c)"), (REAL, REAL, POSITIVE),
    r"\ln\frac{{e^{{{a} - {b}}}}}{{e^{{{a} - {b}}} + {c}}}", "log(e/(e + c)) for e = exp(a - b), without overflow; 0 at c = 0.", method=False,
    handbook=("c/(exp(a - b) + c)", "-c/(exp(a - b) + c)", "-1/(exp(a - b) + c)"))
add_fraction = Binary("add_fraction", "add_fraction", tails.add_fraction, "vg_add_fraction(a, b)", ("1.0", "1.0"), (POSITIVE, (0.0, 1.0)),
    r"{a} + ({b} - \lfloor {b} \rfloor)", "a plus the part of b behind the point.", kinks="b - floor(b)", method=False)
log_sigmoid = Unary("log_sigmoid", "log_sigmoid", tails.log_sigmoid, "-vg_softplus(-a)", ("sigmoid(-a)",), (REAL,),
    r"\ln\sigma({a})", "log(sigmoid(a)), exact also in the tails.")
xlogy      = Binary("xlogy", "xlogy", tails.xlogy, "vg_xlogy(a, b)", ("log(b)", "times(a, 1.0/b)"), (REAL, POSITIVE),
    r"{a} \ln {b}", "a * log(b), but 0 at a = 0, also for b = 0; the derivative by a is log(b), -inf at b = 0.", method=False,
    handbook=("log(b)", "a/b"))
xlog1py    = Binary("xlog1py", "xlog1py", tails.xlog1py, "vg_xlog1py(a, b)", ("log1p(b)", "times(a, 1.0/(1.0 + b))"), (REAL, (-1.0, inf)),
    r"{a} \ln(1 + {b})", "a * log(1 + b), but 0 at a = 0, also for b = -1.", method=False,
    handbook=("log(1 + b)", "a/(1 + b)"))
entr       = Unary("entr", "entr", tails.entr, "vg_entr(a)", ("-1.0 - log(a)",), (POSITIVE,),
    r"-{a} \ln {a}", "-a * log(a), a term of an entropy; 0 at 0, with the derivative inf; -inf below.", crossings={(0,): "1.0"})

# =========================================================================== quotients that are 0/0 at 0

sinc       = Unary("sinc",   "sinc",   quotients.sinc,   "vg_sinc(a)", ("sinc_derivative(1.0, a)",), (REAL,),
    r"\frac{{\sin \pi {a}}}{{\pi {a}}}", "sin(pi*a)/(pi*a), as in NumPy; 1 at 0.",
    crossings={(0,): "3.2/(2.0 + 3.2*absolute(a))", (0, 0): "10.0/(3.0 + 3.2*absolute(a))"},
    handbook=("(cos(pi*a) - y)/a",))
sinc_derivative = Binary("sinc_derivative", "sinc_derivative", quotients.sinc_derivative, "vg_sinc_derivative(a, b)",
    (None, "sinc_derivative(a + 1.0, b)"), ((0.0, 6.0), REAL), r"\operatorname{{sinc}}^{{({a})}}({b})",
    "a-th derivative of sinc at b, for whole a from 1 to 100; nan for any other a.", ulps=(8.0, 8.0, 16.0),
    crossings={() : "power(3.2, a)/(a + 1.0 + 3.2*absolute(b))", (1,): "power(3.2, a + 1.0)/(a + 2.0 + 3.2*absolute(b))",
               (1, 1): "power(3.2, a + 2.0)/(a + 3.0 + 3.2*absolute(b))"}, method=False)
exprel     = Unary("exprel", "exprel", quotients.exprel, "vg_exprel(a)", ("exprel_derivative(1.0, a)",), (REAL,),
    r"\frac{{e^{{{a}}} - 1}}{{{a}}}", "(exp(a) - 1)/a, as in SciPy; 1 at 0.", handbook=("(exp(a) - y)/a",))
exprel_derivative = Binary("exprel_derivative", "exprel_derivative", quotients.exprel_derivative, "vg_exprel_derivative(a, b)",
    (None, "exprel_derivative(a + 1.0, b)"), ((0.0, 6.0), REAL), r"\operatorname{{exprel}}^{{({a})}}({b})",
    "a-th derivative of exprel at b, for whole a from 1 to 100; nan for any other a.", ulps=(8.0, 8.0, 16.0), method=False)
log1prel   = Unary("log1prel", "log1prel", quotients.log1prel, "vg_log1prel(a)", ("log1prel_derivative(1.0, a)",), ((-1.0, inf),),
    r"\frac{{\ln(1 + {a})}}{{{a}}}", "log(1 + a)/a; 1 at 0, inf at -1, nan below.",
    handbook=("(1/(1 + a) - y)/a",))
log1prel_derivative = Binary("log1prel_derivative", "log1prel_derivative", quotients.log1prel_derivative, "vg_log1prel_derivative(a, b)",
    (None, "log1prel_derivative(a + 1.0, b)"), ((0.0, 6.0), (-1.0, inf)), r"\operatorname{{log1prel}}^{{({a})}}({b})",
    "a-th derivative of log1prel at b, for whole a from 1 to 100; nan for any other a.", ulps=(8.0, 8.0, 16.0), method=False)

# =========================================================================== normal distribution

normal_pdf = Unary("normal_pdf", "normal_pdf", normal.normal_pdf, "vg_normal_pdf(a)", ("where(y, -a*y, 0.0)",), (REAL,),
    r"\frac{{e^{{-{a}^2/2}}}}{{\sqrt{{2 \pi}}}}", "Density of the standard normal distribution, exact also in the tails.",
    crossings={(0, 0): "normal_pdf(a)"}, handbook=("-a*y",))
normal_cdf = Unary("normal_cdf", "normal_cdf", normal.normal_cdf, "vg_normal_cdf(a)", ("normal_pdf(a)",), (REAL,),
    r"\Phi({a})", "Distribution function of the standard normal distribution, SciPy's ndtr, exact also in the lower tail.")
log_normal_cdf = Unary("log_normal_cdf", "log_normal_cdf", normal.log_normal_cdf, "vg_log_normal_cdf(a)", ("log_normal_cdf_derivative(1.0, a)",), (REAL,),
    r"\ln \Phi({a})", "log(normal_cdf(a)), SciPy's log_ndtr, exact also where normal_cdf is 0 or 1.",
    handbook=("normal_pdf(a)/normal_cdf(a)",))
log_normal_cdf_derivative = Binary("log_normal_cdf_derivative", "log_normal_cdf_derivative", normal.log_normal_cdf_derivative,
    "vg_log_normal_cdf_derivative(a, b)", (None, "log_normal_cdf_derivative(a + 1.0, b)"), ((0.0, 6.0), REAL),
    r"(\ln \Phi)^{{({a})}}({b})", "a-th derivative of log_normal_cdf at b, for whole a from 1 to 100; nan for any other a.",
    crossings={places: f"where(step(b + 1.0), log_normal_cdf_derivative(1.0, b)*power(absolute(b) + 1.0, a + {power}), 0.0)"
               for places, power in {(): -1.0, (1,): 0.0, (1, 1): 1.0}.items()}, ulps=(8.0, 8.0, 16.0), method=False)
erfcx      = Unary("erfcx",  "erfcx",  normal.erfcx,  "vg_erfcx(a)", ("erfcx_derivative(1.0, a)",), (REAL,),
    r"e^{{{a}^2}} \operatorname{{erfc}} {a}", "exp(a*a) * erfc(a), the scaled complementary error function.",
    handbook=("2*a*y - 2/sqrt(pi)",))
erfcx_derivative = Binary("erfcx_derivative", "erfcx_derivative", normal.erfcx_derivative, "vg_erfcx_derivative(a, b)",
    (None, "erfcx_derivative(a + 1.0, b)"), ((0.0, 6.0), REAL), r"\operatorname{{erfcx}}^{{({a})}}({b})",
    "a-th derivative of erfcx at b, for whole a from 1 to 100; nan for any other a.", ulps=(8.0, 8.0, 16.0), method=False)

# =========================================================================== vectors: not registered in TABLE

dot        = VectorBinary("dot", "dot", floats.dot,    "", ("b", "a"), (REAL, REAL),
    r"{a} \cdot {b}", "Sum of the products of two sequences of the same length, added from left to right; 0.0 for empty ones.", method=False)
# fmt: on

if not TYPE_CHECKING:  # a type checker exports every name that is defined above
    __all__ = [*TABLE, "dot"]
