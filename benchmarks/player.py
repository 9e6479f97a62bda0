"""How fast the player of a graph of 2,000 nodes is in Chromium without a window, while all of them are shown.

    python -m pip install playwright
    python benchmarks/player.py

A deep graph is a chain of 2,000 nodes; a wide one is the mean error of 330 samples. Each movement runs for two seconds,
as often as the browser draws, at two sizes: with the whole graph in sight, and so large that its text can be read.
"""

import random
import shutil
import tempfile
import time
from pathlib import Path

import report
from playwright.sync_api import sync_playwright

import autograd as ag
from autograd import Value, view

MOVES = {
    "pan": "(k) => frame.scrollBy({ left: k % 60 < 30 ? 15 : -15, behavior: 'instant' })",
    "zoom": "(k) => frame.dispatchEvent(new WheelEvent('wheel', { ctrlKey: true, deltaY: k % 40 < 20 ? -30 : 30 }))",
    "step": "() => document.querySelector('[data-action=step-forward]').click()",
    "drag": "(k) => { slider.value = 0.5 + 0.2 * Math.sin(k / 10); slider.dispatchEvent(new Event('input')); }",
}

RUN = """(move) => new Promise((done) => {
  const frame = document.querySelector("#frame");
  const slider = document.querySelector("[data-input]");
  const act = eval(move);
  let frames = 0;
  const begin = performance.now();
  const tick = () => {
    const took = performance.now() - begin;
    if (took > 2000) return done((1000 * frames) / took);
    act(frames++);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})"""


def deep() -> Value:
    """Each node is made of the last one, or of that and one of the ten before it."""
    rng = random.Random(0)
    nodes = [Value(rng.random(), label=f"x{i}") for i in range(20)]
    while len(nodes) < 2014:
        a, b = rng.choice(nodes[-10:]), nodes[-1]
        nodes.append(rng.choice([a + b, a * b, ag.sin(b)]))
    return nodes[-1]


def wide() -> Value:
    """Samples side by side."""
    rng = random.Random(0)
    w, b = Value(0.5, label="w"), Value(0.1, label="b")
    return ag.mean([(w * rng.random() + b - rng.random()) ** 2 for _ in range(330)])


def measured(root: Value, path: Path, browser: object) -> dict[str, float]:
    """The seconds to write and to open the page, and the frames in a second of each movement."""
    begin = time.perf_counter()
    view(root, path)
    found = {"write, s": time.perf_counter() - begin}
    page = browser.new_context(bypass_csp=True).new_page()
    begin = time.perf_counter()
    page.goto(path.as_uri())
    found["open, s"] = time.perf_counter() - begin
    found["nodes"] = page.locator("[data-node]").count()
    page.click("[data-action=fit]")
    found |= {f"{name}, all": page.evaluate(RUN, move) for name, move in MOVES.items()}
    page.goto("about:blank")
    page.goto(path.as_uri())
    found |= {f"{name}, large": page.evaluate(RUN, move) for name, move in MOVES.items()}
    return found


def main() -> None:
    """Print the table: the movements are in frames a second."""
    print("\n".join(f"- {name}: {fact}" for name, fact in report.machine().items()), end="\n\n")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        graphs = {"deep": deep(), "wide": wide()}
        found = {name: measured(root, Path(folder, f"{name}.html"), browser) for name, root in graphs.items()}
        browser.close()
    names = next(iter(found.values()))
    print(report.table([{"": name, **{key: report.number(one[name]) for key, one in found.items()}} for name in names]))


if __name__ == "__main__":
    main()
