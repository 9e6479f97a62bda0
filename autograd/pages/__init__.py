"""Pages that move: `view()` writes a recorded graph as one HTML file in which it plays.

Read `player.py` first, the public function. `recording.py` lists what the graph computes, `picture.py` draws it with
`pictures/`, and `document.py` makes a page of both that needs nothing else. `assets/` has the template, the style, the
scripts and the words.
"""
