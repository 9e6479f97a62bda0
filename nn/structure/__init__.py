"""What a Module is made of. Read contents.py first, which finds its Values and modules.

naming.py gives them paths, state.py makes arrays of them, summary.py a table, and diagram.py a diagram.
"""
