"""The picture of a computation graph, and its tree in a terminal.

`selection.py` picks a part of the graph (`places.py`: its operands as arrays), and `snapshot.py` says which nodes and
boxes the picture has (`choice.py`: what was asked for; `classes.py`: which nodes are alike; `boxes.py`: which boxes;
`facts.py`: what these tell; `composed.py`: calls of composed functions). `scene.py` gives them words (`wording.py`,
`labels.py`) and sizes (`stubs.py`: small ones), `layout.py` lets Graphviz place them (`siblings.py`: in order;
`rows.py`: in rows), and `svg.py` draws them; `show.py` does these in order. `dot.py` and `micrograd.py` write them in
Graphviz's language. `terminal.py` has tree().
"""
