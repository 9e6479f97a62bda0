"""Programs are pickled without their function, and run in other processes."""

import pickle
import pickletools
import subprocess
import sys

import numpy as np
import pytest

from autograd import Program, Value, backend, compile


def test_a_program_survives_in_another_process():
    w = Value(3.0, label="w")
    program = compile(lambda x: w * x if x > 0.0 else x)
    assert [program(2.0), program(-2.0)] == [6.0, -2.0]
    program.backward([1.0, 2.0])
    code = (
        "import pickle, sys; p = pickle.loads(sys.stdin.buffer.read()); "
        "print(p(2.0), p(-2.0), p.backward([1.0, 2.0]), p.parameters[0].label, p.fingerprint)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(program), capture_output=True, check=True)
    assert done.stdout.decode().split() == ["6.0", "-2.0", "4.5", "w", program.fingerprint]


@pytest.mark.skipif(backend != "native", reason="only the compiled engine takes other arrays than those of NumPy")
@pytest.mark.parametrize("numpy", ["None", "type(sys)('numpy')"], ids=["forbidden", "half imported"])
def test_a_program_runs_where_numpy_is_not(numpy):
    program = compile(lambda x: x[0] * x[1])
    program(np.ones(2))
    code = (
        f"import array, pickle, sys; sys.modules['numpy'] = {numpy}; p = pickle.loads(sys.stdin.buffer.read()); "
        "print(p(memoryview(array.array('d', [2.0, 3.0]))))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(program), capture_output=True, check=True)
    assert done.stdout.decode().strip() == "6.0"


def test_a_reloaded_program_says_that_it_cannot_trace():
    program = compile(lambda x: x if x > 0.0 else -x)
    program(1.0)
    reloaded = pickle.loads(pickle.dumps(program))
    assert reloaded(2.0) == 2.0
    with pytest.raises(RuntimeError, match="compile the function again"):
        reloaded(-1.0)
    with pytest.raises(RuntimeError, match="compile the function again"):
        _ = reloaded.grad


def test_a_pickle_names_no_module_inside_autograd():
    w = Value(3.0)
    program = compile(lambda x: {"a": [x["b"][0] * w, x["b"]]})
    program({"b": np.ones(2)})
    inner = compile(lambda x: w * x)
    inner.backward(np.ones(3))
    inner.grad(1.0)
    names = [x for _, x, _ in pickletools.genops(pickle.dumps([program, inner], protocol=2)) if isinstance(x, str)]
    assert {x.split()[0] for x in names if x.startswith("autograd")} == {"autograd"}


def test_a_pickle_of_another_format_is_refused():
    program = compile(lambda x: x)
    program(1.0)
    state = program.__getstate__() | {"format": 99}
    with pytest.raises(ValueError, match="has the format 99"):
        Program.__new__(Program).__setstate__(state)


def test_the_program_runs_on_the_engine_that_is_chosen():
    program = compile(lambda x: x * x)
    program(1.0)
    names = {"native": "MachineEvaluator", "python": "NumpyEvaluator"}
    assert type(program._specializations[0].paths[0].evaluator).__name__ == names[backend]
