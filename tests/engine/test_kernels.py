"""The C of the table: written from the operations, refused if one cannot be written, and right to the last bit."""

import struct

import pytest

from autograd import TABLE, Value, engine
from autograd.engine._native import kernels
from tests.operations.test_floats_h import points
from tests.rows import with_formulas


def spoilt(formula):
    """tanh with this partial."""
    return with_formulas(TABLE["tanh"], (formula,))


@pytest.mark.parametrize(
    ("formula", "lines", "result"),
    [
        ("1.0", [], "0x1.0000000000000p+0"),
        ("-0.5", [], "(-0x1.0000000000000p-1)"),
        ("y", [], "y"),
        ("-a/y", ["double t0 = -a;", "double t1 = t0 / y;"], "t1"),
        (
            "hypot(1.0, a)*hypot(1.0, a)",
            ["double t0 = vg_hypot(0x1.0000000000000p+0, a);", "double t1 = t0 * t0;"],
            "t1",
        ),
        ("where(a, y, 2.0)", ["double t0 = (a ? y : 0x1.0000000000000p+1);"], "t0"),
    ],
)
def test_a_partial_is_printed_operation_by_operation(formula, lines, result):
    assert kernels.lower(spoilt(formula), 0) == (lines, result)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("float(a)*y", "it gives another formula at another point"),
        ("y if a > 0 else 1.0", "it gives another formula at another point"),
        ("y if y > a else 1.0", "it gives another formula at another point"),
        ("besselj(a)", "NameError: name 'besselj' is not defined"),
        ("exp(a, y)", "TypeError: "),
    ],
)
def test_a_partial_that_cannot_be_written_is_refused_by_the_name_of_its_row(formula, reason):
    with pytest.raises(ValueError, match="the partial of tanh by its argument a, ") as refusal:
        kernels.header([spoilt(formula)])
    assert repr(formula) in str(refusal.value)
    assert reason in str(refusal.value)
    assert str(refusal.value).endswith("; make it of operations of the table alone")


def bits(x):
    return None if x is None else struct.pack("<d", x) if x == x else "nan"


@pytest.mark.skipif(engine.backend != "native", reason="the compiled engine does not run")
@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_compiled_slopes_are_those_of_the_row_bit_for_bit(row):
    for point in points(row):
        y, number = row(*map(Value, point)), row.function(*point)
        want = row.slopes(number, *point)
        if row.name == "where":
            want = tuple(slope or None for slope in want)
        assert bits(y.data) == bits(number), point
        assert list(map(bits, y._slopes)) == list(map(bits, want)), point


@pytest.mark.skipif(engine.backend != "native", reason="the compiled engine does not run")
def test_methods_belong_to_the_class_of_a_value_itself():
    # Python takes half as long again to call a method of a base class
    assert Value.tanh.__objclass__ is Value
    assert Value.__base__ is object
