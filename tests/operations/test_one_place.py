"""An operation is added in one place: an entry of the table with a float function is all that it needs."""

import shutil
import subprocess
import sys
from pathlib import Path

import autograd

FUNCTION = """

def cubed(a: float) -> float:
    return a * a * a
"""
ENTRY = """
cubed = Unary("cubed", "cube", floats.cubed, "a * a * a", ("3.0*a*a",), (REAL,), "{a}^3", "The third power.")
"""
USE = """
import pickle, runpy, sys
import autograd
from autograd import TABLE, Value, compile, draw, grad
from autograd.engine._native import kernels
from autograd.testing import check_gradients

assert autograd.backend == "python"
assert autograd.cubed is TABLE["cubed"] and "cubed" in autograd.__all__
assert autograd.cubed(2.0) == 8.0
x = Value(2.0)
y = x.cubed()
assert Value.cubed.__doc__ == "The third power."
assert (y.data, y.op, y.partials) == (8.0, "cubed", (12.0,))
assert grad(grad(autograd.cubed))(2.0) == 12.0
check_gradients(lambda x: autograd.cubed(x), 2.0, order=3)
assert "cube" in draw(y).source

p = compile(lambda x: autograd.cubed(x) + 1.0)
assert p(2.0) == 9.0 and p.grad(2.0) == 12.0 and p.map([1.0, 2.0]).tolist() == [2.0, 9.0]
assert pickle.loads(pickle.dumps(p))(2.0) == 9.0
assert pickle.loads(pickle.dumps(autograd.cubed)) is autograd.cubed
names = {}
exec(p.to_python("f"), names)
assert names["f"]([2.0]) == [9.0]
assert "x[0] * x[0] * x[0]" in p.to_c("f")

written = runpy.run_path(sys.argv[1])
assert "| `cubed` | $a^3$ | `3.0*a*a` |" in written["table"]()
assert "def cubed(self) -> Value: ..." in written["methods"]()
header = kernels.header()
assert "VG_CUBED" in header and "cubed_slopes" in header
assert "def cubed(self):" in kernels.declarations()
print(header)
"""


def test_one_entry_of_the_table_is_enough(tmp_path):
    package = Path(autograd.__file__).parent
    shutil.copytree(package, tmp_path / "autograd", ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    operations = tmp_path / "autograd" / "operations"
    with (operations / "floats.py").open("a", encoding="utf-8") as file:
        file.write(FUNCTION)
    table = operations / "table.py"
    before, end, after = table.read_text(encoding="utf-8").partition("\nif not TYPE_CHECKING:")
    table.write_text(before + ENTRY + end + after, encoding="utf-8")
    (tmp_path / "use.py").write_text(USE, encoding="utf-8")
    script = Path(__file__).parents[2] / "docs" / "operations.py"
    environment = {"PYTHONPATH": str(tmp_path), "VALUEGRAD_BACKEND": "python"}
    done = subprocess.run(
        [sys.executable, "use.py", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
