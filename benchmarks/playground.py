"""How fast a playground starts and trains in Chromium without a window: MLP 2-16-16-1, 200 points, all in each step.

    python -m pip install playwright
    python benchmarks/playground.py

The page is loaded when it has shown its first numbers. It makes at most 600 steps a second, and draws what has changed.
"""

import random
import shutil
import tempfile
import time
from pathlib import Path

import report
import workloads
from playwright.sync_api import sync_playwright

import nn

SECONDS = 3.0


def measure() -> dict[str, float]:
    """The time to write the page, to load it, and the rate of steps."""
    _, points, labels = workloads.moons_data(200)
    model = nn.MLP(2, [16, 16, 1], activation="tanh", rng=random.Random(0))
    sgd = nn.optim.SGD(model.parameters(), learning_rate=0.3)
    targets = [(label + 1) / 2 for label in labels]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "moons.html")
        begin = time.perf_counter()
        nn.playground(model, points, targets, path, loss="binary_cross_entropy", optimizer=sgd)
        written = time.perf_counter() - begin
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        begin = time.perf_counter()
        page.goto(path.as_uri())
        loaded = time.perf_counter() - begin
        assert page.get_attribute("[data-loss]", "data-loss")
        begin = time.perf_counter()
        page.click("[data-action=train]")
        page.wait_for_timeout(1000 * SECONDS)
        page.click("[data-action=pause]")
        rate = int(page.get_attribute("[data-step]", "data-step") or 0) / (time.perf_counter() - begin)
        browser.close()
    return {"write, s": written, "load, s": loaded, "steps a second": rate}


def main() -> None:
    """Print the table."""
    print("\n".join(f"- {name}: {fact}" for name, fact in report.machine().items()), end="\n\n")
    print(report.table([{name: report.number(x) for name, x in measure().items()}]))


if __name__ == "__main__":
    main()
