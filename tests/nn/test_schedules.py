"""Schedules: the learning rates of PyTorch, resuming, and what they refuse."""

import json

import pytest

from autograd import Value
from nn import optim
from nn.optim import SGD, Adam, CosineDecay, LinearDecay, OneCycle, Plateau, StepDecay, WarmUp
from tests.nn.trajectories import FILE, LOSSES, SCHEDULES

RECORDED = json.loads(FILE.read_text(encoding="utf-8"))["schedules"]


def schedule_of(name, settings):
    optimizer = SGD([Value(1.0)], learning_rate=1.0, momentum=0.9)
    others = {"then": CosineDecay(optimizer, 30)} if name == "WarmUp" else {}
    return getattr(optim, name)(optimizer, **settings, **others)


def step(schedule, k):
    schedule.step(*[LOSSES[k]] if isinstance(schedule, Plateau) else [])


@pytest.mark.parametrize("k", range(len(SCHEDULES)))
def test_a_schedule_has_the_rates_of_pytorch(k):
    schedule = schedule_of(*SCHEDULES[k])
    rates = []
    for i in range(len(RECORDED[k])):
        group = schedule.optimizer.groups[0]
        rates.append([group["learning_rate"], group["momentum"]])
        step(schedule, i)
    assert rates == [pytest.approx(row, rel=1e-12, abs=1e-15) for row in RECORDED[k]]


@pytest.mark.parametrize("k", range(len(SCHEDULES)))
def test_a_schedule_resumes(k):
    whole, first, second = (schedule_of(*SCHEDULES[k]) for _ in range(3))
    for i in range(12):
        step(whole, i)
        step(first, i)
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    for i in range(12, 20):
        step(whole, i)
        step(second, i)
        assert dict(whole.optimizer.groups[0], parameters=0) == dict(second.optimizer.groups[0], parameters=0)


def test_each_group_follows_from_its_own_rate():
    groups = [{"parameters": [Value(1.0)], "learning_rate": 0.5}, {"parameters": [Value(1.0)]}]
    optimizer = SGD(groups, learning_rate=0.1)
    schedule = LinearDecay(optimizer, 2)
    schedule.step()
    assert [group["learning_rate"] for group in optimizer.groups] == [0.25, 0.05]


def test_at_a_rate_of_0_nothing_moves_and_the_state_can_be_loaded():
    p = Value(1.0)
    optimizer = SGD([p], 0.1)
    schedule = LinearDecay(optimizer, 1)
    schedule.step()
    p.grad = 1.0
    optimizer.step()
    assert (p.data, optimizer.learning_rate) == (1.0, 0.0)
    other = SGD([Value(1.0)], 0.1)
    other.load_state_dict(optimizer.state_dict())
    assert other.learning_rate == 0.0


def test_after_its_end_a_schedule_stays():
    for schedule, last in [
        (CosineDecay(SGD([Value(1.0)], 1.0), 3, least=0.25), 0.25),
        (LinearDecay(SGD([Value(1.0)], 1.0), 3, end=0.5), 0.5),
        (WarmUp(SGD([Value(1.0)], 1.0), 3), 1.0),
        (OneCycle(SGD([Value(1.0)], 1.0), 2.0, 20, end=4.0), 0.02),
    ]:
        for _ in range(30):
            schedule.step()
        assert schedule.optimizer.learning_rate == pytest.approx(last, rel=1e-12)


def test_the_cycle_moves_the_first_beta_of_adam_and_no_momentum_that_is_0():
    adam, sgd = Adam([Value(1.0)]), SGD([Value(1.0)], 1.0)
    OneCycle(adam, 1.0, 20)
    OneCycle(sgd, 1.0, 20)
    assert (adam.betas, sgd.momentum) == ((0.95, 0.999), 0.0)
    still = Adam([Value(1.0)])
    OneCycle(still, 1.0, 20, momentum=None)
    assert still.betas == (0.9, 0.999)


def test_a_nan_is_no_improvement():
    schedule = Plateau(SGD([Value(1.0)], 1.0), factor=0.5, patience=0)
    schedule.step(1.0)
    schedule.step(float("nan"))
    assert schedule.optimizer.learning_rate == 0.5


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda _: StepDecay(0.1, 30), TypeError, "a schedule changes an optimizer, got float"),
        (lambda _: Plateau(0.1), TypeError, "a schedule changes an optimizer, got float"),
        (lambda x: StepDecay(x, 0), ValueError, "every is a whole number from 1 on, got 0"),
        (lambda x: CosineDecay(x, 1.5), ValueError, "steps is a whole number from 1 on, got 1.5"),
        (lambda x: CosineDecay(x, 5, least=-1), ValueError, "least is finite and not negative"),
        (lambda x: WarmUp(x, 5, start=1.0), ValueError, "start is from 0 to below 1"),
        (lambda x: WarmUp(x, 5, then=CosineDecay(SGD([Value(1.0)], 1.0), 5)), TypeError, "for the same optimizer"),
        (lambda x: WarmUp(x, 5, then=Plateau(x)), TypeError, "for the same optimizer"),
        (lambda x: OneCycle(x, 1.0, 2), ValueError, "rises in some of 2 steps"),
        (lambda x: Plateau(x, mode="loss"), ValueError, "mode is 'min' or 'max', got 'loss'"),
        (lambda x: Plateau(x, patience=-1), ValueError, "patience is a whole number from 0 on"),
        (lambda x: Plateau(x).load_state_dict({}), ValueError, r"takes what state_dict\(\) of a schedule gave"),
        (lambda x: StepDecay(x, 3).load_state_dict({"steps": 1, "base_rates": []}), ValueError, "rates for 0"),
    ],
)
def test_wrong_settings_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make(SGD([Value(1.0)], 1.0))
