"""Chromium, driven by Playwright. A page that writes to the console, or asks for anything, fails its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value, view
from tests.pages.browser import Opened, chromium


@pytest.fixture(scope="module")  # while it is open, no other test can run an event loop
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="drives a browser: python -m pip install playwright")
    found = chromium()
    if found is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def load(browser: Any) -> Iterator[Callable[..., Opened]]:
    """A function that opens a file."""
    contexts, noise = [], []

    def load(path: Path, fragment: str = "", **settings: Any) -> Opened:
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        url = path.as_uri()
        page.on("console", lambda message: noise.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: noise.append(request.url) if request.url != url else None)
        page.on("dialog", lambda dialog: (noise.append(dialog.message), dialog.dismiss()))
        page.goto(url + fragment)
        return Opened(page)

    yield load
    for context in contexts:
        context.close()
    assert noise == []


@pytest.fixture
def show(load: Callable[..., Opened], tmp_path: Path) -> Callable[..., Opened]:
    """A function that opens the page of a graph."""

    def show(root: Value, settings: dict[str, Any] | None = None, **options: Any) -> Opened:
        path = view(root, tmp_path / "page.html", **options).path
        assert path is not None
        return load(path, **(settings or {}))

    return show


@pytest.fixture
def y() -> Value:
    x, w, bias = (Value(number, label=label) for number, label in ((2.0, "x"), (-3.0, "w"), (6.5, "bias")))
    y = (x * w + bias).tanh() * x
    y.label = "loss"
    return y


@pytest.fixture
def play(load, tmp_path):
    """A function that opens the playground of a model."""

    def play(*arguments, settings=None, **options):
        return load(nn.playground(*arguments, tmp_path / "page.html", **options).path, **(settings or {}))

    return play
