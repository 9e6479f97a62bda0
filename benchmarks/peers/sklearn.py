"""scikit-learn: MLPClassifier; its partial_fit() is an epoch over batches in the order of the rows."""

import numpy as np
from sklearn.neural_network import MLPClassifier
from workloads import BATCH, Call

from peers.arrays import BETA1, BETA2, EPSILON, RATES, digits_batches, digits_loss, digits_vector, matrices

REQUIREMENTS = ["scikit-learn"]
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def digits(weights, rows, labels, optimizer):
    images, (x, y) = np.array(rows), digits_batches(rows, labels)
    model = MLPClassifier(
        (32,), solver=optimizer, alpha=0.0, batch_size=BATCH, learning_rate_init=RATES[optimizer], shuffle=False,
        momentum=0.0, beta_1=BETA1, beta_2=BETA2, epsilon=EPSILON,
    )  # fmt: skip
    model.partial_fit(images[:BATCH], labels[:BATCH], classes=range(10))
    del model._optimizer  # the next epoch makes a new one, for these weights
    parts = [model.coefs_[0], model.intercepts_[0], model.coefs_[1], model.intercepts_[1]]
    for part, start in zip(parts, matrices(digits_vector(weights))):
        part[...] = start

    def run():
        model.partial_fit(images, labels)

    return Call(run, numbers=lambda: (run(), digits_loss(np.concatenate([p.ravel() for p in parts]), x, y))[1])
