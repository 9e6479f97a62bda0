"""The passes as the build compiles them give the same as in Python."""

import random
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import engine
from autograd.compiler import _machine, passes
from autograd.compiler.codes import NAMES
from autograd.compiler.ir import Listing
from autograd.compiler.passes import (
    analysis,
    dead_code,
    emission,
    fusion,
    grouping,
    products,
    registers,
    simplification,
)
from autograd.compiler.reductions import schedule_reductions
from autograd.compiler.trace import trace
from autograd.operations.operation import TABLE
from autograd.pytree import flatten
from autograd.testing import expressions, points_for
from nn import MLP
from nn.losses import cross_entropy, hinge
from tests.effort import examples

pytestmark = pytest.mark.skipif(engine.compiled is None, reason="there is only the readable engine")


def parts(x):
    """What a pass gives, for a comparison of every bit."""
    if hasattr(x, "codes"):
        constants = [constant.hex() for constant in x.constants.numbers]
        return [*map(list, (x.codes, x.starts, x.operands, x.targets)), x.conditions, sorted(x.decisive), constants]
    if hasattr(x, "of_register"):
        constants = [constant.hex() for constant in x.constants]
        return [*map(list, (x.of_register, x.of_constant)), constants, x.n_uniform, x.n_registers]
    if isinstance(x, tuple):
        return [parts(part) for part in x]
    return x if isinstance(x, dict | int | bool) else list(x)


def agreed(module, name, *args):
    """The result of a pass, after a comparison of both."""
    readable = getattr(module, name)(*args)
    assert parts(getattr(passes, name)(*args)) == parts(readable), name
    return readable


def compare(listing):
    """Run all passes on a listing, and compare both of each."""
    agreed(analysis, "count_uses", listing)
    agreed(dead_code, "eliminate_dead_code", listing)
    needed = agreed(analysis, "find_ancestors", listing, listing.targets)
    cancelling = agreed(analysis, "find_cancelling", listing, needed, agreed(analysis, "find_signs", listing, needed))
    agreed(analysis, "find_cancelling_sums", listing, cancelling, listing.targets.tolist())
    agreed(analysis, "find_signs", listing)
    agreed(analysis, "is_correctly_rounded", listing)
    agreed(analysis, "signs_of_constants", listing)
    listing = agreed(simplification, "simplify", listing)
    for totals in ((), tuple(listing.targets)):
        agreed(products, "fuse_products", listing, totals)
    agreed(products, "fuse_products", listing, (), True)
    compare_for_the_machine(agreed(products, "fuse_products", listing))


def compare_for_the_machine(listing):
    """The same for the passes that know sums of products."""
    if listing.n_inputs:
        listing = agreed(fusion, "split_uniform_products", listing)
        listing = agreed(fusion, "fuse_activations", listing)
        listing = agreed(grouping, "pair_neighbours", listing, agreed(analysis, "find_varying", listing))
    varies = agreed(analysis, "find_varying", listing)
    agreed(analysis, "find_decisive", listing)
    inexact = agreed(analysis, "find_inexact", listing)
    groups = agreed(grouping, "find_groups", listing, varies)
    schedule = schedule_reductions(listing, [], varies, groups, exact=False)
    agreed(grouping, "find_runs", listing, varies, schedule)
    memory = agreed(registers, "allocate", listing, varies, schedule, listing.targets)
    agreed(registers, "allocate", listing, varies, schedule, listing.targets, True)
    agreed(grouping, "by_levels", listing)
    numbers = _machine.load().operation_numbers()
    table = array("i", [numbers.get(name, -1) for name in NAMES])
    instead, behind = ({1: ([5, 6], 2)}, {0: [7, 8]}) if len(listing) > 2 else ({}, {})
    agreed(emission, "emit", listing, table, varies, inexact, memory, instead, behind)


@given(data=st.data())
def test_on_expressions(data):
    f = data.draw(expressions())
    point = data.draw(points_for(f))
    compare(trace(f, list(point), flatten(tuple(point), "", "")[1]).listing)


def network(loss, inputs, outputs, labels):
    """The trace of the loss of a network and its gradients."""
    model = MLP(inputs, [5, 4, outputs], rng=0)
    numbers = [0.25 * i - 0.5 for i in range(inputs)] + labels
    _, tree = flatten((numbers,), "", "")
    return trace(lambda xs: loss(model(xs[:inputs]), xs[inputs:]), numbers, tree, with_gradients=True).listing


def test_on_the_gradients_of_networks():
    compare(network(lambda scores, labels: cross_entropy([scores], labels), 3, 4, [2.0]))
    compare(network(lambda score, labels: hinge([score], labels), 3, 1, [-1.0]))


def test_on_a_constant():
    compare(trace(lambda x: 3.0, [1.0], flatten((1.0,), "", "")[1]).listing)  # noqa: ARG005  # an unused input
    compare(Listing(0, 0, [], [2.0], []))


NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0, 4.0, float("inf"), float("nan"), 1e308]
OFTEN = ["add", "subtract", "multiply", "negative", "multiply", "add", "relu", "step", "tanh", "sech_squared"]


def random_listing(rng, names):
    """Steps of all kinds over registers and constants, with results, guards and decisions among them."""
    n_inputs, n_parameters = rng.randrange(3), rng.randrange(1, 4)
    n = n_inputs + n_parameters
    steps = []
    for _ in range(rng.randrange(40)):
        name = rng.choice(names) if rng.random() < 0.8 else rng.choice(list(TABLE))
        arity = 1 + 2 * rng.randrange(4) if name == "dot" else len(TABLE[name].formulas)
        near = rng.random() < 0.5
        registers = range(max(0, n - 4), n) if near else range(n)
        operands = [rng.choice(NUMBERS) if rng.random() < 0.2 else rng.choice(registers) for _ in range(arity)]
        steps.append((name, tuple(operands)))
        n += 1

    def some(count):
        return [rng.choice(NUMBERS) if rng.random() < 0.1 else rng.randrange(n) for _ in range(rng.randrange(count))]

    guards = [("<", rng.randrange(n), x, True) for x in some(3)]
    decisive = [x for x in some(3) if type(x) is int] if rng.random() < 0.3 else []
    return Listing(n_inputs, n_parameters, steps, [*some(4), n - 1], guards, decisive)


@examples(300)
@given(seed=st.integers(0, 2**32))
def test_on_random_listings(seed):
    compare(random_listing(random.Random(seed), OFTEN))
    compare_for_the_machine(random_listing(random.Random(seed), ["dot", "dot", *OFTEN]))
