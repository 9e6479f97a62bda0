"""The evaluator of compiled programs, in C: a switch over instructions, for one row of data or for blocks of rows.

Read `machine.h` first: it says what an instruction is.
"""
