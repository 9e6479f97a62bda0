"""Which small changes of a source are mutants, and how a campaign counts them."""

import ast
import json
from collections import Counter

import pytest

pytest.importorskip("resource", reason="campaigns need POSIX")

from tests.mutants import EQUIVALENT, ROOT, TESTS, interval, places_of, score
from tests.mutations import find_mutants, is_valid


def mutants(line, file="autograd/a.py", indent="    "):
    """What takes the place of a line within a function."""
    body = f"{indent}    pass\n" if line.startswith("if ") else ""
    text = f"{'while 1:' if file.endswith('.py') else ''}\n{indent}{line}\n{body}"
    return {x.mutant.strip() for x in find_mutants(file, text) if x.number == 2 and is_valid(x, text)}


LOOPS = ("all(x is y for x in z)", "any(x is not y for x in z)", "not (any(x is y for x in z))")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("x = a + 1", {"x = a - 1", "x = a + 2", "pass"}),
        ("return -x * 0.0", {"return x * 0.0", "return -x / 0.0", "return -x * 1.0", "pass"}),
        ("if a is not b:", {"if a is b:"}),
        ("if a and b:", {"if a or b:", "if not (a and b):"}),
        ("if any(x is y for x in z):  # 1 + 1", {f"if {x}:  # 1 + 1" for x in LOOPS}),
        ("f(*a, **b)", {"pass"}),
        ('g("a + 1", True)', {'g("a + 1", False)', "pass"}),
        ("continue", {"break"}),
        ("from a import b", set()),
    ],
)
def test_one_token_is_replaced_or_a_condition_negated_or_a_statement_left_out(line, wanted):
    assert mutants(line) == wanted


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("if (a < b) return 0;", {"if (a <= b) return 0;", "if (!(a < b)) return 0;", "if (a < b) return 1;"}),
        ("double *x = m + 1;", {"double *x = m - 1;", "double *x = m + 2;"}),
        ("p += 3; /* 1 + 1 */", {"p -= 3; /* 1 + 1 */", "p += 4; /* 1 + 1 */", "; /* 1 + 1 */"}),
        ("#define A 1 + 1", set()),
        ("double sums[4];", set()),
    ],
)
def test_c_has_the_same_mutants(line, wanted):
    assert mutants(line, "autograd/a.h") == wanted


def test_the_types_of_cython_stay():
    assert mutants("x = (<Value>a).number", "autograd/a.pyx") == {"pass"}
    assert mutants("cdef object f(PyObject *x) except NULL:", "autograd/a.pyx", "") == set()


def test_only_the_formulas_of_the_table_are_changed_within_strings():
    text = 'tan = Unary("tan", "tan", floats.tan, "tan(a)", ("1.0 + y*y",), (REAL,), "{a} + 1", method=False)'
    found = {x.mutant for x in find_mutants("autograd/operations/table.py", text)}
    partials = ("2.0 + y*y", "1.0 - y*y", "1.0 + y/y", "-(1.0 + y*y)")
    wanted = {text.replace("1.0 + y*y", partial) for partial in partials}
    wanted |= {text.replace("tan(a)", "-(tan(a))"), text.replace("REAL", "POSITIVE"), text.replace("False", "True")}
    assert found == wanted


def test_a_mutant_changes_one_line_and_the_key_does_not_depend_on_its_number():
    text = "def f(a):\n    return a + b\n"
    later = find_mutants("autograd/a.py", "\n\n" + text)
    first = find_mutants("autograd/a.py", text)
    assert [x.key for x in first] == [x.key for x in later]
    assert [x.number for x in later] == [x.number + 2 for x in first]
    assert ast.unparse(ast.parse(first[0].applied(text))) == "def f(a):\n    return a - b"


@pytest.mark.skipif(not (ROOT / "autograd").exists(), reason="the sources are not here")
def test_the_files_and_their_tests_exist():
    for file, stages in TESTS.items():
        assert (ROOT / file).is_file()
        for path in (path for tests in stages for path in tests.paths):
            assert (ROOT / path.partition("::")[0]).exists(), path


def test_each_equivalent_mutant_has_a_reason_and_a_file_with_tests():
    entries = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    assert all(set(x) == {"file", "after", "line", "mutant", "reason"} for x in entries)
    assert all(x["file"] in TESTS and x["reason"] for x in entries)
    assert len({(x["file"], x["after"], x["line"], x["mutant"]) for x in entries}) == len(entries)


def test_the_score_leaves_out_what_no_test_can_notice():
    counts = Counter(killed=95, survived=5, equivalent=3, invalid=7)
    assert score(counts) == "95 of 100 killed, 95.0% (89% to 98%); left out: 3 equivalent"
    assert interval(0, 10)[0] == pytest.approx(0.0, abs=1e-12)
    assert score(Counter()) == "no mutants"


def test_a_place_is_a_file_a_line_or_a_language():
    assert list(places_of(["autograd/compiler/trace.py:7"])) == [("autograd/compiler/trace.py", 7)]
    assert {file for file, _ in places_of([])} == set(TESTS)
    assert all(file.endswith(".py") for file, _ in places_of(["python"]))
    with pytest.raises(SystemExit, match="no tests are named for x"):
        list(places_of(["x.py"]))
