"""What fit() needs.

Read training.py first: the weights in one array, and their error. history.py and progress.py show how it goes.
"""
