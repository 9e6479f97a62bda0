"""The estimators for scikit-learn do what its users expect, and what its own checks ask for."""

import copy
import doctest
import importlib
import pickle
import re
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograd.engine import backend

pytestmark = pytest.mark.filterwarnings("ignore:the loss still fell")
with_machine = pytest.mark.skipif(backend == "python", reason="takes half a minute without the compiled engine")

PAGE = Path(__file__).parents[2] / "docs" / "nn.md"


@pytest.fixture(scope="module")
def sk() -> ModuleType:
    """The module, imported here and not above: scikit-learn takes a second in each process that collects tests."""
    pytest.importorskip("sklearn", minversion="1.6", reason='it is an extra: pip install -e ".[sklearn]"')
    return importlib.import_module("nn.sklearn")


def blobs(n: int, classes: int, seed: int = 0) -> tuple[Any, Any]:
    """Samples of two numbers around a centre for each class, which overlap."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    centres = np.array([[0.0, 0.0], [2.0, 1.0], [-1.0, 2.0]])
    return centres[y] + rng.normal(size=(n, 2)), y


def line(n: int, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    return x, x @ [1.0, -2.0, 0.5] + 0.7 + 0.3 * rng.normal(size=n)


def converged(**settings: Any) -> dict[str, Any]:
    """Parameters that reach the minimum of a convex loss to some digits: all samples in a step, and many steps."""
    exact = {"hidden_layer_sizes": [], "solver": "sgd", "learning_rate_init": 0.5, "max_iter": 300, "tol": 0.0}
    return exact | {"batch_size": 1000, "n_iter_no_change": 300, "random_state": 0} | settings


# --------------------------------------------------------------------------- scikit-learn's checks


def assert_all_checks_pass(estimator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the error of a check that fails. Without pandas, which few checks need, these are skipped."""
    from sklearn.utils.estimator_checks import check_estimator  # lazy: slow to import

    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # otherwise a check is skipped
    results = check_estimator(estimator, on_skip=None)
    assert len(results) > 40
    for result in results:
        assert result["status"] == "passed" or "pandas" in str(result["exception"]), result


@with_machine
@pytest.mark.campaign
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_the_checks_of_scikit_learn_pass(sk: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small = getattr(sk, name)([4], learning_rate_init=0.1, max_iter=15)
    assert_all_checks_pass(small, monkeypatch)


OTHERS = {"hidden_layer_sizes": 16, "activation": "logistic", "solver": "sgd", "learning_rate_init": 0.05}


@with_machine
@pytest.mark.campaign
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("settings", [{}, OTHERS], ids=["defaults", "others"])
def test_the_checks_of_scikit_learn_pass_with_long_training(
    sk: ModuleType, name: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_all_checks_pass(getattr(sk, name)(**settings), monkeypatch)


# --------------------------------------------------------------------------- the minimum is that of scikit-learn


@pytest.mark.parametrize("weighted", [False, True])
def test_without_hidden_layers_two_classes_are_a_logistic_regression(sk: ModuleType, weighted: bool) -> None:
    from sklearn.linear_model import LogisticRegression

    x, y = blobs(60, 2)
    weights = np.random.default_rng(1).integers(0, 4, 60) if weighted else None
    ours = sk.MLPClassifier(**converged(alpha=2.0)).fit(x, y, sample_weight=weights)
    theirs = LogisticRegression(C=0.5, tol=1e-10).fit(x, y, sample_weight=weights)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, rtol=1e-4)
    np.testing.assert_allclose(ours.intercepts_[0], theirs.intercept_, rtol=1e-4)
    np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), rtol=1e-3)


def test_without_hidden_layers_three_classes_are_a_logistic_regression(sk: ModuleType) -> None:
    from sklearn.linear_model import LogisticRegression

    x, y = blobs(60, 3)
    ours = sk.MLPClassifier(**converged(alpha=2.0)).fit(x, y)
    theirs = LogisticRegression(C=0.5, tol=1e-10).fit(x, y)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.predict_log_proba(x), theirs.predict_log_proba(x), rtol=1e-3)


@pytest.mark.parametrize("weighted", [False, True])
def test_without_hidden_layers_numbers_are_a_ridge_regression(sk: ModuleType, weighted: bool) -> None:
    from sklearn.linear_model import Ridge

    x, y = line(60)
    weights = np.random.default_rng(1).integers(0, 4, 60) if weighted else None
    ours = sk.MLPRegressor(**converged(alpha=3.0)).fit(x, y, sample_weight=weights)
    theirs = Ridge(alpha=3.0).fit(x, y, sample_weight=weights)
    np.testing.assert_allclose(ours.coefs_[0][:, 0], theirs.coef_, rtol=1e-6)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=1e-5)


@pytest.mark.parametrize("solver", ["adagrad", "adam", "rmsprop", "sgd"])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu", "gelu"])
def test_each_solver_lowers_the_loss_with_each_activation(sk: ModuleType, solver: str, activation: str) -> None:
    x, y = blobs(40, 3)
    model = sk.MLPClassifier([4], activation, solver=solver, learning_rate_init=0.05, max_iter=10, random_state=0)
    losses = model.fit(x, y).loss_curve_
    assert losses[-1] < losses[0]
    assert losses is model.history_.losses


# --------------------------------------------------------------------------- answers


def test_two_classes_have_one_logit_and_more_have_one_each(sk: ModuleType) -> None:
    for classes, shape in ((2, (30,)), (3, (30, 3))):
        x, y = blobs(30, classes)
        model = sk.MLPClassifier([4], learning_rate_init=0.1, max_iter=20, random_state=0).fit(x, y + 5)
        logits = model.decision_function(x)
        assert logits.shape == shape
        chosen = (logits > 0).astype(int) if classes == 2 else logits.argmax(axis=1)
        assert model.predict(x).tolist() == (chosen + 5).tolist()
        assert model.predict_proba(x).shape == (30, classes)
        np.testing.assert_allclose(np.exp(model.predict_log_proba(x)), model.predict_proba(x), rtol=1e-12)


def test_probabilities_keep_their_digits_where_the_network_is_sure(sk: ModuleType) -> None:
    model = sk.MLPClassifier([], max_iter=1, random_state=0).fit([[0.0], [1.0]], ["a", "b"])
    neuron = model.model_.layers[0].neurons[0]
    neuron.w[0].data, neuron.b.data = 1.0, 0.0
    x = [[-800.0], [-50.0], [0.0], [50.0]]
    assert model.decision_function(x).tolist() == [-800.0, -50.0, 0.0, 50.0]
    tiny = 1.9287498479639178e-22  # exp(-50), which is 1 / (1 + exp(50)) and log(1 + exp(-50)) to 21 digits
    np.testing.assert_allclose(model.predict_log_proba(x)[:, 1], [-800.0, -50.0, -np.log(2.0), -tiny], rtol=1e-15)
    np.testing.assert_allclose(model.predict_proba(x), [[1, 0], [1, tiny], [0.5, 0.5], [tiny, 1]], rtol=1e-15)


def test_targets_may_have_several_columns(sk: ModuleType) -> None:
    x, y = line(40)
    both = np.column_stack([y, -2.0 * y])
    model = sk.MLPRegressor(**converged()).fit(x, both, sample_weight=np.ones(40))
    assert model.predict(x).shape == (40, 2)
    assert [w.shape for w in model.coefs_] == [(3, 2)]
    assert model.score(x, both) > 0.9
    np.testing.assert_allclose(model.coefs_[0][:, 1], -2.0 * model.coefs_[0][:, 0], rtol=1e-3)


def test_pickles_and_copies_answer_alike(sk: ModuleType) -> None:
    x, y = blobs(30, 3)
    unfitted = sk.MLPClassifier([4], "tanh", max_iter=3, random_state=0)
    assert pickle.loads(pickle.dumps(unfitted)).get_params() == unfitted.get_params()
    model = unfitted.fit(x, y)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert other.predict_proba(x).tobytes() == model.predict_proba(x).tobytes()
        assert other.loss_curve_ == model.loss_curve_
        other.model_.layers[1].neurons[0].b.data = 100.0
        assert set(other.predict(x)) == {0}
        assert set(model.predict(x)) != {0}


def test_the_seed_decides(sk: ModuleType) -> None:
    x, y = line(20)
    settings = {"hidden_layer_sizes": (8,), "batch_size": 4, "max_iter": 3, "early_stopping": True}
    seeds = (0, 0, 1, np.random.RandomState(0))
    weights = [sk.MLPRegressor(random_state=seed, **settings).fit(x, y).coefs_[0].tobytes() for seed in seeds]
    assert weights[0] == weights[1] == weights[3] != weights[2]


# --------------------------------------------------------------------------- training


def test_early_stopping_goes_back_to_the_best_epoch(sk: ModuleType) -> None:
    x, y = blobs(60, 3)
    settings = {"learning_rate_init": 0.1, "early_stopping": True, "validation_fraction": 0.4, "random_state": 0}
    model = sk.MLPClassifier([8], n_iter_no_change=5, **settings).fit(x, y)
    best = model.history_.best_epoch
    assert model.history_.ended == "callback"
    assert model.n_iter_ == len(model.loss_curve_) > best + 1
    shorter = sk.MLPClassifier([8], max_iter=best + 1, **settings).fit(x, y)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(model.coefs_, shorter.coefs_))


def test_tol_ends_the_training_after_so_many_epochs_without_progress(sk: ModuleType) -> None:
    x, y = line(20)
    model = sk.MLPRegressor([3], tol=1e6, n_iter_no_change=4, random_state=0).fit(x, y)
    assert model.n_iter_ == 1 + 4 + 1  # the first loss is an improvement, as in scikit-learn


def test_a_loss_that_rises_while_the_penalty_falls_ends_nothing(sk: ModuleType) -> None:
    x, y = line(40)
    model = sk.MLPRegressor(**converged(max_iter=100, warm_start=True)).fit(x, y)
    model.set_params(alpha=200.0, solver="adam", learning_rate_init=0.01, n_iter_no_change=5).fit(x, y)
    rising = model.loss_curve_[100:]
    assert len(rising) > 50
    assert rising[0] == min(rising)


def test_the_end_of_max_iter_is_a_convergence_warning(sk: ModuleType) -> None:
    from sklearn.exceptions import ConvergenceWarning

    x, y = line(20)
    with pytest.warns(ConvergenceWarning, match="after 2 epochs; raise max_iter") as caught:
        sk.MLPRegressor([3], max_iter=2, random_state=0).fit(x, y)
    assert caught[0].filename == __file__


def test_warm_start_goes_on(sk: ModuleType) -> None:
    x, y = blobs(30, 3)
    model = sk.MLPClassifier([4], max_iter=5, learning_rate_init=0.05, warm_start=True, random_state=0).fit(x, y)
    network, first = model.model_, list(model.loss_curve_)
    model.fit(x, y)
    assert model.model_ is network
    assert model.loss_curve_[:5] == first
    assert (len(model.loss_curve_), model.n_iter_) == (10, 5)
    assert model.loss_curve_[5] < first[-1]
    with pytest.raises(ValueError, match="same classes"):
        model.fit(x, y + 1)
    with pytest.raises(ValueError, match=r"sizes \[2, 4, 3\], got data and parameters for \[2, 5, 3\]"):
        model.set_params(hidden_layer_sizes=5).fit(x, y)
    model.set_params(warm_start=False).fit(x, y)
    assert model.model_ is not network


def test_samples_of_weight_0_are_left_out(sk: ModuleType) -> None:
    x, y = blobs(30, 3)
    weights = np.where(y == 1, 0.0, 2.0)
    model = sk.MLPClassifier([4], max_iter=3, random_state=0).fit(x, y, sample_weight=weights)
    assert model.classes_.tolist() == [0, 2]
    with pytest.raises(ValueError, match=r"positive, got zeros|[Ss]ample.weight"):
        model.fit(x, y, sample_weight=np.zeros(30))
    with pytest.raises(ValueError, match="two classes"):
        model.fit(x, y, sample_weight=np.where(y == 1, 1.0, 0.0))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("hidden_layer_sizes", [0]),
        ("hidden_layer_sizes", "16"),
        ("hidden_layer_sizes", 2.5),
        ("activation", "softmax"),
        ("solver", "lbfgs"),
        ("alpha", -1.0),
        ("batch_size", 0),
        ("learning_rate_init", 0.0),
        ("max_iter", 0),
        ("tol", float("nan")),
        ("verbose", 1),
        ("warm_start", "yes"),
        ("momentum", 1.0),
        ("early_stopping", None),
        ("validation_fraction", 1.0),
        ("n_iter_no_change", 2.5),
    ],
)
def test_a_wrong_parameter_is_named(sk: ModuleType, name: str, wrong: object) -> None:
    x, y = line(10)
    with pytest.raises(ValueError, match=f"^{name} (is|are) .*, got .*; (write|choose)"):
        sk.MLPRegressor(**{name: wrong}).fit(x, y)


# --------------------------------------------------------------------------- in scikit-learn


def test_a_grid_search_finds_the_better_network(sk: ModuleType) -> None:
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    x = 1000.0 * rng.uniform(-1, 1, size=(60, 2))
    y = np.where(x[:, 0] * x[:, 1] > 0, "same", "other")
    model = make_pipeline(StandardScaler(), sk.MLPClassifier("to be set", max_iter=60, random_state=0))
    grid = {"mlpclassifier__hidden_layer_sizes": [(), (8,)], "mlpclassifier__learning_rate_init": np.array([0.1])}
    search = GridSearchCV(model, grid, cv=3).fit(x, y)
    assert search.best_params_["mlpclassifier__hidden_layer_sizes"] == (8,)
    assert search.best_score_ > 0.8


@with_machine
def test_the_example_of_the_guide_runs(sk: ModuleType) -> None:
    assert sk
    if not PAGE.exists():
        pytest.skip("the guide is in the repository only")
    section = PAGE.read_text(encoding="utf-8").partition("\n## With scikit-learn\n")[2].partition("\n## ")[0]
    code, share = re.search(r"```python\n(.*?)# more than (0\.\d+)\n```", section, re.DOTALL).groups()
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(code, names)
    assert names["accuracy"] > float(share)


def test_the_examples_of_the_docstrings_run(sk: ModuleType) -> None:
    results = doctest.testmod(sk)
    assert results.failed == 0
    assert results.attempted >= 6


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_each_method_is_documented(sk: ModuleType, name: str) -> None:
    estimator = getattr(sk, name)
    assert {name for name in sk.__all__ if ">>>" in getattr(sk, name).__doc__} == {"MLPClassifier", "MLPRegressor"}
    for method in ("fit", "predict", "coefs_", "intercepts_", "loss_curve_", "set_params"):
        assert getattr(estimator, method).__doc__, method
    for parameter in estimator().get_params():
        assert re.search(rf"^        {parameter}: ", sk.MLPClassifier.__doc__, re.MULTILINE), parameter


def test_nn_does_not_import_scikit_learn() -> None:
    code = "import sys, nn; assert not any(name.startswith(('sklearn', 'nn.sklearn')) for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    for name in ("nn.sklearn", "nn.estimator"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(ImportError, match=r'scikit-learn 1\.6 or later; pip install -e "\.\[sklearn\]"'):
        importlib.import_module("nn.sklearn")
