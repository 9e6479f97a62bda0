"""`python -m autograd` says which version is installed, which engine runs, and why."""

from importlib.metadata import PackageNotFoundError, version

from autograd.engine import backend, reason

try:
    release = version("valuegrad")
except PackageNotFoundError:
    release = "not installed, run from its sources"

print(f"valuegrad {release}; engine: {backend}, {reason}")
