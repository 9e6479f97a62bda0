"""valuegrad with its compiled engine and compiled functions."""

import numpy as np
from microgpt import BETA1, BETA2, EPSILON, LEARNING_RATE, STEPS
from workloads import Call, call_price, mlp, neuron, plain_layers, swing

import autograd
from autograd import compile, exp, logsumexp, parameters_to_vector, relu, tanh, vector_to_parameters
from nn import optim
from peers import valuegrad
from peers.arrays import ADAM, RATES, digits_batches, digits_loss, digits_vector, some_rows

__all__ = ["exp", "relu", "tanh"]

REQUIREMENTS = [".", "numpy"]
ENVIRONMENT = {"VALUEGRAD_BUILD": "require", "VALUEGRAD_BACKEND": "native"}

if not valuegrad.IS_NATIVE:
    raise ImportError("the installation has no native engine")

Value = valuegrad.Value


def hessian(function, numbers):
    at = np.array(numbers)
    matrix = compile(autograd.hessian(lambda x: function(x, autograd.sum)))
    return lambda: matrix(at)


def gradient(function, numbers):
    at = np.array(numbers)
    of = compile(autograd.grad(lambda x: function(x, autograd.sum)))
    return lambda: of(at)


def moons_rows(weights, points, labels, activation, penalty):
    parameters, x, y = valuegrad.parameters(weights), np.array(points), np.array(labels)
    layers = plain_layers(parameters, 2, [16, 16, 1])
    activate = {"relu": relu, "tanh": tanh}[activation]

    def loss(x, y):
        hinge = relu(1 - y * mlp(layers, x, activate))
        return hinge + penalty * autograd.sum(p * p for p in parameters) if penalty else hinge

    program = compile(loss)
    return Call(lambda: program.backward(x, y), numbers=lambda: differentiated(program.backward, parameters, x, y))


def differentiated(backward, parameters, *arrays):
    """The loss, and the gradients of the parameters."""
    for p in parameters:
        p.grad = 0.0
    loss = backward(*arrays)
    return loss, [p.grad for p in parameters]


def row_step(target=None):
    """The loss of a row and its gradient by the weights, a new program."""

    def loss(weights, x, y):
        return relu(1 - y * mlp(plain_layers(weights, 2, [16, 16, 1]), x, relu))

    return compile(loss, target=target).value_and_grad


def moons_row(weights, point, label):
    w, x = np.array(weights), np.array(point)
    step = row_step()
    return Call(lambda: step(w, x, label))


def compile_time(weights, point, label):
    w, x = np.array(weights), np.array(point)
    return Call(lambda: row_step()(w, x, label))


def unrolled(weights, loss):
    parameters = valuegrad.parameters(weights)
    program = compile(lambda: loss(parameters, relu))
    return Call(program.backward, numbers=lambda: differentiated(program.backward, parameters))


def microgpt_compiled(model, documents):
    """The arguments of the program are the tokens and the targets, as vectors of zeros and a single 1."""
    parameters = model.parameters()
    unit = np.eye(len(model.token_embedding))
    batches = [(unit[tokens[:-1]][None], unit[tokens[1:]][None]) for tokens in documents]
    program = compile(model.loss_of_vectors)
    for batch in batches:
        program.backward(*batch)  # traces each length, and finds the parameters
    vector = parameters_to_vector(program.parameters)
    gradient = np.empty(len(vector))
    adam = optim.Adam(program.parameters, LEARNING_RATE, (BETA1, BETA2), EPSILON)
    schedule = optim.LinearDecay(adam, STEPS)

    def step():
        for tokens, targets in batches:
            program.loss_and_grad(vector, tokens, targets, out=gradient)
            adam.update(vector, gradient)
            schedule.step()

    return Call(step, numbers=lambda: differentiated(program.backward, parameters, *batches[0]), steps=len(documents))


def digits(weights, rows, labels, optimizer):
    """The parameters stay in a vector; that they are written to the Values after the first epoch is not measured."""
    parameters, (x, y) = valuegrad.parameters(weights), digits_batches(rows, labels)
    first, second = plain_layers(parameters, 64, [32, 10])

    @compile
    def program(image, wanted):
        hidden = [relu(neuron(weights, bias, image)) for weights, bias in first]
        scores = [neuron(weights, bias, hidden) for weights, bias in second]
        return logsumexp(scores) - autograd.dot(scores, wanted)

    program.loss_and_grad(weights, x[0], y[0])  # it finds the parameters
    vector = parameters_to_vector(program.parameters)
    gradient = np.empty(len(vector))
    kind, settings = (optim.SGD, {"learning_rate": RATES["sgd"]}) if optimizer == "sgd" else (optim.Adam, ADAM)
    rule = kind(program.parameters, **settings)

    def run():
        for images, wanted in zip(x, y):
            program.loss_and_grad(vector, images, wanted, out=gradient)
            rule.update(vector, gradient)

    def numbers():
        run()
        vector_to_parameters(vector, program.parameters)
        return digits_loss(digits_vector([p.data for p in parameters]), x, y)

    return Call(run, numbers=numbers)


def black_scholes(columns, target=None):
    arrays = [np.asarray(column) for column in columns]
    price = autograd.value_and_grad(lambda *row: call_price(*row, autograd), argnums=tuple(range(5)))
    program = compile(price, target=target)
    results = program.map(*arrays)

    def run():
        return program.map(*arrays, out=results)

    return Call(run, numbers=lambda: some_rows([run()[0], *results[1]]))


def pendulum(columns, target=None, forward=False):
    arrays = [np.asarray(column) for column in columns]
    units = [[float(i == k) for i in range(4)] for k in range(4)]

    def end(*row):
        return swing(*row, autograd.sin)

    def partials(*row):
        if forward:
            return list(zip(*(autograd.jvp(end, row, unit)[1] for unit in units)))
        return autograd.jacobian(end, argnums=(0, 1, 2, 3))(*row)

    program = compile(lambda *row: (end(*row), partials(*row)), target=target)
    results = program.map(*arrays)

    def run():
        return program.map(*arrays, out=results)

    def numbers():
        state, partials = run()
        return some_rows([*state, *partials[0], *partials[1]])

    return Call(run, numbers=numbers)


def first_result(function, numbers):
    return Call(lambda: compile(lambda leaves: function(leaves)).value_and_grad(numbers))
