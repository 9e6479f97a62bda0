"""A GPT of one layer, its weights Values, invents names of Python modules; after A. Karpathy's microgpt.
Run it, after `pip install -e ".[demos]"`:

    python demos/microgpt.py
"""

import random
import sys
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure

import nn
from autograd import dot, relu, softmax

LETTERS = "abcdefghijklmnopqrstuvwxyz_."  # a full stop begins and ends a name
NAMES = [name for name in sorted(sys.stdlib_module_names) if len(name) < 16 and {*name} <= {*LETTERS}]


class Result(NamedTuple):
    """The loss of each step, the names that it invents, and the picture."""

    losses: list[float]
    names: list[str]
    path: Path


class GPT(nn.Module):
    """It reads a text and looks back at all earlier letters. After each letter, it scores what may come next."""

    def __init__(self, rng: random.Random) -> None:
        self.letter, self.place = nn.Embedding(28, 16, rng=rng), nn.Embedding(16, 16, rng=rng)
        self.linear = [nn.Linear(n, m, bias=False, rng=rng) for n, m in [(16, 16)] * 4 + [(16, 64), (64, 16), (16, 28)]]
        self.norm = nn.RMSNorm(16)

    def __call__(self, text: str) -> list[list[Any]]:
        query, key, value, join, expand, contract, score = self.linear
        keys, values, scores = [], [], []
        for place, letter in enumerate(text):
            x = [a + b for a, b in zip(self.letter(LETTERS.index(letter)), self.place(place))]
            asked, keys, values = query(y := self.norm(x)), [*keys, key(y)], [*values, value(y)]
            attention = softmax([dot(asked, k) / 4 for k in keys])
            x = [a + b for a, b in zip(x, join([dot(attention, column) for column in zip(*values)]))]
            x = [a + b for a, b in zip(x, contract([relu(h) for h in expand(self.norm(x))]))]
            scores.append(score(self.norm(x)))
        return scores


def main(steps: int = 1000, seed: int = 0, out: str | Path = "out") -> Result:
    """Train for `steps` steps of one name each, invent ten names, and draw into the folder out."""
    rng, losses, names = random.Random(seed), [], []
    model = GPT(rng)
    adam = nn.optim.Adam(model.parameters(), learning_rate=0.01, betas=(0.85, 0.99))
    for step in range(steps):
        text = f".{rng.choice(NAMES)}."
        error = nn.losses.cross_entropy(model(text[:-1]), [LETTERS.index(letter) for letter in text[1:]])
        adam.zero_grad()
        error.backward()
        adam.learning_rate = 0.01 * (1 - step / steps)
        adam.step()
        losses.append(error.data)
    while len(names) < 10:
        text = "."
        while len(text) < 16 and text.count(".") < 2:
            text += rng.choices(LETTERS, [float(p) for p in softmax([2 * s for s in model(text)[-1]])])[0]
        names.append(text.strip("."))
    axes = Figure(figsize=(7, 4), dpi=150, layout="constrained").subplots()
    axes.plot(losses, ".", color="#1f78b4", alpha=0.4)
    axes.set(title="Names that the GPT invents: " + ", ".join(names[:5]), xlabel="step", ylabel="cross-entropy")
    path = Path(out, "microgpt.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    axes.figure.savefig(path)
    print(f"The cross-entropy of the last 100 names is {sum(losses[-100:]) / 100:.2f}.")
    print(f"New: {', '.join(names)}. Picture: {path}")
    return Result(losses, names, path)


if __name__ == "__main__":
    main()
