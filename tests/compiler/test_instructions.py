"""The instructions of the machine: one description, from which Python writes them and C reads them."""

import pytest

from autograd import TABLE
from autograd.compiler.instructions import DOT, GATE, INSTRUCTIONS


def test_each_instruction_has_a_number_of_its_own_above_those_of_the_operations():
    numbers = [instruction.number for instruction in INSTRUCTIONS]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 2 * len(TABLE)


def test_an_instruction_is_its_number_and_its_operands_in_order():
    assert GATE.encode(out=3, a=0, b=1, c=-1) == [246, 3, 0, 1, -1]
    code = DOT.encode(pairs=[7, -2, 8, 9], out=5, start=-1, n_uniform=1, n_varying=1, after=0, gate=0)
    assert code == [240, 5, -1, 1, 1, 0, 0, 7, -2, 8, 9]


def test_an_instruction_needs_all_of_its_operands():
    with pytest.raises(KeyError, match="c"):
        GATE.encode(out=3, a=0, b=1)


@pytest.mark.parametrize("instruction", INSTRUCTIONS, ids=lambda x: x.name)
def test_single_integers_come_first_and_give_the_lengths_of_the_others(instruction):
    single = [name for name, length in instruction.fields if not length]
    assert [name for name, _ in instruction.fields[: len(single)]] == single
    names = dict.fromkeys(single, 2)
    for name, length in instruction.fields[len(single) :]:
        assert eval(length, {}, names) > 0, name
    assert len({name for name, _ in instruction.fields}) == len(instruction.fields)
