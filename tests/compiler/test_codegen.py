"""Programs printed as Python and as C: each runs on its own, and gives the bits of the program."""

import ctypes
import inspect
import math
import re
import runpy
import shutil
import subprocess
import sys

import pytest

import autograd as ag
from autograd import TABLE, Value, compile, grad, operation
from autograd.compiler.reserved import is_reserved_in_c, is_reserved_in_python
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


@pytest.mark.parametrize("kept", ["arguments", "constants"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_python_code_runs_with_nothing_but_math(name, kept, tmp_path):
    program, cases = traced(name)
    source = program.to_python("program", parameters=kept)
    assert {line for line in source.splitlines() if line.startswith(("import ", "from "))} == {
        "import math",
        "from math import copysign, inf, nan",
    }
    (tmp_path / "code.py").write_text(source, encoding="utf-8")
    parameters = [[x.data for x in program.parameters]] if kept == "arguments" else []
    calls = "".join(f"print(repr(program(*{[list(map(float, x)), *parameters]!r})))\n" for x, _ in cases)
    script = f"from math import inf, nan\nfrom code import program\n{calls}"
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    done = subprocess.run([sys.executable, "-S", "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    names = {"inf": math.inf, "nan": math.nan}
    for line, (_, wanted) in zip(done.stdout.splitlines(), cases):
        assert all(map(same, eval(line, names), wanted))


def test_a_name_means_the_same_in_all_files_of_float_functions():
    """Exported code has the functions and constants of all of them, each once."""
    meanings = {}
    for module in {inspect.getmodule(row.function) for row in TABLE.values()} - {math}:
        for name, thing in vars(module).items():
            if name[:2] != "__" and not inspect.ismodule(thing):
                assert repr(meanings.setdefault(name, thing)) == repr(thing), name


def test_python_code_says_when_it_does_not_know_the_path():
    program = compile(lambda x: x * 2.0 if x > 0.0 else -x)
    program(1.0)
    namespace = {}
    exec(program.to_python("f"), namespace)
    assert namespace["f"]([3.0]) == [6.0]
    with pytest.raises(ValueError, match="no traced path fits"):
        namespace["f"]([-3.0])


@pytest.mark.skipif(CC is None, reason="there is no C compiler")
@pytest.mark.parametrize("kept", ["arguments", pytest.param("constants", marks=pytest.mark.campaign)])
@pytest.mark.parametrize("name", PROGRAMS)
def test_c_code_compiles_without_a_warning_and_gives_the_bits(name, kept, tmp_path):
    program, cases = traced(name)
    (tmp_path / "code.c").write_text(program.to_c("program", parameters=kept), encoding="utf-8")
    flags = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-trigraphs", "-Werror", "-O2"]
    flags += ["-ffp-contract=off", "-fno-builtin", "-shared", "-fPIC"]
    subprocess.run([CC, *flags, "code.c", "-o", "code.so", "-lm"], cwd=tmp_path, check=True)
    function = ctypes.CDLL(str(tmp_path / "code.so")).program
    parameters = [(ctypes.c_double * max(1, len(program.parameters)))(*(x.data for x in program.parameters))]
    for point, wanted in cases:
        out = (ctypes.c_double * len(wanted))()
        arguments = [(ctypes.c_double * len(point))(*point), *(parameters if kept == "arguments" else []), out]
        assert function(*arguments) == 0
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


def test_constants_are_the_numbers_of_now_in_the_order_of_the_parameters():
    a, b, unused = Value(0.1, label="a"), Value(-math.inf, label="b"), Value(7.0)
    program = compile(lambda x: b * x + a, parameters=[a, unused, b])
    program(1.0)
    a.data = 0.2
    python, c = (getattr(program, method)("f", parameters="constants") for method in ("to_python", "to_c"))
    assert "0.2, 7.0, -inf," in python
    assert f"{(0.2).hex()}, {(7.0).hex()}, (-INFINITY)," in c
    assert "x holds 1 inputs; 3 parameters (a, p1, b) are constants; 1 results" in python.splitlines()[0]
    namespace = {}
    exec(python, namespace)
    assert math.isnan(namespace["f"]([0.0])[0])
    assert namespace["f"]([-1.0]) == [math.inf]
    with pytest.raises(TypeError):
        namespace["f"]([1.0], [0.2, 7.0, -math.inf])
    for method in (program.to_python, program.to_c):
        with pytest.raises(ValueError, match="are 'arguments' or 'constants', got True; name one"):
            method("f", parameters=True)


HOSTILE = [
    "*/ #error", "*\\/ #error", "*\\ int evil(void) { return 42; } /*", "*??/\n/ int evil(void) { return 42; } /*",
    '"""\nraise SystemExit', "\\", '"', "\\N{BULLET}", "\\u0022\\u0022\\u0022", "a\rb\nc", "a\0b", "\ud800", "\udc80x",
    "// x", "/*", "??/", "%:error", "a\u2028b\u2029c\x85d\x0be\x0cf", "\u202e*/\u2066", "\ufeff", "\x7f\x1b[2J",
    "*" * 500 + "/", "# coding: utf-7", "+ACIAIgAi-", "θ₁ und 重み",
]  # fmt: skip
"""Labels that try to end the comment or the docstring of the code, and one that does not."""


def exported(method):
    """Code with one function for each hostile label; its number is a factor of the result."""
    codes = []
    for i, label in enumerate(HOSTILE):
        weight = Value(2.0, label=label)
        program = compile(lambda x, weight=weight, i=i: weight * x * float(i))
        program(1.0)
        codes.append(getattr(program, method)(f"f_{i}"))
    return codes


@pytest.mark.skipif(CC is None, reason="there is no C compiler")
@pytest.mark.parametrize("standard", ["c99", "gnu17"])
def test_no_label_leaves_its_comment_in_c(standard, tmp_path):
    (tmp_path / "code.c").write_text("\n".join(exported("to_c")), encoding="utf-8")
    flags = [f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-pedantic", "-trigraphs", "-shared", "-fPIC"]
    subprocess.run([CC, *flags, "code.c", "-o", "code.so"], cwd=tmp_path, check=True)
    library = ctypes.CDLL(str(tmp_path / "code.so"))
    assert not hasattr(library, "evil")
    for i in range(len(HOSTILE)):
        out = (ctypes.c_double * 1)()
        assert library[f"f_{i}"]((ctypes.c_double * 1)(3.0), (ctypes.c_double * 1)(2.0), out) == 0
        assert out[0] == 6.0 * i


def test_no_label_leaves_its_docstring_in_python(tmp_path):
    for i, code in enumerate(exported("to_python")):
        path = tmp_path / f"module_{i}.py"
        path.write_text(code, encoding="utf-8")
        names = runpy.run_path(str(path))
        assert names[f"f_{i}"]([3.0], [2.0]) == [6.0 * i]
        assert {name for name in names if name[0] != "_"} == {"math", "copysign", "inf", "nan", f"f_{i}"}


def test_exported_python_says_what_its_function_takes():
    a, b = Value(2.0, label="a"), Value(3.0)
    program = compile(lambda x, y: x * a + y * b)
    program(1.0, 1.0)
    namespace = {}
    exec(program.to_python("f"), namespace)
    f = namespace["f"]
    assert f([1.0, 2.0], [2.0, 3.0]) == [8.0]
    for x in (1.0, [1.0], [1.0, 2.0, 3.0]):
        with pytest.raises(TypeError, match=r"f\(\) takes the numbers of 2 inputs as x; write f\(\[\.\.\.\]\)"):
            f(x, [2.0, 3.0])
    with pytest.raises(TypeError, match=r"f\(\) takes the numbers of 2 parameters as p; pass \[v\.data for v in"):
        f([1.0, 2.0])
    exec(program.to_python("g", parameters="constants"), namespace)
    assert namespace["g"]((1.0, 2.0)) == [8.0]


@pytest.mark.parametrize("method", ["to_c", "to_python"])
def test_a_comment_keeps_every_visible_letter_and_is_one_line(method):
    first = [code.splitlines()[0] for code in exported(method)]
    assert "(θ₁ und 重み)" in first[-1]
    assert all(line.endswith("1 results. */" if method == "to_c" else '1 results."""') for line in first)
    assert all(line.isprintable() and len(line) < 130 for line in first)


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


@pytest.mark.parametrize("name", ["lambda", "None", "math", "exp", "inf", "ValueError", "__import__", "__builtins__"])
def test_a_name_with_a_meaning_of_its_own_in_python_is_refused(name):
    program = compile(ag.exp)
    program(1.0)
    with pytest.raises(ValueError, match=f"'{name}' has a meaning of its own in the code; .* 'row_{name}'"):
        program.to_python(name)


C_NAMES = """
    int exp out x p v1 sin sinf sinl nan isnan INFINITY NAN _Bool bool _x __f restrict inline typeof constexpr
    nullptr alignas static_assert class new template main malloc printf j0 gamma M_PI HUGE_VAL linux unix errno
    system exit time atomic_init _Generic _Static_assert _Decimal64 roundeven fmaximum_mag_numl lgamma_r faddl
    totalorder cexp thrd_create uint32_t abs
"""


@pytest.mark.parametrize("name", C_NAMES.split())
def test_a_name_with_a_meaning_of_its_own_in_c_is_refused(name):
    program = compile(ag.exp)
    program(1.0)
    with pytest.raises(ValueError, match=f"'{name}' has a meaning of its own in the code; .* 'row_{name}'"):
        program.to_c(name)


@pytest.mark.skipif(CC is None, reason="there is no C compiler")
@pytest.mark.parametrize("standard", ["c99", "gnu17"])
def test_every_name_of_the_mathematics_of_this_compiler_is_refused(standard):
    names = set()
    for options in ([], ["-dM"]):
        command = [CC, f"-std={standard}", "-E", "-P", *options, "-x", "c", "-"]
        text = subprocess.run(command, input="#include <math.h>\n", capture_output=True, text=True, check=True).stdout
        names |= set(re.findall(r"#define (\w+)" if options else r"\b([A-Za-z_]\w*) \(", text))
    assert {"sqrt", "INFINITY", "isnan"} < names
    assert [name for name in names if not is_reserved_in_c(name)] == []


PLAIN_NAMES = "loss f f_1 total price step relu iso strike memory c g vega minimum string tom mean string_of_row"


def test_plain_names_are_not_reserved():
    assert not any(is_reserved_in_c(name) or is_reserved_in_python(name) for name in PLAIN_NAMES.split())


def test_code_does_not_mix_up_a_users_operation_with_a_function_of_its_own():
    with_sign = operation("with_sign", lambda a: -a, ("-1.0",), python="-a")
    program = compile(with_sign)
    program(2.0)
    code = {}
    exec(program.to_python("f"), code)
    assert code["f"]([2.0]) == [-2.0]
    both = compile(lambda x: with_sign(x) * ag.copysign(x, 1.5))
    both(2.0)
    with pytest.raises(ValueError, match="a function of its own named with_sign; give your operation another name"):
        both.to_python("f")


def test_code_is_of_one_structure():
    program = compile(lambda x: ag.sum(x))
    program([1.0])
    program([1.0, 2.0])
    with pytest.raises(ValueError, match="traced for 2 structures"):
        program.to_c("f")
