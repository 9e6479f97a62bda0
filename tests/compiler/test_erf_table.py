"""erf_table.h is what its script writes, and each of its numbers is the double next to the exact one."""

import re
from pathlib import Path

import pytest
from mpmath import mp

from autograd.compiler._machine import erf_table

TEXT = Path(erf_table.__file__).with_suffix(".h").read_text(encoding="utf-8")
EXACT = {
    "erf": mp.erf,
    "erf_slope": lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x),
    "normal_tail": lambda x: 2**127 * mp.erfc(x / mp.sqrt(2)),
    "normal_density": lambda x: 2**128 * mp.npdf(x),
}


def test_the_table_is_written_by_its_script():
    assert erf_table.header() == TEXT, "run: python -m autograd.compiler._machine.erf_table"


@pytest.mark.parametrize("name", EXACT)
def test_each_number_is_the_double_next_to_the_exact_one(name):
    _, length, numbers = re.search(rf"vm_({name})_at\[(\d+)\] = \{{(.*?)\}}", TEXT, re.DOTALL).groups()
    found = [float(x) for x in numbers.split(",")]
    with mp.workdps(60):
        wanted = [float(EXACT[name](mp.mpf(n) / 64)) for n in range(len(found))]
    assert found == wanted
    assert len(found) < int(length)


def test_beyond_the_table_erf_is_rounded_to_one_and_the_density_to_zero():
    with mp.workdps(60):
        assert mp.erfc(mp.mpf(str(erf_table.LAST_ERF))) < mp.mpf(2) ** -54
        assert mp.npdf(mp.mpf(str(erf_table.LAST_NORMAL))) < mp.mpf(2) ** -1075
