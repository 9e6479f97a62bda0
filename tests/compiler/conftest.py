"""What several tests of programs need."""

import pytest

from autograd import backend
from autograd.compiler import _machine


@pytest.fixture(params=[1, 2, 4, 8])
def vectors(request):
    """Each number of rows that sums of products may take at a time, if the engine has a choice; 1 is for row by row."""
    if backend == "python":
        if request.param != 4:
            pytest.skip("only the compiled engine has vectors of numbers")
        yield
        return
    before = _machine.load().numbers_at_a_time()
    try:
        _machine.load().numbers_at_a_time(request.param)
    except ValueError as error:
        pytest.skip(str(error))
    yield
    _machine.load().numbers_at_a_time(before)
