"""Fisher's 150 irises: a network of 67 parameters names the species of 50 flowers it has not seen.

Data: R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936), 179-188;
measurements, in centimetres, by E. Anderson. `iris.csv` has the numbers of the paper. Run it, after
`pip install -e ".[demos]"`:

    python demos/iris.py
"""

import csv
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from nn import MLP, fit, predict
from nn.data import Standardizer, encode_labels, split
from nn.optim import Adam

COLOURS = ["#1b9e77", "#d95f02", "#7570b3"]


class Result(NamedTuple):
    """The share of held-out flowers named rightly, their counts by species and name, the losses, and the picture."""

    accuracy: float
    confusion: list[list[int]]
    losses: list[float]
    path: Path


def main(epochs: int = 60, seed: int = 1, out: str | Path = "out") -> Result:
    """Train for `epochs` epochs on 100 flowers, name the other 50, and draw into the folder out."""
    rng = random.Random(seed)
    with open(Path(__file__).with_name("iris.csv"), newline="") as file:
        rows = np.array(list(csv.reader(file))[1:])
    species, names = encode_labels(rows[:, 4])
    known, new, y, wanted = split(rows[:, :4].astype(float), species, fraction=1 / 3, rng=rng, stratify=species)
    standard = Standardizer(known)
    model = MLP(4, [8, 3], activation="tanh", rng=rng)
    adam = Adam(model.parameters(), learning_rate=0.05)
    losses = fit(model, standard(known), y, loss="cross_entropy", optimizer=adam, epochs=epochs, rng=rng).losses
    print(f"The cross-entropy falls from {losses[0]:.3f} to {losses[-1]:.3f}.")

    named = predict(model, standard(new)).argmax(axis=1)
    confusion = [[int(sum((wanted == i) & (named == j))) for j in range(3)] for i in range(3)]
    for name, counts in zip(names, confusion):
        print(f"  {name:10} named " + ", ".join(f"{other} {n:2} times" for other, n in zip(names, counts)))
    accuracy = float((named == wanted).mean())
    print(f"The network names {sum(named == wanted)} of {len(new)} held-out flowers rightly, {accuracy:.0%}.")

    xs, ys = np.linspace(0.5, 7.5, 301), np.linspace(0, 2.8, 301)
    scores = predict(model, standard([(*standard.mean[:2], x, y) for y in ys for x in xs]))
    axes = Figure(figsize=(7, 5), dpi=150, layout="constrained").subplots()
    axes.contourf(xs, ys, scores.argmax(axis=1).reshape(301, 301), levels=2, colors=COLOURS, alpha=0.15)
    for name, colour in zip(names, COLOURS):
        axes.scatter([], [], color=colour, label=name)
    wrong = named != wanted
    groups = {"learnt from": (known, y, "o", 30), "held out": (new, wanted, "D", 30)}
    groups["named wrongly"] = (new[wrong], wanted[wrong], "X", 120)
    for text, (flowers, labels, marker, size) in groups.items():
        axes.scatter(*flowers.T[2:], size, [COLOURS[i] for i in labels], marker=marker, edgecolor="white")
        axes.scatter([], [], color="grey", marker=marker, label=text)
    axes.set_title("Irises, and their species by the network at average sepals")
    axes.set(xlabel="petal length in cm", ylabel="petal width in cm")
    axes.legend(loc="upper left")
    path = Path(out, "iris.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    axes.figure.savefig(path)
    print(f"Picture: {path}")
    return Result(accuracy, confusion, losses, path)


if __name__ == "__main__":
    main()
