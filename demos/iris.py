"""Fisher's 150 irises: a network of 67 parameters names the species of 50 flowers it has not seen.

Data: R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7
(1936), 179-188; measurements, in centimetres, by E. Anderson. `iris.csv` has the numbers of the paper.

Run it, after `pip install -e ".[demos]"`; in pure Python it takes about ten seconds:

    python demos/iris.py
"""

import csv
import random
from pathlib import Path
from statistics import fmean, pstdev
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import Value, no_grad
from nn import MLP
from nn.losses import softmax_cross_entropy
from nn.optim import SGD

COLOURS = {"setosa": "#1b9e77", "versicolor": "#d95f02", "virginica": "#7570b3"}
SPECIES = list(COLOURS)


class Result(NamedTuple):
    """The share of held-out flowers named rightly, their counts by species and name, the losses, and the picture."""

    accuracy: float
    confusion: list[list[int]]
    losses: list[float]
    path: Path


def main(steps: int = 80, seed: int = 1, out: str | Path = "out") -> Result:
    """Train for `steps` steps on 100 flowers, name the other 50, and draw into the folder out."""
    rng = random.Random(seed)
    with open(Path(__file__).with_name("iris.csv"), newline="") as file:
        rows = list(csv.reader(file))[1:]
    flowers = [([float(x) for x in numbers], SPECIES.index(name)) for *numbers, name in rows]
    rng.shuffle(flowers)
    flowers.sort(key=lambda flower: flower[1])  # a stable sort, so every third flower is a random third of each species
    held_out, known = flowers[::3], [flower for i, flower in enumerate(flowers) if i % 3]

    scales = [(fmean(column), pstdev(column)) for column in zip(*(x for x, _ in known))]
    model = MLP(4, [8, 3], activation="tanh", rng=rng)
    optimizer = SGD(model.parameters(), learning_rate=1.0)

    def logits(x: list[float]) -> list[Value]:
        return model([(number - mean) / deviation for number, (mean, deviation) in zip(x, scales)])

    losses = []
    for k in range(steps):
        loss = softmax_cross_entropy([logits(x) for x, _ in known], [species for _, species in known])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
        if k % 20 == 0 or k == steps - 1:
            print(f"Step {k:2}: the cross-entropy is {loss.data:.4f}.")

    with no_grad():
        named = [int(np.argmax(logits(x))) for x, _ in held_out]
        xs, ys = np.linspace(0.5, 7.5, 41), np.linspace(0, 2.8, 41)
        (length, _), (width, _), *_ = scales
        plane = np.array([[logits([length, width, x, y]) for x in xs] for y in ys], dtype=float)
    wrong = [flower for flower, name in zip(held_out, named) if flower[1] != name]
    right = len(held_out) - len(wrong)
    print(f"The network names {right} of {len(held_out)} held-out flowers rightly, {right / len(held_out):.0%}.")
    pairs = [(species, name) for (_, species), name in zip(held_out, named)]
    confusion = [[pairs.count((i, j)) for j in range(3)] for i in range(3)]
    for species, counts in zip(SPECIES, confusion):
        print(f"  {species:10} named " + ", ".join(f"{name} {n:2} times" for name, n in zip(SPECIES, counts)))

    axes = Figure(figsize=(7, 5), dpi=150, layout="constrained").subplots()
    for i, (species, colour) in enumerate(COLOURS.items()):
        lead = plane[:, :, i] - np.delete(plane, i, axis=2).max(axis=2)
        axes.contourf(xs, ys, lead, levels=[0, np.inf], colors=colour, alpha=0.15)
        axes.scatter([], [], color=colour, label=species)
    groups = {"learnt from": (known, "o", 30), "held out": (held_out, "D", 30), "named wrongly": (wrong, "X", 120)}
    for label, (group, marker, size) in groups.items():
        colours = [COLOURS[SPECIES[species]] for _, species in group]
        x, y = [x[2] for x, _ in group], [x[3] for x, _ in group]
        axes.scatter(x, y, size, colours, marker=marker, edgecolor="white")
        axes.scatter([], [], color="grey", marker=marker, label=label)
    axes.set(title="Irises, and their species by the network at average sepals")
    axes.set(xlabel="petal length in cm", ylabel="petal width in cm")
    axes.legend(loc="upper left")
    path = Path(out, "iris.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    axes.figure.savefig(path)
    print(f"Picture: {path}")
    return Result(right / len(held_out), confusion, losses, path)


if __name__ == "__main__":
    main()
