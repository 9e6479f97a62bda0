"""What keeps the source readable: short files, short functions, short errors, plain sentences."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path
    for folder in ("autograd", "nn", "tests", "demos", "docs", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if ".cache" not in path.parts
)
SOURCES = [path for path in FILES if path.relative_to(ROOT).parts[0] in ("autograd", "nn")]
PHRASES = (
    r"of which",
    r"what (it|they) comes? to",
    r"none of any",
    r"of no account",
    r"is not to be missed",
    r"not so have",
    r"of what is most often",
)

pytestmark = pytest.mark.skipif(not (ROOT / "autograd").exists(), reason="the sources are not here")


def name(path):
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def statements(node):
    """All statements in a statement, and itself."""
    yield node
    for blocks in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, blocks, ()):
            yield from statements(inner)


def test_no_file_has_more_than_400_lines_and_no_function_more_than_60():
    for path in FILES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, name(path)
        for node in statements(tree(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                documented = ast.get_docstring(node, clean=False)
                lines = node.end_lineno - node.lineno + 1 - (documented or "").count("\n")
                assert lines <= 60, (name(path), node.name)


def sentence(node):
    """The text of a message, with one word in place of each value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(sentence, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return sentence(node.left) + sentence(node.right)
    return "x"


def words(text):
    return len(re.findall(r"\w\S*", text))


def test_no_error_has_more_than_25_words():
    for node in (node for path in SOURCES for node in statements(tree(path))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            message = sentence(node.exc.args[0])
            assert words(message) <= 25, message


def test_words_of_a_message_are_counted():
    (raised,) = ast.parse('raise ValueError(f"{name}() takes {n} numbers, got {m}; " "pass more" + hint)').body
    assert sentence(raised.exc.args[0]) == "x() takes x numbers, got x; pass morex"
    assert words(sentence(raised.exc.args[0])) == 8


TEXTS = [
    path
    for pattern in ("*.md", "autograd/**/*.p*", "autograd/**/*.[ch]", "nn/**/*.py", "docs/*.md", "setup.py")
    for path in sorted(ROOT.glob(pattern))
    if path.suffix in (".md", ".py", ".pyi", ".pyx", ".pxi", ".pxd", ".c", ".h")
]


def test_sentences_are_plain():
    for path in TEXTS:
        text = " ".join(re.sub(r"[#*]", " ", path.read_text(encoding="utf-8")).split())
        found = re.search("|".join(PHRASES), text, re.IGNORECASE)
        assert found is None, (name(path), text[found.start() - 60 : found.end() + 60])
