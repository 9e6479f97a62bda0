"""The C of every operation, compiled with floats.h, gives the bits of its float function."""

import ctypes
import itertools
import math
import random
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd import TABLE, Operation
from autograd.operations import gamma
from tests.effort import scaled, seeded
from tests.oracle import ORDERED

FOLDER = Path(autograd.__file__).parent / "operations"
FLAGS = ["-std=c99", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I", str(FOLDER)]
LETTERS = "abc"
DRAWN = max(1500, scaled(1500))

LARGEST = sys.float_info.max
SMALLEST = sys.float_info.min
WHOLE = [float(n) for n in range(-12, 13)] + [100.0, 101.0, 171.0, -171.0, 2.0**53, -(2.0**53)]
HALVES = [n + 0.5 for n in range(-8, 8)]
ENDS = [-1.0, 1.0, -2.0, 2.0, 10.0, 30.0, 1.4616321449683622]
NEIGHBOURS = [math.nextafter(x, side) for x in ENDS for side in (-math.inf, math.inf)]
EXTREMES = [
    0.0,
    5e-324,
    1e-309,
    SMALLEST,
    1e-200,
    1e-17,
    26.5,
    37.0,
    355.0,
    709.7,
    710.0,
    745.5,
    1e200,
    LARGEST,
    math.inf,
]
SPECIAL = [math.nan, *EXTREMES, *(-x for x in EXTREMES), *WHOLE, *HALVES, *NEIGHBOURS]


def bits(number: float) -> bytes:
    """The eight bytes of a float, the same for every nan."""
    return struct.pack("<d", number) if number == number else b"nan"


def draw(rng: random.Random) -> float:
    """A number: middling, of any magnitude, close to a whole one, or whole."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.uniform(-4.0, 4.0)
    if kind == 1:
        return rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-307.0, 308.0)
    if kind == 2:
        return rng.randrange(-5, 6) + rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-16.0, -1.0)
    return rng.uniform(-40.0, 40.0) if rng.random() < 0.8 else float(rng.randrange(-40, 41))


def points(row: Operation) -> list[tuple[float, ...]]:
    """Special values in every combination (for three arguments, some of them), then seeded points."""
    rng = seeded(row.name)
    count = len(row.formulas)
    if count < 3:
        special = list(itertools.product(SPECIAL, repeat=count))
    else:
        special = [tuple(rng.choice(SPECIAL) for _ in range(count)) for _ in range(DRAWN)]
    drawn = [tuple(draw(rng) for _ in range(count)) for _ in range(DRAWN)]
    if row.name in ORDERED:
        drawn = [(float(rng.randrange(1, 12)), a) for _, a in drawn]
    if row.name in ("shifted_power", "power_derivative"):
        drawn = [(abs(a), b, float(rng.randrange(5))) for a, b, _ in drawn]
    if row.name == "falling_factorial":
        drawn = [(a, float(rng.randrange(8)), float(rng.randrange(5))) for a, _, _ in drawn]
    return special + drawn


def compile_library(compiler: str, folder: Path, lines: list[str], *flags: str) -> ctypes.CDLL:
    source = folder / "rows.c"
    library = folder / "rows.so"
    source.write_text("\n".join(['#include "floats.h"', *lines]) + "\n", encoding="utf-8")
    flags = (*FLAGS, "-Wno-unused-parameter", *flags, "-fPIC", "-shared")
    subprocess.run([compiler, *flags, str(source), "-o", str(library), "-lm"], check=True)
    return ctypes.CDLL(str(library))


@pytest.fixture(scope="module")
def compiled(compiler, tmp_path_factory) -> ctypes.CDLL:
    lines = [f"double row_{r.name}(double a, double b, double c) {{ return {r.c}; }}" for r in TABLE.values()]
    return compile_library(compiler, tmp_path_factory.mktemp("rows"), lines)


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_compiled_row_gives_the_bits_of_the_python_function(row, compiled):
    function = compiled[f"row_{row.name}"]
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_double] * 3
    idle = [0.0] * (3 - len(row.formulas))
    for point in points(row):
        want, got = row.function(*point), function(*point, *idle)
        assert bits(got) == bits(want), (point, got, want)


@pytest.fixture(scope="module")
def folded(compiler, tmp_path_factory) -> tuple[dict[str, list[tuple[float, ...]]], ctypes.CDLL]:
    """Points for each operation, and a library that computes the operations at these points as constants."""
    chosen, lines = {}, []
    for row in TABLE.values():
        numbers = [p for p in points(row)[-DRAWN:] if all(map(math.isfinite, p))]
        chosen[row.name] = (
            [(*p[:-1], 2.0) for p in numbers[:10]] + [(*p[:-1], -1.0) for p in numbers[10:20]] + numbers[20:40]
        )
        for i, point in enumerate(chosen[row.name]):
            constants = "".join(f"double {x} = {n.hex()}; " for x, n in zip(LETTERS, point))
            lines.append(f"double {row.name}_{i}(void) {{ {constants}return {row.c}; }}")
    return chosen, compile_library(compiler, tmp_path_factory.mktemp("folded"), lines, "-fno-builtin")


@pytest.mark.campaign
@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_constants_in_the_source_give_the_same_bits(row, folded):
    chosen, library = folded
    for i, point in enumerate(chosen[row.name]):
        function = library[f"{row.name}_{i}"]
        function.restype = ctypes.c_double
        want, got = row.function(*point), function()
        assert bits(got) == bits(want), (point, got, want)


def test_spelling_needs_only_the_header_and_the_arguments(compiler):
    unit = '#include "floats.h"\n'
    for row in TABLE.values():
        head = f"double f_{row.name}({', '.join(f'double {x}' for x in LETTERS[: len(row.formulas)])})"
        unit += f"{head};\n{head} {{ return {row.c}; }}\n"
    subprocess.run([compiler, *FLAGS, "-fsyntax-only", "-x", "c", "-"], input=unit, text=True, check=True)


def test_fast_math_is_refused(compiler):
    command = [compiler, *FLAGS, "-ffast-math", "-fsyntax-only", "-x", "c", "-"]
    refusal = subprocess.run(command, input='#include "floats.h"\n', text=True, capture_output=True)
    assert refusal.returncode != 0
    assert "compile without -ffast-math" in refusal.stderr


def test_every_function_of_the_header_is_used_by_a_row():
    text = (FOLDER / "floats.h").read_text(encoding="utf-8")
    bodies = dict(re.findall(r"^static inline \w+ (\w+)(.*?)^\}", text, re.MULTILINE | re.DOTALL))
    used: set[str] = set()
    new = {name for row in TABLE.values() for name in re.findall(r"\bvg_\w+", row.c)}
    while new:
        used |= new
        new = {name for used_name in new for name in re.findall(r"\bvg_\w+", bodies[used_name])} - used
    assert used == bodies.keys()


def test_constants_of_the_header_are_those_of_gamma():
    """The last digits of a high coefficient rarely change a value."""
    text = (FOLDER / "floats.h").read_text(encoding="utf-8")
    numbers = list(map(float, re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)))
    quotients = [float(p) / float(q) for p, q in re.findall(r"(-?\d+\.0) / (\d+\.0)", text)]
    single = {math.pi, gamma._ROOT, gamma._ROOT_REST, gamma._LOG_PI, gamma._HALF_LOG_TWO_PI}
    assert {*gamma._LGAMMA, *gamma._DIGAMMA, *single} <= set(numbers)
    assert set(gamma._BERNOULLI) <= set(quotients)
