"""Calls of composed functions, such as softmax: `calls.py` finds them in a graph, `steps.py` makes one step of each."""
