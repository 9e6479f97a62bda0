"""compile(f): a function of Values is traced once, made shorter by passes, and replayed for one point or many rows.

Read `program.py` first, then `trace.py`, `ir.py` (what a trace is) and `passes.py`.
"""
