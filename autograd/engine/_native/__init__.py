"""The compiled engine: `engine.pyx` is the twin of `value.py`, `kernels.py` writes its arithmetic from the table."""
