"""Compare nn.sklearn with scikit-learn's networks of the same size, on scikit-learn's three small datasets.

It prints the scores (accuracy, or R2) of 5-fold cross-validation and their standard errors. The score of a fold is the
mean over several seeds. The exit code is 1 if ours is more than one standard error below scikit-learn's.

    python -m pip install "valuegrad[sklearn]" && python benchmarks/estimators.py
"""

import argparse
import sys
import time
import warnings
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nn.sklearn

FOLDS = 5
SETTINGS = {"hidden_layer_sizes": (16, 16), "learning_rate_init": 0.01, "max_iter": 100, "alpha": 1.0}
DATA = {"breast cancer": load_breast_cancer, "wine": load_wine, "diabetes": load_diabetes}


def pipeline(network: Any) -> Any:
    """The network behind a scaler of its inputs, and of its targets if they are numbers."""
    if isinstance(network, (MLPRegressor, nn.sklearn.MLPRegressor)):
        network = TransformedTargetRegressor(network, transformer=StandardScaler())
    return make_pipeline(StandardScaler(), network)


def scores(network: type, name: str, seeds: int) -> tuple[Any, float]:
    """The score of each fold, and the seconds for a fold."""
    x, y = DATA[name](return_X_y=True)
    folds = (KFold if name == "diabetes" else StratifiedKFold)(FOLDS, shuffle=True, random_state=0)
    begin = time.process_time()
    found = [cross_val_score(pipeline(network(random_state=seed, **SETTINGS)), x, y, cv=folds) for seed in range(seeds)]
    return np.mean(found, axis=0), (time.process_time() - begin) / (seeds * FOLDS)


def main() -> int:
    """Print the table, and say whether ours keep up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many networks are trained for each fold")
    seeds = parser.parse_args().seeds
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"{SETTINGS}, {FOLDS} folds, {seeds} seeds\n")
    print("| dataset | ours | scikit-learn | difference / standard error | seconds for a fold, ours and theirs |")
    print("|---|---|---|---|---|")
    keeps_up = True
    for name in DATA:
        is_regression = name == "diabetes"
        own, own_seconds = scores(nn.sklearn.MLPRegressor if is_regression else nn.sklearn.MLPClassifier, name, seeds)
        other, other_seconds = scores(MLPRegressor if is_regression else MLPClassifier, name, seeds)
        own_error, error = (folds.std(ddof=1) / np.sqrt(FOLDS) for folds in (own, other))
        distance = (own.mean() - other.mean()) / error
        keeps_up &= distance >= -1.0
        print(
            f"| {name} | {own.mean():.4f} ± {own_error:.4f} | {other.mean():.4f} ± {error:.4f} | {distance:+.2f} "
            f"| {own_seconds:.2f}, {other_seconds:.2f} |"
        )
    return 0 if keeps_up else 1


if __name__ == "__main__":
    sys.exit(main())
