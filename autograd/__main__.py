"""`python -m autograd` says which version this is, which engine runs, and why."""

from autograd import __version__
from autograd.engine import backend, reason

print(f"valuegrad {__version__}; engine: {backend}, {reason}")
