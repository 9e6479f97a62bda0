"""The warning that a function takes many paths."""

import os
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import compile, grad, where
from tests.compiler.branching import RNG, ROWS, SIGNS, Net, of_signs


@pytest.mark.parametrize("method", ["map", "backward", "call"])
def test_the_warning_names_the_line_that_branches_and_points_to_the_caller(method):
    def f(x):
        total = 0.0
        if x[0] > 1000.0:
            return total
        for a in x:
            total = total + (a if a > 0.0 else 2.0 * a)
        return total

    program = compile(f)
    rows = RNG.normal(size=(400, 8))
    runs = {
        "map": lambda: program.map(rows),
        "backward": lambda: program.backward(rows),
        "call": lambda: [program(row) for row in rows.tolist()],
    }
    with pytest.warns(UserWarning, match="more than 4 paths") as caught:
        runs[method]()
    assert len(caught) == 1
    line = f.__code__.co_firstlineno + 5
    assert f"{os.path.abspath(__file__)}:{line} `total = total + (a if a > 0.0" in str(caught[0].message)
    assert "write where(), maximum() or relu()" in str(caught[0].message)
    assert caught[0].filename == __file__


def test_each_program_warns_once():
    for _ in range(2):
        program = compile(Net())
        with pytest.warns(UserWarning, match="more than 4 paths"):
            program.map(ROWS)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            program.map(ROWS)
            program.backward(ROWS)
            program(ROWS[0].tolist())


def test_there_is_no_warning_for_a_few_rows_or_paths():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(of_signs(lambda x: x[0])).map(SIGNS)
        compile(lambda x: x if x > 0.0 else -x).map(np.linspace(-1.0, 1.0, 1000))


def test_a_warning_that_is_an_error_changes_nothing():
    net = Net()
    program = compile(net)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(UserWarning, match="more than 4 paths"):
                program.backward(ROWS)
    assert set(net.gradient()) == {0.0}


def test_the_conditions_of_where_are_paths_of_exact_derivatives_only():
    def f(x):
        return ag.sum(where(a, a**3, a * a) for a in x)

    program = compile(grad(grad(lambda t, x: f([t * a for a in x]))), exact=True)
    rows = RNG.normal(size=(200, 7))
    rows[rows > 1.0] = 0.0
    with pytest.warns(UserWarning, match="without exact=True, where.. makes no paths"):
        program.map(1.0, rows)
