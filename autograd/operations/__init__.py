"""What each operation is: its number, its derivatives, where it is smooth, how it is written.

Read `table.py` first, one row for each operation; then `operation.py`, which makes a row callable.
"""
