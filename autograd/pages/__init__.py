"""Pages that move: `view()` writes a recorded graph as one HTML file in which it plays.

Read `player.py` first, the public function. `functions.py` calls a function to record it, `recording.py` lists what the
graph computes, `cards.py` names what is drawn, and `document.py` makes a page of all that needs nothing else. `assets/`
has the frame, the style, the scripts and the words; in its order, `player.js` is the last to read.
"""
