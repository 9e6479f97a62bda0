"""Losses in compiled programs, with the targets as arguments; against mpmath; and against PyTorch's numbers."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import Value, backend, compile, grad, hessian, parameters_to_vector, value_and_grad
from autograd.compiler.passes.analysis import find_decisive
from nn.losses import binary_cross_entropy, cross_entropy, hinge, huber, mae, mse, softmax_cross_entropy
from tests.derivatives.test_transforms import same
from tests.oracle import ulps

NUMBERS = [0.5, -2.25, 3.0, 0.125]
LOGITS = [[0.5, -1.25, 2.0], [40.0, 0.0, -3.0], [-700.0, 10.0, 9.5]]
CLASSES = [2, 0, 1]
UNIT = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
SOFT = [[0.1, 0.2, 0.7], [1.0, 0.0, 0.0], [0.25, 0.5, 0.25]]

# those of PyTorch 2.13 in float64: F.mse_loss, F.l1_loss, F.huber_loss(delta=1.5), (1 - label*score).clamp(min=0),
# F.binary_cross_entropy_with_logits and F.cross_entropy; with reduction="none", and the gradient of the mean
TORCH = {
    "mse": (mse, NUMBERS, [1.0, -2.0, 0.5, 0.125], [0.25, 0.0625, 6.25, 0.0], [-0.25, -0.125, 1.25, 0.0]),
    "mae": (mae, NUMBERS, [1.0, -2.0, 0.5, 0.125], [0.5, 0.25, 2.5, 0.0], [-0.25, -0.25, 0.25, 0.0]),
    "huber": (
        lambda *args, **options: huber(*args, delta=1.5, **options),
        NUMBERS,
        [1.0, -2.0, 0.5, 0.125],
        [0.125, 0.03125, 2.625, 0.0],
        [-0.125, -0.0625, 0.375, 0.0],
    ),
    "hinge": (hinge, NUMBERS, [1.0, -1.0, -1.0, 1.0], [0.5, 0.0, 4.0, 0.875], [-0.25, 0.0, 0.25, -0.25]),
    "binary": (
        binary_cross_entropy,
        NUMBERS,
        [1.0, 0.0, 0.25, 1.0],
        [0.4740769841801067, 0.10020655891674712, 2.298587351573742, 0.6325990353171691],
        [-0.09438516719953635, 0.023837366224777373, 0.17564353170560834, -0.11719765665656093],
    ),
    "classes": (
        cross_entropy,
        LOGITS,
        CLASSES,
        [0.23262198310203266, -0.0, 0.4740769841801067],
        [
            [0.05894006070248143, 0.01024224677547881, -0.06918230747796024],
            [0.0, 1.4161180850971963e-18, 7.050436791970267e-20],
            [9.2876871010061e-310, -0.12584688959938178, 0.12584688959938178],
        ],
    ),
    "probabilities": (
        cross_entropy,
        LOGITS,
        SOFT,
        [1.0326219831020327, -0.0, 178.0990769841801],
        [
            [0.025606727369148097, -0.056424419891187856, 0.030817692522039766],
            [0.0, 1.4161180850971963e-18, 7.050436791970267e-20],
            [-0.08333333333333333, 0.04081977706728486, 0.04251355626604847],
        ],
    ),
}
CASES = {
    **{name: case[:3] for name, case in TORCH.items()},
    "unit vectors": (cross_entropy, LOGITS, UNIT),
    "another name": (softmax_cross_entropy, LOGITS, CLASSES),
    "rows of numbers": (mse, [NUMBERS, NUMBERS[::-1]], [[1.0, -2.0, 0.5, 0.125], [0.0] * 4]),
    "infinite logits": (binary_cross_entropy, [math.inf, -math.inf, 710.0, -710.0], [1.0, 0.0, 1.0, 0.0]),
    "a class ruled out": (cross_entropy, [[-math.inf, 1.0, 0.5], [2.0, -math.inf, -math.inf]], [1, 0]),
    "a class ruled out, unit vectors": (cross_entropy, [[-math.inf, 1.0, 0.5]], [[0.0, 1.0, 0.0]]),
}

cases = pytest.mark.parametrize("name", CASES)


def flat(x):
    return [z for y in x for z in flat(y)] if isinstance(x, (list, tuple, np.ndarray)) else [float(x)]


@pytest.mark.parametrize("name", TORCH)
def test_losses_and_gradients_are_those_of_pytorch(name):
    loss, outputs, targets, errors, gradient = TORCH[name]
    assert loss(outputs, targets, reduction="none") == pytest.approx(errors, rel=1e-14, abs=1e-15)
    assert loss(outputs, targets, reduction="sum") == pytest.approx(sum(errors), rel=1e-14)
    assert loss(outputs, targets) == pytest.approx(sum(errors) / len(errors), rel=1e-14)
    assert flat(grad(loss)(outputs, targets)) == pytest.approx(flat(gradient), rel=1e-14, abs=1e-15)


@cases
@pytest.mark.parametrize("exact", [False, True])
def test_a_program_of_outputs_and_targets_gives_the_loss_and_its_gradient(name, exact):
    loss, outputs, targets = CASES[name]
    for f in (loss, grad(loss)):
        program = compile(f, exact=exact)
        assert all(map(same, flat(program(outputs, targets)), flat(f(outputs, targets))))
        assert not program.listings[0][1].guards


@cases
def test_the_hessian_by_an_exact_program_has_the_bits(name):
    loss, outputs, targets = CASES[name]
    f = hessian(loss)
    assert all(map(same, flat(compile(f, exact=True)(outputs, targets)), flat(f(outputs, targets))))


@cases
def test_rows_with_parameters_add_up_the_gradient(name):
    loss, outputs, targets = CASES[name]
    scale, shift = Value(0.75), Value(-0.25)

    def of_sample(output, target):
        moved = (
            [scale * x + shift for x in output] if isinstance(output, (list, np.ndarray)) else scale * output + shift
        )
        return loss([moved], [target])

    program = compile(of_sample)
    mean = ag.mean(of_sample(output, target) for output, target in zip(outputs, targets))
    mean.backward()
    program.loss_and_grad([0.5, 0.5], np.array(outputs), np.array(targets))  # it finds the parameters
    found, gradient = program.loss_and_grad(
        parameters_to_vector(program.parameters), np.array(outputs), np.array(targets)
    )
    assert found == pytest.approx(mean.data, rel=1e-14, nan_ok=True)
    assert gradient == pytest.approx([x.grad for x in program.parameters], rel=1e-13, nan_ok=True)


def test_exported_code_takes_the_label_as_an_argument():
    program = compile(value_and_grad(cross_entropy), exact=True)
    program(LOGITS[0], 0)
    names = {}
    exec(program.to_python("loss"), names)
    for label in (0, 1, 2):
        assert names["loss"]([*LOGITS[0], float(label)]) == flat(value_and_grad(cross_entropy)(LOGITS[0], label))
    assert all(map(math.isnan, names["loss"]([*LOGITS[0], 3.0])))
    assert "INFINITY" in program.to_c("loss")


@pytest.mark.skipif(backend != "native", reason="machine code needs the compiled engine")
@pytest.mark.parametrize("exact", [False, True])
def test_machine_code_takes_the_label_as_an_argument(compiler, exact):  # noqa: ARG001  # it skips where there is none
    plain, own = (compile(value_and_grad(cross_entropy), exact=exact, target=target) for target in (None, "c"))
    rows = np.array([LOGITS[0]] * 5), [0, 1, 2, 3, 0.5]
    assert own(LOGITS[0], 1) == plain(LOGITS[0], 1)
    for found, wanted in zip(own.map(*rows), plain.map(*rows)):
        np.testing.assert_allclose(found, wanted, rtol=1e-14)


def test_a_sample_alone_is_a_row_and_its_label():
    row = [0.5, -1.25, 2.0]
    (wanted,) = cross_entropy([row], [2], reduction="none")
    ways = [2, 2.0, np.int64(2), np.float64(2.0), Value(2.0), [0.0, 0.0, 1.0], np.array([0.0, 0.0, 1.0])]
    for label in ways:
        for reduction in ("mean", "sum", "none"):
            assert float(cross_entropy(row, label, reduction=reduction)) == pytest.approx(wanted, rel=1e-15)
    assert compile(cross_entropy)(row, 2) == compile(cross_entropy)([row], [2]) == wanted
    assert compile(cross_entropy)(np.array(row), np.array([0.0, 0.0, 1.0])) == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize("label", [3.0, -1.0, 0.5, math.nan, math.inf, -math.inf])
def test_a_label_that_is_no_class_makes_the_loss_of_a_program_nan(label):
    program = compile(lambda row, label: cross_entropy([row], [label]))
    assert math.isnan(program([0.5, -1.25, 2.0], label))
    assert list(map(math.isnan, program.map(np.ones((3, 3)), [0.0, label, 2.0]))) == [False, True, False]


def test_labels_that_a_loss_does_not_know_make_it_nan_in_a_program():
    for loss, wrong in ((hinge, [0.0, 0.5, math.nan]), (binary_cross_entropy, [-1.0, 1.5, math.nan])):
        program = compile(lambda x, y, loss=loss: loss([x], [y]))
        assert all(map(math.isnan, program.map([0.5] * 3, wrong)))
        assert not math.isnan(program(0.5, 1.0))


# --------------------------------------------------------------------------- tails


@pytest.mark.parametrize("x", [0.0, 0.3, -2.0, 40.0, -40.0, 345.6, -345.6, 700.0, -700.0, 1e5, -1e5, 1e-300])
@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("way", ["recorded", "program", "rows"])
def test_binary_cross_entropy_and_its_derivatives_keep_their_digits(x, label, way):
    with mp.workdps(700):
        z = mpf(-x if label else x)
        p = 1 / (1 + mp.exp(-z))
        wanted = mp.log1p(mp.exp(z)), -p if label else p, p / (1 + mp.exp(z))
    orders = [binary_cross_entropy, grad(binary_cross_entropy), hessian(binary_cross_entropy)]
    for f, want in zip(orders, wanted):
        if way == "rows":
            of_row = compile(lambda x, label, f=f: flatten_one(f([x], [label])))
            got = of_row.map([0.5, x, 1.0], [0.0, label, 1.0])[1]
        else:
            (got,) = flat((compile(f) if way == "program" else f)([x], [label]))
        assert ulps(float(got), want) <= 16.0 or abs(want) < mpf("2.3e-308")


def flatten_one(x):
    return flatten_one(x[0]) if isinstance(x, list) else x


def test_huber_has_its_derivatives_on_both_sides_of_its_limits():
    slopes = {-3.0: (-2.0, 0.0), -1.0: (-1.0, 1.0), 0.0: (0.0, 1.0), 1.5: (1.5, 1.0), 5.0: (2.0, 0.0)}
    for f in (lambda x: huber([x], [0.0], delta=2.0), compile(lambda x: huber([x], [0.0], delta=2.0))):
        assert {x: (grad(f)(x), grad(grad(f))(x)) for x in slopes} == slopes
        assert (grad(f)(2.0), grad(f)(-2.0)) == (2.0, -2.0)


def test_mae_has_no_slope_where_an_error_is_zero():
    assert grad(mae)([1.0, 2.0, 0.0], [1.0, 1.0, 1.0]) == [0.0, 1.0 / 3.0, -1.0 / 3.0]


def test_confident_answers_have_a_loss_and_a_gradient_in_a_program():
    small = 4.248354255291589e-18
    for program in (compile(cross_entropy), compile(cross_entropy, exact=True)):
        for label in (0, [1.0, 0.0]):
            assert program([40.0, 0.0], label) == pytest.approx(small, rel=1e-15)
            assert program.grad([40.0, 0.0], label) == pytest.approx([-small, small], rel=1e-15)


def test_a_wrong_answer_of_probability_zero_has_an_infinite_loss_in_a_program():
    program = compile(cross_entropy)
    assert program([-math.inf, 1.0, 1.0], 0) == math.inf
    assert program.grad([-math.inf, 1.0, 1.0], 0) == [-1.0, 0.5, 0.5]


@pytest.mark.parametrize("loss", [cross_entropy, binary_cross_entropy])
def test_nothing_decides_but_the_label(loss):
    """All numbers of a network may be rounded as vectors round them."""
    w = Value(0.5)

    def of_sample(x, y, label):
        return loss([[w * x + y, w * y - x]] if loss is cross_entropy else [w * x + y], [label])

    for program in (compile(of_sample), compile(grad(of_sample))):
        program(0.5, 0.25, 1.0)
        decisive = find_decisive(program.listings[0][1])
        assert [decisive[x] for x in (0, 1, 3)] == [0, 0, 0]  # x, y and w; register 2 is the label
