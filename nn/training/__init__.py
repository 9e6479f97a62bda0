"""What fit() needs.

Read training.py first: the weights in one array, and their error. given.py checks what a training is given;
history.py, progress.py and curves.py show how it goes.
"""
