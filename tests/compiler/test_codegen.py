"""Programs printed as Python and as C: each runs on its own, and gives the bits of the program."""

import ctypes
import math
import shutil
import subprocess
import sys

import pytest

import autograd as ag
from autograd import TABLE, Value, compile, grad
from tests.derivatives.test_transforms import same

CC = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def every_row(x, y, z):
    """A result of each operation of the table."""
    arguments = {1: (x,), 2: (x, y), 3: (x, y, z)}
    return [row(*arguments[len(row.formulas)]) for row in TABLE.values()]


def branching(x):
    return [x * 2.0 if x > 0.0 else -x, grad(lambda t: t * t * x)(x)]


w, v = Value(0.75, label="w"), Value(-2.0)
PROGRAMS = {
    "every_row": (every_row, [(0.3, 0.7, -1.2), (2.0, 3.0, 0.0), (-0.5, -0.0, math.inf), (math.nan, 1.0, 2.0)]),
    "branching": (branching, [(1.5,), (-1.5,)]),
    "parameters": (lambda x: ag.tanh(w * x + v) + w * v, [(0.5,), (3.0,)]),
    "constant": (lambda x: [x, math.inf, -math.inf, math.nan, -0.0], [(1.0,)]),
    "long_sum": (lambda x: ag.dot([x] * 5000, [x * 0.5] * 5000), [(1.5,)]),
}


def traced(name):
    f, points = PROGRAMS[name]
    program = compile(f, exact=True)
    wanted = [program(*point) for point in points]
    return program, [(point, y if isinstance(y, list) else [y]) for point, y in zip(points, wanted)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_python_code_runs_with_nothing_but_math(name, tmp_path):
    program, cases = traced(name)
    source = program.to_python("program")
    assert {line for line in source.splitlines() if line.startswith(("import ", "from "))} == {
        "import math",
        "from math import copysign, inf, nan",
    }
    (tmp_path / "code.py").write_text(source, encoding="utf-8")
    parameters = [x.data for x in program.parameters]
    calls = "".join(f"print(repr(program({list(map(float, x))!r}, {parameters!r})))\n" for x, _ in cases)
    script = f"from math import inf, nan\nfrom code import program\n{calls}"
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    done = subprocess.run([sys.executable, "-S", "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    names = {"inf": math.inf, "nan": math.nan}
    for line, (_, wanted) in zip(done.stdout.splitlines(), cases):
        assert all(map(same, eval(line, names), wanted))


def test_python_code_says_when_it_does_not_know_the_path():
    program = compile(lambda x: x * 2.0 if x > 0.0 else -x)
    program(1.0)
    namespace = {}
    exec(program.to_python("f"), namespace)
    assert namespace["f"]([3.0]) == [6.0]
    with pytest.raises(ValueError, match="no traced path fits"):
        namespace["f"]([-3.0])


@pytest.mark.skipif(CC is None, reason="there is no C compiler")
@pytest.mark.parametrize("name", PROGRAMS)
def test_c_code_compiles_without_a_warning_and_gives_the_bits(name, tmp_path):
    program, cases = traced(name)
    (tmp_path / "code.c").write_text(program.to_c("program"), encoding="utf-8")
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", "-ffp-contract=off", "-fno-builtin", "-shared", "-fPIC"]
    subprocess.run([CC, *flags, "code.c", "-o", "code.so", "-lm"], cwd=tmp_path, check=True)
    function = ctypes.CDLL(str(tmp_path / "code.so")).program
    parameters = (ctypes.c_double * max(1, len(program.parameters)))(*(x.data for x in program.parameters))
    for point, wanted in cases:
        out = (ctypes.c_double * len(wanted))()
        assert function((ctypes.c_double * len(point))(*point), parameters, out) == 0
        assert all(map(same, out, wanted))


@pytest.mark.skipif(CC is None, reason="there is no C compiler")
def test_c_code_says_when_it_does_not_know_the_way(tmp_path):
    program = compile(lambda x: x * 2.0 if x > 0.0 else -x)
    program(1.0)
    (tmp_path / "code.c").write_text(program.to_c("f"), encoding="utf-8")
    subprocess.run([CC, "-std=c99", "-shared", "-fPIC", "code.c", "-o", "code.so", "-lm"], cwd=tmp_path, check=True)
    function = ctypes.CDLL(str(tmp_path / "code.so")).f
    out = (ctypes.c_double * 1)()
    assert function((ctypes.c_double * 1)(-1.0), (ctypes.c_double * 1)(), out) == 1


def test_code_says_what_goes_in_and_comes_out():
    program = compile(lambda x, y: w * x + y)
    program(1.0, 2.0)
    assert "x holds 2 inputs; p 1 parameters (w); 1 results" in program.to_c("f").splitlines()[0]
    assert "x holds 2 inputs; p 1 parameters (w); 1 results" in program.to_python("f").splitlines()[0]


@pytest.mark.parametrize("label", ["*/ #error", "*\\/ #error", '"""\nraise', "\\"])
def test_no_label_ends_the_comment_of_the_code(label):
    weight = Value(2.0, label=label)
    program = compile(lambda x: weight * x)
    program(1.0)
    before, _, after = program.to_c("f").partition("*/")
    assert before.endswith("results. ")
    assert "#error" not in after
    names = {}
    exec(program.to_python("f"), names)
    assert names["f"]([3.0], [2.0]) == [6.0]


def test_code_of_branches_with_different_parameters_takes_all_of_them():
    v, w = Value(10.0), Value(2.0)
    program = compile(lambda x: w * x if x > 0.0 else v * x)
    assert (program(1.0), program(-1.0)) == (2.0, -10.0)
    namespace = {}
    exec(program.to_python("f"), namespace)
    numbers = [p.data for p in program.parameters]
    assert [namespace["f"]([x], numbers) for x in (1.0, -1.0)] == [[2.0], [-10.0]]
    text = program.to_c("f")
    assert "2 parameters" in text
    assert "p[0]" in text
    assert "p[1]" in text


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("to_c", "int"),
        ("to_c", "exp"),
        ("to_c", "out"),
        ("to_python", "lambda"),
        ("to_python", "math"),
        ("to_python", "exp"),
    ],
)
def test_a_name_with_a_meaning_of_its_own_is_refused(method, name):
    program = compile(ag.exp)
    program(1.0)
    with pytest.raises(ValueError, match=f"'{name}' has a meaning of its own"):
        getattr(program, method)(name)


def test_code_is_of_one_structure():
    program = compile(lambda x: ag.sum(x))
    program([1.0])
    program([1.0, 2.0])
    with pytest.raises(ValueError, match="traced for 2 structures"):
        program.to_c("f")
