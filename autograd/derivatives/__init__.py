"""Derivatives as graphs of Values, which can be differentiated, drawn and compiled again.

Read `chain_rule.py` first: reverse mode, node by node; `forward.py` is forward mode. `transforms.py` builds grad() and
its relatives on them, `matrices.py` builds Jacobians and Hessians. `anomaly.py` finds the operation that made a nan.
"""
