"""Read a picture: its texts, and its nodes."""

from xml.etree import ElementTree

import graphviz

SVG = "{http://www.w3.org/2000/svg}"


def texts_of(document: str) -> list[str]:
    """The lines of text in a document of SVG, as a reader sees them, but for the shifts of digits."""
    found = ElementTree.fromstring(document).iter(f"{SVG}text")
    return ["".join(text.itertext()).replace("\u200b", "") for text in found]


def texts(picture: graphviz.Digraph) -> list[str]:
    """Those of a picture."""
    return texts_of(picture.pipe(format="svg", encoding="utf-8"))


def titles(picture: graphviz.Digraph, kind: str) -> list[str]:
    """The titles of the nodes of a kind."""
    tree = ElementTree.fromstring(picture.pipe(format="svg", encoding="utf-8"))
    groups = [group for group in tree.iter(f"{SVG}g") if group.get("class") == f"vg-{kind}"]
    return [group.findtext(f"{SVG}title", "") for group in groups]
