"""PyTorch: 0-dimensional float64 tensors on the CPU, one thread; for workloads of many rows, tensors of rows."""

from types import SimpleNamespace

import torch
from torch import exp, relu, tanh
from workloads import Call, call_price

from peers.arrays import BETA1, BETA2, EPSILON, RATES, digits_batches, digits_loss, digits_vector, matrices, some_rows

__all__ = ["exp", "relu", "tanh"]

REQUIREMENTS = ["torch==2.13.0", "numpy"]  # it warns where there is no numpy
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
IMPORT = "torch"

FUNCTIONS = SimpleNamespace(exp=exp, log=torch.log, sqrt=torch.sqrt, normal_cdf=torch.special.ndtr)

torch.set_num_threads(1)


def parameters(numbers):
    return [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]


def forward(function, parameters):
    return function(parameters)


def backward(loss):
    loss.backward()


def hessian(function, numbers):
    at = torch.tensor(numbers, dtype=torch.float64)
    return lambda: torch.autograd.functional.hessian(lambda x: function(x, torch.sum), at)


def moons_rows(weights, points, labels, activation, penalty):
    w, x, y = (torch.tensor(a, dtype=torch.float64) for a in (weights, points, labels))
    w.requires_grad_()
    activate = {"relu": relu, "tanh": tanh}[activation]

    def run():
        first, second, last = w[:48].view(16, 3), w[48:320].view(16, 17), w[320:]
        h1 = activate(torch.addmm(first[:, 2], x, first[:, :2].T))
        h2 = activate(torch.addmm(second[:, 16], h1, second[:, :16].T))
        loss = relu(1 - y * (h2 @ last[:16] + last[16])).mean()
        if penalty:
            loss = loss + penalty * (w @ w)
        return loss.detach(), *torch.autograd.grad(loss, w)

    return Call(run)


def digits(weights, rows, labels, optimizer):
    vector, (x, y) = torch.from_numpy(digits_vector(weights)), digits_batches(rows, labels)
    first, bias, second, last = parameters = [part.clone().requires_grad_() for part in matrices(vector)]
    batches = list(zip(torch.from_numpy(x), torch.tensor(labels).reshape(x.shape[:2])))
    if optimizer == "adam":
        update = torch.optim.Adam(parameters, lr=RATES["adam"], betas=(BETA1, BETA2), eps=EPSILON)
    else:
        update = torch.optim.SGD(parameters, lr=RATES["sgd"])

    def run():
        for images, wanted in batches:
            update.zero_grad()
            scores = torch.addmm(last, relu(torch.addmm(bias, images, first)), second)
            torch.nn.functional.cross_entropy(scores, wanted).backward()
            update.step()

    def numbers():
        run()
        return digits_loss(torch.cat([p.detach().flatten() for p in parameters]).numpy(), x, y)

    return Call(run, numbers=numbers)


def black_scholes(columns):
    rows = [torch.tensor(column, dtype=torch.float64, requires_grad=True) for column in columns]

    def run():
        value = call_price(*rows, FUNCTIONS)
        return value.detach(), *torch.autograd.grad(value.sum(), rows)

    return Call(run, numbers=lambda: some_rows(run()))


def zero_grad(parameters):
    for p in parameters:
        p.grad = None


def result(loss):
    return loss.item()


def gradients(loss, parameters):  # noqa: ARG001  # they are of the parameters
    return [p.grad.item() for p in parameters]
