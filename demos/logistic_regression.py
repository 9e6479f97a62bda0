"""Logistic regression: one neuron tells two species of iris apart, with the weights that scikit-learn finds.

The neuron gives a score; sigmoid(score) is the probability that a flower is an Iris virginica. The loss is the
cross-entropy: the least is where these 100 flowers are most likely. Run it, after `pip install -e ".[demos]"`:

    python demos/logistic_regression.py
"""

import csv
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import sigmoid
from nn import Neuron, evaluate, fit, predict
from nn.data import Standardizer
from nn.optim import SGD

# by scikit-learn 1.9.1: LogisticRegression(C=inf, solver="newton-cholesky", tol=1e-12).fit(*flowers())
SKLEARN = (5.754532318886389, 10.446699894664338, -45.27234377211858)


class Result(NamedTuple):
    """Weights and bias, how far each is from scikit-learn's at most, the share named rightly, and the picture."""

    weights: tuple[float, float, float]
    difference: float
    accuracy: float
    path: Path


def flowers() -> tuple[np.ndarray, np.ndarray]:
    """The length and the width of petals in cm; 1 for virginica and 0 for versicolor. The data is that of iris.py."""
    with open(Path(__file__).with_name("iris.csv"), newline="") as file:
        rows = [row for row in csv.reader(file) if row[4] in ("versicolor", "virginica")]
    return np.array([row[2:4] for row in rows], dtype=float), np.array([float(row[4] == "virginica") for row in rows])


def main(epochs: int = 1000, seed: int = 0, out: str | Path = "out") -> Result:
    """Train a neuron for `epochs` epochs, each of one batch, and draw into the folder out."""
    x, y = flowers()
    standard = Standardizer(x)
    neuron = Neuron(2, activation="linear", rng=random.Random(seed))
    sgd = SGD(neuron.parameters(), learning_rate=2.0, momentum=0.9)
    losses = fit(
        neuron, standard(x), y, loss="binary_cross_entropy", optimizer=sgd, epochs=epochs, batch_size=100
    ).losses
    print(f"The cross-entropy falls from {losses[0]:.4f} to {losses[-1]:.4f}.")

    a, b = (w.data / deviation for w, deviation in zip(neuron.w, standard.deviation))  # weights of centimetres
    weights = float(a), float(b), float(neuron.b.data - standard.mean.dot([a, b]))
    accuracy = evaluate(neuron, standard(x), y, metrics="accuracy")["accuracy"]
    print("The score is {:.3f} length {:+.3f} width {:+.3f}.".format(*weights), f"It is right for {accuracy:.0%}.")
    difference = max(abs(ours - theirs) for ours, theirs in zip(weights, SKLEARN))
    print(f"The weights differ from those of scikit-learn by {difference:.0e} at most.")

    lengths, widths = np.linspace(2.8, 7.2, 100), np.linspace(0.9, 2.6, 100)
    plane = predict(lambda x: sigmoid(neuron(x)), standard([(a, b) for b in widths for a in lengths])).reshape(100, 100)
    axes = Figure(figsize=(7, 5), dpi=150, layout="constrained").subplots()
    filled = axes.contourf(lengths, widths, plane, levels=np.linspace(0, 1, 11), cmap="PuOr", alpha=0.4)
    axes.figure.colorbar(filled, label="probability of virginica, by our neuron")
    for label, name, colour, marker in (0, "versicolor", "#d95f02", "o"), (1, "virginica", "#7570b3", "D"):
        axes.scatter(*x[y == label].T, color=colour, marker=marker, edgecolor="white", s=45, label=name)
    a, b, c = SKLEARN
    axes.axline((0, -c / b), slope=-a / b, color="black", linestyle="--", label="1/2, by scikit-learn")
    axes.set(xlabel="petal length in cm", ylabel="petal width in cm", xlim=(2.8, 7.2), ylim=(0.9, 2.6))
    axes.set_title("One neuron tells two species of iris apart")
    axes.legend(loc="upper left")
    path = Path(out, "logistic_regression.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    axes.figure.savefig(path)
    print(f"Picture: {path}")
    return Result(weights, difference, accuracy, path)


if __name__ == "__main__":
    main()
