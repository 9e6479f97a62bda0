"""How numbers, names and formulas are written.

`numbers.py` shortens numbers, and `text.py` knows how wide a text is. `mathematics.py` writes formulas of the table in
Unicode and LaTeX, and `symbols.py` keeps labels apart from e and π. `formula.py` has latex(), and `algebra.py` makes
its formulas shorter.
"""
