"""What pictures are drawn on: the colours (`themes.py`), a document of SVG (`paper.py`), and files (`picture.py`)."""
