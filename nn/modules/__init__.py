"""Modules beside those of layers.py: linear.py, norms.py and dropout.py."""
