"""Derivatives of where() within a trace, where both branches are recorded: the one that is not taken adds nothing."""

import math

import pytest

import autograd as ag
from autograd import compile, grad
from tests.derivatives.test_transforms import same

NEGATIVE_ZERO = ag.Value(-0.0)


def nested(t):
    """The inner branch is chosen where the outer one is not taken, and there its slope is infinite."""
    return ag.where(ag.step(t), ag.where(ag.step(t + 2.0), ag.sqrt(t), 2.0), 0.0)


def late(t):
    """The branch is differentiated first, and what every call uses after it."""
    return t * NEGATIVE_ZERO + ag.where(ag.step(t), t, 1.0)


def twice(t):
    """Two branches use the same number, which has an infinite slope at 0, and one of them is taken."""
    root = ag.sqrt(t)
    return ag.where(ag.step(t - 1.0), root, 3.0) + ag.where(ag.step(t - 2.0), root * root, 0.5)


def both(t):
    """Both branches use the same number."""
    root = ag.sqrt(ag.absolute(t))
    return ag.where(ag.step(t), 3.0 * root, -root)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    ("f", "slopes"),
    [
        (nested, {0.0: 0.0, -1.0: 0.0, 4.0: 0.25}),
        (late, {-1.0: -0.0, 3.0: 1.0}),
        (twice, {0.0: 0.0, 1.44: 0.5 / 1.2, 4.0: 1.25}),
        (both, {4.0: 0.75, -4.0: 0.25}),
    ],
)
def test_a_branch_that_is_not_taken_adds_nothing_to_a_gradient(f, slopes, exact):
    program = compile(grad(f), exact=exact)
    for at, slope in slopes.items():
        assert grad(f)(at) == pytest.approx(slope, rel=1e-15)
        assert same(program(at), grad(f)(at)), at
        if exact:
            assert math.copysign(1.0, program(at)) == math.copysign(1.0, slope)
