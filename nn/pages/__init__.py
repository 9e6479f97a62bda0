"""Pages in which a network trains, or has trained.

Read `playground.py` first, the public function; `run.py` keeps the epochs of a training for its page. `writing.py`
writes both pages: `programs.py` exports what they compute as JavaScript, `facts.py` lists what they show, and
`assets/` has the body, the style, the scripts and the words.
"""
