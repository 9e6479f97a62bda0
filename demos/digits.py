"""Handwritten digits: a network of 2,410 parameters reads 360 images that it has not seen.

Data: E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", 1998, CC BY 4.0,
https://archive.ics.uci.edu/dataset/80: the 1,797 images that scikit-learn has, too. Each has 8 times 8 pixels. Run it,
after `pip install -e ".[demos]"`:

    python demos/digits.py
"""

import gzip
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from nn import MLP, History, fit, predict
from nn.data import split
from nn.optim import Adam, CosineDecay


class Result(NamedTuple):
    """The share of held-out images read rightly, the history of the training, and the picture."""

    accuracy: float
    history: History
    path: Path


def images() -> tuple[np.ndarray, np.ndarray]:
    """1,797 images, in rows of 64 numbers from 0 to 1, and their digits."""
    with gzip.open(Path(__file__).with_name("digits.txt.gz"), "rt") as file:
        rows = np.array([[int(pixel, 17) for pixel in line.strip()] for line in file])
    return rows[:, :64] / 16, rows[:, 64]


def main(epochs: int = 30, seed: int = 2, out: str | Path = "out") -> Result:
    """Train for `epochs` epochs in batches of 32, read the other images, and draw into the folder out."""
    rng = random.Random(seed)
    x, y = images()
    known, new, labels, wanted = split(x, y, fraction=0.2, rng=rng, stratify=y)
    model = MLP(64, [32, 10], rng=rng)
    adam = Adam(model.parameters(), learning_rate=0.02)
    options = {"epochs": epochs, "batch_size": 32, "schedule": CosineDecay(adam, epochs), "validation": (new, wanted)}
    history = fit(model, known, labels, loss="cross_entropy", optimizer=adam, metrics="accuracy", rng=rng, **options)
    print(f"{epochs} epochs of {len(known)} images take {sum(history.seconds):.2f} s.")

    read = predict(model, new).argmax(axis=1)
    wrong = np.flatnonzero(read != wanted)
    accuracy = 1 - len(wrong) / len(new)
    print(f"The network reads {accuracy:.1%} of {len(new)} held-out images rightly.")

    figure = Figure(figsize=(11, 4.5), dpi=150, layout="constrained")
    left, right = figure.subfigures(1, 2)
    history.plot(left.subplots()).set_title("Cross-entropy")
    right.suptitle(f"The images that it misreads: {len(wrong)} of {len(new)}")
    for axes, i in zip(right.subplots(3, 4).flat, [*wrong, *[None] * 12]):
        axes.axis("off")
        if i is not None:
            axes.imshow(new[i].reshape(8, 8), cmap="Greys")
            axes.set_title(f"{wanted[i]}, read as {read[i]}", fontsize=9)
    path = Path(out, "digits.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(accuracy, history, path)


if __name__ == "__main__":
    main()
