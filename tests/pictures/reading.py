"""Read a picture: its texts, and its nodes."""

from xml.etree import ElementTree

import graphviz

SVG = "{http://www.w3.org/2000/svg}"


def texts_of(document: str) -> list[str]:
    """The lines of text in a document of SVG, as a reader sees them, but for the shifts of digits."""
    tree = ElementTree.fromstring(document)
    notes = [group for group in tree.iter(f"{SVG}g") if group.get("class") == "vg-note"]  # one line, if there is room
    wrapped = {text: note for note in notes for text in note}
    units = dict.fromkeys(wrapped.get(text, text) for text in tree.iter(f"{SVG}text"))
    parts = [[*unit] if unit in notes else [unit] for unit in units]
    return [" ".join(["".join(x.itertext()).replace("\u200b", "") for x in part]) for part in parts]


def texts(picture: graphviz.Digraph) -> list[str]:
    """Those of a picture."""
    return texts_of(picture.pipe(format="svg", encoding="utf-8"))


def titles(picture: graphviz.Digraph, kind: str) -> list[str]:
    """The titles of the nodes of a kind."""
    tree = ElementTree.fromstring(picture.pipe(format="svg", encoding="utf-8"))
    groups = [group for group in tree.iter(f"{SVG}g") if group.get("class") == f"vg-{kind}"]
    return [group.findtext(f"{SVG}title", "") for group in groups]
