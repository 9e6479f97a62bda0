"""fit() with an optimizer whose state or groups are changed."""

import numpy as np
import pytest

from nn import fit, optim
from tests.nn.test_fit import Line, X, Y


@pytest.mark.parametrize("compiled", [True, False])
def test_a_state_that_a_callback_replaces_is_used(compiled):
    def trained(forget):
        model = Line()
        rule = optim.SGD(model.parameters(), 0.05, momentum=0.9)
        callbacks = [lambda _: forget(rule)]
        fit(model, X, Y, loss="mse", optimizer=rule, epochs=6, callbacks=callbacks, compiled=compiled, rng=0)
        return [p.data for p in rule.parameters], rule.state["velocity"].tolist() if rule.state else []

    def in_place(rule):
        rule.state["velocity"][:] = 0.0

    def anew(rule):
        rule.state["velocity"] = np.zeros(len(rule.parameters))

    def altogether(rule):
        rule.state = {}

    for forget in (anew, altogether):
        assert trained(forget)[0] == trained(in_place)[0]
        assert trained(lambda rule, forget=forget: forget(rule) if rule.steps < 9 else None) == trained(
            lambda rule: in_place(rule) if rule.steps < 9 else None
        )


def test_groups_with_different_learning_rates_are_trained():
    model = Line()
    first, *others = model.parameters()
    groups = [{"parameters": [first], "learning_rate": 0.1}, {"parameters": others}]
    history = fit(model, X, Y, loss="mse", optimizer=optim.SGD(groups, 0.01), epochs=2)
    assert history.learning_rates == [0.1, 0.1]
    assert history.losses[1] < history.losses[0]
