"""What PyTorch's optimizers, schedules and clipping do: python tests/nn/trajectories.py, where torch is installed.

It writes trajectories.json. The tests read that, so they need no torch.
"""

import json
import random
from pathlib import Path

FILE = Path(__file__).with_name("trajectories.json")
START = [0.5, -1.5, 2.0, 0.0]
SHOWN = (1, 2, 3, 5, 8, 13, 21, 34, 55)  # the steps after which the parameters are recorded
LOSSES = [3.0, 2.0, 2.0, 1.9999, 1.5, 1.5, 1.6, 1.5, 1.5, 1.5, 1.5, 1.5, 1.4, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]

# the class and its settings here, and those of PyTorch
OPTIMIZERS = [
    ("SGD", {"learning_rate": 0.1}, {"lr": 0.1}),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.2}, {"lr": 0.1, "weight_decay": 0.2}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9}, {"lr": 0.05, "momentum": 0.9}),
    (
        "SGD",
        {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
        {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
    ),
    ("Adagrad", {}, {}),
    (
        "Adagrad",
        {"learning_rate": 0.5, "epsilon": 1e-3, "weight_decay": 0.1},
        {"lr": 0.5, "eps": 1e-3, "weight_decay": 0.1},
    ),
    ("RMSProp", {}, {}),
    (
        "RMSProp",
        {"learning_rate": 0.1, "decay": 0.8, "epsilon": 1e-3, "weight_decay": 0.1},
        {"lr": 0.1, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1},
    ),
    ("Adam", {}, {}),
    (
        "Adam",
        {"learning_rate": 0.2, "betas": [0.8, 0.95], "epsilon": 1e-2, "weight_decay": 0.1},
        {"lr": 0.2, "betas": [0.8, 0.95], "eps": 1e-2, "weight_decay": 0.1},
    ),
    ("AdamW", {}, {}),
    (
        "AdamW",
        {"learning_rate": 0.2, "betas": [0.0, 0.9], "epsilon": 1e-3, "weight_decay": 0.3},
        {"lr": 0.2, "betas": [0.0, 0.9], "eps": 1e-3, "weight_decay": 0.3},
    ),
]

# the settings of the second two of four parameters, in a group of their own
GROUPS = [
    ("SGD", {"learning_rate": 0.1, "momentum": 0.5}, {"learning_rate": 0.01, "momentum": 0.9}),
    ("Adam", {"learning_rate": 0.1}, {"weight_decay": 0.2, "betas": [0.5, 0.9]}),
]

SCHEDULES = [
    ("StepDecay", {"every": 7, "factor": 0.3}),
    ("CosineDecay", {"steps": 40, "least": 0.01}),
    ("LinearDecay", {"steps": 25, "start": 0.25, "end": 0.75}),
    ("WarmUp", {"steps": 10, "start": 0.2}),
    ("OneCycle", {"highest": 2.0, "steps": 41}),
    ("OneCycle", {"highest": 0.5, "steps": 41, "rise": 0.1, "start": 10.0, "end": 100.0}),
    ("Plateau", {"factor": 0.5, "patience": 2}),
    ("Plateau", {"factor": 0.5, "patience": 0, "cooldown": 2, "threshold": 0.1, "least": 0.2}),
    ("Plateau", {"factor": 0.5, "patience": 1, "mode": "max"}),
]

NAMES = {"learning_rate": "lr", "epsilon": "eps", "decay": "alpha"}


def noise():
    """For each step a number for each parameter."""
    rng = random.Random(0)
    return [[rng.uniform(-1, 1) for _ in START] for _ in range(max(SHOWN))]


def gradient(k, p, shake):
    """The gradient by the k-th parameter of a valley, which is shaken."""
    return (1.0 + k) * (p - 0.25 * k) + 0.1 * p * p * p + shake


def moved(parameters, step):
    """The parameters after the steps to be shown. A step takes the gradients."""
    shown = []
    for n, shakes in enumerate(noise(), start=1):
        step([gradient(k, float(p), shake) for k, (p, shake) in enumerate(zip(parameters(), shakes))])
        if n in SHOWN:
            shown.append([float(p) for p in parameters()])
    return shown


def main():
    import torch  # the tests have no torch

    def record(name, groups, settings):
        tensors = [torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in START]
        parts = (
            [{"params": tensors}] if groups is None else [{"params": tensors[:2]}, {"params": tensors[2:], **groups}]
        )
        optimizer = getattr(torch.optim, {"RMSProp": "RMSprop"}.get(name, name))(parts, **settings)

        def step(gradients):
            for tensor, x in zip(tensors, gradients):
                tensor.grad = torch.tensor([x], dtype=torch.float64)
            optimizer.step()

        return moved(lambda: [tensor.item() for tensor in tensors], step)

    def renamed(settings):
        return {NAMES.get(name, name): x for name, x in settings.items()}

    recorded = {
        "torch": torch.__version__,
        "optimizers": [record(name, None, theirs) for name, _, theirs in OPTIMIZERS],
        "groups": [record(name, renamed(own), renamed(settings)) for name, settings, own in GROUPS],
        "schedules": [rates(torch, name, settings) for name, settings in SCHEDULES],
        "clipping": [clipped(torch, limit) for limit in (0.5, 5.0, 50.0)],
    }
    lines = json.dumps(recorded).replace("[[[", "[\n[[").replace("]], [[", "]],\n[[")
    FILE.write_text(lines + "\n", encoding="utf-8")


def rates(torch, name, settings):
    """The learning rate and the momentum before each step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
    of = torch.optim.lr_scheduler
    x = settings
    if name == "StepDecay":
        schedule = of.StepLR(optimizer, x["every"], x["factor"])
    elif name == "CosineDecay":
        schedule = of.CosineAnnealingLR(optimizer, x["steps"], x["least"])
    elif name == "LinearDecay":
        schedule = of.LinearLR(optimizer, x["start"], x["end"], x["steps"])
    elif name == "WarmUp":
        rise = of.LinearLR(optimizer, x["start"], 1.0, x["steps"])
        schedule = of.SequentialLR(optimizer, [rise, of.CosineAnnealingLR(optimizer, 30)], [x["steps"]])
    elif name == "OneCycle":
        others = [x.get("rise", 0.3), "cos", True, 0.85, 0.95, x.get("start", 25.0), x.get("end", 1e4)]
        schedule = of.OneCycleLR(optimizer, x["highest"], x["steps"], None, None, *others)
    else:
        theirs = {{"least": "min_lr"}.get(key, key): value for key, value in settings.items()}
        schedule = of.ReduceLROnPlateau(optimizer, **theirs)
    recorded = []
    for k in range(len(LOSSES) if name == "Plateau" else 40):
        [group] = optimizer.param_groups
        recorded.append([float(group["lr"]), float(group["momentum"])])
        optimizer.step()
        schedule.step(*[LOSSES[k]] if name == "Plateau" else [])
    return recorded


def clipped(torch, limit):
    """The norm before, and the gradients after clipping by norm and by value."""
    tensors = [torch.zeros(1, dtype=torch.float64, requires_grad=True) for _ in START]

    def reset():
        for tensor, x in zip(tensors, START):
            tensor.grad = torch.tensor([2.0 * x], dtype=torch.float64)

    reset()
    norm = torch.nn.utils.clip_grad_norm_(tensors, limit).item()
    by_norm = [tensor.grad.item() for tensor in tensors]
    reset()
    torch.nn.utils.clip_grad_value_(tensors, limit)
    return [limit, norm, by_norm, [tensor.grad.item() for tensor in tensors]]


if __name__ == "__main__":
    main()
