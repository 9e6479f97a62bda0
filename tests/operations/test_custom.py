"""Operations that users define: recorded in both engines, differentiated to every order, refused with a remedy."""

import math
import pickle

import numpy as np
import pytest

import autograd as ag
from autograd import TABLE, Value, compile, grad, gradients, operation
from autograd.operations import operation as operations
from autograd.testing import GradientError, check_gradients

sinc = operation(
    "sine_ratio",
    lambda a: math.sin(a) / a,
    "(cos(a) - y)/a",
    symbol="sinc",
    c="sin(a) / a",
    python="math.sin(a) / a",
)
slanted = operation(
    "slanted",
    lambda a, b: a * b + a * a,
    (lambda y, a, b: b + 2.0 * a, lambda y, a, b: a),  # noqa: ARG005  # one signature for all partials
    text="a*b + a*a.",
)
mix = operation("mix", lambda a, b, c: a * b + (1.0 - a) * c, ("b - c", "a", "1.0 - a"))


def test_it_takes_numbers_and_values():
    assert (sinc(2.0), slanted(2, 3.0), mix(0.5, 2.0, 4.0)) == (math.sin(2.0) / 2.0, 10.0, 3.0)
    x, y = Value(2.0), Value(3.0)
    z = slanted(x, y)
    assert (z.data, z.op, z.operands, z.partials) == (10.0, "slanted", (x, y), (7.0, 2.0))
    assert (slanted(x, 3.0).partials, slanted(2.0, y).partials) == ((7.0,), (2.0,))
    assert [slanted(x, constant).operands[1] for constant in (3.0, 5.0)] == [3.0, 5.0]
    z.backward()
    assert (x.grad, y.grad) == (7.0, 2.0)
    with pytest.raises(TypeError, match=r"slanted\(\) takes a real number or a Value, got str"):
        slanted(x, "3")


@pytest.mark.parametrize(("f", "point"), [(sinc, (2.0,)), (slanted, (2.0, 3.0)), (mix, (0.25, 2.0, 3.0))])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_it_is_differentiated_to_every_order(f, point, order):
    check_gradients(f, *point, order=order)


def test_a_formula_may_use_operations_of_the_user_and_itself():
    operation("double_exp", lambda a: math.exp(2.0 * a), "2.0*double_exp(a)")
    check_gradients(operation("third", lambda a: math.exp(2.0 * a) / 2.0, "double_exp(a)"), 0.5, order=3)


def test_the_tests_notice_a_wrong_partial():
    wrong = operation("wrong_sinc", lambda a: math.sin(a) / a, "cos(a)/a")
    with pytest.raises(GradientError):
        check_gradients(wrong, 2.0)


def test_no_gradient_flows_where_the_partial_is_none():
    rounded = operation("rounded", lambda a: round(a), None)
    x = Value(2.6)
    y = rounded(x)
    assert (y.data, y.inputs, gradients(y, [x])[0].data) == (3.0, (), 0.0)


def test_a_partial_that_reads_a_number_has_no_second_derivative():
    read = operation("read", math.sin, lambda y, a: math.cos(a))  # noqa: ARG005
    x = Value(0.5)
    read(x).backward()
    assert x.grad == math.cos(0.5)
    with pytest.raises(
        TypeError, match=r"a partial of read reads a number by float\(\), .* use functions of autograd in"
    ):
        gradients(read(x), [x])


def test_partials_that_round_otherwise_for_values_are_right():
    def slope(y, a):  # noqa: ARG001
        return math.nextafter(a * a, 9.0) if type(a) is float else a * a

    squared = operation("squared", lambda a: a * a * a / 3.0, slope)
    x = Value(1.5)
    assert gradients(squared(x), [x])[0].data == 2.25


def test_it_stays_out_of_the_table():
    assert not {"sine_ratio", "slanted", "mix"} & TABLE.keys()
    assert not hasattr(ag, "sine_ratio")
    assert operations.find("sine_ratio") is sinc


def test_it_has_the_facts_of_an_operation():
    assert repr(mix) == "<operation mix(a, b, c)>"
    assert (slanted.text, slanted.__doc__, sinc.text) == (
        "a*b + a*a.",
        "a*b + a*a.",
        "sine_ratio(a), defined by the user.",
    )
    assert operation("documented", documented, "1.0").text == "The number."
    assert slanted.latex.format(a="u", b="v") == r"\operatorname{slanted}(u, v)"
    assert sinc.formulas == ("(cos(a) - y)/a",)
    assert ">sinc<" in ag.draw(sinc(Value(1.0))).source


def documented(a):
    """The number.

    Nothing else.
    """
    return a


def test_it_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(sinc)) is sinc
    with pytest.raises(
        ValueError, match=r"no operation 'sine_other' in this process; define it first: autograd\.operation"
    ):
        pickle.loads(pickle.dumps(sinc).replace(b"sine_ratio", b"sine_other"))


def test_the_same_definition_gives_the_same_operation():
    def define(factor):
        return operation("scaled", lambda a: a * factor, (lambda y, a: factor,))  # noqa: ARG005

    first = define(2.0)
    assert define(2.0) is first
    with pytest.raises(ValueError, match="operation scaled is already defined differently; choose another name"):
        define(3.0)
    with pytest.raises(ValueError, match="operation scaled is already defined"):
        operation("scaled", lambda a: a * 2.0, ("2.0",))
    with pytest.raises(ValueError, match="operation scaled is already defined"):
        operation("scaled", lambda a, b: a * b, ("b", "a"))


def test_definitions_that_hold_arrays_and_functions_are_compared():
    def define(numbers, zero=0.0):
        def interpolated(a, numbers=numbers):
            return numbers[0] * a + sum(map(lambda x: x * zero, numbers))  # noqa: C417  # a function within

        return operation("interpolated", interpolated, lambda y, a: numbers[0])  # noqa: ARG005

    numbers = np.array([1.0, 2.0])
    first = define(numbers)
    assert define(numbers) is define(numbers.copy()) is first
    for others in ((np.array([1.0, 3.0]),), (np.array([1.0]),), ([1.0, 2.0],), (numbers, -0.0)):
        with pytest.raises(ValueError, match="operation interpolated is already defined differently"):
            define(*others)


def test_constants_of_another_type_or_sign_make_another_definition():
    operation("signed", lambda a: math.copysign(a, 0.0), "1.0")
    with pytest.raises(ValueError, match="operation signed is already defined differently"):
        operation("signed", lambda a: math.copysign(a, -0.0), "1.0")
    both = [operation("inner", lambda a: max(x * a for x in (1.0, 2.0)), "1.0"),
            operation("inner", lambda a: max(x * a for x in (1.0, 2.0)), "1.0")]  # fmt: skip  # in two lines
    assert both[0] is both[1]


def test_a_function_that_uses_a_name_without_a_value_yet_may_be_defined_again():
    def define():
        result = [operation("early", lambda a: later(a), "1.0") for _ in range(2)]
        later = abs
        return result

    first, second = define()
    assert first is second


@pytest.mark.parametrize("result", [None, "1", 1j, [1.0]])
def test_what_it_gives_must_be_a_number(result):
    kind = type(result).__name__
    gives = operation(f"gives_{kind}", lambda a: result, "1.0")  # noqa: ARG005
    with pytest.raises(
        TypeError, match=f"the function of gives_{kind} gave {kind}, which is not a number; return a float"
    ):
        gives(1.0)
    slope = operation(f"slope_{kind}", lambda a: a, lambda y, a: result)  # noqa: ARG005
    if result is None:
        kind = "NoneType"
    with pytest.raises(TypeError, match=f"the partial slope_.*_by_a of slope_.* gave {kind}, which is not a number"):
        slope(Value(1.0))


def test_an_exception_of_its_function_comes_through():
    inverse = operation("inverse", lambda a: 1.0 / a, "-y*y")
    with pytest.raises(ZeroDivisionError):
        inverse(Value(0.0))


def test_a_partial_may_use_a_value_from_elsewhere():
    w = Value(3.0)
    scaled = operation("scaled_by_w", lambda a: 3.0 * a, lambda y, a: w)  # noqa: ARG005
    x = Value(2.0)
    scaled(x).backward()
    assert (type(x.grad), x.grad, w.grad) == (float, 3.0, 0.0)


def test_within_no_grad_its_partial_is_not_called():
    def slope(y, a):  # noqa: ARG001
        raise AssertionError

    unsmooth = operation("unsmooth", lambda a: a, slope)
    with ag.no_grad():
        assert unsmooth(Value(2.0)).data == 2.0


WRONG = [
    (("tanh", math.tanh, "1.0"), ValueError, "needs a new name, and tanh is an operation of autograd; choose another"),
    (("dot", math.tanh, "1.0"), ValueError, "the name 'dot' has a meaning in formulas or in code; choose another"),
    (("x1", math.tanh, "1.0"), ValueError, "the name 'x1' has a meaning"),
    (("my tanh", math.tanh, "1.0"), ValueError, "is an identifier, got 'my tanh'; write 'my_operation'"),
    ((math.tanh, "1.0", "1.0"), ValueError, "is an identifier, got <built-in function tanh>"),
    (("mine", math.tanh, ()), ValueError, "takes one to three partials, got 0; give one for each argument"),
    (("mine", math.tanh, ("1.0",) * 4), ValueError, "takes one to three partials, got 4"),
    (
        ("mine", 3.0, "1.0"),
        TypeError,
        r"the function of mine is a function of floats, got float; write lambda a: \.\.\.",
    ),
    (("mine", lambda a: a, ("1.0", "1.0")), TypeError, r"the function of mine takes \(a, b\), got a function of other"),
    (("mine", math.tanh, 1.0), TypeError, "the partial of mine by a is a formula or a function, got float; write it"),
    (("mine", math.tanh, lambda a: a), TypeError, r"the partial of mine by a takes \(y, a\), got a function of other"),
    (("mine", math.tanh, "1.0 -"), ValueError, "the partial of mine by a is not a formula: '1.0 -'; write"),
    (("mine", math.tanh, "b"), ValueError, "the partial of mine by a uses b, which is neither an operation nor"),
    (("mine", math.tanh, "math.cos(a)"), ValueError, "the partial of mine by a uses math, which is neither"),
    *[
        (("mine", math.tanh, text), ValueError, "the partial of mine by a is not a formula: .*; write")
        for text in (
            "[a]",
            "a.real",
            "lambda: a",
            "'a'",
            "a % 2",
            "a # b",
            "exp",
            "exp(a, x=a)",
            "a and y",
            "1j",
        )
    ],
    (("mine", math.tanh, "hypot(a)"), ValueError, r"of mine by a calls hypot with 1 arguments; write hypot\(a, b\)"),
    (("abs", math.tanh, "1.0"), ValueError, "the name 'abs' has a meaning"),
    (("mine", math.tanh, "1.0", 3), TypeError, "the symbol of mine is text, got int; leave it out"),
    (("mine", math.tanh, "1.0", "", b"a"), TypeError, "the c of mine is text, got bytes"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), WRONG, ids=[f"{i}" for i in range(len(WRONG))])
def test_a_wrong_definition_is_refused_with_a_remedy(arguments, error, message):
    with pytest.raises(error, match=message):
        operation(*arguments[:3], **dict(zip(("symbol", "c"), arguments[3:])))
    assert "mine" not in operations.CUSTOM


def test_a_program_takes_the_branches_of_a_partial():
    sided = operation("sided", lambda a: a * abs(a), lambda y, a: 2.0 * a if a > 0.0 else -2.0 * a)  # noqa: ARG005
    program = compile(grad(sided))
    assert [grad(sided)(3.0), grad(sided)(-3.0)] == [program(3.0), program(-3.0)] == [6.0, 6.0]
