"""view(): a recorded graph as a page in which backpropagation plays, and every input can be changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any, final

from autograd.engine import Value, topological_order
from autograd.pages.cards import Cards
from autograd.pages.document import document, languages, spoken, words_of
from autograd.pages.functions import Recorded, recorded
from autograd.pages.recording import Recording, javascript
from autograd.pictures.arguments import with_sentences
from autograd.pictures.drawing import DIRECTIONS
from autograd.pictures.graphs.choice import Choice, is_of_module
from autograd.pictures.graphs.labels import natural
from autograd.pictures.graphs.selection import Part
from autograd.pictures.notation.text import cut

LARGEST = 50_000
"""How many nodes a graph may have: more would make a page of many megabytes."""


@final
class Page:
    """A page as one HTML file. Jupyter shows it in a frame that has no access to the notebook.

    Attributes:
        html: the text of the file.
        path: where it was written; None if it was not.
    """

    def __init__(self, html: str, path: Path | None, title: str) -> None:
        self.html, self.path, self._title = html, path, title

    def _repr_html_(self) -> str:
        return (
            f'<iframe sandbox="allow-scripts allow-downloads" title="{escape(self._title)}" width="100%" '
            f'height="760" style="border:0" srcdoc="{escape(self.html)}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<page {self._title!r}{f' in {self.path}' if self.path else ''}>"


@with_sentences
def view(
    root: Value | Iterable[Value] | Callable[..., Any],
    path: str | os.PathLike[str] | None = None,
    *,
    inputs: Iterable[Any] | None = None,
    title: str = "",
    lang: str = "en",
    direction: str = "LR",
    partials: bool = True,
    depth: int | None = None,
    collapse: str | Iterable[str] | Callable[[str], bool] = (),
    max_nodes: int = 2000,
    parameters: Iterable[Value] = (),
) -> Page:
    """The graph that computed the root, as a page that plays it: forward to the result, and backward to each gradient.

    Each step says in words and numbers what happens. Each input has a slider; the page computes all numbers anew when
    you move it. It is one HTML file that makes no request. It recomputes what was recorded: of a Value, a branch that
    Python took stays taken; of a function, the page says where Python would take another branch. If `.data` changed
    after the recording, the page has the new number.

    Args:
        root: the result, or a list of results; or a function, a Program or a Module, together with its inputs.
        path: the file to write, which ends in .html; missing folders are made. None for none.
        inputs: the arguments of a function: numbers, and lists, tuples, dicts and arrays of them. Of a network that
            takes one list, they may be the numbers in it, as for draw().
        title: the heading; without it, one with the name of the function or of the root.
        lang: the language of the page: "en" or "ko".
        direction: see draw().
        partials: write the partial derivatives on the edges.
        depth, collapse, parameters: see draw(). They say which scopes are closed at first; a click opens one.
        max_nodes: the largest number of nodes and boxes at first; of a larger graph, scopes are closed.

    Returns:
        The page: its `html` is the text, and its `path` is where it was written.

    Raises:
        TypeError: the root is neither a Value nor a function with inputs, the function gives no Values or reads the
            number of one, or the path is none.
        ValueError: an unknown language or direction, a path that does not end in .html, an operation of your own
            without C, or more than max_nodes nodes.

    >>> from autograd import Value, view
    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> page = view((x * w).tanh())
    >>> "Backpropagation of" in page.html
    True
    """
    shown = _recorded(root, inputs)
    for name, value, known in (("direction", direction, DIRECTIONS), ("lang", lang, languages())):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, got {value!r}; leave it out for the first one")
    if not isinstance(title, str):
        raise TypeError(f'title is a text, got {type(title).__name__}; write title="One neuron"')
    target = file_of(path)
    words = words_of(lang)
    choice = Choice.of(depth, collapse, None, max_nodes, parameters)
    graph, compute = player_of(shown, choice, words, direction=direction, partials=partials)
    names = ", ".join([graph["nodes"][i]["name"] for i in graph["roots"]])
    heading = title or words["title"].replace("{name}", cut(shown.name or shown.roots[0].label or names, 60))
    html = document(words, lang, heading, words["intro"], compute, graph)
    return written(html, target, heading)


def player_of(
    shown: Recorded, choice: Choice, words: Mapping[str, str], *, direction: str = "LR", partials: bool = True
) -> tuple[dict[str, Any], str]:
    """What the player reads: the facts of a graph, and a module of JavaScript that computes its numbers.

    The module has compute(x) for numbers of the leaves. Their positions are in the facts, as `leaves`, in the order of
    the computation.

    Args:
        words: its strings.
    """
    order = topological_order(*shown.roots)
    if len(order) > LARGEST:
        raise ValueError(
            f"view() shows at most {LARGEST} nodes, got {len(order)}; show the loss of one sample, or a part of it"
        )
    cards = Cards(Part(shown.roots, order, order), choice)
    recording = Recording(shown.roots, order, shown.comparisons)
    lines = dict.fromkeys(shown.lines[node] for node in order if node in shown.lines)
    numbers = {line: i for i, line in enumerate(lines)}
    nodes = [{**facts, **card} for facts, card in zip(recording.facts(), cards.nodes())]
    for node, facts in zip(order, nodes):
        if shown.lines.get(node):
            facts["line"] = numbers[shown.lines[node]]
    leaves = recording.leaves
    graph = {
        "words": spoken(words),
        "nodes": nodes,
        "roots": recording.roots(),
        "leaves": leaves,
        "listed": _listed([order[i] for i in leaves], shown.arguments, choice),
        "numbers": [javascript(order[i]._number) for i in leaves],
        "guards": recording.guards(),
        "lines": [*lines],
        "templates": cards.templates(),
        "scopes": cards.scopes(),
        "groups": cards.groups(),
        "isFree": choice.depth is None and choice.collapse in ((), ""),
        "direction": direction,
        "hasPartials": partials,
    }
    return graph, recording.module()


def _listed(leaves: list[Value], arguments: tuple[Value, ...], choice: Choice) -> list[int]:
    """The order in which people see the leaves: arguments, other inputs, and parameters by their modules."""
    places = {x: k for k, x in enumerate(arguments)}

    def rank(k: int) -> Any:
        leaf = leaves[k]
        path = natural(leaf._scope) if is_of_module(leaf) else []
        return choice.is_parameter(leaf), places.get(leaf, len(places)), path

    return sorted(range(len(leaves)), key=rank)


def written(html: str, target: Path | None, title: str) -> Page:
    """The page, in this file if there is one."""
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8", newline="\n")
    return Page(html, target, title)


def _recorded(root: Any, inputs: Iterable[Any] | None) -> Recorded:
    """What to show: the results, and what they depend on."""
    if callable(root) and not isinstance(root, (type, Value)):
        if inputs is None:
            raise TypeError("a function is called to be shown; pass its arguments as inputs=[2.0, -3.0]")
        return recorded(root, inputs)
    roots = [root] if isinstance(root, Value) else list(root) if isinstance(root, (list, tuple)) else []
    if not roots or not all(isinstance(x, Value) for x in roots):
        kinds = ", ".join(sorted({type(x).__name__ for x in roots if not isinstance(x, Value)}))
        got = f"{type(root).__name__} of {kinds}" if kinds else "an empty list" if root == [] else type(root).__name__
        raise TypeError(f"view() shows a Value or a list of Values, got {got}; pass the result of a computation")
    if inputs is not None:
        raise TypeError("a Value has no inputs; leave out inputs, or pass the function that computes it")
    return Recorded([*dict.fromkeys(roots)], [], {})


def file_of(path: Any) -> Path | None:
    """The path of a page, checked."""
    if path is None:
        return None
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f'path is that of a file, got {type(path).__name__}; write "graph.html"')
    target = Path(path)
    if not target.name:
        raise ValueError(f'path is that of a file, got {os.fspath(path)!r}; write "graph.html"')
    if target.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"path ends in .html, got {str(target)!r}; write {str(target.with_suffix('.html'))!r}")
    return target
