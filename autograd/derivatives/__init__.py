"""Derivatives as graphs of Values, which can be differentiated, drawn and compiled again.

Read `chain_rule.py` first: reverse and forward mode, node by node. `transforms.py` builds grad() and its relatives on
it, `matrices.py` builds Jacobians and Hessians. `anomaly.py` finds the operation that made a nan.
"""
