"""The functions of vector.h, with and without vector instructions, are as close to mpmath's as it promises."""

import ctypes
import itertools
import math
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

import autograd
from autograd import TABLE
from tests.effort import scaled, seeded
from tests.operations.test_floats_h import SPECIAL, bits
from tests.oracle import exact, ulps

POINTS = max(150, scaled(150))
"""How many points of each function are tried."""

FLAGS = ["-std=c99", "-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"]
WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
LEVEL = '-DVM_TARGET=__attribute__((target("avx2,fma")))'  # for the block functions alone, as in the machine
BUILDS = {"baseline": [], "AVX2": ["-mavx2", "-mfma"], "level": [LEVEL]}

# hard ranges of each function: underflow, overflow, zeros, limits of the argument reduction
RANGES = {
    "exp": [(-746.0, 710.0), (-2.0, 2.0), (-745.2, -707.0)],
    "expm1": [(-45.0, 710.0), (-1.0, 1.0), (30.0, 40.0)],
    "log": [(0.0, 10.0), (0.5, 1.5), (0.999, 1.001)],
    "log1p": [(-1.0, 1.0), (0.0, 100.0), (-0.01, 0.01)],
    "sqrt": [(0.0, 10.0)],
    "tanh": [(-20.0, 20.0), (-1.0, 1.0)],
    "sech_squared": [(-20.0, 20.0), (-1.0, 1.0), (353.0, 373.0)],
    "gaussian": [(-28.0, 28.0), (-1.0, 1.0), (26.5, 27.3)],
    "normal_pdf": [(-39.0, 39.0), (-1.0, 1.0), (37.5, 38.6)],
    "erf": [(-6.0, 6.0), (-1.0, 1.0), (-0.03, 0.03)],
    "erfc": [(-6.0, 28.0), (-1.0, 1.0), (26.0, 27.3)],
    "normal_cdf": [(-39.0, 10.0), (-1.0, 1.0), (-38.6, -37.0)],
    "sigmoid": [(-40.0, 40.0), (-2.0, 2.0), (-746.0, -707.0)],
    "softplus": [(-40.0, 40.0), (-2.0, 2.0), (-746.0, -707.0)],
    "sin": [(-7.0, 7.0), (-1e5, 1e5), (99990.0, 100010.0)],
    "cos": [(-7.0, 7.0), (-1e5, 1e5), (99990.0, 100010.0)],
}
# beyond this, an exponential is 0 or infinite in double precision, and mpmath takes very long
FARTHEST = {
    **dict.fromkeys(RANGES, 750.0),
    **dict.fromkeys(("log", "log1p", "sqrt", "sin", "cos"), 1e307),
    "gaussian": 28.0,
    "normal_pdf": 39.0,
    "normal_cdf": 39.0,
    "erf": 28.0,
    "erfc": 28.0,
}
LOWEST = {"log": 0.0, "sqrt": 0.0, "log1p": -1.0}
STEPS = {"erf": 1 / 64, "erfc": math.sqrt(0.5) / 64, "normal_cdf": 1 / 64}
"""The functions that read tables, and the distance between two points of them: errors are largest in the middle."""

OF_MANY = {"power": ("vm_pow_block", 2), "log_fraction": ("vm_log_fraction_block", 3)}
"""Functions of several numbers: the name of each in C, and how many numbers it takes."""

NAMES = [*RANGES, *OF_MANY]

SOURCE = """
#include "vector.h"
#define EXPORT(name, function) \\
    void name(int n, const double *a, double *out); \\
    void name(int n, const double *a, double *out) { function(n, a, out); }
int has_avx2(void);
int has_avx2(void) {
#if defined(__x86_64__) && defined(__GNUC__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 0;
#endif
}
void power(int n, const double *a, const double *b, double *out);
void power(int n, const double *a, const double *b, double *out) { vm_pow_block(n, a, b, out); }
void log_fraction(int n, const double *a, const double *b, const double *c, double *out);
void log_fraction(int n, const double *a, const double *b, const double *c, double *out) {
    vm_log_fraction_block(n, a, b, c, out);
}
#define EACH(name) \
    void block_##name(int n, const double *a, double *out); \
    void block_##name(int n, const double *a, double *out) { for (int i = 0; i < n; i++) out[i] = vm_##name(a[i]); }
EACH(shared_sin)
EACH(shared_cos)
EACH(shared_normal_pdf)
""" + "".join(f"EXPORT(block_{name}, vm_{name}_block)\n" for name in RANGES)


@cache
def arguments(name: str) -> list[tuple[float, ...]]:
    """Numbers of every magnitude, from the hard ranges, close to zeros of sine, and far from the points of tables."""
    rng = seeded(name)

    def magnitude(low: float, high: float) -> float:
        return rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(low, high)

    def power() -> tuple[float, float]:
        kind = rng.randrange(4)
        if kind == 0:  # of both signs
            return magnitude(-3.0, 3.0), float(rng.randrange(-60, 60))
        base = (rng.uniform(0.5, 2.0), 1.0 + magnitude(-15.0, -1.0), abs(magnitude(-320.0, 308.0)))[kind - 1]
        return base, rng.uniform(-746.0, 710.0) / (math.log(base) or 1.0)

    def log_fraction() -> tuple[float, float, float]:
        a = magnitude(-3.0, 17.0)
        b = a + rng.choice((rng.uniform(-3.0, 3.0), rng.uniform(-50.0, 50.0), rng.uniform(-800.0, 800.0)))
        return a, b, abs(magnitude(-320.0, 308.0)) if rng.randrange(2) else rng.uniform(0.0, 10.0)

    def single() -> float:
        kind = rng.randrange(len(RANGES[name]) + 2)
        if kind == 0:
            return magnitude(-322.0, math.log10(FARTHEST[name]))
        if kind == 1 and name in ("sin", "cos"):
            return rng.randrange(-63000, 63000) * (math.pi / 2.0)
        if kind == 1 and name in STEPS:
            return (rng.randrange(-2464, 2464) + 0.5) * STEPS[name] * (1.0 + rng.uniform(-1e-9, 1e-9))
        return rng.uniform(*rng.choice(RANGES[name]))

    if name in OF_MANY:
        draw = {"power": power, "log_fraction": log_fraction}[name]
        return [draw() for _ in range(POINTS)]
    drawn = [single() for _ in range(POINTS)]
    lowest = LOWEST.get(name, -math.inf)
    return [(x if x > lowest else -x,) for x in drawn]


@cache
def wanted(name: str) -> list:
    return [exact(name, point) for point in arguments(name)]


def run(compiler: str, folder: Path, *flags: str) -> None:
    source = folder / "blocks.c"
    source.write_text(SOURCE, encoding="utf-8")
    package = Path(autograd.__file__).parent
    include = ["-I", str(package / "operations"), "-I", str(package / "compiler" / "_machine")]
    subprocess.run([compiler, *FLAGS, *WARNINGS, *include, *flags, str(source), "-lm"], check=True)


@pytest.fixture(scope="module")
def libraries(compiler, tmp_path_factory) -> dict[str, ctypes.CDLL]:
    """One library for each build that this machine can run."""
    found: dict[str, ctypes.CDLL] = {}
    for build, flags in BUILDS.items():
        if build != "baseline" and not found["baseline"].has_avx2():
            continue
        folder = tmp_path_factory.mktemp(build)
        run(compiler, folder, *flags, "-fPIC", "-shared", "-o", str(folder / "blocks.so"))
        found[build] = ctypes.CDLL(str(folder / "blocks.so"))
    return found


@pytest.fixture(params=BUILDS)
def library(request, libraries) -> ctypes.CDLL:
    if request.param not in libraries:
        pytest.skip("this processor has no AVX2 and FMA")
    return libraries[request.param]


def values(library: ctypes.CDLL, name: str, points: list[tuple[float, ...]]) -> list[float]:
    numbers = ctypes.c_double * len(points)
    out = numbers()
    function = library[name if name in OF_MANY else f"block_{name}"]
    function(len(points), *(numbers(*column) for column in zip(*points)), out)
    return list(out)


@pytest.mark.parametrize("name", NAMES)
def test_block_is_within_the_promised_ulps(name, library):
    for point, got, want in zip(arguments(name), values(library, name, arguments(name)), wanted(name)):
        assert ulps(got, want) <= 2.5, (point, got)


@pytest.mark.parametrize("name", NAMES)
def test_special_values_are_those_of_the_scalar_function(name, library):
    points = list(itertools.product(SPECIAL, repeat=OF_MANY.get(name, ("", 1))[1]))
    if name == "log_fraction":  # the last number is not negative
        points = [point for point in seeded("special").sample(points, 4000) if not point[2] < 0.0]
    for point, got in zip(points, values(library, name, points)):
        (alone,) = values(library, name, [point])
        assert bits(alone) == bits(got), point
        want = TABLE[name].function(*point)
        if math.isfinite(want) and math.isfinite(got):
            assert abs(got - want) <= 4.0 * math.ulp(want), (point, got, want)
            assert math.copysign(1.0, got) == math.copysign(1.0, want), (point, got, want)
        else:
            assert bits(got) == bits(want), (point, got, want)


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_sine_and_cosine_are_never_beyond_one(name, library):
    rng, middle = seeded(name), {"sin": 0.5, "cos": 0.0}[name]
    points = [(math.pi * (rng.randrange(-9, 9) + middle) + rng.uniform(-3e-8, 3e-8),) for _ in range(scaled(20_000))]
    found = values(library, name, points)
    assert max(map(abs, found)) == 1.0
    assert min(map(abs, found)) > 1.0 - 1e-15
    assert values(library, name, [(math.pi * middle,)] * 200) == [1.0] * 200


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos"])
def test_a_rare_number_changes_no_other_one(name, library):
    usual = [point for point in arguments(name) if 1e-3 < abs(point[0]) < 50.0][:60]
    rare = {"exp": -745.0, "log": 5e-324, "sin": 1e6, "cos": 1e6}[name]
    alone = values(library, name, usual)
    assert values(library, name, [*usual, (rare,)])[:-1] == alone
    in_place = (ctypes.c_double * (len(usual) + 1))(*(x for (x,) in usual), rare)
    library[f"block_{name}"](len(in_place), in_place, in_place)
    assert list(in_place)[:-1] == alone


@pytest.mark.parametrize("name", STEPS)
def test_functions_with_tables_are_symmetric_and_reach_their_limits(name, library):
    lowest, highest = {"erf": (-1.0, 1.0), "erfc": (2.0, 0.0), "normal_cdf": (0.0, 1.0)}[name]
    far = [x * sign for x in (40.0, 1e3, 1e15, 2.0**53, 1e300, math.inf) for sign in (-1.0, 1.0)]
    assert values(library, name, [(x,) for x in far]) == [lowest, highest] * (len(far) // 2)
    points = [x for (x,) in arguments(name)]
    left, right = (values(library, name, [(sign * x,) for x in points]) for sign in (-1.0, 1.0))
    for x, below, above in zip(points, left, right):
        if name == "erf":
            assert below == -above, x
        else:
            assert max(below, above) == highest + lowest - min(below, above), x


@pytest.mark.parametrize("name", STEPS)
def test_functions_with_tables_do_not_turn_between_two_points(name, library):
    """Where the next point of the table is taken, and where a result is replaced by a limit."""
    middles = [(n + 0.5) * STEPS[name] * sign for n in range(2480) for sign in (-1.0, 1.0)]
    before, after = (values(library, name, [(x * (1.0 + tiny),) for x in middles]) for tiny in (-1e-15, 1e-15))
    for x, near, far in zip(middles, before, after):
        grows = (x < 0.0) == (name == "erfc")
        low, high = (near, far) if grows else (far, near)
        assert low <= high + 4.0 * math.ulp(high), x


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_sine_and_cosine_that_share_their_parts_are_within_the_promised_ulps(name, library):
    near = [(point, want) for point, want in zip(arguments(name), wanted(name)) if abs(point[0]) <= 1e5]
    found = values(library, f"shared_{name}", [point for point, _ in near])
    for (point, want), got in zip(near, found):
        assert ulps(got, want) <= 2.5, (point, got)
    assert bits(values(library, "shared_sin", [(-0.0,)])[0]) == bits(-0.0)
    assert max(map(abs, found)) <= 1.0
    assert all(map(math.isnan, values(library, f"shared_{name}", [(math.nan,)])))


def test_the_density_that_shares_the_parts_of_normal_cdf_is_within_the_promised_ulps(library):
    for name in ("normal_pdf", "normal_cdf"):
        near = [(-abs(x),) for (x,) in arguments(name)]
        for point, got in zip(near, values(library, "shared_normal_pdf", near)):
            assert ulps(got, exact("normal_pdf", point)) <= 2.5, (point, got)
            assert values(library, "shared_normal_pdf", [(-point[0],)]) == [got]
    far = [(x,) for x in (38.6001, 40.0, 64.0, 70.5, 1e15, 1e300, math.inf, -math.inf)]
    assert values(library, "shared_normal_pdf", far) == [0.0] * len(far)
    assert values(library, "shared_normal_pdf", [(0.0,), (-0.0,)]) == [0.3989422804014327] * 2
    assert all(map(math.isnan, values(library, "shared_normal_pdf", [(math.nan,)])))


def test_squares_are_rounded_once(library):
    points = [(a, 2.0) for a, _ in arguments("power")]
    assert values(library, "power", points) == [a * a for a, _ in points]


def test_cosine_is_one_at_zero_and_never_more(library):
    angles = [(x * 10.0**-k,) for x in (-1.0, 1.0, 3.0) for k in range(320)] + [(n * math.pi,) for n in range(1000)]
    assert max(map(abs, values(library, "cos", angles))) == 1.0
    assert values(library, "cos", [(0.0,), (-0.0,)]) == [1.0, 1.0]


@pytest.mark.parametrize("name", NAMES)
def test_result_does_not_depend_on_neighbours_nor_length(name, library):
    """Full vectors and the rest of a block, and blocks with and without numbers that libm must compute."""
    points = arguments(name)[:130]
    alone = [values(library, name, [point])[0] for point in points]
    for length in (0, 2, 3, 7, 64, 65, 130):
        assert values(library, name, points[:length]) == alone[:length]


@pytest.mark.parametrize("name", NAMES)
def test_output_may_be_the_input(name, library):
    points = arguments(name)[:130]
    columns = [(ctypes.c_double * len(points))(*column) for column in zip(*points)]
    function = library[name if name in OF_MANY else f"block_{name}"]
    function(len(points), *columns, columns[0])
    assert list(columns[0]) == values(library, name, points)


def test_every_block_is_made_of_vector_instructions(compiler, libraries, tmp_path):
    if "AVX2" not in libraries:
        pytest.skip("this processor has no AVX2 and FMA")
    run(compiler, tmp_path, *BUILDS["AVX2"], "-S", "-o", str(tmp_path / "blocks.s"))
    text = (tmp_path / "blocks.s").read_text(encoding="utf-8")
    code = dict(re.findall(r"^(\w+):(.*?)^\s+\.size\s+\1", text, re.MULTILINE | re.DOTALL))
    for name in NAMES:
        block, _ = OF_MANY.get(name, (f"vm_{name}_block", 1))
        body = code[name if name in OF_MANY else f"block_{name}"] + code.get(block, "")  # inlined or not
        assert re.search(r"v(sqrt|f?n?m(add|sub|ul)\w*)pd\s.*%ymm", body), name
