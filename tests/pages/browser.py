"""A page in Chromium, as a person uses it: what tests of pages press, move and read."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from typing import Any, final

from autograd import Value
from autograd.engine import topological_order


def chromium() -> str | None:
    """Where Chromium is; None if it is nowhere."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@final
class Opened:
    """A page that is open.

    Args:
        page: that of Playwright.
    """

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, action: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.click(f'[data-action="{action}"]')

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; Playwright's own way evaluates text, which the page forbids."""
        for _ in range(400):
            if holds():
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(f"it did not hold within ten seconds; the page says {self.status!r}")

    @property
    def step(self) -> int:
        return int(self.page.get_attribute("[data-step]", "data-step"))

    @property
    def last(self) -> int:
        return int(self.page.get_attribute("#scrub", "max"))

    @property
    def status(self) -> str:
        return str(self.page.inner_text(".say[role=status]"))

    def scrub(self, step: int) -> None:
        self.page.evaluate(_MOVE, ["#scrub", str(step)])

    def drag(self, label: str, number: float) -> None:
        """Move a slider, which must reach the number."""
        self.page.evaluate(_MOVE, [f'[data-input="{label}"]', repr(number)])

    def write(self, numbers: list[float]) -> None:
        """Write numbers into the fields of all leaves."""
        self.page.evaluate(_WRITE, [repr(x) for x in numbers])

    def source(self) -> str:
        """The graph as Python."""
        self.page.click("#source summary")
        self.wait(lambda: self.page.inner_text("#code") != "")
        return str(self.page.inner_text("#code"))

    def numbers(self) -> dict[str, tuple[float, float]]:
        """The value and the gradient of each node, by its key."""
        found = self.page.evaluate(_READ)
        return {key: (float(value), float(grad)) for key, value, grad in found if value}


_MOVE = """([selector, number]) => {
  const slider = document.querySelector(selector);
  slider.value = number;
  slider.dispatchEvent(new Event("input"));
}"""

_WRITE = """(numbers) => document.querySelectorAll("[data-field]").forEach((field, k) => {
  field.value = numbers[k];
  field.dispatchEvent(new Event("change"));
})"""

_READ = """() => [...document.querySelectorAll("[data-node]")]
  .map(({ dataset }) => [dataset.node, dataset.value, dataset.grad])"""


def wanted(root: Value) -> dict[str, tuple[float, float]]:
    """The value and the gradient of each node by the engine; gradients of an earlier backward() are forgotten."""
    order = topological_order(root)
    for node in order:
        node.grad = 0.0
    root.backward()
    return {f"value{i}": (node.data, node.grad) for i, node in enumerate(order)}


def is_near(a: float, b: float, relative: float = 1e-12) -> bool:
    """Whether two numbers are nearly the same; nan is near nan."""
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=relative, abs_tol=1e-300)


def assert_near(found: dict[str, tuple[float, float]], expected: dict[str, tuple[float, float]]) -> None:
    assert found.keys() == expected.keys()
    for key, pair in expected.items():
        assert all(map(is_near, found[key], pair)), (key, found[key], pair)
