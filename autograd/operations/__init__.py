"""What each operation is: its float function, its derivatives, where it is smooth, how it is written.

Read `table.py` first, one entry for each operation; then `operation.py`, which makes an entry callable, and
`functions.py`, composed from operations. `formulas.py` compiles the partials, `coercion.py` says what a number is.
"""
