"""Networks in files, and for other libraries. Read saving.py first: save, load and load_state.

safetensors.py reads and writes such files, and architecture.py says what they may build. chain.py takes a network apart
into steps, for onnx.py and pytorch.py.
"""

from nn.files.saving import load, load_state, save

__all__ = ["load", "load_state", "save"]
