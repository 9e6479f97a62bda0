"""`python -m autograd` says which version this is, which vectors compiled programs use, which engine runs, and why."""

from autograd import __version__
from autograd.compiler import _machine
from autograd.engine import backend, reason

vectors = f"vectors of {_machine.load().numbers_at_a_time()} numbers; " if backend == "native" else ""
print(f"valuegrad {__version__}; {vectors}engine: {backend}, {reason}")
