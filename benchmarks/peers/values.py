"""Shared by the peers whose scalars are Values with `.data`, `.grad`, `.backward()` and micrograd's `_prev`."""


def forward(function, parameters):
    return function(parameters)


def backward(loss):
    loss.backward()


def zero_grad(parameters):
    for p in parameters:
        p.grad = 0.0


def result(loss):
    return loss.data


def gradients(loss, parameters):  # noqa: ARG001  # where the graph itself knows them, it is asked
    return [p.grad for p in parameters]


def nodes(loss):
    seen = {loss}
    stack = [loss]
    while stack:
        new = stack.pop()._prev - seen
        seen |= new
        stack += new
    return len(seen)
