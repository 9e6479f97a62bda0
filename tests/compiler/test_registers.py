"""Where numbers lie: as few registers as are needed at a time, and one address for each number that is uniform."""

from autograd.compiler.passes.analysis import find_varying
from autograd.compiler.passes.registers import allocate
from autograd.compiler.reductions import Reduction
from tests.compiler.test_passes import listing


def allocated(listed, schedule=None, outputs=()):
    schedule = {x - listed.first: reductions for x, reductions in (schedule or {}).items()}
    return allocate(listed, find_varying(listed), schedule, [*map(listed.operand, outputs)])


def test_a_result_takes_the_register_of_an_operand_that_nobody_needs_again():
    memory = allocated(listing([("add", (0, 1)), ("exp", (0,)), ("add", (2, 3))], []), outputs=[4])
    assert memory.addresses([2, 3, 4]) == [1, 0, 0]
    assert memory.n_registers == 2


def test_outputs_and_what_is_compared_keep_their_registers():
    steps = [("exp", (0,)), ("exp", (2,)), ("exp", (3,))]
    assert allocated(listing(steps, []), outputs=[2, 4]).n_registers == 3
    assert allocated(listing(steps, [], guards=[("<", 2, 3, True)])).n_registers == 4


def test_factors_of_a_sum_over_rows_keep_their_registers_until_it_has_run():
    listed = listing([("exp", (0,)), ("exp", (1,)), ("exp", (3,))], [], n_inputs=2)
    assert allocated(listed).addresses([2, 3, 4]) == [0, 1, 1]
    assert allocated(listed, {3: [Reduction([2], [3], [0])]}).addresses([2, 3, 4]) == [0, 1, 1]
    assert allocated(listed, {3: [Reduction([1], [3], [0])]}).addresses([2, 3, 4]) == [0, 2, 2]


def test_uniform_numbers_are_parameters_then_constants_then_results():
    listed = listing([("multiply", (1, 2.0)), ("add", (2, 0.0)), ("add", (3, -0.0))], [4], n_inputs=1, n_parameters=1)
    memory = allocated(listed, outputs=[4])
    operands = map(listed.operand, [1, 2.0, 0.0, -0.0, 2, 3, 4])
    assert memory.addresses(operands) == [-1, -2, -3, -4, -5, -6, -7]
    assert (memory.n_uniform, memory.n_registers) == (7, 1)
    assert repr(memory.constants.tolist()) == "[2.0, 0.0, -0.0]"


def test_an_operand_is_a_register_from_0_on_and_a_constant_below():
    listed = listing([("multiply", (0, 2.0)), ("add", (2, 3.0))], [])
    operands = [listed.operand(x) for x in (0, 1, 2.0, 3.0)]
    assert [*map(allocated(listed).address, operands)] == allocated(listed).addresses(operands) == [0, 1, -1, -2]


def test_the_lowest_free_register_is_taken_if_that_is_asked_for():
    steps = [("exp", (0,)), ("exp", (1,)), ("add", (0, 1)), ("sin", (2,)), ("sin", (3,)), ("sin", (5,))]
    listed = listing(steps, [])
    outputs = [listed.operand(x) for x in (4, 6, 7)]

    def addresses(lowest):
        return allocate(listed, find_varying(listed), {}, outputs, lowest).addresses(range(2, 8))

    assert addresses(False) != addresses(True)
    assert max(addresses(True)) == max(addresses(False)) == 3
