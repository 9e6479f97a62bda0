"""Every special value: ours, those of PyTorch 2.13 and JAX in float64, and the rule by which ours is chosen.

The rules, in the order of preference where the two differ or are both wrong: "true derivative" (and
value) where it exists, "least norm" subgradient, "limit", "none exists" (nan); always "nan in, nan
out". "agreed": both give what we do. "PyTorch": at a kink or a pole ours is PyTorch's. "tie":
one half for each argument of maximum, as torch.maximum does where torch.clamp, measured here, does not.
"""

import csv
import math
from collections import Counter
from pathlib import Path

import pytest

import autograd as ag
from autograd import Value

FUNCTIONS = {
    "abs": abs,
    "acos": ag.arccos,
    "acosh": ag.arccosh,
    "asin": ag.arcsin,
    "asinh": ag.arcsinh,
    "atan": ag.arctan,
    "atan2": ag.arctan2,
    "atanh": ag.arctanh,
    "cbrt": ag.cbrt,
    "ceil": ag.ceil,
    "clip[0,1]": lambda x: ag.clip(x, 0, 1),
    "clip[1,0] (min>max)": lambda x: ag.clip(x, 1, 0),
    "cos": ag.cos,
    "cosh": ag.cosh,
    "digamma": ag.digamma,
    "div": lambda a, b: a / b,
    "elu": ag.elu,
    "erf": ag.erf,
    "erfc": ag.erfc,
    "exp": ag.exp,
    "exp(x)/(1+exp(x))": lambda x: ag.exp(x) / (1 + ag.exp(x)),
    "exp2": lambda x: 2**x,
    "expm1": ag.expm1,
    "floor": ag.floor,
    "gelu_erf": ag.gelu,
    "hardtanh": lambda x: ag.clip(x, -1, 1),
    "hypot": ag.hypot,
    "l1_loss(x,0)": lambda x: abs(x - 0),
    "leaky_relu": ag.leaky_relu,
    "lgamma": ag.lgamma,
    "log": ag.log,
    "log(1+exp(x))": lambda x: ag.log(1 + ag.exp(x)),
    "log10": ag.log10,
    "log1p": ag.log1p,
    "log2": ag.log2,
    "logsigmoid": lambda x: -ag.softplus(-x),
    "logsumexp": lambda *xs: ag.logsumexp(xs),
    "max": ag.maximum,
    "max(x,0)": lambda x: ag.maximum(x, 0),
    "min": ag.minimum,
    "mul": lambda a, b: a * b,
    "neg": lambda x: -x,
    "norm2": lambda *xs: ag.norm(xs),
    "pow": lambda a, b: a**b,
    "reciprocal": lambda x: 1 / x,
    "relu": ag.relu,
    "relu6": lambda x: ag.clip(x, 0, 6),
    "rsqrt": lambda x: 1 / ag.sqrt(x),
    "sigmoid": ag.sigmoid,
    "sign": ag.sign,
    "silu": ag.silu,
    "sin": ag.sin,
    "sinh": ag.sinh,
    "softmax[0]": lambda *xs: ag.softmax(xs)[0],
    "softplus": ag.softplus,
    "sqrt": ag.sqrt,
    "sqrt(x)**2": lambda x: ag.sqrt(x) ** 2,
    "sqrt(x)*sqrt(x)": lambda x: ag.sqrt(x) * ag.sqrt(x),
    "sqrt(x**2)": lambda x: ag.sqrt(x**2),
    "sub": lambda a, b: a - b,
    "tan": ag.tan,
    "tanh": ag.tanh,
    "trigamma": lambda x: ag.polygamma(1, x),
    "where(x<1,x,exp(x))": lambda x: ag.where(x < 1, x, ag.exp(x)),
    "where(x==0,1,sin(x)/x)": lambda x: ag.where(x == 0, 1, ag.sin(x) / x),
    "where(x>0,log(x),0)": lambda x: ag.where(x > 0, ag.log(x), 0),
    "where(x>0,sqrt(x),0)": lambda x: ag.where(x > 0, ag.sqrt(x), 0),
    "x/abs(x)": lambda x: x / abs(x),
    "0*sqrt(x)": lambda x: 0 * ag.sqrt(x),
    "(-2)**x": lambda x: (-2) ** x,
    "0**x": lambda x: 0**x,
    "1**x": lambda x: 1**x,
    "2**x": lambda x: 2**x,
    "x**-2": lambda x: x**-2,
    "x**-1": lambda x: x**-1,
    "x**-0.5": lambda x: x**-0.5,
    "x**0": lambda x: x**0,
    "x**0.5": lambda x: x**0.5,
    "x**1": lambda x: x**1,
    "x**1.5": lambda x: x**1.5,
    "x**2": lambda x: x**2,
    "x**2.5": lambda x: x**2.5,
    "x**3": lambda x: x**3,
}

with (Path(__file__).parent / "edges.csv").open(newline="", encoding="utf-8") as file:
    CASES = list(csv.DictReader(file))

CASES_OF = {name: [case for case in CASES if case["op"] == name] for name in FUNCTIONS}


def numbers(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def is_near(got: float, want: float, reflected: bool = False) -> bool:
    """Whether both are the same special value, or within 4 ulp (of the larger term, where lgamma is reflected)."""
    if not (math.isfinite(got) and math.isfinite(want)):
        return got == want or (math.isnan(got) and math.isnan(want))
    return abs(got - want) <= 4 * math.ulp(max(abs(want), 1.0) if reflected else want)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_values_and_gradients(name):
    for case in CASES_OF[name]:
        inputs = [Value(x) for x in numbers(case["args"])]
        y = FUNCTIONS[name](*inputs)
        y.backward()
        gradient = [x.grad for x in inputs]
        reflected = name in ("lgamma", "digamma", "trigamma") and inputs[0].data < 0
        assert is_near(y.data, float(case["value"]), reflected), case
        assert all(map(is_near, gradient, numbers(case["gradient"]), [reflected] * len(inputs))), (case, gradient)


def agrees(ours: list[float], case: dict[str, str], library: str) -> bool:
    theirs = [float(case[f"value_{library}"]), *numbers(case[f"gradient_{library}"])]
    return all(
        math.isclose(x, t, rel_tol=1e-14) or (math.isnan(x) and math.isnan(t))
        for x, t in zip(ours, theirs, strict=True)
    )


def test_the_rule_is_the_one_named():
    """What the numbers alone tell: who agrees with whom, and what nan means."""
    for case in CASES:
        ours = [float(case["value"]), *numbers(case["gradient"])]
        like_torch, like_jax = agrees(ours, case, "torch"), agrees(ours, case, "jax")
        holds = {
            "agreed": like_torch and like_jax,
            "PyTorch": like_torch,
            "tie": ours[1] == 0.5,
            "nan in, nan out": "nan" in case["args"] and any(map(math.isnan, ours)),
            "none exists": any(map(math.isnan, ours[1:])),
            **dict.fromkeys(("true derivative", "least norm", "limit"), not (like_torch and like_jax)),
        }
        assert holds[case["rule"]], case


def test_every_case_our_functions_cover_is_decided():
    assert Counter(case["op"] for case in CASES).keys() == FUNCTIONS.keys()
    assert len(CASES) == 354
