"""Networks as estimators of scikit-learn: MLPClassifier and MLPRegressor train by `nn.fit`.

They go where scikit-learn's own estimators go: into a Pipeline, cross_val_score or GridSearchCV. `import nn` does not
import this module, because scikit-learn takes a second. Install it by `pip install -e ".[sklearn]"`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd import compile, log_softmax, negative, sigmoid, softmax, softplus
from nn import losses

try:
    from sklearn.base import ClassifierMixin, MultiOutputMixin, RegressorMixin
    from sklearn.utils import column_or_1d
    from sklearn.utils.multiclass import check_classification_targets

    from nn.estimator import Perceptron
except ImportError as error:
    raise ImportError('nn.sklearn needs scikit-learn 1.6 or later; pip install -e ".[sklearn]"') from error

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

    Array = NDArray[np.float64]

__all__ = ["MLPClassifier", "MLPRegressor"]


@final
class MLPClassifier(ClassifierMixin, Perceptron):
    """A multilayer perceptron that tells classes apart, trained by cross-entropy.

    Parameters have the names, the defaults and the meanings of scikit-learn's MLPClassifier; those that it has beyond
    these are left out. Inputs are taken as they are: put a StandardScaler before it. For two classes the network has
    one output, the logit of the second; for more, a logit for each.

    Args:
        hidden_layer_sizes: how many neurons each hidden layer has; one number for one layer, () for none.
        activation: of the hidden layers, a name of `nn.ACTIVATIONS` or a function of a Value. "identity" and "logistic"
            are other names of "linear" and "sigmoid".
        solver: "adam", "sgd", "rmsprop" or "adagrad". There is no "lbfgs".
        alpha: from 0 on; the penalty alpha / 2 * (sum of squared weights), without biases, is shared by the samples of
            a batch.
        batch_size: how many samples there are for each step; "auto" for 200, or all if there are fewer.
        learning_rate_init: the learning rate, which stays the same; positive.
        max_iter: how many times all samples are used at most. If this ends the training, there is a ConvergenceWarning.
        random_state: draws the first weights, the order and the validation samples: a seed, a RandomState or None.
        tol: the training ends when the loss has not fallen by more than tol for n_iter_no_change epochs.
        verbose: True for a bar in a terminal or a notebook.
        warm_start: True to go on with the present network when fit() is called again, with a new solver.
        momentum: of "sgd", from 0 to below 1, Nesterov's.
        early_stopping: True to keep samples for validation, to watch their loss, not their score, and to go back to the
            best weights.
        validation_fraction: the share of these samples, between 0 and 1; classes keep their shares.
        n_iter_no_change: see tol.

    Attributes:
        classes_: the classes, sorted.
        n_features_in_, feature_names_in_: of the inputs; names if they came in a frame.
        model_: the network, an `nn.MLP`.
        history_: the `nn.History` of the training, which also has the validation losses.
        loss_curve_: the loss in each epoch.
        n_iter_: how many epochs the last fit() took.
        coefs_, intercepts_: the weights and the biases of each layer.

    Raises:
        ValueError, TypeError: from fit(): a parameter is out of its range, or the data are not as scikit-learn wants.
        FloatingPointError: from fit(): the loss is nan or infinite.

    >>> x, y = [[0.0], [1.0], [4.0], [5.0]], ["low", "low", "high", "high"]
    >>> model = MLPClassifier([4], learning_rate_init=0.1, tol=0.01, random_state=0).fit(x, y)
    >>> model.predict([[0.5], [4.5]]).tolist()
    ['low', 'high']
    >>> model.predict_proba([[0.5], [4.5]]).round().tolist()  # the classes are sorted: high, low
    [[0.0, 1.0], [1.0, 0.0]]
    """

    classes_: NDArray[Any]

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train the network.

        Args:
            X: a sample in each row, of shape (n, k).
            y: the class of each sample, numbers or text; at least two classes.
            sample_weight: how much each sample counts in the loss, from 0 on. A sample of weight 2 counts as two such
                samples, but in one batch; one of weight 0 is left out.
        """
        x, named, weights = self._checked(X, y, sample_weight)
        check_classification_targets(named)
        classes, labels = np.unique(named, return_inverse=True)
        if len(classes) < 2:
            raise ValueError("MLPClassifier takes samples of two classes or more, got one class; add another class")
        if self.warm_start and hasattr(self, "model_") and not np.array_equal(classes, self.classes_):
            raise ValueError("warm_start goes on with the same classes, got others; set warm_start=False")
        self.classes_ = classes
        if len(classes) == 2:
            self._train(x, labels, weights, losses.binary_cross_entropy, 1, labels)
        else:
            self._train(x, labels, weights, losses.cross_entropy, len(classes), labels)
        return self

    def decision_function(self, X: ArrayLike) -> Array:
        """The logits: of shape (n, classes); of shape (n,) for two classes, positive for the second."""
        return self._outputs(X)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable class of each sample."""
        logits = self._outputs(X)
        chosen = (logits > 0.0).astype(int) if logits.ndim == 1 else logits.argmax(axis=1)
        classes: NDArray[Any] = self.classes_[chosen]
        return classes

    def predict_proba(self, X: ArrayLike) -> Array:
        """The probability of each class, of shape (n, classes)."""
        logits = self._outputs(X)
        return _mapped(logits, softmax if logits.ndim == 2 else lambda x: [sigmoid(negative(x)), sigmoid(x)])

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """The logarithm of the probability of each class, also where that is 0 or 1 but for rounding."""
        logits = self._outputs(X)
        if logits.ndim == 2:
            return _mapped(logits, log_softmax)
        return _mapped(logits, lambda x: [negative(softplus(x)), negative(softplus(negative(x)))])


def _mapped(logits: Array, function: Callable[[Any], list[Any]]) -> Array:
    """The function of the logits of each sample."""
    rows: Array = compile(function).map(logits)
    return rows


def _half_mse(outputs: list[Any], targets: list[Any]) -> Any:
    return 0.5 * losses.mse(outputs, targets)


@final
class MLPRegressor(RegressorMixin, MultiOutputMixin, Perceptron):
    """A multilayer perceptron that estimates numbers, trained by half of the mean squared error, as scikit-learn's.

    Inputs and targets are taken as they are: put a StandardScaler before it, a TransformedTargetRegressor around it.

    Args:
        hidden_layer_sizes, activation, ...: those of MLPClassifier.

    Attributes and errors are those of MLPClassifier, without classes_.

    >>> x = [[0.0], [1.0], [2.0], [3.0]]
    >>> model = MLPRegressor([], solver="sgd", learning_rate_init=0.1, n_iter_no_change=100, random_state=0)
    >>> model = model.fit(x, [1.0, 3.0, 5.0, 7.0])
    >>> model.predict([[4.0]]).round(1).tolist()
    [9.0]
    >>> [coefficients.round(1).tolist() for coefficients in (model.coefs_[0], model.intercepts_[0])]
    [[[2.0]], [1.0]]
    """

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train the network.

        Args:
            X: a sample in each row, of shape (n, k).
            y: the target of each sample, of shape (n,) or (n, m).
            sample_weight: as in MLPClassifier.fit().
        """
        x, targets, weights = self._checked(X, y, sample_weight, multi_output=True, y_numeric=True)
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = column_or_1d(targets, warn=True)
        self._train(x, targets, weights, _half_mse, targets.shape[1] if targets.ndim == 2 else 1, None)
        return self

    def predict(self, X: ArrayLike) -> Array:
        """The estimate for each sample, of the shape that the targets had."""
        return self._outputs(X)
