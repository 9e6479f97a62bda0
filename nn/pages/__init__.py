"""Pages in which a network trains.

Read `playground.py` first, the public function. `programs.py` exports what the page computes as JavaScript, `facts.py`
lists what it shows, and `assets/` has the template, the style, the scripts and the words.
"""
