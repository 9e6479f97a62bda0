"""fit(): the four steps, how a training ends, and what it refuses."""

import inspect
import math
import random
import tracemalloc

import numpy as np
import pytest

import nn
from autograd import Value, compile, no_grad, sqrt, tanh
from nn import MLP, Module, evaluate, fit, optim, predict
from nn.training.given import ELSEWHERE

X = np.linspace(-1.0, 1.0, 41)
Y = X**2


def network(seed=0, activation="tanh"):
    return MLP(1, [6, 1], activation=activation, rng=random.Random(seed))


def numbers(model):
    return [p.data for p in model.parameters()]


def test_it_is_the_loop_of_the_four_steps():
    """One epoch of one batch, written out: results, error, a step against the gradient."""
    model, same = network(), network()
    optimizer = optim.SGD(same.parameters(), learning_rate=0.1)
    wanted = []
    for _ in range(3):
        error = nn.losses.mse([same(x) for x in X.tolist()], Y.tolist())
        same.zero_grad()
        error.backward()
        optimizer.step()
        wanted.append(error.data)
    history = fit(model, X, Y, loss="mse", optimizer=optim.SGD(model.parameters(), 0.1), epochs=3, batch_size=100)
    np.testing.assert_allclose(history.losses, wanted, rtol=1e-12)
    np.testing.assert_allclose(numbers(model), numbers(same), rtol=1e-9)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "adagrad", "rmsprop"])
def test_programs_and_graphs_give_the_same_losses(name):
    def losses(compiled):
        model = network()
        return fit(model, X, Y, loss="mse", optimizer=name, epochs=3, batch_size=16, rng=1, compiled=compiled).losses

    np.testing.assert_allclose(losses(True), losses(False), rtol=1e-10)


def test_the_loss_of_an_epoch_is_the_mean_over_its_samples_also_if_the_last_batch_is_smaller():
    model = network()
    before = evaluate(model, X, Y, loss="mse")["loss"]
    history = fit(model, X, Y, loss="mse", optimizer=optim.SGD(model.parameters(), 1e-300), epochs=1, batch_size=30)
    assert history.losses == [pytest.approx(before, rel=1e-12)]


def test_a_seed_gives_the_same_training_and_another_seed_another_order():
    def losses(rng):
        return fit(network(), X, Y, loss="mse", epochs=2, batch_size=8, rng=rng).losses

    assert losses(0) == losses(0) == losses(random.Random(0))
    assert losses(0) != losses(1)
    assert losses(np.random.default_rng(0)) == losses(np.random.default_rng(0))


def test_two_parts_are_the_whole_bit_for_bit():
    whole, parts = network(), network()
    adam = optim.Adam(whole.parameters())
    wanted = fit(whole, X, Y, loss="mse", optimizer=adam, epochs=4, batch_size=8, rng=random.Random(0))
    rng, adam = random.Random(0), optim.Adam(parts.parameters())
    history = fit(parts, X, Y, loss="mse", optimizer=adam, epochs=1, batch_size=8, rng=rng)
    saved = adam.state_dict()
    adam = optim.Adam(parts.parameters())
    adam.load_state_dict(saved)
    again = fit(parts, X, Y, loss="mse", optimizer=adam, epochs=3, batch_size=8, rng=rng, history=history)
    assert again is history
    assert history.losses == wanted.losses
    assert numbers(parts) == numbers(whole)


# --------------------------------------------------------------------------- validation and the end


def test_validation_losses_are_those_of_the_weights_after_each_epoch():
    model, seen = network(), []
    held_out = X[::5], Y[::5]
    history = fit(
        model, X, Y, loss="mse", epochs=3, validation=held_out, metrics=["mae", "r2"],
        callbacks=[lambda _: seen.append(evaluate(model, *held_out, loss="mse", metrics=["mae", "r2"]))],
    )  # fmt: skip
    assert history.validation_losses == [entry["loss"] for entry in seen]
    assert history.metrics == {name: [entry[name] for entry in seen] for name in ("mae", "r2")}


def test_a_share_for_validation_is_not_trained_on():
    y = np.where(np.arange(len(X)) % 4 == 0, 1e6, Y)
    history = fit(network(), X, y, loss="mse", epochs=1, validation=0.25, rng=0)
    total = history.losses[0] * 30 + history.validation_losses[0] * 11
    assert total == pytest.approx(evaluate(network(), X, y, loss="mse")["loss"] * 41, rel=0.02)


def test_patience_ends_the_training_and_the_best_weights_come_back():
    x, y = X[::4], np.sign(np.sin(40 * X[::4]))
    model = network(3)
    adam = optim.Adam(model.parameters(), learning_rate=0.1)
    held_out = X[1::4], np.sign(np.sin(40 * X[1::4]))
    history = fit(
        model, x, y, loss="mse", optimizer=adam, epochs=500, patience=5, validation=held_out, rng=0
    )  # fmt: skip
    assert history.ended == "patience"
    assert len(history) == history.best_epoch + 6
    best = min(history.validation_losses)
    assert evaluate(model, *held_out, loss="mse")["loss"] == best < history.validation_losses[-1]


def test_a_callback_ends_the_training():
    history = fit(network(), X, Y, loss="mse", epochs=9, callbacks=[lambda history: len(history) == 2])
    assert (len(history), history.ended) == (2, "callback")


def test_ctrl_c_gives_what_there_is():
    model, states = network(), []

    def interrupt(history):
        states.append(numbers(model))
        if len(history) == 3:
            raise KeyboardInterrupt

    history = fit(model, X, Y, loss="mse", epochs=9, callbacks=[interrupt])
    assert (len(history), history.ended) == (3, "interrupt")
    assert numbers(model) == states[-1] != states[0]


def test_an_exception_leaves_the_model_trained_so_far():
    model, before = network(), numbers(network())

    def fail(_):
        raise ArithmeticError("of the user")

    with pytest.raises(ArithmeticError, match="of the user"):
        fit(model, X, Y, loss="mse", epochs=9, callbacks=[fail])
    assert numbers(model) != before
    assert all(math.isfinite(x) for x in numbers(model))


def test_the_learning_rate_follows_a_schedule():
    model = network()
    sgd = optim.SGD(model.parameters(), 1.0)
    schedule = optim.StepDecay(sgd, every=1, factor=0.5)
    assert fit(model, X, Y, loss="mse", optimizer=sgd, schedule=schedule, epochs=3).learning_rates == [1.0, 0.5, 0.25]
    plateau = lambda adam: optim.Plateau(adam, patience=0, threshold=0.9)  # noqa: E731
    history = fit(model, X, Y, loss="mse", schedule=plateau, epochs=3)
    assert history.learning_rates == pytest.approx([0.001, 0.001, 0.0001])


# --------------------------------------------------------------------------- models


class Line(Module):
    """A module that notes its mode, and has a parameter that it does not use."""

    def __init__(self):
        self.unused, self.slope, self.offset = Value(7.0), Value(0.0), Value(0.0)
        self.modes = set()

    def __call__(self, x):
        self.modes.add(self.training)
        return self.slope * x + self.offset


def test_it_trains_in_the_mode_of_training_and_validates_in_that_of_evaluation():
    model = Line().eval()
    fit(model, X, 2 * X + 1, loss="mse", epochs=1, validation=0.2)
    assert model.modes == {True, False}
    assert model.training is False
    assert model.unused.data == 7.0


def test_an_optimizer_of_some_parameters_moves_only_these():
    model = Line()
    fit(model, X, 2 * X + 1, loss="mse", optimizer=optim.SGD([model.offset], 0.1), epochs=60, rng=0)
    assert (model.slope.data, model.unused.data) == (0.0, 7.0)
    assert model.offset.data == pytest.approx(1.0, abs=0.3)


def test_a_function_is_fitted_if_the_optimizer_has_its_parameters():
    a, b = Value(1.0), Value(0.5)
    adam = optim.Adam([a, b], learning_rate=0.1)
    fit(lambda x: a * tanh(b * x), X, 3 * np.tanh(2 * X), loss="mse", optimizer=adam, epochs=300, batch_size=64)
    assert (a.data, b.data) == (pytest.approx(3.0, rel=1e-2), pytest.approx(2.0, rel=1e-2))
    assert predict(lambda x: a * tanh(b * x), X) == pytest.approx(3 * np.tanh(2 * X), abs=0.02)


def test_several_outputs_have_several_targets():
    model = MLP(1, [8, 2], activation="tanh", rng=random.Random(0))
    y = np.stack([X, X**2], axis=1)
    history = fit(model, X, y, loss="mse", epochs=150, rng=0, optimizer=optim.Adam(model.parameters(), 0.02))
    assert predict(model, X).shape == (41, 2)
    assert history.losses[-1] < 0.01


@pytest.mark.parametrize("compiled", [True, False])
def test_a_list_of_one_output_has_one_target(compiled):
    model = nn.Sequential(nn.Linear(1, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
    for y in (Y, Y.reshape(-1, 1)):
        history = fit(model, X, y, loss="mse", epochs=2, metrics=["mae", "mse"], rng=0, compiled=compiled)
        assert evaluate(model, X, y, loss="mse")["loss"] == pytest.approx(history.metrics["mse"][-1])


@pytest.mark.parametrize("compiled", [True, False])
def test_labels_are_numbers_of_classes(compiled):
    rng = np.random.default_rng(0)
    x = np.sign(rng.normal(size=(40, 2))) + 0.2 * rng.normal(size=(40, 2))
    labels = (x[:, 0] > 0).astype(int) + 2 * (x[:, 1] > 0)
    model = MLP(2, [4], rng=random.Random(0))
    adam = optim.Adam(model.parameters(), learning_rate=0.1)
    options = {"loss": "cross_entropy", "optimizer": adam, "epochs": 8, "batch_size": 8, "rng": 0, "compiled": compiled}
    assert fit(model, x, labels, metrics="accuracy", **options).metrics["accuracy"][-1] > 0.9


def test_no_grad_around_it_changes_nothing():
    with no_grad():
        inside = fit(network(), X, Y, loss="mse", epochs=2, rng=0).losses
    assert inside == fit(network(), X, Y, loss="mse", epochs=2, rng=0).losses


def test_it_takes_less_than_twice_the_memory_of_the_data():
    x = np.random.default_rng(0).normal(size=(50_000, 20))
    model = MLP(20, [2, 1], rng=random.Random(0))
    tracemalloc.start()
    fit(model, x, x[:, 0], loss="mse", epochs=1, batch_size=5_000, validation=0.2, metrics="mae")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * x.nbytes  # of these, the samples kept for validation and the others are one


# --------------------------------------------------------------------------- what is not finite


def test_a_loss_of_nan_names_the_epoch_the_batch_and_the_operation():
    model = Line()
    model.slope.data = 1.0
    before = numbers(model)
    what, where = r"the loss \(the largest weight is unused, 7\) is not finite", "in epoch 1, batch 1"
    with pytest.raises(
        FloatingPointError, match=rf"{what} {where}; lower the learning rate.* cause: sqrt\(-\S+\) = nan"
    ):
        fit(lambda x: sqrt(model(x)), X, Y, loss="mse", optimizer=optim.SGD(model.parameters(), 0.1), epochs=2)
    assert numbers(model) == before


def test_a_gradient_of_infinity_names_its_parameter():
    model = Line()
    what, where, cause = "the gradient by slope", "in epoch 1, batch 1", r"the derivative of sqrt\(0.0\) = 0.0 is inf"
    with pytest.raises(FloatingPointError, match=f"{what} is not finite {where}; lower .* cause: {cause}"):
        fit(lambda x: sqrt(model(x)), X, Y, loss="mse", optimizer=optim.SGD(model.parameters(), 0.1))


def test_a_gradient_whose_square_overflows_is_fine():
    model = Line()
    history = fit(model, X, 1e200 * X, loss="mae", optimizer=optim.SGD(model.parameters(), 1e-3), epochs=1)
    assert math.isfinite(history.losses[0])


# --------------------------------------------------------------------------- what it refuses

WRONG = {
    "loss": ["least squares", None, 3],
    "optimizer": ["lbfgs", 0.1, None],
    "epochs": [0, -1, 2.5, True, "3"],
    "batch_size": [0, 1.5, False, None],
    "validation": [0.0, 1.0, 2, "0.2", (X,), True],
    "patience": [0, 1.5, "2"],
    "metrics": ["precision", 3, [None]],
    "schedule": [0.1, "cosine", lambda _: 3],
    "callbacks": [3, [None]],
    "rng": ["seed", 1.5],
    "progress": [1, None],
    "compiled": ["c", None],
    "history": [[], 0],
}


@pytest.mark.parametrize(("name", "wrong"), [(name, wrong) for name, values in WRONG.items() for wrong in values])
def test_a_wrong_argument_is_refused_by_a_sentence_and_nothing_is_trained(name, wrong):
    model = network()
    before = numbers(model)
    with pytest.raises((TypeError, ValueError), match=r"(fit\(\)|validation|rng|history|schedule).*; ") as error:
        fit(model, X, Y, **{"loss": "mse", name: wrong})
    assert len(str(error.value).split()) <= 25
    assert numbers(model) == before


def test_a_function_without_an_optimizer_is_refused():
    with pytest.raises(
        TypeError, match=r"finds no parameters in function; make its weights Values, or pass an optimizer that has them"
    ):
        fit(lambda x: x, X, Y, loss="mse")
    with pytest.raises(TypeError, match=r"fit\(\) takes a Module or a function of a sample, got the class MLP"):
        fit(MLP, X, Y, loss="mse")


def test_an_optimizer_of_another_model_is_refused():
    with pytest.raises(ValueError, match=r"an optimizer of another model; make it of this one"):
        fit(network(), X, Y, loss="mse", optimizer=optim.Adam(network().parameters()))
    with pytest.raises(ValueError, match=r"got the class Adam; or pass one, such as Adam\(model.parameters\(\)\)"):
        fit(network(), X, Y, loss="mse", optimizer=optim.Adam)


def test_one_output_has_no_classes():
    with pytest.raises(ValueError, match="takes an output for each class, got one output; use binary_cross_entropy"):
        fit(network(), X, X > 0, loss="cross_entropy")
    with pytest.raises(ValueError, match="takes an output for each class, got one output; use binary_cross_entropy"):
        evaluate(network(), X, X > 0, loss="cross_entropy")


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "hinge", "binary_cross_entropy"])
@pytest.mark.parametrize("compiled", [True, False])
def test_a_loss_of_numbers_takes_a_target_for_each_output(name, compiled):
    three = MLP(1, [3], rng=0)
    with pytest.raises(ValueError, match=rf"{name} takes a target for each output, got 3 and 1; use cross_entropy for"):
        fit(three, X, X > 0, loss=name, compiled=compiled)
    with pytest.raises(ValueError, match=r"got 1 and 2; .* or a network with as many outputs as targets"):
        fit(network(), X, np.ones((len(X), 2)), loss=name, compiled=compiled)
    assert len(fit(three, X, np.ones((len(X), 3)), loss=name, compiled=compiled, epochs=1)) == 1


@pytest.mark.parametrize("compiled", [True, False])
def test_a_loss_without_a_gradient_is_noticed_once(compiled):
    with pytest.warns(RuntimeWarning, match=r"fit\(\) found no gradient in a whole epoch") as warned:
        fit(network(), X, Y, loss=lambda outputs, _: outputs[0] * 0.0, epochs=3, compiled=compiled)
    assert len(warned) == 1


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("validation_split", "validation="), ("verbose", "progress=True or False"), ("lr", "optimizer=Adam")],
)
def test_the_names_of_other_libraries_get_a_remedy(name, remedy):
    with pytest.raises(TypeError, match=rf"fit\(\) has no argument {name}; write {remedy}"):
        fit(network(), X, Y, loss="mse", **{name: 0.2})
    with pytest.raises(TypeError, match=r"fit\(\) has no argument lots; help\(nn.fit\) lists what it has"):
        fit(network(), X, Y, loss="mse", lots=1)


def test_arguments_by_their_places_are_model_x_and_y():
    with pytest.raises(TypeError, match=r"fit\(\) takes model, x, y by their places, got 4 .*; name the others: loss="):
        fit(network(), X, Y, "mse")
    with pytest.raises(TypeError, match=r"fit\(\) takes a Module .*, got ndarray; pass the network first"):
        fit(X, Y, network(), loss="mse")
    with pytest.raises(TypeError, match=r"evaluate\(\) has no argument metric; write metrics="):
        evaluate(network(), X, Y, metric="mse")
    with pytest.raises(TypeError, match=r"predict\(\) has no argument batch_size; write predict\(model, x\) alone"):
        predict(network(), X, batch_size=8)
    with pytest.raises(TypeError, match=r"predict\(\) takes model, x by their places, got 3 .*; leave out the others"):
        predict(network(), X, Y)


def test_parameters_of_the_loss_that_the_optimizer_lacks_are_named():
    scale = Value(1.0, label="scale")

    def loss(outputs, y):
        return (outputs[0] * scale - y[0]) ** 2

    with pytest.raises(ValueError, match=r"the loss has parameters that the optimizer lacks: scale; add them to it"):
        fit(network(), X, Y, loss=loss)
    model = network()
    assert len(fit(model, X, Y, loss=loss, optimizer=optim.Adam([*model.parameters(), scale]), epochs=1)) == 1


def test_every_remedy_names_arguments_of_fit():
    known = inspect.signature(fit).parameters
    for name, remedy in ELSEWHERE.items():
        assert name not in known
        assert remedy.partition("=")[0] in known


def test_it_is_refused_within_a_compiled_function():
    with pytest.raises(TypeError, match=r"fit\(\) within a compiled function .*; call it outside"):
        compile(lambda x: x * fit(network(), X, Y, loss="mse", epochs=1).losses[0])(1.0)


def test_a_schedule_of_another_optimizer_is_refused():
    other = optim.StepDecay(optim.SGD([Value(1.0)], 0.1), every=1)
    with pytest.raises(TypeError, match=r"schedule of fit\(\) changes its optimizer"):
        fit(network(), X, Y, loss="mse", schedule=other)
    with pytest.raises(TypeError, match=r"got the class CosineDecay; write schedule=lambda optimizer: CosineDecay"):
        fit(network(), X, Y, loss="mse", schedule=optim.CosineDecay)
    assert len(fit(network(), X, Y, loss="mse", schedule=optim.Plateau, epochs=2)) == 2
